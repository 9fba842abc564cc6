"""A module puts something else in its own place: how does that stay the same object?"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

from hotswap.effects import NeedsRestart
from hotswap.journal import refill, reorder
from hotswap.values import MISSING, attributes, is_a

if TYPE_CHECKING:
    from hotswap.births import Births
    from hotswap.journal import Journal
    from hotswap.outlines import Outline
    from hotswap.source import Unit
    from hotswap.statements import Statement
    from hotswap.syntax import Effect

_PLACE = ("sys", "modules")
_MINE = 2
"""References to what has just become another one: our variable, and the argument of the count."""

_LAYOUT = type("Module", (ModuleType,), {}).__basicsize__
"""That of modules whose class has no slots."""


class Places:
    """What modules have put in their own places, as their statements execute again."""

    def __init__(self, births: Births, journal: Journal) -> None:
        self._births, self._journal = births, journal
        self._asked: list[tuple[Any, list[str]]] = []
        """What had been put there, and the names that it had when the transaction began."""

    @contextlib.contextmanager
    def kept(self, unit: Unit, statement: Statement, outline: Outline) -> Iterator[None]:
        """
        While a statement executes, there is under the name of its module what is there in a
        fresh start. What others hold then becomes what the statement has put there.

        Raises:
            NeedsRestart: It cannot, or nothing had been put there before.
        """
        there: Any = sys.modules.get(unit.name)
        reason = f"{unit.name} puts something else in its own place"
        place = (statement.path, statement.first)
        puts = [] if there is unit.module else _puts(outline)
        if there is not unit.module and len(puts) != 1:
            raise NeedsRestart(reason, place)
        above = bool(puts) and statement.index <= puts[0]
        if above:
            sys.modules[unit.name] = unit.module
        try:
            yield
        finally:
            made: Any = sys.modules.get(unit.name)
            sys.modules[unit.name] = there
        if made is (unit.module if above and statement.index not in puts else there):
            return
        if not above or not _is_like(there, made):
            raise NeedsRestart(reason, place)
        self._become(unit, there, made)
        if sys.getrefcount(made) > _MINE:
            raise NeedsRestart(f"{reason}, and it is held", place)

    def _become(self, unit: Unit, there: Any, made: Any) -> None:
        """Parts of a package that are imported already are imported again in a fresh start."""
        space = attributes(there)
        parts = {
            name: value
            for name, value in space.items()
            if value is sys.modules.get(f"{unit.name}.{name}", MISSING)
        }
        self._journal.keep_dict(space)
        self._asked.append((there, list(space)))
        now = {**parts, **attributes(made)}
        refill(space, now)
        reorder(space, list(now))
        for names in (space, unit.namespace):
            for name in [name for name, value in names.items() if value is made]:
                names[name] = there
        attributes(made).clear()
        self._births.became.add(id(there))
        self._births.refilled.add(id(there))

    def ask_again(self) -> None:
        """What others had it find out when they asked for it, as by `__getattr__`."""
        for there, names in self._asked:
            for name in names if hasattr(type(there), "__getattr__") else ():
                if name not in attributes(there):
                    with contextlib.suppress(AttributeError):
                        getattr(there, name)


def is_found(value: Any) -> bool:
    """Whether a value is what a name of a module leads to, whatever was made anew."""
    return any(value is one for one in list(sys.modules.values()))


def is_shown_by_another(module: Any, unit: Unit) -> bool:
    """Whether it is a module that has put something else in its own place."""
    return module is unit.module and sys.modules.get(unit.name) is not module


def _puts(outline: Outline) -> list[int]:
    """The statements that put something in the place of a module."""
    return [one.index for one in outline.statements if any(map(_is_put, one.effects))]


def _is_put(effect: Effect) -> bool:
    return effect.kind == "store" and effect.chain == _PLACE


def _is_like(there: Any, made: Any) -> bool:
    """Whether the one module can become the other: all that they are is in their attributes."""
    kind = type(there)
    return kind is type(made) and is_a(there, ModuleType) and kind.__basicsize__ == _LAYOUT
