"""
What has a statement entered in registries, and what does it enter when it runs again?

The containers of some modules are looked at before it runs and after. What a definition had
entered is taken out before it runs again, and what it enters then takes that place.
"""

from __future__ import annotations

import logging
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from enum import EnumMeta
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from hotswap import state
from hotswap.effects import NeedsRestart
from hotswap.entries import (
    alike,
    is_data,
    is_numbered,
    is_plain,
    mentions,
    place_of,
    same,
    same_key,
    with_aliases,
)
from hotswap.journal import refill
from hotswap.values import attributes, is_a

if TYPE_CHECKING:
    from hotswap.entries import Entry
    from hotswap.journal import Journal
    from hotswap.source import Unit

_COUNTS = (int, float, str, bool, type(None))
CONTAINERS = frozenset({list, dict, set, defaultdict, OrderedDict})
_NESTED = 256
"""Containers in larger ones are data, not registrations."""


@dataclass(frozen=True)
class Made:
    """What a statement made when it ran, and in which respect it is another one than before."""

    alias: dict[int, Any] = field(default_factory=dict)
    """id of an object that it made → the object that it had made before, and that stays."""
    own: Collection[int] = frozenset()
    """By id, definitions of its own: entries with them are right."""
    new: bool = False
    """It ran for the first time: all that it entered is right."""
    differs: bool = False
    """What enters it is not written as before: decorators, bases."""
    fewer: bool = False
    """And some of that is gone."""
    others: Callable[[], bool] = lambda: True
    """Whether other statements may have entered its definitions somewhere."""
    belongs: Callable[[Any], bool] = lambda _: False
    """Whether another statement made a container, with its definitions in it."""


@dataclass(eq=False)
class _Watched:
    container: Any
    where: str
    holder: Any = None
    """The dict that it is a value of."""
    key: Any = None
    before: list[Entry] = field(default_factory=list)
    withdrawn: dict[int, Entry] = field(default_factory=dict)
    """By their index in `before`."""
    hidden: list[Entry] = field(default_factory=list)
    """What was entered after these."""

    @property
    def group(self) -> int:
        """Equal for a dict and the lists in it."""
        return id(self.container if self.holder is None else self.holder)

    def has_grown(self) -> bool:
        """Whether there is more than what was not withdrawn."""
        stayed = len(self.before) - len(self.withdrawn) - len(self.hidden)
        return len(self.container) > stayed

    def has_another_first(self) -> bool:
        """Whether it is under a key, and what was entered first is another entry by now."""
        if self.holder is None or self.holder.get(self.key) is not self.container:
            return False
        first = next(iter(_entries(self.container)), None)
        return bool(self.before) and first is not None and first[1] is not self.before[0][1]


