"""Whom does a change wake?"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import TYPE_CHECKING, NamedTuple

from hotswap.contents import Contents
from hotswap.lookers import MEMBERS, Lookers
from hotswap.lookups import Key
from hotswap.readers import ALL_NAMES, Readers
from hotswap.sight import Methods, Sight
from hotswap.steps import Change, Outcome

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from hotswap.entries import Place
    from hotswap.graph import Graph
    from hotswap.marks import Marks
    from hotswap.running import Site
    from hotswap.source import Unit
    from hotswap.statements import Statement
    from hotswap.waiting import Module


class Cause(NamedTuple):
    """Why statements are woken, and which of them are not."""

    reason: str
    key: Key | None = None
    """The name that has changed."""
    after: int = -1
    """What bound it: in its own module, what stands above, and itself, is not concerned."""
    place: Place | None = None
    """What has set it in another module: so is not what executes before, wherever."""


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
        self.contents = Contents(graph, readers, marks, self.lookers, locate)
        self._counted = -1
        self._otherwise: dict[int, tuple[type, frozenset[str]]] = {}
        """By id, classes whose attributes are others, which nobody was told of yet."""
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
        for unit in self._modules(key):
            if unit.name == key.module and after is not None:
                continue  # what stands below is marked beneath
            if change is not Change.BODY or not unit.tracked:
                self._marks.module(unit).keys.setdefault(key, (change, reason))
        cause = Cause(reason, key, -1 if after is None else after)
        if change is Change.VALUE:
            self._wake_callers(key, cause)
        owner = self._graph.units.get(key.module)
        if owner is not None and after is not None:
            self._wake_askers(key, change, cause)
            stays = change is not Change.VALUE or key in self.in_place
            self._marks.mark_below(owner, key, change, reason, after, stays=stays)

    def stored(self, key: Key, place: Place) -> None:
        """
        Wake what reads a name that a statement has set something on.

        Args:
            place: Where that stands: what executes before it in a fresh start never saw it.
        """
        reason = f"{key.name} of {key.module} was set at {place[0]}:{place[1]}"
        owner = self._graph.units.get(key.module)
        for unit in {*self._modules(key), *([] if owner is None else [owner])}:
            self._marks.module(unit).later.setdefault((key, place), (Change.VALUE, reason))
        self._wake_callers(key, Cause(reason, key, place=place))

    def _modules(self, key: Key) -> list[Unit]:
        """The other modules that read a name."""
        if len(self._graph.units) != self._counted:
            self._counted = len(self._graph.units)
            self._graph.renew()
        return self._readers.modules(key)

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
        self._tell_of_stores(outcome.stored, (module.unit.name, statement.first))
        for one in outcome.filled - {(module.unit.name, name) for name in statement.binds}:
            self.contents.filled(Key(*one), module.unit, statement)
        for code in outcome.codes:
            self.callers(code, why, by=statement)
        self._looked_otherwise(outcome, statement)
        if statement.is_class and Change.VALUE in outcome.names.values():
            self.contents.derived(module.unit, statement)

    def _tell_of_stores(self, stored: dict[Key, bool], place: Place) -> None:
        for key, another in stored.items():
            names = {key} if another else self.contents.aliases(key)
            self.in_place |= set() if another else names
            for one in names:
                self.stored(one, place)

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

    def _wake_callers(self, key: Key, cause: Cause) -> None:
        """Wake the lines that call functions which read a name."""
        if suspects := self._readers.suspects.get(key):
            aliases = self._graph.aliases(key.module)
            for unit in suspects:
                self._wake_callers_in(unit, key, aliases, cause)
        owner = self._graph.units.get(key.module)
        if owner is not None:
            self._wake_callers_in(owner, key, ALL_NAMES, cause)

    def _wake_callers_in(self, unit: Unit, key: Key, ways: AbstractSet[str], cause: Cause) -> None:
        """
        Args:
            ways: Names by which a function may come to this one without saying it.
        """
        for call in self._graph.calls.in_file(unit.path):
            names = call.code.co_names
            if key.name in names or not ways.isdisjoint(names):
                reads = self._graph.function_reads(call.code)
                if self._graph.reads_key(unit, reads, key):
                    self._wake(call.sites, cause)

    def _wake_askers(self, key: Key, change: Change, cause: Cause) -> None:
        """Who imported the module by a string may take any name from it, by a string, too."""
        for site in self._graph.calls.askers(key.module) if change is Change.VALUE else ():
            codes = self._graph.calls.on_behalf_of(site)
            unit, line = self._graph.units.get(site.module), self._locate(site)
            statement = self._graph.outline(unit).at(line) if unit is not None and line else None
            codes += [] if statement is None else [statement.code]
            if any(self._graph.may_take(code, key.name) for code in codes):
                self._wake({site}, cause)

    def callers(self, code: CodeType, reason: str, by: Statement | None = None) -> None:
        """Wake what called a function; the statement that made it has called this one."""
        self._wake(self._graph.calls.of(code), Cause(reason), by=by)

    def _wake(self, sites: set[Site], cause: Cause, by: Statement | None = None) -> None:
        for site in sites:
            unit = self._graph.units.get(site.module)
            line = self._locate(site) if site.line else 0
            if unit is None or not line:
                continue
            statement = self._graph.outline(unit).at(line)
            module = self._marks.module(unit)
            if statement is None or statement is by:
                continue
            if cause.key in self.in_place and statement.index in module.done:
                continue
            if self._comes_after(cause, unit, statement):
                self._marks.mark(module, statement, "repeated", cause.reason)

    def _comes_after(self, cause: Cause, unit: Unit, statement: Statement) -> bool:
        """Whether a statement executes after what has bound or set a name."""
        if cause.place is not None:
            return not self._is_above(unit, statement, cause.place)
        mine = cause.key is not None and cause.key.module == unit.name
        return not mine or statement.index > cause.after

    def _is_above(self, unit: Unit, statement: Statement, place: Place) -> bool:
        at = (unit.name, statement.first)
        return at == place or self._graph.precedes(at, place)

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
        methods: Methods = {}
        for one in outcome.shown:
            self.looked_at(MEMBERS, Sight.of(one, methods), one.__qualname__, by)
        self._otherwise |= {id(one): (one, names) for one, names in outcome.otherwise}
        for key in outcome.entered & self._otherwise.keys():
            self._look_inside(*self._otherwise.pop(key), by)
        for one, name in outcome.taken:
            title = f"{one.__qualname__}.{name}"
            self.looked_at(frozenset({name}), Sight.of(one, methods), title, by)

    def _look_inside(self, cls: type, names: frozenset[str], by: Statement) -> None:
        """Wake what looked at attributes of a class that it had found in a container."""
        for unit, statement in list(self.lookers.of(names, Sight.of(cls))):
            done = statement.index in self._marks.module(unit).done
            if not (done or statement is by or statement.is_definition):
                reason = f"it looked at {cls.__qualname__}"
                self._marks.mark(self._marks.module(unit), statement, "repeated", reason)

    def settle_keys(self, module: Module) -> None:
        """Mark the statements of a module for which it was woken."""
        unit, keys, later = module.unit, module.keys, module.later
        module.keys, module.later = {}, {}
        for key, (change, reason) in keys.items():
            for statement in self._readers.within(unit, key, change):
                if key not in self.in_place or statement.index not in module.done:
                    self._marks.mark(module, statement, "repeated", reason)
        for (key, place), (change, reason) in later.items():
            for statement in self._readers.within(unit, key, change):
                seen = key in self.in_place and statement.index in module.done
                if not (seen or self._is_above(unit, statement, place)):
                    self._marks.mark(module, statement, "repeated", reason)
