"""Would a fresh start get through an import cycle? Imports are played through, nothing runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotswap.effects import WouldFail

if TYPE_CHECKING:
    from hotswap.graph import Graph
    from hotswap.source import Unit
    from hotswap.statements import Statement


def check(graph: Graph, edited: Unit) -> None:
    """
    Play the imports of the cycles that a module is in, as a new process would run them.

    Raises:
        WouldFail: A `from` import would ask a half-done module for a name that it has not yet.
    """
    graph.renew()
    cycle = _reached(graph, edited) & graph.dependents({edited.name})
    if not cycle:
        return
    cycle.add(edited.name)
    units = sorted((graph.units[name] for name in cycle), key=lambda unit: unit.order)
    play = _Play(graph, cycle | {site.module for unit in units for site in unit.within})
    for unit in units:
        play.load(unit.within[0].module if unit.within else unit.name)


def _reached(graph: Graph, unit: Unit) -> set[str]:
    found: set[str] = set()
    todo = [unit.name]
    while todo:
        new = graph.dependencies(graph.units[todo.pop()]) & graph.units.keys()
        todo += new - found
        found |= new
    return found


class _Play:
    def __init__(self, graph: Graph, names: set[str]) -> None:
        self._graph, self._names = graph, names
        self._bound: dict[str, set[str]] = {}
        self._done: set[str] = set()

    def load(self, name: str) -> None:
        """Import a module, unless it is imported or about to be."""
        unit = self._graph.units.get(name)
        if unit is None or name not in self._names or name in self._bound:
            return
        bound = self._bound[name] = set()
        for statement in self._graph.outline(unit).statements:
            if not statement.inert and not statement.is_guard:
                self._run(unit, statement)
                bound |= statement.binds
                bound |= self._graph.offered(unit, statement.reads).keys()
        self._done.add(name)

    def _run(self, unit: Unit, statement: Statement) -> None:
        for other in self._graph.imported(unit, statement.reads):
            self.load(other.name)
        if statement.is_compound:
            return  # it may expect the failure
        for imported in statement.reads.imports:
            target = self._graph.target(unit, imported)
            half_done = target in self._bound and target not in self._done
            if not half_done or not imported.name or imported.name == "*":
                continue
            is_module = f"{target}.{imported.name}" in self._graph.units
            if imported.name not in self._bound[target] and not is_module:
                place = (statement.path, statement.first)
                message = f"cannot import name {imported.name!r} from {target!r}"
                raise WouldFail(f"ImportError: {message} (import cycle)", place)
