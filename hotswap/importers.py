"""Which modules does a statement import, and does anybody import a module still?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from hotswap.detect import Edit
    from hotswap.graph import Graph
    from hotswap.source import Unit
    from hotswap.statements import Statement


First = dict[str, list[tuple[int, "Unit"]]]
"""By module, the modules that it was the first to import, and in which line."""


def first_imports(units: Iterable[Unit]) -> First:
    """What is known of that."""
    found: First = {}
    for unit in units:
        for site in unit.within[-1:]:
            found.setdefault(site.module, []).append((site.line, unit))
    return found


class Importers:
    """
    The imports of a start as it was, and as it would be now.

    Args:
        heard: By module and index, what statements imported that have executed since.
        first: Of a start as it was.
    """

    def __init__(
        self,
        graph: Graph,
        edits: Mapping[str, Edit],
        heard: Mapping[tuple[str, int], Collection[str]],
        first: First,
    ) -> None:
        self._graph, self._edits, self._heard, self._first = graph, edits, heard, first

    def then(self, unit: Unit, statement: Statement) -> Iterator[Unit]:
        """What a statement imported when the modules were imported, as far as it is known."""
        yield from self._graph.imports_of(unit, statement)
        yield from self.first_by(unit, statement)

    def now(self, unit: Unit, statement: Statement) -> Iterator[Unit]:
        """What it imports in a fresh start."""
        heard = self._heard.get((unit.name, statement.index))
        if heard is None:
            as_before = not self._is_edited(unit, statement)
            ways = self.then if as_before else self._graph.imports_of
            yield from ways(unit, statement)
            return
        yield from (self._graph.units[name] for name in heard if name in self._graph.units)
        yield from self._asked(unit, statement)

    def _is_edited(self, unit: Unit, statement: Statement) -> bool:
        edit = self._edits.get(unit.name)
        if edit is None or edit.alignment is None:
            return False
        known = statement.index in edit.alignment.counterpart
        return not known or statement.index in edit.alignment.changed

    def first_by(self, unit: Unit, statement: Statement) -> Iterator[Unit]:
        """The modules that it was the first to import."""
        for line, other in self._first.get(unit.name, ()):
            if statement.first <= line <= statement.last:
                yield other

    def otherwise(self, unit: Unit, statement: Statement) -> bool:
        """Whether it imports what somebody below had imported first, or what it had no longer."""
        if (unit.name, statement.index) not in self._heard:
            return False
        now, first = set(self.now(unit, statement)), set(self.first_by(unit, statement))
        place = (unit.name, statement.first)
        early = (other for other in now - first if other is not unit)
        return not first <= now or any(
            not self._graph.precedes((other.name, 1), place) for other in early
        )

    def any_of(self, other: Unit) -> bool:
        """Whether anybody imports a module when a fresh start does."""
        return any(
            self._calls_importer(unit, other)
            or any(self._imports(unit, statement, other) for statement in self._statements(unit))
            for unit in self._graph.importers(other.name)
        )

    def _statements(self, unit: Unit) -> Iterable[Statement]:
        statements = self._graph.outline(unit).statements
        return (one for one in statements if not (one.inert or one.is_guard))

    def _asked(self, unit: Unit, statement: Statement) -> Iterator[Unit]:
        lines = (unit.name, statement.first, statement.last)
        names = self._graph.calls.asked_on_behalf_of(*lines)
        yield from (self._graph.units[name] for name in names if name in self._graph.units)

    def _imports(self, unit: Unit, statement: Statement, other: Unit) -> bool:
        if (unit.name, statement.index) in self._heard:
            return other in self.now(unit, statement)
        if other in self._asked(unit, statement):
            return True
        named = other.name in self._graph.looks(unit, statement.reads).modules
        return named and not (statement.is_compound and self._was_left_out(unit, statement))

    @staticmethod
    def _was_left_out(unit: Unit, statement: Statement) -> bool:
        """Whether nothing that a block would import is there, as by `if False:`."""
        names = {one.bound for one in statement.reads.imports}
        return bool(names) and "" not in names and names.isdisjoint(unit.namespace)

    def _calls_importer(self, unit: Unit, other: Unit) -> bool:
        """Whether a function of a module ran for somebody, and imported another one."""
        graph = self._graph
        for code in graph.calls.importing_in(unit.path):
            if other.name in graph.looks(unit, graph.function_reads(code)).modules:
                for site in graph.calls.of(code):
                    owner = graph.units.get(site.module)
                    found = graph.outline(owner).at(site.line) if owner is not None else None
                    heard = self._heard.get((site.module, found.index)) if found else ()
                    if heard is None or other.name in heard:
                        return True
        return False
