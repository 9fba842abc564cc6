"""What has each piece of code become by now?"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from types import CellType, CodeType, FunctionType
from typing import TYPE_CHECKING

from hotswap.compare import Pair, walk

if TYPE_CHECKING:
    from hotswap.journal import Journal

_Entry = tuple["weakref.ref[CodeType]", CodeType]


class Lineage:
    """
    The generations of every code object: an old one, and what it is now.

    Keyed by identity, since code objects of different files can be equal. An old one is known for
    as long as somebody has it: functions that nobody has called upon, or a frame that still runs
    old code and gives birth to functions with old code.
    """

    def __init__(self) -> None:
        self._now: dict[int, _Entry] = {}
        self._former: dict[int, dict[int, None]] = {}
        """By id of what something is now, the ids of what it was."""
        self.cells: weakref.WeakKeyDictionary[FunctionType, dict[str, CellType]] = (
            weakref.WeakKeyDictionary()
        )
        """What functions close over that stand in for others: more than their code needs."""
        self.lagging: frozenset[str] = frozenset()
        """Modules with functions that still carry the equal code of an earlier generation."""

    def set_lagging(self, new: set[str], caught_up: set[str], journal: Journal) -> None:
        """Nothing moved in some modules, so that their functions were not looked for."""
        before = self.lagging
        journal.note(lambda: setattr(self, "lagging", before))
        self.lagging = (before | new) - caught_up

    def latest(self, code: CodeType) -> CodeType:
        """What `code` has become by now; itself if nothing newer is known."""
        entry = self._now.get(id(code))
        return code if entry is None else entry[1]

    def generations(self, code: CodeType) -> list[CodeType]:
        """`code`, and what is known yet of that which became it."""
        entries = (self._now.get(key) for key in self._former.get(id(code), ()))
        known = (entry[0]() for entry in entries if entry is not None)
        return [code, *(one for one in known if one is not None)]

    def add(self, old: CodeType, new: CodeType, journal: Journal) -> None:
        """`old`, and all that had become `old`, is `new` from now on."""
        now = self.latest(new)
        new = new if now is old else now  # as it is by now, unless it comes back
        if old is new:
            return
        keys = list(self._former.get(id(old), ()))
        was = {key: entry for key in keys if (entry := self._now.get(key)) is not None}
        before = {**was, id(old): self._now.get(id(old)), id(new): self._now.get(id(new))}
        journal.note(lambda: self._put_back(before))
        self._set(id(new), None)
        for key, (ref, _) in was.items():
            self._set(key, (ref, new) if ref() is not new else None)
        self._set(id(old), (self._reference(old), new))

    def _put_back(self, before: dict[int, _Entry | None]) -> None:
        for key, entry in before.items():
            self._set(key, entry if entry is None or entry[0]() is not None else None)

    def _set(self, key: int, entry: _Entry | None) -> None:
        known = self._now.pop(key, None)
        if known is not None:
            others = self._former.get(id(known[1]), {})
            others.pop(key, None)
            if not others:
                self._former.pop(id(known[1]), None)
        if entry is not None:
            self._now[key] = entry
            self._former.setdefault(id(entry[1]), {})[key] = None

    def _reference(self, code: CodeType) -> weakref.ref[CodeType]:
        key = id(code)

        def forget(gone: weakref.ref[CodeType]) -> None:
            entry = self._now.get(key)
            if entry is not None and entry[0] is gone:
                self._set(key, None)

        return weakref.ref(code, forget)

    def holds(self, code: CodeType) -> int:
        """How many references to `code` are in the books as to what something has become."""
        return len(self._former.get(id(code), ()))


def register(pairs: Iterable[Pair], lineage: Lineage, journal: Journal) -> None:
    """Enter pairs of code objects into the lineage."""
    for pair in pairs:
        lineage.add(lineage.latest(pair.old), pair.new, journal)


def recognise(
    functions: Iterable[FunctionType], code: CodeType, lineage: Lineage, journal: Journal
) -> None:
    """
    Enter functions into the lineage whose code objects were never seen: their module was
    imported before it was followed, and `code` is its source compiled again.
    """
    known: dict[tuple[str, int, str], CodeType] = {}
    for one in walk(code):
        known.setdefault(_place(one), one)
    for function in functions:
        mine = lineage.latest(function.__code__)
        twin = known.get(_place(mine))
        if twin is not None and twin is not mine and mine is function.__code__:
            lineage.add(mine, twin, journal)
            for inner, other in zip(walk(mine), walk(twin), strict=False):
                if inner is not mine and _place(inner) == _place(other):
                    lineage.add(inner, other, journal)


def _place(code: CodeType) -> tuple[str, int, str]:
    return code.co_name, code.co_firstlineno, getattr(code, "co_qualname", "")
