"""Whom does a change wake?"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType
from typing import TYPE_CHECKING

from hotswap.kin import HEIRS
from hotswap.lookers import MEMBERS, Lookers
from hotswap.lookups import Key
from hotswap.readers import ALL_NAMES, Readers
from hotswap.sight import Sight
from hotswap.steps import Change, Outcome

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from hotswap.graph import Graph
    from hotswap.marks import Marks
    from hotswap.running import Site
    from hotswap.source import Unit
    from hotswap.statements import Statement
    from hotswap.waiting import Module


class Wakes:
    """
    Carries each change to those who have to execute because of it.

    Args:
        locate: Site → line in the new source of its module; 0 if it is gone.
    """

    def __init__(
        self, graph: Graph, readers: Readers, marks: Marks, locate: Callable[[Site], int]
    ) -> None:
        self._graph, self._readers, self._marks, self._locate = graph, readers, marks, locate
        self.lookers = Lookers(graph)
        self._counted = -1
        self.in_place: set[Key] = set()
        """Names whose object changed itself: who read it before has the right object."""

    def changed(self, key: Key, change: Change, after: int | None = -1) -> None:
        """
        Wake everything that read a name while it was imported.

        Args:
            after: The statement that bound it: of its own module, what follows is woken.
                None: no statement of its own module reads it, functions may.
        """
        reason = f"{key.name} of {key.module} changed"
        if len(self._graph.units) != self._counted:
            self._counted = len(self._graph.units)
            self._graph.renew()
        for unit in self._readers.modules(key):
            if unit.name == key.module and after is not None:
                continue  # what stands below is marked beneath
            if change is not Change.BODY or not unit.tracked:
                self._marks.module(unit).keys.setdefault(key, (change, reason))
        if change is Change.VALUE:
            self._wake_callers(key, reason, -1 if after is None else after)
        owner = self._graph.units.get(key.module)
        if owner is not None and after is not None:
            self._wake_askers(key, change, reason, after)
            stays = change is not Change.VALUE or key in self.in_place
            self._marks.mark_below(owner, key, change, reason, after, stays=stays)

    def told(self, module: Module, statement: Statement, outcome: Outcome) -> None:
        """Wake those whom it concerns that a statement has executed."""
        why = f"{module.unit.name}:{statement.first} was executed"
        self.in_place |= outcome.others.keys()
        self.in_place |= {Key(module.unit.name, name) for name in outcome.in_place}
        module.anew |= outcome.names.keys() - outcome.in_place
        for name, change in outcome.names.items():
            self.changed(Key(module.unit.name, name), change, after=statement.index)
        for key, change in outcome.others.items():
            mine = key.module == module.unit.name
            self.changed(key, change, after=statement.index if mine else -1)
        for one in outcome.filled - {(module.unit.name, name) for name in statement.binds}:
            self.filled(Key(*one), module.unit, statement)
        for code in outcome.codes:
            self.callers(code, why, by=statement)
        self._looked_otherwise(outcome, statement)
        if statement.is_class and Change.VALUE in outcome.names.values():
            self.derived(module.unit, statement)

    def call_again(self, key: Key) -> None:
        """
        Wake what called a function that answered from memory, so that nobody saw on whose
        behalf it would have run.
        """
        reason = f"{key.name} of {key.module} remembered something else"
        self._graph.renew()
        for unit in [*self._readers.modules(key), self._graph.units[key.module]]:
            module = self._marks.module(unit)
            for statement in self._readers.within(unit, key, Change.BODY):
                if statement.index not in module.done and statement.reads.calls:
                    self._marks.mark(module, statement, "repeated", reason)

    def read_again(self, cls: type, name: str) -> None:
        """Wake what read an attribute that instances of a class remembered."""
        for unit, statement in list(self.lookers.of(frozenset({name}), Sight.of(cls))):
            module = self._marks.module(unit)
            if statement.index not in module.done and not statement.is_definition:
                reason = f"it read {cls.__qualname__}.{name}"
                self._marks.mark(module, statement, "repeated", reason)

    def _wake_callers(self, key: Key, reason: str, after: int) -> None:
        """Wake the lines that call functions which read a name."""
        if suspects := self._readers.suspects.get(key):
            aliases = self._graph.aliases(key.module)
            for unit in suspects:
                self._wake_callers_in(unit, key, reason, aliases, -1)
        owner = self._graph.units.get(key.module)
        if owner is not None:
            self._wake_callers_in(owner, key, reason, ALL_NAMES, after)

    def _wake_callers_in(
        self, unit: Unit, key: Key, reason: str, ways: AbstractSet[str], after: int
    ) -> None:
        """
        Args:
            ways: Names by which a function may come to this one without saying it.
        """
        for call in self._graph.calls.in_file(unit.path):
            names = call.code.co_names
            if key.name in names or not ways.isdisjoint(names):
                reads = self._graph.function_reads(call.code)
                if self._graph.reads_key(unit, reads, key):
                    self._wake(call.sites, reason, key, after)

    def _wake_askers(self, key: Key, change: Change, reason: str, after: int) -> None:
        """Who imported the module by a string may take any name from it, by a string, too."""
        for site in self._graph.calls.askers(key.module) if change is Change.VALUE else ():
            codes = self._graph.calls.on_behalf_of(site)
            unit, line = self._graph.units.get(site.module), self._locate(site)
            statement = self._graph.outline(unit).at(line) if unit is not None and line else None
            codes += [] if statement is None else [statement.code]
            if any(self._graph.may_take(code, key.name) for code in codes):
                self._wake({site}, reason, key, after)

    def filled(self, key: Key, unit: Unit, by: Statement | None) -> None:
        """
        Wake what looked at a container after a definition had been entered there, or is no
        longer: `NAMES = sorted(REGISTRY)`.

        Args:
            by: What entered it; None: what did is gone.
        """
        place = (unit.name, by.first if by is not None else sys.maxsize)
        for one in self._aliases(key):
            self._filled(one, place)

    def _aliases(self, key: Key) -> set[Key]:
        """The names by which modules have what another one has under this name."""
        owner = self._graph.units.get(key.module)
        if owner is None:
            return {key}
        source, name = self._graph.origin(owner, key.name)
        origin = Key(source.name, name)
        readers = self._graph.readers(origin)
        takers = [(one, self._names_of(one, origin) or {name}) for one in readers]
        return {key, origin, *(Key(one.name, name) for one, names in takers for name in names)}

    def _filled(self, key: Key, place: tuple[str, int]) -> None:
        owner = self._graph.units.get(key.module)
        reason = f"{key.name} of {key.module} has other entries"
        for call in self.lookers.inside(owner.namespace.get(key.name)) if owner is not None else ():
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

    def _wake_askers_of(self, sites: set[Site], reason: str, place: tuple[str, int]) -> None:
        for site in sites:
            unit, line = self._graph.units.get(site.module), self._locate(site) if site.line else 0
            statement = self._graph.outline(unit).at(line) if unit is not None and line else None
            if unit is None or statement is None or statement.effects:
                continue
            if not (statement.is_import or statement.is_definition):
                self._wake_later(unit, statement, reason, place)

    def _wake_later(
        self, unit: Unit, statement: Statement, reason: str, place: tuple[str, int]
    ) -> None:
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

    def callers(self, code: CodeType, reason: str, by: Statement | None = None) -> None:
        """Wake what called a function; the statement that made it has called this one."""
        self._wake(self._graph.calls.of(code), reason, by=by)

    def _wake(
        self,
        sites: set[Site],
        reason: str,
        key: Key | None = None,
        after: int = -1,
        by: Statement | None = None,
    ) -> None:
        for site in sites:
            unit = self._graph.units.get(site.module)
            line = self._locate(site) if site.line else 0
            if unit is None or not line:
                continue
            statement = self._graph.outline(unit).at(line)
            module = self._marks.module(unit)
            if statement is None or statement is by:
                continue
            if key in self.in_place and statement.index in module.done:
                continue
            if key is None or site.module != key.module or statement.index > after:
                self._marks.mark(module, statement, "repeated", reason)

    def looked_at(
        self,
        words: frozenset[str],
        sight: Sight,
        title: str,
        by: Statement | None = None,
    ) -> None:
        """Wake what looked at a function or class, otherwise than by calling it."""
        for unit, statement in list(self.lookers.of(words, sight)):
            if statement is not by:
                reason = f"it looked at {title}"
                self._marks.mark(self._marks.module(unit), statement, "repeated", reason)

    def _looked_otherwise(self, outcome: Outcome, by: Statement) -> None:
        """Wake what looked at something that a statement has changed."""
        for one in outcome.shown:
            self.looked_at(MEMBERS, Sight.of(one), one.__qualname__, by)
        for one, name in outcome.taken:
            title = f"{one.__qualname__}.{name}"
            self.looked_at(frozenset({name}), Sight.of(one), title, by)

    def settle_keys(self, module: Module) -> None:
        """Mark the statements of a module for which it was woken."""
        keys, module.keys = module.keys, {}
        for key, (change, reason) in keys.items():
            for statement in self._readers.within(module.unit, key, change):
                if key not in self.in_place or statement.index not in module.done:
                    self._marks.mark(module, statement, "repeated", reason)
