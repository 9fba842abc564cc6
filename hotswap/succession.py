"""
How does a new class take the place of one that cannot become it?

The bases, the metaclass and the layout of a living class cannot always be changed. Then there is
a new class, its predecessor's instances are its own from then on, and whoever holds the one holds
the other. Where that cannot be done for all of them, only a restart is right.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Collection, Iterable, Iterator
from enum import EnumMeta
from types import CellType, FunctionType, MemberDescriptorType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from hotswap import holders, remembered
from hotswap.effects import NeedsRestart
from hotswap.journal import refill
from hotswap.values import attributes, is_a

if TYPE_CHECKING:
    from hotswap.journal import Journal
    from hotswap.statements import Statement


class Successor(NamedTuple):
    """A class that cannot stay, the one in its place, and why."""

    old: type
    new: type
    reason: str
    place: tuple[str, int]


class Successions:
    """The classes that took the place of others in one transaction."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._all: dict[int, Successor] = {}
        self._pairs: dict[int, tuple[Any, Any]] = {}
        """By id, old classes and the members of old enumerations, with those in their place."""
        self._waiting: list[Successor] = []

    def __bool__(self) -> bool:
        return bool(self._all)

    def has(self, cls: Any) -> bool:
        """Whether another class takes the place of this one."""
        return id(cls) in self._all

    def leads(self, old: type, new: type) -> bool:
        """Whether this class takes the place of that one."""
        return id(old) in self._all and self._all[id(old)].new is new

    def add(self, old: type, new: type, reason: str, statement: Statement) -> None:
        """`new` is what `old` cannot become."""
        one = Successor(old, new, reason, (statement.path, statement.first))
        self._all[id(old)] = one
        self._pairs[id(old)] = (old, new)
        self._waiting.append(one)
        if isinstance(old, EnumMeta) and isinstance(new, EnumMeta):
            members: dict[str, Any] = dict(new.__members__)
            former: dict[str, Any] = dict(old.__members__)
            for name, member in former.items():
                if name in members:
                    self._pairs[id(member)] = (member, members[name])

    def lead(self, books: Iterable[Any] = ()) -> None:
        """
        Let instances, derived classes and whoever holds a class go over to its successor.

        Args:
            books: Containers that say what was there before, and must go on doing so.
        """
        if self._waiting:
            self._waiting.clear()
            spared = {id(book) for book in (*self._journal.copies, *books)}
            self._exchange(spared | {id(spared), id(self._pairs), id(self._all)})

    def check(self, books: Iterable[Any]) -> None:
        """
        Nobody may be left with a class that is another one by now.

        Raises:
            NeedsRestart: Somebody is.
        """
        if not self._all:
            return
        self._waiting = list(self._all.values())
        self.lead(books)
        self._refuse_left_behind()
        remembered.forget_aliases()
        every = [old for old, _ in self._pairs.values()]
        if holders.are_held(every):
            for one in self._all.values():
                members = [old for old in every if type(old) is one.old]
                if holders.are_held([one.old, *members], among=every):
                    why = "it is held where it has to stay"
                    raise NeedsRestart(f"{one.reason}, and {why}", one.place)

    def _refuse_left_behind(self) -> None:
        left = [one for one in self._instances() if id(one) not in self._pairs]
        derived = [heir for one in self._all.values() for heir in heirs(one.old)]
        derived = [heir for heir in derived if id(heir) not in self._pairs]
        held = [some for some in (left, derived) if some and holders.are_held(some)]
        for one in self._all.values():
            if why := self._left_behind(one, [each for some in held for each in some]):
                raise NeedsRestart(f"{one.reason}, and {why}", one.place)

    @staticmethod
    def _left_behind(one: Successor, suspects: list[Any]) -> str:
        left = [found for found in suspects if type(found) is one.old]
        if left and holders.are_held(left):
            return "it has instances"
        for heir in heirs(one.old) if suspects else ():
            if any(heir is found for found in suspects) and holders.are_held([heir]):
                return f"{heir.__qualname__} is derived from it"
        if any(not issubclass(type(heir), type(one.new)) for heir in heirs(one.new)):
            return "classes are derived from it that have another one"
        return ""

    def _instances(self) -> list[Any]:
        """Of all that have a successor: each look takes as long as there are objects."""
        olds = {id(one.old) for one in self._all.values()}
        found = gc.get_referrers(*(one.old for one in self._all.values()))
        return [one for one in found if id(type(one)) in olds]

    # -- who goes over ----------------------------------------------------------------------

    def _exchange(self, spared: Collection[int]) -> None:
        self._lead_instances()
        for one in self._all.values():
            for heir in heirs(one.old):
                if id(heir) not in self._pairs and issubclass(type(heir), type(one.new)):
                    self._rebase(heir)
        found = gc.get_referrers(*(old for old, _ in self._pairs.values()))
        ours = self._journal.cells()  # an undo has to find what was there
        for cell in [one for one in found if is_a(one, CellType)]:
            if id(cell) not in ours:
                self._journal.set_cell(cell, self._now(cell.cell_contents))
        for holder in found:
            if id(holder) not in spared and not holders.is_book(holder):
                self._exchange_in(holder)

    def _lead_instances(self) -> None:
        for instance in self._instances():
            one = self._all[id(type(instance))]
            if id(instance) in self._pairs:
                continue
            if _defines(one.old, "_fields") or _defines(one.new, "_fields"):
                continue  # how many there are is in the tuple
            try:
                self._journal.set_class(instance, one.new)
            except TypeError:
                made = twin(instance, one.new)
                if made is not None:
                    self._pairs[id(instance)] = (instance, made)

    def _now(self, value: Any) -> Any:
        pair = self._pairs.get(id(value))
        return pair[1] if pair is not None else value

    def _rebase(self, heir: type) -> None:
        try:
            self._journal.set_bases(heir, tuple(map(self._now, heir.__bases__)))
        except TypeError:
            return  # a statement may make it anew

    def _exchange_in(self, holder: Any) -> None:
        if type(holder) in (list, set):
            self._journal.keep_container(holder)
            refill(holder, self._renewed(holder))
        elif is_a(holder, dict):
            owner = _owner(holder)
            if owner is None:
                self._exchange_in_dict(holder)
            elif id(owner) not in self._pairs:
                for name, value in list(vars(owner).items()):
                    self._journal.set_class_attr(owner, name, self._now(value))
        elif not is_a(holder, (type, tuple, CellType, FunctionType, ModuleType)):
            space = attributes(holder)
            if any(id(value) in self._pairs for value in space.values()):
                self._exchange_in_dict(space)

    def _exchange_in_dict(self, mapping: dict[Any, Any]) -> None:
        before = list(mapping.items())
        rows = {self._now(key): self._now(value) for key, value in before}
        rows |= {key: self._now(value) for key, value in before if key in rows}
        self._journal.copies.append(before)
        self._journal.note(lambda: _fill(mapping, dict(before)))
        _fill(mapping, rows)

    def _renewed(self, holder: Any) -> list[Any]:
        """What it has entered of the new one already stands where the old one stood."""
        rows = [self._now(value) for value in holder]
        twice = {id(now) for value, now in zip(holder, rows, strict=True) if now is not value}
        twice &= {id(value) for value in holder}
        first = {id(row): at for at, row in reversed(list(enumerate(rows)))}
        return [row for at, row in enumerate(rows) if id(row) not in twice or first[id(row)] == at]


