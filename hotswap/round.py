"""One round of the loop, from a batch of paths to a report: look, plan, apply; or refuse."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hotswap import cycles, proxies, source
from hotswap.ahead import look_ahead
from hotswap.apply import Transaction
from hotswap.books import Done, Memory
from hotswap.caches import Caches
from hotswap.catches import caught_at
from hotswap.disk import Disk
from hotswap.effects import EntersElsewhere, NeedsRestart, WouldFail
from hotswap.extras import Extras
from hotswap.failures import describe, is_interrupt, is_users_fault
from hotswap.gate import GATE
from hotswap.gone import Gone
from hotswap.graph import Graph
from hotswap.history import History
from hotswap.lineage import Lineage
from hotswap.report import Report
from hotswap.rites import HookFailed
from hotswap.runs import StatementFailed
from hotswap.seen import Refused, Seen
from hotswap.steps import Plan, Step
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.detect import Edit
    from hotswap.ownership import Ownership
    from hotswap.tracking import Tracker


class Rounds:
    """
    What is remembered from round to round: the graph, and the generations of code.

    Args:
        drain: How long a round waits for running calls to end, in seconds.
    """

    def __init__(self, tracker: Tracker, ownership: Ownership, drain: float) -> None:
        self._tracker, self._ownership, self._drain = tracker, ownership, drain
        self.graph = Graph(tracker.units, tracker.calls)
        self._memory = Memory(Lineage(), Gone(), Caches(self.graph))
        self.extras = Extras(ownership.excludes)
        self._disk = Disk(tracker, self.graph)
        self._history = History(tracker.units)

    def get_ready(self) -> None:
        """Look at all modules now, so that the first edit does not wait for it."""
        self.graph.renew()
        self._memory.caches.locate(list(self._tracker.units.values()))

    @property
    def generation(self) -> int:
        """The number of the consistent set of code that runs."""
        return self._history.generation

    @property
    def behind(self) -> frozenset[str]:
        """Files that differ from what runs, since what they say was refused."""
        return frozenset(self._disk.behind)

    def is_old_news(self, batch: frozenset[str]) -> bool:
        """Whether all that was saved has been refused already, as it is."""
        others = [path for path in batch if not self._disk.behind.is_as_refused(path)]
        return bool(self._disk.behind) and not any(map(self._may_matter, others))

    def _may_matter(self, path: str) -> bool:
        """Not if a file was there for the time of a save only."""
        if os.path.lexists(path) or self._tracker.found(path) or self.extras.changed((path,)):
            return True
        followed = [unit.path for unit in list(self._tracker.units.values())]
        return any(one == path or one.startswith(path + os.sep) for one in followed)

    def run(self, batch: frozenset[str] | None) -> Report:
        """Apply what differs, all of it or nothing."""
        if extra := self.extras.changed(batch):
            self._disk.refused((extra,))
            return self._refusal("restart", (extra,), NeedsRestart("it changed", (extra, 1)))
        try:
            return self._carry_out(partial(self._disk.look, batch))
        except Refused as refusal:
            self._disk.refused(refusal.paths)
            return self._refused_at_sight(refusal)

    def undo(self) -> Report:
        """Take the last reload back, all of it or nothing."""
        past = self._history.last
        if past is None:
            reason = "there is nothing to undo"
            return Report("unchanged", reason=reason, generation=self.generation)
        try:
            report = self._carry_out(partial(self._disk.recall, past))
        except Refused as refusal:
            report = self._refusal("rejected", refusal.paths, refusal)
        report = replace(report, undone=past.generation)
        if report.applied:
            return report
        reason = f"generation {past.generation} cannot be taken back: {report.reason}"
        return replace(report, outcome="rejected", reason=reason)

    def _carry_out(self, look: Callable[[], Seen]) -> Report:
        whole: set[str] = set()
        while seen := look():
            report, again = self._attempt(seen, whole)
            if not again:
                return report
            whole.add(again)
        return Report("unchanged", generation=self.generation)

    def _attempt(self, seen: Seen, whole: set[str]) -> tuple[Report, str]:
        """One transaction; names a module that has to execute as a whole for another try."""
        own, known = self._ownership.object, set(self._tracker.units)
        transaction = Transaction(self._tracker, self.graph, self._memory, own)
        for name in whole - seen.edits.keys():
            seen.edits[name] = self._disk.untouched(self._tracker.units[name])
        transaction.prepare(seen.edits)
        if seen.past is not None:
            transaction.spare(self._history.assigned_since())
        with GATE.closed(self._drain) as drained:
            try:
                self._disk.take(seen, transaction.note)
                done = transaction.run(seen.edits, whole, seen.gone)
                transaction.note(proxies.refresh())
            except NeedsRestart as needed:
                return self._needed(transaction, seen, needed, whole)
            except WouldFail as certain:
                return self._refused(transaction, "rejected", seen, certain), ""
            except HookFailed as failed:
                return self._refused(transaction, "rejected", seen, failed.error), ""
            except StatementFailed as failed:
                return self._failed(transaction, seen, failed, whole)
            except Exception as error:  # noqa: BLE001 - the server must not die of our defects
                return self._refused(transaction, "restart", seen, error), ""
            transaction.commit()
        return self._applied(seen, done, known, drained=drained), ""

    def _needed(
        self, transaction: Transaction, seen: Seen, needed: NeedsRestart, whole: set[str]
    ) -> tuple[Report, str]:
        name = transaction.executing
        if isinstance(needed, EntersElsewhere) and name not in whole:
            transaction.roll_back()
            return Report("restart"), name
        return self._refused(transaction, "restart", seen, needed), ""

    def _failed(
        self, transaction: Transaction, seen: Seen, failed: StatementFailed, whole: set[str]
    ) -> tuple[Report, str]:
        name = failed.step.unit.name
        fault = is_users_fault(failed.error, self._tracker.own, failed.step)
        sealed = self._is_sealed(failed.step)
        if not fault and failed.step.status == "repeated" and name not in whole:
            transaction.roll_back()
            return Report("restart"), name
        outcome = "rejected" if fault and not sealed else "restart"
        excused = self._excused(name, failed.error) if outcome == "rejected" else None
        if outcome == "rejected" and cycles.is_early(self.graph, failed.step.unit, failed.error):
            reason, location, _ = describe(failed.error, self._tracker.own)
            excused = NeedsRestart(f"{reason}: a fresh start may come to that before", location)
        if excused is not None:
            return self._refused(transaction, "restart", seen, excused), ""
        interrupted = is_interrupt(failed.error)  # before our frames are cut off
        report = self._refused(transaction, outcome, seen, failed.error)
        if interrupted:
            raise failed.error
        return report, ""

    def _is_sealed(self, step: Step) -> bool:
        """Whether lines below have changed a class since this one was made, as to forbid others."""
        statement, space = step.statement, step.unit.namespace
        if statement is None or not statement.is_class:
            return False
        below = self.graph.outline(step.unit).statements[statement.index + 1 :]
        stored = (effect for one in below for effect in one.effects if effect.kind == "store")
        return any(effect.chain and is_a(space.get(effect.chain[0]), type) for effect in stored)

    def _applied(self, seen: Seen, done: Done, known: set[str], *, drained: bool) -> Report:
        if seen.past is None:
            self._history.advance(seen, frozenset(self._tracker.units.keys() - known))
        else:
            self._history.go_back()
        self._history.remember(done.bound)
        self._disk.settled(seen)
        if seen.past is None:
            _show_lines(seen.edits.values())
        road = "swapped" if done.swapped else "unchanged"
        modules = list(dict.fromkeys([*done.executed, *done.swapped]))
        if not drained:
            done.notes.append("calls were still running: they end on a mixture of old and new")
        return Report(
            "reloaded" if done.executed else road,
            modules=tuple(modules),
            spared=tuple(sorted(done.reached - set(modules))) if done.executed else (),
            generation=self.generation,
            kept=tuple(done.kept),
            paths=seen.paths,
            names=tuple(done.names),
            notes=tuple(map(str, done.notes)),
        )

    # -- refusing ---------------------------------------------------------------------------

    def _refused_at_sight(self, refusal: Refused) -> Report:
        if isinstance(refusal.__cause__, SyntaxError):
            files = [one for one in self._tracker.units.values() if one.path in refusal.paths]
            for unit in files:
                if unit.path == refusal.__cause__.filename:
                    excused = self._excused(unit.name, refusal.__cause__)
                    if excused is not None:
                        return self._refusal("restart", refusal.paths, excused)
        return self._refusal(refusal.outcome, refusal.paths, refusal)

    def _excused(self, module: str, error: BaseException) -> NeedsRestart | None:
        """What a fresh start would get over, as somebody catches it: then it comes up."""
        caught = caught_at(self.graph, module, error)
        if caught is None:
            return None
        reason, location, _ = describe(error, self._tracker.own)
        where = f"{Path(caught[0]).name}:{caught[1]}"
        return NeedsRestart(f"{reason}; {where} catches that, so a fresh start goes on", location)

    def _refused(
        self, transaction: Transaction, outcome: str, seen: Seen, error: BaseException
    ) -> Report:
        notes = transaction.roll_back()
        notes += [str(note) for note in transaction.done.notes if "execute" in str(note)]
        if seen.past is None:
            self._disk.refused(seen.paths)
        return self._refusal(outcome, seen.paths, error, notes)

    def _refusal(
        self, outcome: str, paths: tuple[str, ...], error: BaseException, notes: Iterable[str] = ()
    ) -> Report:
        reason, location, shown = describe(error, self._tracker.own)
        return Report(
            outcome,
            reason=reason,
            error=shown,
            location=location,
            generation=self.generation,
            paths=paths,
            notes=tuple(notes),
        )

    # -- looking ahead ----------------------------------------------------------------------

    def plan(self, paths: Iterable[str | Path]) -> Plan:
        """What a round would do for these files (none: every file), without doing it."""
        batch = frozenset(str(Path(path).absolute()) for path in paths) or None
        try:
            seen = self._disk.look(batch)
        except Refused as refusal:
            return Plan(refusal.outcome, (), (), describe(refusal, self._tracker.own)[0])
        units, calls = self._tracker.units, self._tracker.calls
        return look_ahead(units, calls, seen.edits, self._ownership.object)


def _show_lines(edits: Iterable[Edit]) -> None:
    """Let tracebacks and `inspect` read the files anew; no new process takes stale bytecode."""
    for edit in edits:
        source.show_lines(edit.unit.path)
        source.forget_bytecode(edit.unit.path)
