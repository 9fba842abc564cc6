"""
What has a statement entered in registries, and what does it enter when it runs again?

The containers of some modules are looked at before it runs and after. What a definition had
entered is taken out before it runs again, and what it enters then takes that place.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from itertools import chain
from types import CodeType
from typing import TYPE_CHECKING, Any, NamedTuple

from hotswap import libraries, numbering, state
from hotswap.containers import Watched, containers, entries_of, of_foreign
from hotswap.effects import EntersElsewhere
from hotswap.entries import is_data, is_plain, mentions
from hotswap.made import Made
from hotswap.rebound import Rebound
from hotswap.settling import fill, is_disordered, is_same, move_key, settle
from hotswap.unasked import Unasked
from hotswap.values import attributes, base_of, is_a

if TYPE_CHECKING:
    from hotswap.entries import Entry, Place
    from hotswap.journal import Journal
    from hotswap.source import Unit


class Fresh(NamedTuple):
    """What a transaction has made so far."""

    made: Collection[int] = ()
    """Containers, by id."""
    bound: Collection[tuple[str, str]] = ()
    """Names, by module."""
    lasting: Collection[tuple[int, str]] = ()
    """Attributes of classes, by id, that stayed as a class body ran again."""


Tops = dict[int, tuple[str, str]]
"""By id of a container, the module and its name that lead to it."""


@dataclass(eq=False)
class Watch:
    """The containers of some modules before a statement runs, to see what it did to them."""

    watched: dict[int, Watched] = field(default_factory=dict)
    owners: set[int] = field(default_factory=set)
    """By id, the objects that have containers."""
    rebound: Rebound = field(default_factory=Rebound)
    ran: Collection[CodeType] = ()
    """The functions that ran for the statement."""
    ran_before: Collection[CodeType] = ()
    """Those that had run for what it was before it changed."""
    tops: Tops = field(default_factory=dict)
    ordering: str = ""
    """How functions that ran for the statement had put something in an order of their own."""
    otherwise: bool = False
    """What enters something for the statement does so in another way by now."""
    given_otherwise: bool = False
    """The statement defines nothing, and is another one, or goes by other values."""
    by_name: Collection[str] = frozenset()
    """What the functions name that ran for a definition."""
    unasked: Unasked = field(default_factory=Unasked)

    @classmethod
    def over(
        cls,
        units: Iterable[Unit],
        own: Callable[[Any], bool],
        journal: Journal,
        fresh: Fresh | None = None,
        foreign: Iterable[tuple[str, Any]] = (),
    ) -> Watch:
        """
        Look at these modules; their containers come back if the transaction fails.

        Args:
            fresh: What this transaction made: all that is in it is right.
            foreign: Objects of libraries that are looked at, too, and what they are called.
        """
        watch, units, fresh = cls(), list(units), fresh or Fresh()
        watch.rebound.look(units, own, fresh.bound, fresh.lasting)
        journal.note(watch.rebound.put_back)
        found = [(unit, list(containers(unit, own))) for unit in units]
        watch.tops = _tops(found)
        given = [of_foreign(value, where) for where, value in foreign]
        for one in chain(*(mine for _, mine in found), *given, libraries.books(units)):
            if id(one.container) in watch.watched or id(one.container) in fresh.made:
                continue
            if one.forget is not None:
                journal.note(one.forget)
            journal.keep_container(one.container)
            if not state.is_kept(one.container):
                one.before = entries_of(one.container)
                watch.watched[id(one.container)] = one
                watch.owners.add(id(one.owner))
        return watch

    def withdraw(self, own: Collection[int], data: dict[int, int]) -> None:
        """
        Take out what has to do with these definitions, since they are about to be made again,
        and hide what was entered after them: a fresh start would not have it yet. Not the lists
        of a dict, to which they may be added again.

        Args:
            data: By id, how long containers were that had nothing but data in them.

        Raises:
            EntersElsewhere: A library's object has one of these, and enters the same as that.
        """
        for key, one in self.watched.items() if own else ():
            if data.get(key) == len(one.before):
                continue
            if self._has_only_data(one, own):
                data[key] = len(one.before)
                continue
            one.withdrawn = {i: e for i, e in enumerate(one.before) if self._mentions(e, own)}
            parts = [e[1] for e in one.withdrawn.values() if one.foreign and id(e[1]) in own]
            if any(map(self._shares, parts)):
                raise EntersElsewhere(f"{one.where} has what is made anew")
            if one.withdrawn:
                ordered = self.ordering and is_a(one.container, (list, deque))
                first = 0 if is_a(one.container, set) else min(one.withdrawn)
                rest = [
                    e for i, e in enumerate(one.before) if i >= first and i not in one.withdrawn
                ]
                nested = is_a(one.container, dict) and self.watched
                kept = {*self.watched, *self.owners} if nested else ()
                joined = [e for e in rest if ordered or id(e[1]) in kept]
                one.hidden = [entry for entry in rest if not any(entry is e for e in joined)]
                fill(one.container, [*one.before[:first], *joined])

    def has_any(self, wanted: Collection[int]) -> set[int]:
        """Which of these, by id, containers had, as keys, too."""
        rows = (row for one in self.watched.values() for row in one.before)
        return {id(part) for row in rows for part in row if id(part) in wanted}

    def _shares(self, value: Any) -> bool:
        """Whether an object has a container that is another one's."""
        found = [self.watched.get(id(part)) for part in attributes(value).values()]
        owners = [one.owner for one in found if one is not None and one.owner is not None]
        return any(one is not value for one in owners)

    def _has_only_data(self, one: Watched, own: Collection[int]) -> bool:
        """Lists in it count as data if they have nothing else in turn."""
        inner = [self.watched.get(id(value)) for _, value in one.before]
        rest = [entry for entry, nested in zip(one.before, inner, strict=True) if nested is None]
        return is_data(rest) and all(
            id(nested.container) not in own and is_plain(nested.key) and is_data(nested.before)
            for nested in inner
            if nested is not None
        )

    def _mentions(self, entry: Entry, own: Collection[int]) -> bool:
        """Not by what is in the containers of an entry, which are looked at by themselves."""
        if id(entry[1]) in own:
            return True
        nested = self.watched.get(id(entry[1]))
        if nested is not None and (nested.inner or nested.owner is not None):
            about = [one for one in nested.before if not is_plain(one[1])]
            return mentions((entry[0], None), own) or (
                bool(about) and all(self._mentions(one, own) for one in about)
            )
        if id(entry[1]) not in self.owners:
            return mentions(entry, own)
        parts = [one for one in attributes(entry[1]).values() if id(one) not in self.watched]
        return mentions((entry[0], None), own) or any(mentions((None, one), own) for one in parts)

    def may_miss(self, error: BaseException) -> bool:
        """Whether it may be about a container that was taken out, with what was in it."""
        rows = [row for one in self.watched.values() for row in one.withdrawn.values()]
        return is_a(error, LookupError) and any(
            id(value) in self.watched or id(value) in self.owners for _, value in rows
        )

    def settle(self, made: Made) -> None:
        """
        Let each container be as if the statement had run for the first time.

        Raises:
            NeedsRestart: Something was added that a fresh start would not have.
        """
        self.ran = made.ran
        if made.new:
            self.rebound.check_order(made)
        else:
            self.rebound.check(made.ran)
            self.unasked.check(
                one for one in self.watched.values() if not made.belongs(one.container)
            )
        todo = [
            one
            for one in self.watched.values()
            if one.withdrawn or not is_same(one.container, one.before)
        ]
        touched = {one.group for one in todo if one.has_grown()}
        for one in todo:
            settle(one, made, touched=one.group in touched)
        self._drop_empty()
        moving = [one for one in todo if one.has_another_first()]
        for one in moving:
            move_key(one, {other.key for other in moving if other.holder is one.holder})

    def _drop_empty(self) -> None:
        """A list that a registry had made for the first entry goes with the last one."""
        for one in reversed(self.watched.values()):  # what is within first
            if one.forget is not None:
                one.forget()
            if one.holder is None or one.container or not one.before:
                continue
            if one.is_in_place:
                base_of(one.holder).__delitem__(one.holder, one.key)

    def drop(self, gone: Any) -> bool:
        """Take out what a removed definition had entered; says whether there was anything."""
        found = False
        for one in self.watched.values():
            entries = entries_of(one.container)
            kept = [entry for entry in entries if not self._mentions(entry, {id(gone)})]
            if len(kept) != len(entries):
                numbering.check(one.where, entries, kept)
                fill(one.container, kept)
                found = True
        self._drop_empty()
        return found

    def changed(self) -> set[tuple[str, str]]:
        """Module and name of what holds something else than before."""
        found = {
            self.tops[key]
            for key, one in self.watched.items()
            if key in self.tops and not is_same(one.container, one.before)
        }
        return found | self.rebound.changed(self.ran)

    def disordered(self, precedes: Callable[[Place, Place], bool]) -> list[Watched]:
        """The dicts in which a key stands where an earlier definition entered it first."""
        return [
            one
            for one in self.watched.values()
            if is_a(one.container, dict) and is_disordered(one.before, precedes)
        ]

    def besides(self, module: str, names: Collection[str]) -> list[tuple[Watched, str]]:
        """The containers that no such name of a module leads to, and the modules that do."""
        rows = [(one, self.tops[key]) for key, one in self.watched.items() if key in self.tops]
        piles = ((Watched(one.holder, one.where), one) for one in self.rebound.piles())
        rows += [(watched, (one.module, one.top)) for watched, one in piles]
        return [(one, top[0]) for one, top in rows if top[0] != module or top[1] not in names]


def holding(
    units: Iterable[Unit], own: Callable[[Any], bool], wanted: Collection[int]
) -> set[tuple[str, str]]:
    """Module and name of the containers that have one of these objects (by id) in them."""
    found = [(unit, list(containers(unit, own))) for unit in units]
    tops = _tops(found)
    return {
        tops[id(one.container)]
        for _, mine in found
        for one in mine
        if id(one.container) in tops
        and any(mentions(entry, wanted) for entry in entries_of(one.container))
    }


def _tops(found: list[tuple[Unit, list[Watched]]]) -> Tops:
    tops: Tops = {}
    for unit, mine in found:
        for one in mine:
            top = _first(one.where.removeprefix(f"{unit.name}."))
            tops.setdefault(id(one.container), (unit.name, top))
    return tops


def _first(where: str) -> str:
    """The first name of several with dots."""
    return where.partition(".")[0].partition("[")[0]