@dataclass(eq=False)
class Watch:
    """The containers of some modules before a statement runs, to see what it did to them."""

    watched: dict[int, _Watched] = field(default_factory=dict)
    plain: list[tuple[Any, str, Any, str]] = field(default_factory=list)
    """Plain values of modules and classes: a counter would count again."""

    @classmethod
    def over(
        cls,
        units: Iterable[Unit],
        own: Callable[[Any], bool],
        journal: Journal,
        made: Collection[int] = (),
    ) -> Watch:
        """
        Look at these modules; their containers come back if the transaction fails.

        Args:
            made: By id, containers that this transaction made: all that is in them is right.
        """
        watch = cls()
        for unit in units:
            watch.plain += _plain_values(unit)
            for one in _containers(unit, own):
                if id(one.container) in watch.watched or id(one.container) in made:
                    continue
                journal.keep_container(one.container)
                if not state.is_kept(one.container):
                    one.before = _entries(one.container)
                    watch.watched[id(one.container)] = one
        return watch

    def withdraw(self, own: Collection[int], data: dict[int, int]) -> None:
        """
        Take out what has to do with these definitions, since they are about to be made again,
        and hide what was entered after them: a fresh start would not have it yet. Not the lists
        of a dict, to which they may be added again.

        Args:
            data: By id, how long containers were that had nothing but data in them.
        """
        for key, one in self.watched.items() if own else ():
            if data.get(key) == len(one.before):
                continue
            if self._has_only_data(one, own):
                data[key] = len(one.before)
                continue
            one.withdrawn = {i: e for i, e in enumerate(one.before) if self._mentions(e, own)}
            if one.withdrawn:
                first = 0 if is_a(one.container, set) else min(one.withdrawn)
                rest = [
                    e for i, e in enumerate(one.before) if i >= first and i not in one.withdrawn
                ]
                nested = is_a(one.container, dict) and self.watched
                joined = [entry for entry in rest if nested and id(entry[1]) in nested]
                one.hidden = [entry for entry in rest if not any(entry is e for e in joined)]
                _fill(one.container, [*one.before[:first], *joined])

    def _has_only_data(self, one: _Watched, own: Collection[int]) -> bool:
        """Lists in it count as data if they have nothing else in turn."""
        inner = [self.watched.get(id(value)) for _, value in one.before]
        rest = [entry for entry, nested in zip(one.before, inner, strict=True) if nested is None]
        return is_data(rest) and all(
            id(nested.container) not in own and is_plain(nested.key) and is_data(nested.before)
            for nested in inner
            if nested is not None
        )

    def _mentions(self, entry: Entry, own: Collection[int]) -> bool:
        nested = self.watched.get(id(entry[1]))
        if nested is None:
            return mentions(entry, own)
        about = [one for one in nested.before if not is_plain(one[1])]
        return mentions((entry[0], None), own) or (
            bool(about) and all(mentions(one, own) for one in about)
        )

    def settle(self, made: Made) -> None:
        """
        Let each container be as if the statement had run for the first time.

        Raises:
            NeedsRestart: Something was added that a fresh start would not have.
        """
        if not made.new:
            self._check_plain()
        todo = [
            one
            for one in self.watched.values()
            if one.withdrawn or not _is_same(one.container, one.before)
        ]
        touched = {one.group for one in todo if one.has_grown()}
        for one in todo:
            _settle(one, made, touched=one.group in touched)
        self._drop_empty()
        moving = [one for one in todo if one.has_another_first()]
        for one in moving:
            _move_key(one, {other.key for other in moving if other.holder is one.holder})

    def _drop_empty(self) -> None:
        """A list that a registry had made for the first entry goes with the last one."""
        for one in self.watched.values():
            if one.holder is None or one.container or not one.before:
                continue
            if one.holder.get(one.key) is one.container:
                del one.holder[one.key]

    def ignore_attribute(self, holder: object, name: str) -> None:
        """The statement stores this attribute."""
        self.plain = [row for row in self.plain if row[0] is not holder or row[1] != name]

    def ignore(self, unit: Unit, names: Iterable[str]) -> None:
        """These names are the statement's own to bind, and what they hold is its own to change."""
        own = set(names)
        held = {id(unit.namespace.get(name)) for name in own}
        self.plain = [
            row
            for row in self.plain
            if id(row[0]) not in held and (row[0] is not unit.module or row[1] not in own)
        ]

    def _check_plain(self) -> None:
        for holder, name, value, where in self.plain:
            now = vars(holder).get(name, value)
            if now is not value and now != value:
                raise NeedsRestart(f"{where} would be changed once more by what executes again")

    def drop(self, gone: Any) -> bool:
        """Take out what a removed definition had entered; says whether there was anything."""
        found = False
        for one in self.watched.values():
            entries = _entries(one.container)
            kept = [entry for entry in entries if not self._mentions(entry, {id(gone)})]
            if len(kept) != len(entries):
                if is_numbered(entries) and not is_numbered(kept):
                    raise NeedsRestart(
                        f"{one.where} numbers what is entered, and others have moved"
                    )
                _fill(one.container, kept)
                found = True
        self._drop_empty()
        return found

    def holding_name(self, name: str) -> str:
        """The first container that has a name as such, or "": it says not what had entered it."""
        for one in self.watched.values():
            rows = (
                (key, None if key is not None else value) for key, value in _entries(one.container)
            )
            if any(type(part) is str and part == name for row in rows for part in row):
                return "" if one.where.endswith(".__all__") else one.where
        return ""


# -- what there is to watch -----------------------------------------------------------------------


def _containers(unit: Unit, own: Callable[[Any], bool]) -> Iterator[_Watched]:
    """The containers of a module, and those that its classes and objects have."""
    names = [name for name in unit.namespace if name[:2] != "__" or name == "__all__"]
    for name in names:
        value, where = unit.namespace[name], f"{unit.name}.{name}"
        if type(value) in CONTAINERS:
            yield from _with_nested(value, where)
        elif is_a(value, type):
            if value.__module__ == unit.name and not is_a(value, EnumMeta):
                yield from _inside(dict(vars(value)), where)
        elif is_a(value, logging.Logger):
            yield _Watched(value.handlers, f"{where}.handlers")
            yield _Watched(value.filters, f"{where}.filters")
        elif own(value):
            yield from _of_object(value, where, own)


