"""
How is a set of edits carried out, all of it or nothing?

Every write goes through the journal; whatever is raised, everything is as before.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from hotswap import cradle, returns, source, state
from hotswap.books import Books
from hotswap.compare import walk
from hotswap.execute import Execution
from hotswap.libraries import renew_overloads
from hotswap.lookups import Key
from hotswap.moves import Moves
from hotswap.plan import Wave
from hotswap.prompt import Prompt
from hotswap.removal import Removal
from hotswap.renewal import Renewal
from hotswap.runs import StatementFailed
from hotswap.settle import Settlement
from hotswap.steps import Change, Outcome, Step, Steps
from hotswap.swap import Swap
from hotswap.values import MISSING

if TYPE_CHECKING:
    from hotswap.books import Done, Memory
    from hotswap.detect import Edit
    from hotswap.graph import Graph
    from hotswap.source import Unit
    from hotswap.tracking import Tracker


class Transaction:
    """
    One batch of edits on its way into the process.

    Args:
        memory: What the transaction before has left.
        own: Object → whether the project's own code made or defines it.
    """

    def __init__(
        self, tracker: Tracker, graph: Graph, memory: Memory, own: Callable[[Any], bool]
    ) -> None:
        self._books = books = Books(tracker, graph, memory, own)
        self._tracker, self._graph, self._own = tracker, graph, own
        self._caches = books.caches
        self._journal, self._births, self._rites = books.journal, books.births, books.rites
        self._below, self._before = books.below, books.before
        self._swap = Swap(books)
        self._settlement = Settlement(books, self._swap.living)
        self._execution = Execution(books, self._swap, self._settlement)
        self._removal = Removal(books, self._execution.reach, self._swap)
        self._renewal, self._prompt = Renewal(books), Prompt(books)
        self._keep = books.keep
        self._spared: Mapping[Key, Any] = MappingProxyType({})
        """Names that get these values at the end."""
        self.done = books.done

    def prepare(self, edits: dict[str, Edit]) -> None:
        """Find out now, before calls are held back, what can be known before."""
        with suppress(Exception):  # it will be raised again by whoever asks for it
            self._graph.renew(wholly=True)
            self._swap.reach(set(edits))
            units = self._tracker.units
            self._caches.locate(units[name] for name in units.keys() & self.done.reached)
            for edit in edits.values():
                edit.prepare()

    def run(self, edits: dict[str, Edit], whole: Iterable[str], gone: Iterable[Unit] = ()) -> Done:
        """
        Apply the edits, and forget what modules did whose file is gone.

        Raises:
            NeedsRestart: They cannot be applied in process.
            StatementFailed: Executing one of them raised.
            HookFailed: A hook of the program's raised.
        """
        start = self._tracker.moment()
        self._renewal.remember_imports()
        self._journal.note(self._books.hashes.take_back)  # once the classes are as they were
        self._journal.note(state.books())
        for name, edit in edits.items():
            if edit.alignment is not None:
                self._rites.begin(name)  # while its hooks are still the old ones
        self._removal.old_data = {name: edit.old_data for name, edit in edits.items()}
        self._execution.reach.edits = edits
        moves = self._find_moves(edits, gone)
        self._exchange(edits)
        wave = Wave(self._graph, edits, self._own, whole=whole, gone=gone)
        cradle.begin(self._births)
        try:
            self._take_places(wave)
            self._drive(wave, edits)
        finally:
            cradle.end()
        moves.check(self._births.successions.has)
        moves.forward(self._journal)
        again = self._tracker.imported_since(start)
        returns.lead(again, self._births.gone, self._births.successions.has, self._journal)
        self._put_back_spared()
        self._execution.places.ask_again()
        self._removal.check_held()
        self._settlement.check_held()
        self._books.acted.check()
        self._books.relics.check()
        self._prompt.refresh()
        self._swap.reach({*self.done.executed, *self.done.swapped})
        self._renew_books(edits)
        self._rites.end()
        return self.done

    def _exchange(self, edits: dict[str, Edit]) -> None:
        """Bring the living functions, and what is known of their modules, to the new code."""
        self._swap.look_by_name(edits)
        for edit in edits.values():
            self._renewal.take_over(edit)
        self._swap.swap(edits)
        for edit in edits.values():
            self._renewal.take_annotations(edit)
            self._renew_overloads(edit)

    def _renew_books(self, edits: dict[str, Edit]) -> None:
        """What is kept of definitions outside of them, once all have executed."""
        for edit in edits.values():
            self._renew_overloads(edit)
            self._renewal.order_annotations(edit)
        self._books.hashes.renew()
        self._tracker.recorder.copies.renew(edits.keys(), self._journal)

    def _renew_overloads(self, edit: Edit) -> None:
        renew_overloads(edit.unit.name, walk(edit.code), self._books.lineage, self._journal)

    def spare(self, values: Mapping[Key, Any]) -> None:
        """Names that keep these values, whatever executes: the program gave them since."""
        self._spared = values

    def _put_back_spared(self) -> None:
        for key, value in self._spared.items():
            unit = self._tracker.units.get(key.module)
            if unit is not None and key in self.done.bound and key.name in unit.namespace:
                self._journal.set_item(unit.namespace, key.name, value)
                self.done.kept.append(f"{key.module}.{key.name}")

    def _find_moves(self, edits: dict[str, Edit], gone: Iterable[Unit]) -> Moves:
        left = [(unit, self._graph.outline(unit)) for unit in gone]
        self._births.moves = moves = Moves(self._tracker.units, edits, left)
        return moves

    def commit(self) -> None:
        """What was done stays; classes that are gone are not even found as subclasses."""
        self._journal.commit()
        if self._births.successions or self._removal.lost:
            vars(self).clear()
            gc.collect()

    def roll_back(self) -> list[str]:
        """Take everything back; returns what could not be."""
        return self._journal.roll_back() + self._rites.take_back()

    def note(self, undo: Callable[[], object]) -> None:
        """Have something else taken back with the rest."""
        self._journal.note(undo)

    @property
    def executing(self) -> str:
        """The module that a statement executes in, or did last."""
        return self._execution.executing

    # -- the wave -------------------------------------------------------------------------

    def _drive(self, wave: Wave, edits: dict[str, Edit]) -> None:
        self._follow(wave, wave.steps())
        self._swap.forget_results(edits)
        while self._swap.results.cleared or self._swap.results.recomputed:
            self._wake_who_asked(wave)
            self._follow(wave, wave.rest())
            self._swap.forget_results(edits)
        self._below.enter(None)
        self._swap.swap_rest()

    def _wake_who_asked(self, wave: Wave) -> None:
        """What was remembered is not any more: who was told that asks again."""
        results = self._swap.results
        while results.cleared:
            cache = results.cleared.pop()
            for unit in list(self._tracker.units.values()):
                for name in [name for name, one in unit.namespace.items() if one is cache]:
                    wave.call_again(Key(unit.name, name))
        while results.recomputed:
            wave.read_again(*results.recomputed.popitem()[1])

    def _take_places(self, wave: Wave) -> None:
        """Let the modules know where a fresh start would import them."""
        self._journal.note(wave.places().take(self._tracker.calls.site))

    def _follow(self, wave: Wave, steps: Steps) -> None:
        try:
            step = next(steps)
            while True:
                outcome = self._carry_out(step)
                self._swap.changed(step.unit, outcome)
                step = steps.send(outcome)
                self._take_places(wave)
        except StopIteration:
            self._take_places(wave)

    def _carry_out(self, step: Step) -> Outcome:
        self.done.executed.setdefault(step.unit.name)
        self.done.notes.append(step)
        self._below.enter(step.unit)
        if step.action == "rebind":
            return self._rebind(step)
        if step.action == "retire":
            return self._removal.retire(step)
        self._rites.begin(step.unit.name)
        self._keep(step.unit)
        return (
            self._removal.purge(step) if step.action == "purge" else self._execution.execute(step)
        )

    def _rebind(self, step: Step) -> Outcome:
        module, name = step.source
        (bound,) = step.names
        space = step.unit.namespace
        at_prompt = step.unit.is_main and not step.unit.script
        old = space.get(bound, MISSING)
        if at_prompt and old is not self._before.get(module, {}).get(name, MISSING):
            return Outcome()  # the user's own by now
        try:
            value = source.imported(module, name)
        except ImportError as error:
            if at_prompt:
                return Outcome()
            raise StatementFailed(step, error) from error
        if old is not value:
            self._before.setdefault(step.unit.name, {}).setdefault(bound, old)
            self._journal.set_item(space, bound, value)
        return Outcome({bound: Change.VALUE})
