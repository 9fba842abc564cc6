"""What is known of each module in this reload, what is left to do there, and which comes next?"""

from __future__ import annotations

import heapq
from collections.abc import Container
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hotswap.entries import Place
    from hotswap.graph import Graph
    from hotswap.lookups import Key
    from hotswap.source import Unit
    from hotswap.steps import Change


@dataclass(eq=False)
class Module:
    """What is known of one module in this reload."""

    unit: Unit
    keys: dict[Key, tuple[Change, str]] = field(default_factory=dict)
    """Names that it reads and that have changed, with how and why."""
    later: dict[tuple[Key, Place], tuple[Change, str]] = field(default_factory=dict)
    """The same of what a statement has set on another module: for what executes after that."""
    marks: dict[int, tuple[str, str]] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    again: set[int] = field(default_factory=set)
    rebuilt: set[str] = field(default_factory=set)
    written: bool = False
    """Names that were bound through the namespace itself were taken out."""
    anew: set[str] = field(default_factory=set)
    """Names that hold another object than before."""
    queued: bool = False

    @property
    def waits(self) -> bool:
        """Whether there is something left to do."""
        return bool(self.keys or self.later) or not self.marks.keys() <= self.done


class Queue:
    """The modules that wait."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.modules: dict[str, Module] = {}
        self._woken: list[tuple[int, str]] = []
        """A heap: modules that wait, in the order in which a fresh start would import them."""
        self._awaited: dict[Unit, Module] = {}
        """One that a module was found to wait for."""

    def next(self) -> Module | None:
        """The module that comes first of those that wait."""
        if not self._woken:
            return None
        _, name = heapq.heappop(self._woken)
        module = self.modules[name]
        module.queued = False
        return module

    def module(self, unit: Unit) -> Module:
        """The books of a module, which waits from now on."""
        found = self.modules.get(unit.name)
        if found is None:
            found = self.modules[unit.name] = Module(unit)
        if not found.queued:
            found.queued = True
            heapq.heappush(self._woken, (unit.place, unit.name))
        return found

    def waits_for_another(self, module: Module) -> bool:
        """Whether a module that this one imports, directly or by way of others, waits as well."""
        another = self._awaited.get(module.unit)
        if another is not None and another.waits:
            return True
        for name in self._graph.below(module.unit):
            another = self.modules.get(name)
            if another is not None and another is not module and another.waits:
                self._awaited[module.unit] = another
                return True
        return False

    def first_below(self, module: Module, busy: Container[str]) -> Module | None:
        """The first of the modules that wait, and that this one imports, in no cycle with it."""
        unit = module.unit
        above = [one for one in self.modules.values() if one.unit.place < unit.place and one.waits]
        names = self._graph.below(unit) if above else set()
        found = [
            one
            for one in above
            if one.unit.name in names
            and one.unit.name not in busy
            and unit.name not in self._graph.below(one.unit)
        ]
        return min(found, key=lambda one: one.unit.place, default=None)