def twin(instance: Any, cls: type) -> Any:
    """
    Another object with the attributes of this one, of a class with another layout; None if there
    is more to it than attributes.
    """
    kind = type(instance)
    if not (_is_all_python(kind) and _is_all_python(cls)) or _defines(kind, "__del__"):
        return None
    if weakref.getweakrefcount(instance):
        return None
    made = _new(cls)
    values = {
        name: slot.__get__(instance) for name, slot in _slots(kind) if _is_set(slot, instance)
    }
    values |= attributes(instance)
    places = dict(_slots(cls))
    for name in values.keys() & places:
        places[name].__set__(made, values[name])
    if cls.__dictoffset__:
        object.__setattr__(made, "__dict__", {n: v for n, v in values.items() if n not in places})
    return made


def _defines(cls: type, name: str) -> bool:
    return any(name in vars(base) for base in cls.__mro__)


def _is_all_python(cls: type) -> bool:
    return all(base is object or base.__flags__ & _HEAP for base in cls.__mro__)


_HEAP = 1 << 9
"""Set for classes that are made at run time: by a class statement, most likely."""


def _new(cls: type) -> Any:
    """An abstract class, too, may have instances that somebody made past it."""
    abstract = getattr(cls, "__abstractmethods__", None)
    if not abstract:
        return object.__new__(cls)
    type.__setattr__(cls, "__abstractmethods__", frozenset())
    try:
        return object.__new__(cls)
    finally:
        type.__setattr__(cls, "__abstractmethods__", abstract)


def _slots(cls: type) -> Iterator[tuple[str, Any]]:
    for base in reversed(cls.__mro__):
        for name, value in vars(base).items():
            if is_a(value, MemberDescriptorType):
                yield name, value


def _is_set(slot: Any, instance: Any) -> bool:
    try:
        slot.__get__(instance)
    except AttributeError:
        return False
    return True


def heirs(cls: type) -> list[type]:
    """The classes that are derived from one directly."""
    found: list[type] = type.__subclasses__(cls)
    return found


def _owner(space: dict[Any, Any]) -> type | None:
    """The class whose namespace it is: Python remembers what it has found there."""
    if "__module__" not in space or "__doc__" not in space:
        return None
    found = [one for one in gc.get_referrers(space) if is_a(one, type)]
    return next((one for one in found if len(vars(one)) == len(space)), None)


def _fill(mapping: dict[Any, Any], rows: dict[Any, Any]) -> None:
    """With these very keys; what only has another value is never missing."""
    if list(map(id, mapping)) == list(map(id, rows)):
        mapping.update(rows)
    else:
        mapping.clear()
        mapping.update(rows)
