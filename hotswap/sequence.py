"""
Would a fresh start come to the modules in another order than this process did?

It would if an edit has changed who imports a module first. Where two of them act on the same
thing, what is in it would stand in another order, too.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from hotswap import left
from hotswap.effects import NeedsRestart
from hotswap.importers import Importers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from hotswap.detect import Edit
    from hotswap.graph import Graph
    from hotswap.order import Order, Things
    from hotswap.source import Unit
    from hotswap.statements import Outline, Statement


class _Row(NamedTuple):
    """A statement that executes in a start (None: its module begins, or ends)."""

    unit: Unit
    statement: Statement | None
    key: object
    """Equal for what it was before the edit."""


def check(
    graph: Graph,
    edits: Mapping[str, Edit],
    order: Order,
    executed: Iterable[Unit] = (),
    heard: Mapping[tuple[str, int], Collection[str]] = MappingProxyType({}),
) -> None:
    """
    Refuse what would come in another order, or not at all any more.

    Args:
        executed: Modules of which something has executed.
        heard: By module and index, what statements imported as they executed.

    Raises:
        NeedsRestart: Somebody could tell.
    """
    units = {unit.name: unit for unit in executed}
    units |= {name: one.unit for name, one in edits.items() if one.alignment is not None}
    if not units:
        return
    importers = Importers(graph, edits, heard)
    left.check(units, graph, order, importers)
    others = {name for name, edit in edits.items() if _imports_otherwise(graph, edit)}
    others |= set(_heard_otherwise(units, graph, importers, heard))
    if not others:
        return
    graph.renew()
    start = partial(_Start, graph, importers, edits)
    coarse = [start(others, old=old).rows() for old in (True, False)]
    if _seen_at_borders(*coarse) != _seen_at_borders(*reversed(coarse)):
        finely = _concerned(*coarse) | others
        before, after = (start(finely, old=old).rows() for old in (True, False))
        _refuse_crossed(before, after, order)


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


def _seen_at_borders(rows: list[_Row], others: list[_Row]) -> list[object]:
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


def _moved(before: list[_Row], after: list[_Row]) -> set[object]:
    """The keys of what stands on the other side of something now."""
    known = {row.key for row in before}.intersection(row.key for row in after)
    old, new = ([row.key for row in rows if row.key in known] for rows in (before, after))
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    known.difference_update(*(old[one.a : one.a + one.size] for one in blocks))
    return known


def _ranked(rows: list[_Row], others: list[_Row], moved: set[object]) -> list[tuple[_Row, int]]:
    """What is in both, each with the number of those before it that have not moved."""
    known = {row.key for row in others}
    found, stayed = [], 0
    for row in [row for row in rows if row.key in known]:
        found.append((row, stayed))
        stayed += row.key not in moved
    return found


def _crossed(before: list[_Row], after: list[_Row], moved: set[object]) -> list[_Row]:
    """What has moved, and what it may have passed: all between its former place and its new one."""
    ranked = _ranked(after, before, moved)
    ranks = [rank for row, rank in _ranked(before, after, moved) + ranked if row.key in moved]
    first, last = min(ranks, default=0), max(ranks, default=0)
    return [row for row, rank in ranked if row.key in moved or first <= rank < last]


def _concerned(before: list[_Row], after: list[_Row]) -> set[str]:
    """The modules of which something may stand on the other side of something now."""
    rows = _crossed(before, after, _moved(before, after))
    found = {row.unit.name for row in rows}
    for row in rows[:1]:  # and those that are half done by then
        found.update(_open_at(before, row) | _open_at(after, row))
    return found


def _open_at(rows: list[_Row], at: _Row) -> set[str]:
    """The modules that have begun, and not ended, where something stands."""
    found: set[str] = set()
    for row in rows:
        if row.key == at.key:
            break
        if row.statement is None:
            found ^= {row.unit.name}
    return found


def _refuse_crossed(before: list[_Row], after: list[_Row], order: Order) -> None:
    """Where both are of one module, it has been seen to."""
    order.renew()
    moved = _moved(before, after)
    rows = _crossed(before, after, moved)
    used = {key for row in rows if row.key in moved for key in _uses(row, order)}
    at = {row.key: index for index, row in enumerate(before)}
    seen: dict[object, list[tuple[_Row, str]]] = {key: [] for key in used}
    for row in rows if used else ():
        for key, what in _uses(row, order).items():
            for former, acted in seen.get(key, ()):
                if at[former.key] > at[row.key] and (what or acted) and former.unit is not row.unit:
                    _refuse(former, row, what or acted)
            seen.get(key, []).append((row, what))


def _uses(row: _Row, order: Order) -> Things:
    """What a statement looks at (""), or acts on."""
    if row.statement is None:
        return {}
    looks: Things = dict.fromkeys(order.own_looks(row.unit, row.statement), "")
    return looks | order.own_things(row.unit, row.statement)


def _refuse(first: _Row, second: _Row, what: str) -> None:
    one, other = first.statement, second.statement
    assert one is not None
    assert other is not None
    places = f"{first.unit.name}:{one.first} comes before {second.unit.name}:{other.first}"
    raise NeedsRestart(f"{places} in a fresh start, and both use {what}", (one.path, one.first))


class _Start:
    """
    One start of the program, in which nothing runs.

    Args:
        finely: The modules whose statements are told apart.
        old: As it was before the edits.
    """

    def __init__(
        self,
        graph: Graph,
        importers: Importers,
        edits: Mapping[str, Edit],
        finely: Collection[str],
        *,
        old: bool,
    ) -> None:
        self._graph, self._importers, self._edits = graph, importers, edits
        self._finely, self._old = finely, old
        self._begun: set[str] = set()
        self._rows: list[_Row] = []

    def rows(self) -> list[_Row]:
        """What executes, in that order."""
        units = sorted(self._graph.units.values(), key=lambda unit: (not unit.is_main, unit.order))
        for unit in units:
            first = unit.within[0].module if unit.within else unit.name
            self._load(self._graph.units.get(first, unit))
            self._load(unit)
        return self._rows

    def _load(self, unit: Unit) -> None:
        if unit.name in self._begun:
            return
        self._begun.add(unit.name)
        self._rows.append(_Row(unit, None, (unit.name, "begins")))
        if unit.name in self._finely:
            for others, row in self._parts(unit):
                self._load_all(others)
                self._rows.append(row)
        else:
            self._load_all(self._graph.imported(unit, self._graph.reads(unit)))
        self._rows.append(_Row(unit, None, (unit.name, "ends")))

    def _load_all(self, units: Iterable[Unit]) -> None:
        for unit in units:
            self._load(unit)

    def _parts(self, unit: Unit) -> Iterator[tuple[Iterable[Unit], _Row]]:
        edit = self._edits.get(unit.name)
        old = self._old and edit is not None
        outline = edit.old_outline if edit is not None and old else self._graph.outline(unit)
        for one in outline.statements:
            if one.inert or one.is_guard:
                continue
            yield self._others(unit, one), _Row(unit, one, id(one if old else _former(edit, one)))

    def _others(self, unit: Unit, statement: Statement) -> Iterable[Unit]:
        edit = self._edits.get(unit.name) if self._old else None
        if edit is None:
            ways = self._importers
            return ways.then(unit, statement) if self._old else ways.now(unit, statement)
        later = edit.aligned.successor(statement)
        first = self._importers.first_by(unit, later) if later is not None else ()
        return (*self._graph.imported(unit, statement.reads), *first)


def _former(edit: Edit | None, statement: Statement) -> Statement:
    """What a statement was before the edit: itself, if it is new."""
    return statement if edit is None else edit.aligned.counterpart.get(statement.index, statement)
