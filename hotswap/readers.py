"""Which modules and statements read a name that changed, in a way that makes them execute?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hotswap.steps import Change
from hotswap.texts import ASKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotswap.bytecode import Reads
    from hotswap.graph import Graph
    from hotswap.lookups import Key
    from hotswap.outlines import Outline
    from hotswap.source import Unit
    from hotswap.statements import Statement

ALL_NAMES = frozenset({"globals", "vars", "dir", "locals", "modules", "eval", "exec"})
"""Ways to a namespace as a whole."""
_LOOKING = ASKING | {"isinstance", "issubclass"}
"""Ways to look at which methods there are; those of a protocol make what is its instance."""


class Readers:
    """Those who look up a name, asked of the graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.suspects: dict[Key, set[Unit]] = {}
        """By name that changed, the modules that may read it otherwise than by importing it."""

    def modules(self, key: Key) -> list[Unit]:
        """The other modules that read a name while they were imported."""
        if self._graph.is_read_by_nobody(key):
            return []
        suspects = self._graph.suspects(key)
        self.suspects[key] = set(suspects)
        return self._graph.readers(key) + [
            unit
            for unit in suspects
            if unit.name != key.module and self._reads_attribute(unit, key)
        ]

    def _reads_attribute(self, unit: Unit, key: Key) -> bool:
        return self._graph.reads_attribute(unit, self._graph.reads(unit), key)

    def below(self, unit: Unit, key: Key, change: Change, after: int) -> list[Statement]:
        """
        The statements below one that binds a name which read what it bound; also a block that
        may bind it again, or may not: nobody knows whose value the name held.
        """
        outline = self._graph.outline(unit)
        end = self._bound_again(outline, key.name, after)
        return [
            statement
            for statement in self._mentioning(unit, key)
            if after < statement.index < end
            and (
                self._reads(unit, statement, key, change)
                or (
                    change is Change.VALUE
                    and statement.is_compound
                    and key.name in statement.binds
                    and after >= 0
                )
            )
        ]

    def within(self, unit: Unit, key: Key, change: Change) -> Iterator[Statement]:
        """The statements of a module that read a name in a way that this change matters to."""
        for statement in self._mentioning(unit, key):
            if self._reads(unit, statement, key, change):
                yield statement

    def _mentioning(self, unit: Unit, key: Key) -> list[Statement]:
        """Those in which the name stands, or a way to come to it without saying it."""
        ways = ALL_NAMES if unit.name == key.module else self._graph.aliases(key.module)
        return self._graph.outline(unit).mentioning({key.name, *ways})

    def _reads(self, unit: Unit, statement: Statement, key: Key, change: Change) -> bool:
        if statement.is_guard or statement.inert:
            return False
        if change is Change.METHODS and not (
            statement.is_class
            or statement.is_import
            or key.name in statement.binds
            or not _LOOKING.isdisjoint(statement.reads.names)
        ):
            return False
        if change is Change.SHOWN and not (
            statement.is_import or (statement.is_definition and statement.decorated)
        ):
            return False
        if change is Change.BODY and not (statement.reads.calls or statement.is_import):
            return False
        return self._graph.reads_key(unit, statement.reads, key)

    @staticmethod
    def _bound_again(outline: Outline, name: str, after: int) -> int:
        """Where a later statement gives the name another value; what follows reads that."""
        if name in outline.rebinds:
            for index in outline.binders(name):
                if index > after >= 0:
                    return index + 1
        return len(outline.statements)

    def imports_alone(
        self, unit: Unit, reads: Reads, keys: dict[Key, Any]
    ) -> list[tuple[str, Key]] | None:
        """What from-imports bind, if nothing else of a module reads these names; else None."""
        looks, found = self._graph.looks(unit, reads), []
        for key in keys:
            if key not in looks.bound or (key.module, "*") in looks.bound:
                return None
            if unit in self.suspects[key] and self._graph.reads_attribute(unit, reads, key):
                return None
            for imported in looks.bound[key]:
                bound = imported.bound
                if bound in reads.names or bound in reads.rebinds or reads.namespace:
                    return None
                if bound not in unit.namespace:
                    return None  # under `if TYPE_CHECKING:`, or it had failed
                found.append((bound, key))
        return found