def _of_object(value: Any, where: str, own: Callable[[Any], bool]) -> Iterator[_Watched]:
    """An application that has a router that has a list of routes."""
    space = dict(attributes(value))
    yield from _inside(space, where)
    for name, part in space.items():
        if not is_a(part, (type, FunctionType, ModuleType)) and own(part):
            yield from _inside(dict(attributes(part)), f"{where}.{name}")


def _with_nested(container: Any, where: str) -> Iterator[_Watched]:
    yield _Watched(container, where)
    if is_a(container, dict) and len(container) <= _NESTED:
        for key, value in container.items():
            if type(value) in CONTAINERS:
                yield _Watched(value, f"{where}[{key!r:.40}]", container, key)


def _inside(space: dict[str, Any], where: str) -> Iterator[_Watched]:
    for name, value in space.items():
        if type(value) in CONTAINERS and not name.startswith("__"):
            yield from _with_nested(value, f"{where}.{name}")


def containers_of(value: Any, own: Callable[[Any], bool]) -> list[Any]:
    """A container, or the containers that an object has."""
    if type(value) in CONTAINERS:
        return [value]
    if is_a(value, (type, FunctionType, ModuleType)) or not own(value):
        return []
    return [one.container for one in _of_object(value, "", own)]


def _plain_values(unit: Unit) -> Iterator[tuple[Any, str, Any, str]]:
    for name, value in list(unit.namespace.items()):
        if type(value) in _COUNTS and not name.startswith("__"):
            yield unit.module, name, value, f"{unit.name}.{name}"
        elif is_a(value, type) and value.__module__ == unit.name:
            for attribute, inner in list(vars(value).items()):
                if type(inner) in _COUNTS and not attribute.startswith("__"):
                    yield value, attribute, inner, f"{unit.name}.{name}.{attribute}"


# -- one container --------------------------------------------------------------------------------


def _entries(container: Any) -> list[Entry]:
    """Key and value of each; a list or set has no keys."""
    if is_a(container, dict):
        return list(container.items())
    return [(None, value) for value in container]


def _fill(container: Any, entries: list[Entry]) -> None:
    """Let it have these, in their order; whoever looks meanwhile finds what stays."""
    if not is_a(container, dict):
        refill(container, [value for _, value in entries])
        return
    refill(container, dict(entries))
    if list(container) != [key for key, _ in entries]:
        for key, _ in entries:
            container[key] = container.pop(key)


def _is_same(container: Any, before: list[Entry]) -> bool:
    if is_a(container, set):  # in no order
        return container == {value for _, value in before}
    now = _entries(container)
    return len(now) == len(before) and all(
        one[1] is other[1] and one[0] is other[0] for one, other in zip(now, before, strict=True)
    )


def _settle(one: _Watched, made: Made, *, touched: bool) -> None:
    entries = [with_aliases(entry, made.alias) for entry in _entries(one.container)]
    kept, grown = _split(one, entries)
    filled = _match(one.withdrawn, grown)
    matched = {id(entry) for entry in filled.values()}
    more = [entry for entry in grown if id(entry) not in matched]
    stay = len(filled) == len(one.withdrawn) or _stay(one, made, touched=touched)
    rows = _put_together(one, kept, filled, stay=stay)
    for entry in more:
        rows = _enter(one, rows, entry, entries, made)
    if is_numbered(one.before) and not is_numbered(rows):
        raise NeedsRestart(f"{one.where} numbers what is entered, and others have moved")
    _fill(one.container, rows)


def _split(one: _Watched, entries: list[Entry]) -> tuple[list[Entry], list[Entry]]:
    """What was there already, with its present values, and what the statement added."""
    kept: list[Entry] = []
    grown: list[Entry] = []
    is_dict = is_a(one.container, dict)
    away = {id(entry) for entry in (*one.withdrawn.values(), *one.hidden)}
    seen = [entry for entry in one.before if id(entry) not in away]
    left = Counter(key if is_dict else id(value) for key, value in seen)
    for entry in entries:
        mark = entry[0] if is_dict else id(entry[1])
        (kept if left[mark] > 0 else grown).append(entry)
        left[mark] -= 1
    again = {entry[0]: entry for entry in grown} if is_dict else {}
    kept += [again.get(entry[0], entry) for entry in one.hidden]
    if is_dict:
        order = {key: index for index, (key, _) in enumerate(one.before)}
        kept.sort(key=lambda entry: order[entry[0]])
    return kept, [entry for entry in grown if not any(entry is other for other in kept)]


