"""
What has to be done for a set of edits, in which order, and why?

`Wave` decides statement by statement and is told what each one changed; it is driven twice:
by `ahead`, which supposes that each statement changes all it binds, and by `apply`, which
executes. Nothing here acts.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from types import FunctionType
from typing import TYPE_CHECKING, Any

from hotswap import cycles, newcomers, notyet, overrides
from hotswap.graph import Graph
from hotswap.lookups import Key
from hotswap.marks import Marks
from hotswap.purges import Purges
from hotswap.readers import Readers
from hotswap.sequence import Sequence
from hotswap.starts import Starts
from hotswap.steps import Outcome, Step, Steps
from hotswap.syntax import definitions
from hotswap.values import is_a
from hotswap.wakes import Wakes

if TYPE_CHECKING:
    from hotswap.detect import Edit
    from hotswap.fresh import Places
    from hotswap.running import Site
    from hotswap.source import Unit
    from hotswap.statements import Statement
    from hotswap.waiting import Module


class Wave:
    """
    The reload going through dependents.

    Args:
        graph: The modules as they will be after the edits.
        edits: What changed, by module.
        whole: Modules of which every statement has to execute.
        gone: Modules whose file is gone.
        own: Object → whether the project's own code made or defines it.
        locate: Site → line in the new source of its module; 0 if it is gone.
    """

    def __init__(  # noqa: PLR0913 - what it decides on
        self,
        graph: Graph,
        edits: dict[str, Edit],
        own: Callable[[Any], bool],
        *,
        whole: Iterable[str] = (),
        gone: Iterable[Unit] = (),
        locate: Callable[[Site], int] = lambda site: site.line,
    ) -> None:
        self._graph, self._edits = graph, edits
        self._locate = locate
        self._whole, self._gone = frozenset(whole), tuple(gone)
        self._readers = Readers(graph)
        self._marks = Marks(graph, self._readers, edits, own)
        self._wakes = Wakes(graph, self._readers, self._marks, locate)
        self._starts = Starts(graph, self._marks, self._wakes, self._whole, self._gone)
        self._purges = Purges(graph, self._marks, self._wakes, self._starts, own)
        self._busy: set[str] = set()
        self._climbing: set[str] = set()
        self._sequence = Sequence(graph, edits)
        self._heard: dict[tuple[str, int], Collection[str]] = {}
        """By module and index, what statements imported as they executed."""

    def places(self) -> Places:
        """Where the modules stand by now in a fresh start, if that has changed meanwhile."""
        return self._sequence.changed(self._heard)

    def steps(self) -> Steps:
        """What to do, step by step; `send` what each step changed."""
        self._check_cycles()
        count = len(self._graph.units)
        for edit in self._edits.values():
            self._starts.start(edit)
        for edit in self._edits.values():
            yield from self._purges.names(edit)
        for unit in self._gone:
            yield from self._purges.module(unit)
        yield from self.rest()
        if len(self._graph.units) > count:
            self._check_cycles()  # with what was imported for the first time
        executed = [one.unit for one in self._marks.modules.values() if one.done]
        self._sequence.check(self._marks.order, executed, self._heard)

    def _check_cycles(self) -> None:
        for edit in self._edits.values():
            cycles.check(self._graph, edit, self._edits)

    def rest(self) -> Steps:
        """What has been woken meanwhile."""
        while (module := self._marks.next()) is not None:
            if module.unit.name not in self._edits:
                yield from self._edited_first()
            yield from self._process(module)

    def _edited_first(self) -> Steps:
        """Who was not edited may get hold, by a string, of what was: unless that waits itself."""
        for name in self._edits:
            module = self._marks.modules.get(name)
            if module is not None and module.waits and not self._marks.waits_for_another(module):
                yield from self._process(module)

    def call_again(self, key: Key) -> None:
        """Wake what called a function that answered from memory."""
        self._wakes.call_again(key)

    def read_again(self, cls: type, name: str) -> None:
        """Wake what read a `cached_property`, so that others were not seen to compute it."""
        self._wakes.read_again(cls, name)

    def _process(self, module: Module, until: int = sys.maxsize) -> Steps:
        """
        A module's statements, in source order.

        Args:
            until: Only those above this line: there a module of the same cycle was imported.
        """
        unit = module.unit
        self._busy.add(unit.name)
        while module.waits:
            if module.keys and not module.later and (yield from self._rebinds_only(module)):
                continue
            self._busy.discard(unit.name)
            yield from self._importers_first(unit)
            self._busy.add(unit.name)
            self._wakes.settle_keys(module)
            todo = sorted(module.marks.keys() - module.done)
            if not todo:
                continue
            if self._graph.outline(unit).statements[todo[0]].first >= until:
                break
            statement = self._graph.outline(unit).statements[todo[0]]
            if until < sys.maxsize and self._leads_back(unit, statement):
                break
            if (yield from self._dependencies_first(unit, statement)):
                continue
            if (yield from self._earlier_first(unit, statement)):
                continue
            yield from self._execute(module, statement)
        self._busy.discard(unit.name)

    def _leads_back(self, unit: Unit, statement: Statement) -> bool:
        """Whether it imports what is being brought up to date, and leads to it for that reason."""
        half_done = {site.module for site in unit.within}
        return any(
            one.name in self._busy - half_done and one is not unit
            for one in self._graph.imports_of(unit, statement)
        )

    def _importers_first(self, unit: Unit) -> Steps:
        """What stands above the import, in modules that were half done when `unit` began."""
        if unit.name in self._climbing:
            return
        self._climbing.add(unit.name)
        for site in unit.within:
            other = self._marks.modules.get(site.module)
            line = self._locate(site) if site.line else 0
            if other is not None and line and other.waits and site.module not in self._busy:
                yield from self._process(other, line)
        self._climbing.discard(unit.name)

    def _dependencies_first(
        self, unit: Unit, statement: Statement
    ) -> Generator[Step, Outcome, bool]:
        """The order of imports: what a statement imports is brought up to date before it."""
        found = False
        for imported in self._needed_by(unit, statement):
            other = self._marks.modules.get(imported.name)
            if other is None or not other.waits or imported.name in self._busy:
                continue
            if not self._is_half_done(imported, unit):
                found = True
                yield from self._bring_up(other)
        return found

    def _needed_by(self, unit: Unit, statement: Statement) -> Iterator[Unit]:
        """What a statement imports, and what others import that it imports for the first time."""
        yield from self._graph.imports_of(unit, statement)
        if "import" in statement.text:
            yield from newcomers.imported_by_new(self._graph, unit, statement)

    def _is_half_done(self, unit: Unit, part: Unit) -> bool:
        """Whether a module imported another one first, and still does, in whatever line."""
        sites = [site for site in part.within if site.module == unit.name]
        if any(site.line and self._locate(site) for site in sites):
            return True
        return bool(sites) and part.name in self._graph.below(unit)

    def _earlier_first(self, unit: Unit, statement: Statement) -> Generator[Step, Outcome, bool]:
        """
        What is done in a start when a statement executes, though it does not import it: what
        lines above begin to import; and all that is earlier, if it sets something on others.
        """
        stores = any(one.kind == "store" and one.chain for one in statement.effects)
        earlier = [
            other
            for other in self._marks.modules.values()
            if other.waits
            and other.unit.name not in self._busy
            and (
                self._is_begun(other.unit, unit, statement)
                or (stores and other.unit.place < unit.place)
            )
        ]
        if earlier:
            yield from self._bring_up(min(earlier, key=lambda one: one.unit.place))
        return bool(earlier)

    def _is_begun(self, part: Unit, unit: Unit, statement: Statement) -> bool:
        """Whether a line of a module above a statement was the first to import another one."""
        sites = (site for site in part.within if site.module == unit.name)
        return any(0 < self._locate(site) < statement.first for site in sites)

    def _bring_up(self, module: Module) -> Steps:
        """A module, once all is done that it imports, also by way of others."""
        while (other := self._marks.first_below(module, self._busy)) is not None:
            yield from self._process(other)
        yield from self._process(module)

    def _execute(self, module: Module, statement: Statement) -> Steps:
        status, reason = module.marks[statement.index]
        old = self._marks.counterpart(module.unit, statement)
        rebuild = statement.binds & module.rebuilt
        overrides.check(self._graph, self._marks, module.unit, statement)
        if statement.writes_namespace and old is not None:
            yield from self._purges.written(module)
        module.done.add(statement.index)
        outcome = yield Step(
            module.unit, "execute", reason, status, statement, old, rebuild=rebuild
        )
        if not statement.is_import:
            self._mark_stores(module, statement)
        if status == "added" and not statement.is_definition:
            self._marks.came_between(module.unit, statement)
        if outcome.imported is not None:
            self._heard[module.unit.name, statement.index] = outcome.imported
        self._wakes.told(module, statement, outcome)

    def _mark_stores(self, module: Module, maker: Statement) -> None:
        """What it made, and stays the same object, has lost what lines below had given it."""
        space = module.unit.namespace
        functions = {name for name in maker.binds if is_a(space.get(name), FunctionType)}
        defined = {node.name for node in definitions(maker.nodes)} & maker.binds
        lost = functions | defined
        below = self._graph.outline(module.unit).statements[maker.index + 1 :] if lost else ()
        for statement in below:
            if any(
                one.chain and one.chain[0] in (lost if one.kind == "store" else functions - defined)
                for one in statement.effects
                if one.kind != "decorator"
            ):
                reason = f"it sets what {maker.title} has lost"
                self._marks.mark(module, statement, "repeated", reason)

    def _rebinds_only(self, module: Module) -> Generator[Step, Outcome, bool]:
        """
        Nothing but from-imports reads what changed: each is executed by its name.

        This keeps a constant that a thousand modules import from costing a thousand parses.
        """
        unit = module.unit
        if unit.name in self._edits or unit.name in self._whole:
            return False
        if any(notyet.is_bound_again(self._graph, unit, *key) for key in module.keys):
            return False
        reads = self._graph.reads(unit)
        found = self._readers.imports_alone(unit, reads, module.keys)
        if found is None:
            return False
        keys, module.keys = module.keys, {}
        for source in {key.module for key in keys}:
            other = self._marks.modules.get(source)
            if other is not None and other.waits and source not in self._busy:
                yield from self._bring_up(other)
        for bound, key in found:
            change, reason = keys[key]
            step = Step(unit, "rebind", reason, names=(bound,), source=(key.module, key.name))
            outcome = yield step
            for name in outcome.names:
                self._wakes.changed(Key(unit.name, name), change, after=None)
        return True
