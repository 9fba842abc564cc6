"""In which order would a fresh start come to the modules, and who would import each of them?"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import (
        Callable,
        Collection,
        Hashable,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )

    from hotswap.detect import Edit
    from hotswap.graph import Graph
    from hotswap.importers import Importers
    from hotswap.running import Site
    from hotswap.source import Unit
    from hotswap.statements import Statement


class Row(NamedTuple):
    """A statement that executes in a start (None: its module begins, or ends)."""

    unit: Unit
    statement: Statement | None
    key: Hashable
    """Equal for what it was before the edit."""


class Start:
    """
    One start of the program, in which nothing runs.

    Args:
        roots: The modules that take part, in an order in which they may be imported.
        finely: The modules whose statements are told apart.
        old: As it was before the edits.
    """

    def __init__(  # noqa: PLR0913 - what it is played with
        self,
        graph: Graph,
        roots: Collection[Unit],
        importers: Importers,
        edits: Mapping[str, Edit],
        finely: Collection[str],
        *,
        old: bool,
    ) -> None:
        self._graph, self._importers, self._edits = graph, importers, edits
        self._finely, self._old = finely, old
        self.importers: dict[Unit, Unit | None] = {}
        """Which module was the first to import each, in the order in which they begin."""
        self.ended: list[Unit] = []
        """The modules, in the order in which their imports are complete."""
        self.rows: list[Row] = []
        """What executes, in that order."""
        self._parts = frozenset(roots)
        self._known_lines: dict[Unit, dict[Unit, Statement]] = {}
        for unit in roots:
            self._load(unit, None)

    def importer_of(self, unit: Unit) -> str:
        """The name of the one that imports a module first; empty: the program, or nobody."""
        importer = self.importers[unit]
        return "" if importer is None or importer.is_main else importer.name

    def line_of(self, unit: Unit) -> int:
        """The line in which that imports it; 0: it is not known."""
        importer = self.importers[unit]
        if importer is None or importer.is_main:
            return 0
        known = next((one.line for one in unit.within[-1:] if one.module == importer.name), 0)
        if known and importer.name not in self._edits:
            return known
        one = self._lines_of(importer).get(unit)
        return known if one is None or one.first <= known <= one.last else one.first

    def _lines_of(self, importer: Unit) -> dict[Unit, Statement]:
        """The first statements that import what a module imports."""
        found = self._known_lines.get(importer)
        if found is None:
            found = self._known_lines[importer] = {}
            for one in self._graph.outline(importer).statements:
                for unit in self._importers.now(importer, one) if not one.inert else ():
                    found.setdefault(unit, one)
        return found

    def _load(self, unit: Unit, importer: Unit | None) -> None:
        if unit in self.importers or unit not in self._parts:
            return
        self.importers[unit] = importer
        self.rows.append(Row(unit, None, (unit.name, "begins")))
        if unit.name in self._finely:
            for others, row in self._lines(unit):
                self._load_all(others, unit)
                self.rows.append(row)
        else:
            self._load_all(self._graph.imported(unit, self._graph.reads(unit)), unit)
        self.rows.append(Row(unit, None, (unit.name, "ends")))
        self.ended.append(unit)

    def _load_all(self, units: Iterable[Unit], importer: Unit) -> None:
        for unit in units:
            self._load(unit, importer)

    def _lines(self, unit: Unit) -> Iterator[tuple[Iterable[Unit], Row]]:
        edit = self._edits.get(unit.name)
        old = self._old and edit is not None
        outline = edit.old_outline if edit is not None and old else self._graph.outline(unit)
        for one in outline.statements:
            if one.inert or one.is_guard:
                continue
            yield self._others(unit, one), Row(unit, one, id(one if old else _former(edit, one)))

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


def roots(graph: Graph) -> list[Unit]:
    """Those that the program imports, as far as that is known, and then whatever is left."""
    found: dict[Unit, None] = {}
    for unit in sorted(graph.units.values(), key=lambda unit: (not unit.is_main, unit.place)):
        first = unit.within[0].module if unit.within else unit.name
        found |= {graph.units.get(first, unit): None, unit: None}
    return list(found)


def moved(before: Sequence[Hashable], after: Sequence[Hashable]) -> set[Hashable]:
    """Of what is in both, the few without which they are in the same order."""
    known = set(before).intersection(after)
    old, new = ([one for one in row if one in known] for row in (before, after))
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    known.difference_update(*(old[one.a : one.a + one.size] for one in blocks))
    return known


class Places(NamedTuple):
    """What an edit of imports changes in what is known of a start."""

    places: dict[Unit, int]
    importers: dict[Unit, tuple[Unit | None, int]]
    """Module → who imports it first by now, and in which line; those that begin first, first."""

    def take(self, site: Callable[[str, int], Site]) -> Callable[[], None]:
        """
        Let the modules know; returns how to have them forget.

        Args:
            site: Module and line → the site.
        """
        touched = {*self.places, *self.importers}
        before = [(unit, unit.place, unit.within) for unit in touched]
        for unit, place in self.places.items():
            unit.place = place
        for unit, (importer, line) in self.importers.items():
            above = () if importer is None else importer.within
            unit.within = () if importer is None else (*above, site(importer.name, line))

        def forget() -> None:
            for unit, place, within in before:
                unit.place, unit.within = place, within

        return forget


def changed(before: Start, after: Start) -> Places:
    """What is otherwise in the one start than in the other."""
    return Places(_places(before.ended, after.ended), dict(_importers(before, after)))


def _places(before: list[Unit], after: list[Unit]) -> dict[Unit, int]:
    """
    The places that modules have, given to them in another order: what has moved, and what is new,
    comes before what follows it now. (The rest may be in an order of its own: not all is seen.)
    """
    if before == after:
        return {}
    away = moved(before, after) | {*after} - {*before}
    known = [one for one in after if one.place and not one.is_main]
    above: dict[Unit, list[Unit]] = {}
    waiting: list[Unit] = []
    for one in known:
        waiting.append(one)
        if one not in away:
            above[one], waiting = waiting, []
    stayed = sorted(above, key=lambda unit: unit.place)
    rows = [*(one for anchor in stayed for one in above[anchor]), *waiting]
    free = sorted(one.place for one in known)
    return {one: place for one, place in zip(rows, free, strict=True) if one.place != place}


def _importers(before: Start, after: Start) -> Iterator[tuple[Unit, tuple[Unit | None, int]]]:
    """Who imports a module now, if that is another one, or another line, than it was."""
    touched: set[str] = set()
    for unit, importer in after.importers.items():
        known = unit.within[-1].module if unit.within else ""
        if importer is None or (unit in before.importers and before.importer_of(unit) != known):
            continue  # it is, or was, imported in a way that nobody sees
        found = (after.importer_of(unit), after.line_of(unit))
        place = (known, unit.within[-1].line if known else 0)
        if (found != place or found[0] in touched) and (found[1] or not found[0]):
            touched.add(unit.name)
            yield unit, (importer if found[0] else None, found[1])
