"""
What have functions bound anew in modules, classes and objects, while a statement executed?

A counter counts again, and a tuple that grows grows again, if what did that is repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from opcode import opmap
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from hotswap.containers import CONTAINERS, entries_of
from hotswap.effects import NeedsRestart
from hotswap.placing import stands_last
from hotswap.scan import instructions
from hotswap.values import attributes, is_a

if TYPE_CHECKING:
    from hotswap.made import Made
    from hotswap.source import Unit

_COUNTS = (int, float, str, bool, type(None))
_GROWING = (tuple, frozenset, *CONTAINERS)
_KINDS = frozenset({*_COUNTS, *_GROWING})
_STORING = frozenset({opmap["STORE_ATTR"], opmap["STORE_GLOBAL"]})


class Row(NamedTuple):
    """A name of a module, class or object, and what it held before."""

    holder: Any
    name: str
    value: Any
    module: str
    top: str
    """The name of the module that leads to it."""

    @property
    def where(self) -> str:
        """How it is called."""
        inner = "" if is_a(self.holder, ModuleType) else f".{self.name}"
        return f"{self.module}.{self.top}{inner}"

    @property
    def now(self) -> Any:
        """What it holds by now."""
        return vars(self.holder).get(self.name, self.value)


@dataclass
class Rebound:
    """The plain values, and what holds them, before a statement executes."""

    rows: list[Row] = field(default_factory=list)

    def look(self, unit: Unit, own: Callable[[Any], bool], bound: Collection[Any]) -> None:
        """
        Remember those of a module.

        Args:
            bound: Names that this transaction has bound: they are right.
        """
        rows = _rows(unit, own)
        self.rows += [row for row in rows if (unit.name, row.top) not in bound]

    def ignore(self, unit: Unit, names: Collection[str]) -> None:
        """These names are a statement's own to bind, and what they hold is its own to change."""
        held = {id(unit.namespace.get(name)) for name in names}
        self.rows = [
            row
            for row in self.rows
            if id(row.holder) not in held
            and (row.holder is not unit.module or row.name not in names)
        ]

    def ignore_attribute(self, holder: object, name: str) -> None:
        """The statement stores this attribute."""
        self.rows = [row for row in self.rows if row.holder is not holder or row.name != name]

    def check(self, ran: Iterable[CodeType]) -> None:
        """
        Refuse to have something counted again.

        Raises:
            NeedsRestart: It was.
        """
        for row in self._changed(ran):
            grown = _has_grown(row.value, row.now) or _has_inside(row.now, row.value)
            if type(row.value) in _COUNTS or grown:
                raise NeedsRestart(f"{row.where} would be changed once more by what executes again")

    def check_order(self, made: Made) -> None:
        """
        Refuse what a new statement has added at the end, if a fresh start would have it before.

        Raises:
            NeedsRestart: There it would be.
        """
        for row in self._changed(made.ran):
            counts = [code for code in made.ran if row.name in _stored_by(code)]
            below = any(map(made.runs_below, counts))
            if type(row.value) is int and below:
                raise NeedsRestart(f"{row.where} may number what is entered, and others have moved")
            if below and (type(row.value) is str or _has_inside(row.now, row.value)):
                raise NeedsRestart(f"the order of what is in {row.where} cannot be told")
            if type(row.value) in (tuple, list, dict) and _has_grown(row.value, row.now):
                before = entries_of(row.value)
                for entry in entries_of(row.now)[len(before) :]:
                    if not stands_last(before, entry, made, others_below=below):
                        raise NeedsRestart(f"the order of what is in {row.where} cannot be told")

    def changed(self, ran: Iterable[CodeType]) -> set[tuple[str, str]]:
        """Module and name of what leads to another value than before."""
        return {(row.module, row.top) for row in self._changed(ran)}

    def _changed(self, ran: Iterable[CodeType]) -> Iterator[Row]:
        """Other threads go on to count in their objects."""
        rows = [row for row in self.rows if row.now is not row.value and not _equal(row)]
        stored = {name for code in ran for name in _stored_by(code)} if rows else ()
        for row in rows:
            if is_a(row.holder, (type, ModuleType)) or row.name in stored:
                yield row

    def put_back(self) -> None:
        """The transaction has failed."""
        for row in self.rows:
            if row.now is not row.value:
                setattr(row.holder, row.name, row.value)


def _rows(unit: Unit, own: Callable[[Any], bool]) -> Iterator[Row]:
    for name, value in list(unit.namespace.items()):
        if name.startswith("__"):
            continue
        if type(value) in _KINDS:
            yield Row(unit.module, name, value, unit.name, name)
        elif is_a(value, type):
            if value.__module__ == unit.name:
                yield from _inside(value, dict(vars(value)), unit, name, own)
        elif not is_a(value, (FunctionType, ModuleType)) and own(value):
            yield from _inside(value, attributes(value), unit, name, own)


def _inside(
    holder: Any, space: dict[str, Any], unit: Unit, top: str, own: Callable[[Any], bool]
) -> Iterator[Row]:
    for name, value in list(space.items()):
        if not name.startswith("__") and (type(value) in _KINDS or _is_part(value, own)):
            yield Row(holder, name, value, unit.name, top)


def _is_part(value: Any, own: Callable[[Any], bool]) -> bool:
    plain = is_a(value, (type, FunctionType, ModuleType)) or not attributes(value)
    return not plain and own(value)


def _equal(row: Row) -> bool:
    return type(row.value) in _COUNTS and bool(row.now == row.value)


def _has_inside(now: Any, before: Any) -> bool:
    """`chain.head = Link(one, chain.head)`."""
    return any(one is before for one in attributes(now).values())


def _has_grown(before: Any, now: Any) -> bool:
    """Whether something holds what another one held, and more."""
    if type(before) not in _GROWING or type(before) is not type(now) or len(now) <= len(before):
        return False
    held = {id(value) for _, value in entries_of(now)}
    return all(id(value) in held for _, value in entries_of(before))


def _stored_by(code: CodeType) -> Iterator[str]:
    for operation, argument in instructions(code):
        if operation in _STORING:
            yield code.co_names[argument]
    if "setattr" in code.co_names:
        yield from (one for one in code.co_consts if type(one) is str)
