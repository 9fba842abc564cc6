"""What does a line find that goes through the classes which are derived from one?"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from types import CodeType
from typing import TYPE_CHECKING, Any

from hotswap.effects import NeedsRestart
from hotswap.values import is_a, relatives

if TYPE_CHECKING:
    from hotswap.graph import Graph
    from hotswap.journal import Journal
    from hotswap.source import Unit
    from hotswap.statements import Statement

HEIRS = "__subclasses__"
_FIRST = (0, 0)


@contextlib.contextmanager
def as_there(graph: Graph, unit: Unit, statement: Statement, journal: Journal) -> Iterator[None]:
    """
    While a statement executes, `__subclasses__()` gives what it does in a fresh start.

    Raises:
        NeedsRestart: A class is made further below, or cannot be left out.
    """
    gone: list[type] = []
    for base in _gone_through(graph, unit, statement):
        heirs: list[type] = type.__subclasses__(base)
        places = {one: _place(graph, one) for one in heirs}
        there = [one for one in heirs if places[one] is not None]
        gone += [one for one in heirs if places[one] is None and one not in gone]
        ordered = sorted(there, key=lambda one: places[one] or _FIRST)
        if ordered and (places[ordered[-1]] or _FIRST) > (unit.place, statement.index):
            reason = f"{ordered[-1].__qualname__} is not yet derived from {base.__qualname__} there"
            raise NeedsRestart(reason, (statement.path, statement.first))
        for one in ordered if ordered != there else ():
            journal.set_bases(one, one.__bases__)  # which enters it as the last one
    with contextlib.ExitStack() as stack:
        for one in gone:
            stack.callback(setattr, one, "__bases__", one.__bases__)
            try:
                _leave_out(one)
            except TypeError as error:
                reason = f"{one.__qualname__} is gone, and still derived from {one.__base__}"
                raise NeedsRestart(reason, (statement.path, statement.first)) from error
        yield


def derived_elsewhere(graph: Graph, unit: Unit) -> Iterator[tuple[type, type]]:
    """
    The classes of a module that others find among those derived from one of their own, if
    anybody asks for such.
    """
    if not any(HEIRS.encode() in one.data for one in graph.units.values()):
        return
    for cls in list(unit.namespace.values()):
        if is_a(cls, type) and cls.__module__ == unit.name:
            bases = [one for one in cls.__mro__[1:] if one.__module__ in graph.units]
            yield from ((cls, one) for one in bases if one.__module__ != unit.name)


def forget(graph: Graph, modules: set[str]) -> None:
    """The classes of modules whose import is taken back are not found, whoever holds them."""
    for unit in graph.units.values():
        for cls in [one for one in unit.namespace.values() if is_a(one, type)]:
            for heir in relatives(cls) if cls.__module__ == unit.name else ():
                if heir.__module__ in modules:
                    with contextlib.suppress(TypeError):  # another layout: it goes in the end
                        _leave_out(heir)


def _leave_out(cls: type) -> None:
    """A class that its module no longer has, and somebody still holds, is nobody's heir."""
    cls.__bases__ = tuple(type("Nobody", tuple(_foreign(base)), {}) for base in cls.__bases__[:1])


def _foreign(cls: type) -> list[type]:
    """The first ancestor that is a library's, or Python's."""
    kinds = ("builtins", "abc", "typing", "enum")
    return [one for one in cls.__mro__ if one.__module__ in kinds][:1]


def _gone_through(graph: Graph, unit: Unit, statement: Statement) -> Iterator[type]:
    """The own classes that a statement names which goes through heirs, and these heirs."""
    ran = graph.ran_for(unit, statement)
    codes = [code for one in (statement.code, *ran) for code in _with_inner(one)]
    if not any(HEIRS in code.co_names for code in codes):
        return
    names = {name for code in codes for name in code.co_names}
    todo: list[type] = []
    for other in graph.units.values():
        found: list[Any] = [other.namespace[name] for name in names & other.namespace.keys()]
        todo += [one for one in found if is_a(one, type) and one.__module__ == other.name]
    seen: set[int] = set()
    while todo:
        base = todo.pop()
        if id(base) not in seen:
            seen.add(id(base))
            yield base
            todo += type.__subclasses__(base)


def _with_inner(code: CodeType) -> Iterator[CodeType]:
    yield code
    for const in code.co_consts:
        if is_a(const, CodeType):
            yield from _with_inner(const)


def _place(graph: Graph, cls: type) -> tuple[int, int] | None:
    """Where its module makes a class; None if it no longer does. Others come first."""
    unit = graph.units.get(cls.__module__)
    top, inner, _ = cls.__qualname__.partition(".")
    if unit is None or "<locals>" in cls.__qualname__:
        return _FIRST if unit is not None or cls.__module__ in sys.modules else None
    if top not in unit.namespace or (not inner and unit.namespace[top] is not cls):
        return None
    binders = graph.outline(unit).binders(top)
    return (unit.place, binders[-1]) if binders else _FIRST
