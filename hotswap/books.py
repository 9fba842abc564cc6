"""What does one transaction know? Its books, which all who carry it out share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hotswap import belongings, births
from hotswap.acted import Acted
from hotswap.below import Below
from hotswap.hashes import Hashes
from hotswap.journal import Journal
from hotswap.relics import Relics
from hotswap.rites import Rites
from hotswap.stars import Stars

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType

    from hotswap.caches import Caches
    from hotswap.gone import Gone
    from hotswap.graph import Graph
    from hotswap.lineage import Lineage
    from hotswap.lookups import Key
    from hotswap.source import Unit
    from hotswap.steps import Change
    from hotswap.tracking import Tracker


@dataclass(eq=False)
class Done:
    """What a transaction did."""

    swapped: list[str] = field(default_factory=list)
    """Modules whose functions got new code."""
    executed: dict[str, None] = field(default_factory=dict)
    """Modules of which something executed or was bound anew, in that order."""
    notes: list[object] = field(default_factory=list)
    """Told as strings once calls start again."""
    names: list[str] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    """Modules that depend on those that changed."""
    bound: set[Key] = field(default_factory=set)
    """Names that statements bound as they executed."""
    kept: list[str] = field(default_factory=list)
    """Of those, the ones that keep another value."""


@dataclass(frozen=True)
class Memory:
    """What one transaction leaves to the next."""

    lineage: Lineage
    gone: Gone
    caches: Caches


class Books:
    """
    What a transaction knows.

    Args:
        own: Object → whether the project's own code made or defines it.
    """

    def __init__(
        self,
        tracker: Tracker,
        graph: Graph,
        memory: Memory,
        own: Callable[[Any], bool],
    ) -> None:
        self.tracker, self.graph, self.own = tracker, graph, own
        self.lineage, self.caches = memory.lineage, memory.caches
        self.journal = Journal()
        self.births = births.Births(memory.lineage, self.journal, memory.gone)
        self.rites = Rites(self.journal)
        self.hashes = Hashes()
        self.degrees: dict[int, Change] = {}
        """By id, objects that stayed the same but changed."""
        self.before: dict[str, dict[str, Any]] = {}
        """Namespaces as they were; of a module that only binds imports anew, those names."""
        self.former: dict[int, CodeType] = {}
        """By id, code of functions that do something else by now → what it was."""
        self.bound: set[tuple[str, str]] = set()
        """Names that statements of this transaction bound, by module."""
        self.acted = Acted(graph, self.before)
        self.relics = Relics(graph, own)
        self.set_before: dict[tuple[int, str], Any] = {}
        """By id and name, the attributes that the present statement sets, as they were."""
        self.environment: dict[bytes, bytes] = {}
        """That of the process, before the present statement."""
        self.moment = 0
        """When the present statement began, among the imports that were completed."""
        self._kept: set[str] = set()
        self._kept_whole: set[str] = set()
        self.below = Below(graph)
        self.stars = Stars(graph, self.below, self.before, self.degrees)
        self.done = Done()

    def keep_belongings(self, units: Iterable[Unit]) -> None:
        """What the objects of modules have comes back if the transaction fails."""
        for unit in units:
            if unit.name not in self._kept_whole:
                self._kept_whole.add(unit.name)
                belongings.keep(unit, self.own, self.journal)

    def keep(self, unit: Unit) -> None:
        """A module's names come back if the transaction fails."""
        if unit.name not in self._kept:
            self._kept.add(unit.name)
            self.before[unit.name] = {**unit.namespace, **self.before.get(unit.name, {})}
            self.journal.keep_dict(unit.namespace)
