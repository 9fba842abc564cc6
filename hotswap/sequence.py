"""
Would a fresh start come to the modules in another order than this process did?

It would if an edit has changed who imports a module first. Where two of them act on the same
thing, what is in it would stand in another order, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotswap import fresh, left
from hotswap.effects import NeedsRestart
from hotswap.fresh import Places, Row, Start
from hotswap.importers import First, Importers, first_imports

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping

    from hotswap.detect import Edit
    from hotswap.graph import Graph
    from hotswap.order import Order, Things
    from hotswap.outlines import Outline
    from hotswap.source import Unit

    Heard = Mapping[tuple[str, int], Collection[str]]
    """By module and index, what statements imported as they executed."""


class Sequence:
    """
    The order in which the modules were imported, and the one of a fresh start.

    Args:
        edits: What is about to change, by module.
    """

    def __init__(self, graph: Graph, edits: Mapping[str, Edit]) -> None:
        self._graph, self._edits = graph, edits
        self._others = self._imports_otherwise()
        self._known = set(graph.units.values())
        self._seen = len(self._known)
        self._first: First | None = None
        self._roots: list[Unit] = []
        self._start: Start | None = None
        """The start that the places of the modules are of."""

    def changed(self, heard: Heard) -> Places:
        """
        Where the modules stand by now: after edits of imports, or once there are new ones.
        """
        known = len(self._graph.units) == self._seen
        if known and (self._start is not None or not self._others):
            return Places({}, {})
        self._graph.renew()
        before = self._start or self._play(self._others, {}, old=True, among=self._known)
        executed = {name for name, _ in heard}
        self._start = self._play(self._others | executed, heard)
        self._seen = len(self._graph.units)
        return fresh.changed(before, self._start)

    def check(self, order: Order, executed: Iterable[Unit], heard: Heard) -> None:
        """
        Refuse what would come in another order, or not at all any more.

        Args:
            executed: Modules of which something has executed.

        Raises:
            NeedsRestart: Somebody could tell.
        """
        graph = self._graph
        units = {unit.name: unit for unit in executed}
        units |= {name: one.unit for name, one in self._edits.items() if one.alignment is not None}
        if not units:
            return
        importers = self._importers(heard)
        left.check(units, graph, order, importers)
        others = self._imports_otherwise() | {*_heard_otherwise(units, graph, importers, heard)}
        if not others:
            return
        graph.renew()
        coarse = [self._play(others, heard, old=old).rows for old in (True, False)]
        if _seen_at_borders(*coarse) != _seen_at_borders(*reversed(coarse)):
            finely = _concerned(*coarse) | others
            before, after = (self._play(finely, heard, old=old).rows for old in (True, False))
            _refuse_crossed(before, after, order)

    def _imports_otherwise(self) -> set[str]:
        """The modules that import others than before, among those that there are by now."""
        return {name for name, one in self._edits.items() if _imports_otherwise(self._graph, one)}

    def _play(
        self,
        finely: Collection[str],
        heard: Heard,
        *,
        old: bool = False,
        among: Collection[Unit] | None = None,
    ) -> Start:
        """A start of all modules, or of the ones `among` which it is to go."""
        ways, now = self._importers(heard), fresh.roots(self._graph)
        among = set(now) if among is None else among
        roots = [one for one in (*self._roots, *now) if one in among]
        return Start(self._graph, roots, ways, self._edits, finely, old=old)

    def _importers(self, heard: Heard) -> Importers:
        if self._first is None:
            self._first = first_imports(self._graph.units.values())
            self._roots = fresh.roots(self._graph)
        return Importers(self._graph, self._edits, heard, self._first)


def _heard_otherwise(
    units: Mapping[str, Unit], graph: Graph, importers: Importers, heard: Iterable[tuple[str, int]]
) -> Iterator[str]:
    """The modules with statements that imported others than before."""
    for name, index in heard:
        unit = units[name]
        if importers.otherwise(unit, graph.outline(unit).statements[index]):
            yield name


def _imports_otherwise(graph: Graph, edit: Edit) -> bool:
    """Whether a module imports others that are followed, or in another order."""
    if edit.alignment is None:
        return False
    crossed = (edit.alignment.new[index] for pair in edit.alignment.crossed for index in pair)
    if any("import" in one.text for one in crossed):
        return True
    outlines = (edit.old_outline, graph.outline(edit.unit))
    old, new = (list(_imported(graph, edit.unit, outline)) for outline in outlines)
    return old != new


def _imported(graph: Graph, unit: Unit, outline: Outline) -> dict[str, None]:
    texts = (one for one in outline.statements if "import" in one.text)
    names = (name for one in texts for name in graph.looks(unit, one.reads).modules)
    return dict.fromkeys(name for name in names if name in graph.units)


def _seen_at_borders(rows: list[Row], others: list[Row]) -> list[object]:
    """Which modules begin and end in which order, and what of the edited ones was done by then."""
    known = {row.key for row in others}
    done: set[object] = set()
    found: list[object] = []
    for row in [row for row in rows if row.key in known]:
        if row.statement is None:
            found.append((row.key, frozenset(done)))
        else:
            done.add(row.key)
    return found


def _moved(before: list[Row], after: list[Row]) -> set[Hashable]:
    """The keys of what stands on the other side of something now."""
    return fresh.moved([row.key for row in before], [row.key for row in after])


def _ranked(rows: list[Row], others: list[Row], moved: set[Hashable]) -> list[tuple[Row, int]]:
    """What is in both, each with the number of those before it that have not moved."""
    known = {row.key for row in others}
    found, stayed = [], 0
    for row in [row for row in rows if row.key in known]:
        found.append((row, stayed))
        stayed += row.key not in moved
    return found


def _crossed(before: list[Row], after: list[Row], moved: set[Hashable]) -> list[Row]:
    """What has moved, and what it may have passed: all between its former place and its new one."""
    ranked = _ranked(after, before, moved)
    ranks = [rank for row, rank in _ranked(before, after, moved) + ranked if row.key in moved]
    first, last = min(ranks, default=0), max(ranks, default=0)
    return [row for row, rank in ranked if row.key in moved or first <= rank < last]


def _concerned(before: list[Row], after: list[Row]) -> set[str]:
    """The modules of which something may stand on the other side of something now."""
    rows = _crossed(before, after, _moved(before, after))
    found = {row.unit.name for row in rows}
    for row in rows[:1]:  # and those that are half done by then
        found.update(_open_at(before, row) | _open_at(after, row))
    return found


def _open_at(rows: list[Row], at: Row) -> set[str]:
    """The modules that have begun, and not ended, where something stands."""
    found: set[str] = set()
    for row in rows:
        if row.key == at.key:
            break
        if row.statement is None:
            found ^= {row.unit.name}
    return found


def _refuse_crossed(before: list[Row], after: list[Row], order: Order) -> None:
    """Where both are of one module, it has been seen to."""
    order.renew()
    moved = _moved(before, after)
    rows = _crossed(before, after, moved)
    used = {key for row in rows if row.key in moved for key in _uses(row, order)}
    at = {row.key: index for index, row in enumerate(before)}
    seen: dict[object, list[tuple[Row, str]]] = {key: [] for key in used}
    for row in rows if used else ():
        for key, what in _uses(row, order).items():
            for former, acted in seen.get(key, ()):
                if at[former.key] > at[row.key] and (what or acted) and former.unit is not row.unit:
                    _refuse(former, row, what or acted)
            seen.get(key, []).append((row, what))


def _uses(row: Row, order: Order) -> Things:
    """What a statement looks at (""), or acts on."""
    if row.statement is None:
        return {}
    looks: Things = dict.fromkeys(order.own_looks(row.unit, row.statement), "")
    return looks | order.own_things(row.unit, row.statement)


def _refuse(first: Row, second: Row, what: str) -> None:
    one, other = first.statement, second.statement
    assert one is not None
    assert other is not None
    places = f"{first.unit.name}:{one.first} comes before {second.unit.name}:{other.first}"
    raise NeedsRestart(f"{places} in a fresh start, and both use {what}", (one.path, one.first))
