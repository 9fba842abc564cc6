"""How does one statement execute again in its living module?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from enum import EnumMeta
from functools import partial
from typing import TYPE_CHECKING, Any

from hotswap import dotted, libraries, stored
from hotswap.below import hold
from hotswap.caches import asked_for
from hotswap.effects import NeedsRestart
from hotswap.foreseen import definitions, foresee
from hotswap.heirs import is_anothers
from hotswap.instead import Places
from hotswap.lookups import Key
from hotswap.namespaces import bound_besides, forward_written
from hotswap.newcomers import keep_from
from hotswap.reach import Reach
from hotswap.registries import Fresh, Watch, holding
from hotswap.runs import Runs, StatementFailed
from hotswap.steps import Change, Outcome, Step
from hotswap.values import MISSING, is_a
from hotswap.written import Written

if TYPE_CHECKING:
    from hotswap.books import Books
    from hotswap.settle import Settlement
    from hotswap.source import Unit
    from hotswap.statements import Statement
    from hotswap.swap import Swap


class Execution:
    """
    The statements of a wave.

    Args:
        books: Those of the transaction.
    """

    def __init__(self, books: Books, swap: Swap, settlement: Settlement) -> None:
        self._books = books
        self._tracker, self._graph, self._own = books.tracker, books.graph, books.own
        self._journal, self._births, self._rites = books.journal, books.births, books.rites
        self._below, self._stars = books.below, books.stars
        self._swap, self._settlement = swap, settlement
        self._before = books.before
        self.reach, self.places = Reach(books), Places(books.births, books.journal)
        self._runs = Runs(books, swap, self.places)
        self._settings_kept = False
        self.executing = ""
        """The module that a statement executes in, or did last."""
        self._written = Written(books)
        self._data: dict[int, int] = {}
        """By id, how long containers were that had nothing but data in them."""

    def execute(self, step: Step) -> Outcome:
        """
        Execute a statement, and put right what it had done before.

        Raises:
            NeedsRestart: That cannot be put right.
            StatementFailed: It raised.
        """
        unit, statement = step.unit, step.statement
        assert statement is not None
        self.executing = unit.name
        self._keep_settings()
        self._books.moment = self._tracker.moment()
        self._written = self._runs.written = Written(self._books)
        self._below.restore(unit, statement.index)
        if statement.is_function or statement.is_class or "lambda" in statement.text:
            self._swap.search(self._searched_with(unit), {})
        before, lent = self._formers(step, statement)
        watch = self._withdraw(step, statement)
        if step.status == "repeated":
            self._forget_results(unit, statement)
        others = self._others(step, statement)
        statement.former, self._births.held = step.old, before
        self._births.unions.begin(step, statement, self.reach.edits.values())
        try:
            self._runs.run(step, statement)
        except StatementFailed as failed:
            if watch is not None and watch.may_miss(failed.error):
                what = f"what {statement.title} looks for may have been put there by itself"
                raise NeedsRestart(what, (statement.path, statement.first)) from failed
            raise
        if statement.is_import and unit.is_main and not unit.script:
            self._leave_own(unit, statement, before)
        self._books.bound |= {(unit.name, name) for name in statement.binds}
        outcome = self._settlement.settle(step, statement, before, watch)
        statement.former, outcome.imported = None, self._runs.imported
        outcome.names |= dict.fromkeys(lent, Change.VALUE)
        outcome.in_place.difference_update(lent)
        self._rites.note(self._births.pictures.values())
        others(outcome)
        return outcome

    def _searched_with(self, unit: Unit) -> list[Unit]:
        """Of all that was edited, at once: a search takes as long for one as for many."""
        edits = self.reach.edits
        return [unit, *(one.unit for one in edits.values() if unit.name in edits and one.alignment)]

    def _formers(self, step: Step, statement: Statement) -> tuple[dict[str, Any], list[str]]:
        """
        What the statement had bound names to, and those of them that hold another object by now:
        another module has put that there.
        """
        before = {name: self._former(step, statement, name) for name in statement.binds}
        graph, unit = self._graph, step.unit
        lent = [name for name in before if is_anothers(graph, unit, statement, before[name])]
        return before | {name: self._swap.found(unit, name) for name in lent}, lent

    def _former(self, step: Step, statement: Statement, name: str) -> Any:
        """What the statement had bound a name to."""
        outline = self._graph.outline(step.unit)
        if not (statement.decorated and dotted.is_shared(outline, statement)):
            return self._below.former(step.unit, statement, name)
        why = f"several classes are called {name}, and may be entered somewhere"
        raise NeedsRestart(why, (statement.path, statement.first))

    def _forget_results(self, unit: Unit, statement: Statement) -> None:
        """It would be answered from memory."""
        if statement.reads.calls or self._graph.ran_for(unit, statement):
            self._swap.forget_results(edits=None)
        for space, name in list(asked_for(self._graph, unit, statement)):
            self._journal.del_item(space, name)

    def _withdraw(self, step: Step, statement: Statement) -> Watch | None:
        """Take out what it had entered anywhere and set, and see from now on what it does."""
        unit = step.unit
        if step.status == "added":
            return self._watch(step, statement)
        self._books.acted.note(step, statement)
        made = partial(definitions, self._books, step, statement)
        self._written.forget_by(unit, statement, made)
        watch = self._watch(step, statement)
        if watch is not None:
            foresee(watch, self._books, self._swap, step, statement)
            watch.ran_before = self.reach.ran_before(step)
            replaced = {id(old) for old, _ in self._settlement.replaced(unit, statement)}
            watch.withdraw(made() | replaced, self._data)
        stored.take_out(unit, statement, self._own, self._journal)
        return watch

    def _others(self, step: Step, statement: Statement) -> Callable[[Outcome], None]:
        """What it will have changed of the names that are not seen in it."""
        stars = self._stars.names_before(step, statement)
        quiet = statement.is_import or statement.is_definition or not statement.reads.calls
        before = None if quiet or stars is not None else dict(step.unit.namespace)
        shown = statement.is_class and (step.old or statement).decorated | statement.decorated
        names = list(step.unit.namespace) if shown else []
        journal = self._journal

        def tell(outcome: Outcome) -> None:
            given = self._stars.settle(step, stars)
            outcome.names.update(given)
            self._books.done.bound |= {Key(step.unit.name, name) for name in given}
            outcome.names.update(self._shown(step, statement, names) if names else {})
            if before is not None:
                space = step.unit.namespace
                written = bound_besides(before, space, statement.binds)
                outcome.names.update(written)
                former, own = self._before.get(step.unit.name, {}), self._tracker.own
                forward_written({name: former.get(name) for name in written}, space, own, journal)
            if new := self._tracker.imported_since(self._books.moment):
                outcome.others.update(self._newcomers({unit.name for unit in new}))
                outcome.filled |= self._filled_by(set(new))
            ran = self._graph.ran_for(step.unit, statement)
            made = partial(definitions, self._books, step, statement)
            outcome.others.update(self._written.anew(ran, made))

        return tell

    def _shown(
        self, step: Step, statement: Statement, before: Collection[str]
    ) -> Iterator[tuple[str, Change]]:
        """
        The names that decorators gave to members of an enumeration, as `global_enum` does, and
        that were not there before.

        Raises:
            NeedsRestart: One that is gone may have given them.
        """
        space, former = step.unit.namespace, step.old or statement
        for name in [one for one in statement.binds if is_a(space.get(one), EnumMeta)]:
            written = self._graph.written_names(step.unit)
            names = {one for one in written if is_a(space[one], space[name])}
            if names and set(former.effects) - set(statement.effects):
                why = f"{min(names)} may be what a decorator of {name} has set"
                raise NeedsRestart(why, (statement.path, statement.first))
            yield from dict.fromkeys(names.difference(before), Change.VALUE).items()

    def _newcomers(self, new: Collection[str]) -> Iterator[tuple[Key, Change]]:
        """Modules that were imported meanwhile are attributes of their packages."""
        for name in new:
            package, _, child = name.rpartition(".")
            if package in self._tracker.units and package not in new:
                yield Key(package, child), Change.VALUE

    def _filled_by(self, new: set[Unit]) -> set[tuple[str, str]]:
        """The containers of others in which modules that were imported meanwhile are entered."""
        others = [unit for unit in self._tracker.units.values() if unit not in new]
        made = {id(value) for unit in new for value in self._graph.made_in(unit)}
        return holding(others, self._own, made) if made else set()

    def _keep_settings(self) -> None:
        if not self._settings_kept:
            self._settings_kept = True
            libraries.keep(self._journal)

    def _leave_own(self, unit: Unit, statement: Statement, before: dict[str, Any]) -> None:
        """At a prompt: names that hold something else by now than what had been imported."""
        for imported in statement.reads.imports:
            target = self._graph.target(unit, imported)
            former = self._before.get(target, {}).get(imported.name or "", MISSING)
            own = before.get(imported.bound, former)
            if former is not MISSING and own is not former:
                hold(unit.namespace, imported.bound, own)

    def _watch(self, step: Step, statement: Statement) -> Watch | None:
        self._books.environment = stored.environment()
        self._books.set_before = stored.keep(step.unit, statement, self._journal)
        for container in self.reach.defaults(step.unit, statement):
            self._journal.keep_container(container)
        old = step.old or statement
        lost = old.decorated or (old.is_class and not statement.is_class)
        lost = lost or (old.reads.calls and not old.is_import)
        acts = statement.reads.calls or statement.decorated or statement.effects or lost
        acts = acts or bool(self._graph.ran_for(step.unit, statement))  # such as a property
        acts = acts or self.reach.operates(step, statement)
        if statement.is_import:
            keep_from(self._graph, step.unit, statement, self._own, self._journal)
        if statement.is_import or not acts:
            return None
        calls = self._tracker.calls
        sites = calls.sites_within(step.unit.name, statement.first, statement.last)
        files = {path for site in sites for path in site.files}
        near = self.reach.near(step.unit, files)
        self._books.keep_belongings(near)
        foreign = self.reach.handled(step.unit, statement, sites)
        fresh = Fresh(self._settlement.made, self._books.bound, self._settlement.lasting)
        watch = Watch.over(near, self._own, self._journal, fresh, foreign)
        watch.rebound.ignore(step.unit, statement.binds)
        for holder, name, _ in stored.stored(step.unit, statement):
            watch.rebound.ignore_attribute(holder, name)
        return watch
