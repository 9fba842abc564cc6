"""Which books do well-known libraries keep of what a program enters when it is imported?"""

from __future__ import annotations

import contextlib
import copyreg
import logging
import os
import sys
import typing
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from hotswap import exits
from hotswap.containers import Watched
from hotswap.journal import refill, reorder
from hotswap.values import attributes, is_a

if TYPE_CHECKING:
    from types import CodeType

    from hotswap.journal import Journal
    from hotswap.lineage import Lineage
    from hotswap.source import Unit

_LOGGER = ("level", "propagate", "disabled")
_NAMES = ("__module__", "__qualname__", "__doc__")


def books(units: Iterable[Unit]) -> Iterator[Watched]:
    """Containers of libraries in which statements of these modules may enter something."""
    units = list(units)
    for library, signs, find in _BOOKS:
        module = sys.modules.get(library)
        if module is not None and any(sign in unit.data for unit in units for sign in signs):
            yield from find(module)


def _of_loggers(_: Any) -> Iterator[Watched]:
    for logger in _loggers():
        yield Watched(logger.handlers, f"logging.{logger.name}.handlers")
        yield Watched(logger.filters, f"logging.{logger.name}.filters")


def _of_prometheus(module: Any) -> Iterator[Watched]:
    for name in ("_names_to_collectors", "_collector_to_names"):
        yield Watched(getattr(module.REGISTRY, name, {}), "prometheus_client.REGISTRY")


_BOOKS: tuple[tuple[str, tuple[bytes, ...], Callable[[Any], Iterator[Watched]]], ...] = (
    ("logging", (b"addHandler", b"addFilter", b"Config("), _of_loggers),
    ("prometheus_client", (b"prometheus_client",), _of_prometheus),
)
"""Library, what is in the source of a module that enters something, and where it enters it."""


def _loggers() -> list[logging.Logger]:
    known = list(logging.root.manager.loggerDict.values())
    return [logging.root, *(one for one in known if is_a(one, logging.Logger))]


def made_once(cls: type) -> str:
    """What has taken up a class, and cannot take it up a second time."""
    return "SQLAlchemy" if "__mapper__" in vars(cls) else ""


def still_has(gone: Any) -> str:
    """What knows an object that its module no longer has, and cannot be made to forget it."""
    if is_a(gone, type):
        return made_once(gone)
    metadata = attributes(gone).get("metadata")
    if type(gone).__module__ == "sqlalchemy.sql.schema" and metadata is not None:
        return "SQLAlchemy" if metadata.tables.get(gone.key) is gone else ""
    return ""


def keep(journal: Journal) -> None:
    """What statements may do to the interpreter's own settings is taken back with the rest."""
    mappings: list[Any] = [os.environ, copyreg.dispatch_table]
    mappings += [logging._levelToName, logging._nameToLevel]
    for mapping in mappings:
        journal.keep_dict(mapping)
    exits.keep(journal)
    journal.note(getattr(warnings, "_filters_mutated", lambda: None))
    journal.keep_container(warnings.filters)
    journal.note(partial(setattr, logging.root.manager, "disable", logging.root.manager.disable))
    for logger in _loggers():
        journal.note(partial(_set_logger, logger, {name: vars(logger)[name] for name in _LOGGER}))


@contextlib.contextmanager
def same_names() -> Iterator[None]:
    """A function that attrs puts into each class (3.13) is named after the last one: that stays."""
    function = getattr(sys.modules.get("attr._make"), "evolve", None)
    names = {name: getattr(function, name, None) for name in _NAMES}
    try:
        yield
    finally:
        if function is not None:
            for name, value in names.items():
                setattr(function, name, value)


def renew_overloads(
    module: str, codes: Iterable[CodeType], lineage: Lineage, journal: Journal
) -> None:
    """`typing` knows overloads by their lines (3.11): those of this code are left, in its order."""
    known = getattr(typing, "_overload_registry", {}).get(module)
    present = set(map(id, codes)) if known else set()
    for entries in list(known.values()) if known else ():
        found = {}
        for function in entries.values():
            code = lineage.latest(getattr(function, "__func__", function).__code__)
            if id(code) in present:
                found[code.co_firstlineno] = function
        if found != entries:
            journal.keep_dict(entries)
            refill(entries, found)
            reorder(entries, sorted(found))


def _set_logger(logger: logging.Logger, state: dict[str, Any]) -> None:
    if any(vars(logger)[name] != value for name, value in state.items()):
        vars(logger).update(state)
        logging.root.manager._clear_cache()  # type: ignore[attr-defined]


def telling(module: str, name: str) -> tuple[str, ...]:
    """The functions of a module of Python's that tell what a book of it has."""
    return ("getenv", "getenvb", "get_exec_path") if (module, name) == ("os", "environ") else ()
