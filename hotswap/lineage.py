"""What has each piece of code become by now?"""

from __future__ import annotations

from collections.abc import Iterable
from types import CellType, CodeType, FunctionType
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from hotswap.compare import Pair, walk

if TYPE_CHECKING:
    from hotswap.journal import Journal


class Lineage:
    """
    The generations of every code object: an old one, and what it became.

    Keyed by identity, since code objects of different files can be equal. Old ones are held
    for good: a frame that still runs old code gives birth to functions with old code.
    """

    def __init__(self) -> None:
        self._next: dict[int, tuple[CodeType, CodeType]] = {}
        self._last: dict[int, int] = {}
        self.cells: WeakKeyDictionary[FunctionType, dict[str, CellType]] = WeakKeyDictionary()
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
        while (step := self._next.get(id(code))) and step[1] is not code:
            code = step[1]
        return code

    def add(self, old: CodeType, new: CodeType, journal: Journal) -> None:
        """`old` is `new` from now on."""
        if old is not new:
            if (former := self._next.get(id(old))) is not None:
                known = self._last[id(former[1])]
                journal.set_item(self._last, id(former[1]), known - 1)
            journal.set_item(self._next, id(old), (old, new))
            journal.set_item(self._last, id(new), self._last.get(id(new), 0) + 1)

    def holds(self, code: CodeType) -> int:
        """How many references to `code` are in the books as to what something has become."""
        return self._last.get(id(code), 0)


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
