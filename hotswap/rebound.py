"""
What have functions bound anew in modules, classes and objects, while a statement executed?

A counter counts again, and a tuple that grows grows again, if what did that is repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

from hotswap.containers import CONTAINERS, entries_of
from hotswap.effects import NeedsRestart
from hotswap.fills import stored_by
from hotswap.members import Row, plain_in
from hotswap.piles import Content
from hotswap.placing import stands_last
from hotswap.values import attributes, is_a

if TYPE_CHECKING:
    from hotswap.made import Made
    from hotswap.source import Unit

COUNTS = (int, float, str, bytes, bool, type(None))
"""Kinds of values that cannot change by themselves."""
_GROWING = (tuple, frozenset, *CONTAINERS)


@dataclass
class Rebound:
    """The plain values, and what holds them, before a statement executes."""

    rows: list[Row] = field(default_factory=list)

    def look(
        self,
        units: Iterable[Unit],
        own: Callable[[Any], bool],
        bound: Collection[Any],
        lasting: Collection[tuple[int, str]] = (),
    ) -> None:
        """
        Remember those of some modules.

        Args:
            bound: Names that this transaction has bound: they are right, with all in them.
            lasting: By id of a class, attributes that have their state from before nevertheless.
        """
        rows = [row for unit in units for row in plain_in(unit, own)]
        right = _inside([row for row in rows if (row.module, row.top) in bound])
        for row in rows:
            stands = (row.module, row.top) in bound or id(row.holder) in right
            if not stands or (id(row.holder), row.name) in lasting:
                self.rows.append(row)

    def ignore(self, unit: Unit, names: Collection[str]) -> None:
        """
        These names are a statement's own to bind, and what they hold is its own to change: a
        class, and an object that no other name of the module holds.
        """
        mine = [row for row in self.rows if row.module == unit.name and row.top in names]
        others = [value for name, value in unit.namespace.items() if name not in names]
        held = _inside(mine) - {id(one) for one in others if not is_a(one, type)}
        left = [row for row in self.rows if id(row.holder) not in held]
        self.rows = [row for row in left if row.module != unit.name or row.top not in names]

    def ignore_attribute(self, holder: object, name: str) -> None:
        """The statement stores this attribute."""
        self.rows = [row for row in self.rows if row.holder is not holder or row.name != name]

    def check(self, ran: Collection[CodeType]) -> None:
        """
        Refuse to have something counted again.

        Raises:
            NeedsRestart: It was.
        """
        for row in self._changed(ran):
            grown = _has_grown(row.value, row.now) or _has_inside(row.now, row.value)
            if type(row.value) in COUNTS or type(row.value) is Content or grown:
                raise NeedsRestart(f"{row.where} would be changed once more by what executes again")

    def check_order(self, made: Made) -> None:
        """
        Refuse what a new statement has added at the end, if a fresh start would have it before.

        Raises:
            NeedsRestart: There it would be.
        """
        for row in self._changed(made.ran):
            counts = [code for code in made.ran if row.name in stored_by(code)]
            below = any(map(made.runs_below, counts))
            if type(row.value) is Content and row.value.was and any(map(made.runs_below, made.ran)):
                raise NeedsRestart(f"the order of what is in {row.where} cannot be told")
            if type(row.value) is int and below:
                raise NeedsRestart(f"{row.where} may number what is entered, and others have moved")
            if below and (type(row.value) is str or _has_inside(row.now, row.value)):
                raise NeedsRestart(f"the order of what is in {row.where} cannot be told")
            if type(row.value) in (tuple, list, dict) and _has_grown(row.value, row.now):
                before = entries_of(row.value)
                for entry in entries_of(row.now)[len(before) :]:
                    if not stands_last(before, entry, made, others_below=below):
                        raise NeedsRestart(f"the order of what is in {row.where} cannot be told")

    def changed(self, ran: Collection[CodeType]) -> set[tuple[str, str]]:
        """Module and name of what leads to another value than before."""
        return {(row.module, row.top) for row in self._changed(ran)}

    def _changed(self, ran: Collection[CodeType]) -> Iterator[Row]:
        """Other threads go on to count in their objects."""
        rows = [row for row in self.rows if row.now is not row.value and not _equal(row)]
        stored = {name for code in ran for name in stored_by(code)} if rows else ()
        for row in rows:
            if type(row.value) is Content:
                if row.value.has_grown(row.holder, ran):
                    yield row
            elif is_a(row.holder, (type, ModuleType)) or row.name in stored:
                yield row

    def piles(self) -> Iterator[Row]:
        """The queues and arrays."""
        return (row for row in self.rows if type(row.value) is Content)

    def put_back(self) -> None:
        """The transaction has failed."""
        for row in self.rows:
            row.put_back()


def _inside(rows: Iterable[Row]) -> set[int]:
    """By id, the objects that have these."""
    return {id(row.holder) for row in rows if not is_a(row.holder, ModuleType)}


def _equal(row: Row) -> bool:
    return type(row.value) in COUNTS and bool(row.now == row.value)


def _has_inside(now: Any, before: Any) -> bool:
    """`chain.head = Link(one, chain.head)`."""
    return any(one is before for one in attributes(now).values())


def _has_grown(before: Any, now: Any) -> bool:
    """Whether something holds what another one held, and more."""
    if type(before) not in _GROWING or type(before) is not type(now) or len(now) <= len(before):
        return False
    held = {id(value) for _, value in entries_of(now)}
    return all(id(value) in held for _, value in entries_of(before))
