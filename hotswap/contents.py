"""Whom does it concern what is in a container, or which classes are derived from one?"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from hotswap.kin import HEIRS
from hotswap.lookups import Key

if TYPE_CHECKING:
    from hotswap.entries import Place
    from hotswap.graph import Graph
    from hotswap.lookers import Lookers
    from hotswap.marks import Marks
    from hotswap.readers import Readers
    from hotswap.running import Site
    from hotswap.source import Unit
    from hotswap.statements import Statement


class Contents:
    """
    Carries what was entered, or is no longer, to those who have looked.

    Args:
        locate: Site → line in the new source of its module; 0 if it is gone.
    """

    def __init__(
        self,
        graph: Graph,
        readers: Readers,
        marks: Marks,
        lookers: Lookers,
        locate: Callable[[Site], int],
    ) -> None:
        self._graph, self._readers, self._marks = graph, readers, marks
        self._lookers, self._locate = lookers, locate

    def filled(self, key: Key, unit: Unit, by: Statement | None) -> None:
        """
        Wake what looked at a container after a definition had been entered there, or is no
        longer: `NAMES = sorted(REGISTRY)`.

        Args:
            by: What entered it; None: what did is gone.
        """
        place = (unit.name, by.first if by is not None else sys.maxsize)
        for one in self.aliases(key):
            self._filled(one, place)

    def aliases(self, key: Key) -> set[Key]:
        """The names by which modules have what another one has under this name."""
        owner = self._graph.units.get(key.module)
        if owner is None:
            return {key}
        source, name = self._graph.origin(owner, key.name)
        origin = Key(source.name, name)
        readers = self._graph.readers(origin)
        takers = [(one, self._names_of(one, origin) or {name}) for one in readers]
        return {key, origin, *(Key(one.name, name) for one, names in takers for name in names)}

    def _filled(self, key: Key, place: Place) -> None:
        owner = self._graph.units.get(key.module)
        reason = f"{key.name} of {key.module} has other entries"
        for call in (
            self._lookers.inside(owner.namespace.get(key.name)) if owner is not None else ()
        ):
            self._wake_askers_of(call.sites, reason, place)
        for other in {*self._readers.modules(key), *([] if owner is None else [owner])}:
            for statement in self._graph.outline(other).statements:
                if self._looks_at(other, statement, key):
                    self._wake_later(other, statement, reason, place)
            names = self._names_of(other, key)
            for call in self._graph.calls.in_file(other.path):
                if not {key.name, *names}.isdisjoint(call.code.co_names):
                    reads = self._graph.function_reads(call.code)
                    if not names.isdisjoint(reads.names) or self._graph.reads_key(
                        other, reads, key
                    ):
                        self._wake_askers_of(call.sites, reason, place)

    def _names_of(self, unit: Unit, key: Key) -> set[str]:
        """The names that a module has for one of another, or of its own."""
        bound = self._graph.looks(unit, self._graph.reads(unit)).bound.get(key, ())
        names = {imported.bound for imported in bound}
        return names | {key.name} if unit.name == key.module else names

    def derived(self, unit: Unit, by: Statement, *, gone: bool = False) -> None:
        """Wake what has gone through the classes that are derived from one: one has changed."""
        place = (unit.name, sys.maxsize if gone else by.first)
        reason = f"{by.title} is, or was, among the classes derived from one"
        for other in [one for one in self._graph.units.values() if HEIRS.encode() in one.data]:
            for statement in self._graph.outline(other).statements:
                if HEIRS in statement.text and not (statement.is_definition or statement.effects):
                    self._wake_later(other, statement, reason, place)
            for call in self._graph.calls.in_file(other.path):
                if HEIRS in call.code.co_names:
                    self._wake_askers_of(call.sites, reason, place)

    def _wake_askers_of(self, sites: set[Site], reason: str, place: Place) -> None:
        for site in sites:
            unit, line = self._graph.units.get(site.module), self._locate(site) if site.line else 0
            statement = self._graph.outline(unit).at(line) if unit is not None and line else None
            if unit is None or statement is None or statement.effects:
                continue
            if not (statement.is_import or statement.is_definition):
                self._wake_later(unit, statement, reason, place)

    def _wake_later(self, unit: Unit, statement: Statement, reason: str, place: Place) -> None:
        gone = place[1] == sys.maxsize
        earlier = self._graph.precedes((unit.name, statement.first), place)
        if (gone and unit.name == place[0]) or not earlier:
            module = self._marks.module(unit)
            if gone or statement.index not in module.done:
                self._marks.mark(module, statement, "repeated", reason)

    def _looks_at(self, unit: Unit, statement: Statement, key: Key) -> bool:
        """Whether a statement reads a container, and neither binds it nor enters anything."""
        if statement.is_definition or statement.is_import or statement.inert:
            return False
        names = self._names_of(unit, key)
        if names & statement.binds or any(key.name in one.chain for one in statement.effects):
            return False
        return not names.isdisjoint(statement.reads.names) or self._graph.reads_key(
            unit, statement.reads, key
        )