def _match(withdrawn: dict[int, Entry], grown: list[Entry]) -> dict[int, Entry]:
    """Which new entry takes the place of which old one: the same first, then of the same kind."""
    filled: dict[int, Entry] = {}
    left = list(grown)
    for rule in (same, same_key, alike):
        for entry in list(left):
            found = (i for i, old in withdrawn.items() if i not in filled and rule(old, entry))
            index = next(found, None)
            if index is not None:
                filled[index] = entry
                left = [one for one in left if one is not entry]
    places = [index for index in withdrawn if index not in filled]
    if len(places) == len(left):
        filled |= zip(places, left, strict=True)
    return filled


def _stay(one: _Watched, made: Made, *, touched: bool) -> bool:
    """Whether old entries that were not made again stay."""
    if not made.differs or not (touched or made.fewer) or _belongs(one, made):
        return True
    if made.others():
        raise NeedsRestart("what a decorator had registered stays registered")
    return False


def _belongs(one: _Watched, made: Made) -> bool:
    return made.belongs(one.container) or (one.holder is not None and made.belongs(one.holder))


def _put_together(
    one: _Watched, kept: list[Entry], filled: dict[int, Entry], *, stay: bool
) -> list[Entry]:
    """All in their former order, unless the statement itself made another one."""
    rows: list[Entry] = []
    waiting = list(kept)
    for index, entry in enumerate(one.before):
        if index in filled:
            rows.append(filled[index])
        elif index in one.withdrawn:
            rows += [entry] if stay else []
        elif waiting:
            rows.append(waiting.pop(0))
    return rows + waiting


def _enter(
    one: _Watched, rows: list[Entry], entry: Entry, entries: list[Entry], made: Made
) -> list[Entry]:
    """An entry that takes no other one's place."""
    if not made.new:
        twins = [row for row in one.before if row[1] is entry[1] or same(row, entry)]
        if twins and not is_a(one.container, dict):
            return rows
        if twins and not is_plain(entry[1]):
            return _replace(rows, twins, entry)
        if not mentions(entry, made.own):
            raise NeedsRestart(_complaint(one))
    at = _place(rows, entry, entries)
    return [*rows[:at], entry, *rows[at:]]


def _replace(rows: list[Entry], twins: list[Entry], entry: Entry) -> list[Entry]:
    """What is under another key now is no longer under those that it had."""
    keys = [key for key, _ in twins]
    at = next((index for index, (key, _) in enumerate(rows) if key in keys), len(rows))
    left = [row for row in rows[at:] if row[0] not in keys]
    return [*rows[:at], entry, *left]


def _complaint(one: _Watched) -> str:
    if is_a(one.container, list):
        return f"{one.where} would get an entry again for what has changed"
    return f"{one.where} would keep what an earlier run has put into it"


def _place(rows: list[Entry], entry: Entry, entries: list[Entry]) -> int:
    """Where a fresh start would have entered it: by the lines of the definitions of a module."""
    mine = place_of(entry)
    after = entries[next(i for i, one in enumerate(entries) if one is entry) + 1 :]
    for following in after:
        for index, row in enumerate(rows):
            if row is following:
                return index
    return len(rows) if mine is None else _by_line(rows, mine)


def _move_key(one: _Watched, moving: Collection[Any]) -> None:
    """A key stands where its first entry was made: with another one, it may stand elsewhere."""
    first = _entries(one.container)[0]
    mine = place_of(first)
    if mine is None:
        return
    known = any(first[1] is value for _, value in one.before)
    rows = [entry for entry in _entries(one.holder) if entry[0] != one.key]
    if known and any(place_of(row) == mine and row[0] not in moving for row in rows):
        raise NeedsRestart(f"the order of the keys around {one.where} cannot be told")
    at = _by_line(rows, mine)
    _fill(one.holder, [*rows[:at], (one.key, one.container), *rows[at:]])


def _by_line(rows: list[Entry], mine: tuple[str, int]) -> int:
    places = [place_of(row) for row in rows]
    own = [(at, place[1]) for at, place in enumerate(places) if place and place[0] == mine[0]]
    lines = [line for _, line in own]
    if lines != sorted(lines):
        return len(rows)
    above = [at for at, line in own if line <= mine[1]]
    if above:
        return above[-1] + 1
    return own[0][0] if own else len(rows)
