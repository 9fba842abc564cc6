"""The loop: watch → detect → plan → apply → report. Every caller goes through `reload()`."""

from __future__ import annotations

import dataclasses
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotswap import proxies
from hotswap.apply import Done, StatementFailed, Transaction, show_lines
from hotswap.detect import Edit
from hotswap.disk import Disk, Refused, Seen
from hotswap.effects import NeedsRestart
from hotswap.failures import describe, is_users_fault
from hotswap.functions import Lineage
from hotswap.gate import GATE
from hotswap.graph import Graph
from hotswap.ownership import Ownership
from hotswap.plan import Change, Outcome, Plan, Step, Wave
from hotswap.report import Report
from hotswap.tracking import Tracker

if TYPE_CHECKING:
    from types import TracebackType

    from hotswap.source import Unit
    from hotswap.watcher import Watcher


class Reloader:
    """
    Keeps this process at what its source files say.

    Own modules are followed from the moment this object is made: make it before they are
    imported. One that is already imported is followed too, with less knowledge.

    Args:
        paths: Files and folders whose modules are followed; None: every imported module that
            belongs neither to the standard library nor to an installed package.
        exclude: Patterns (as of `fnmatch`) of absolute paths or file names that are not followed.
        poll: Look at the files every so many seconds in place of listening to the system's
            events, for file systems that send none.
        drain: How long a swap waits for running calls to end, in seconds.
    """

    def __init__(
        self,
        paths: Iterable[str | Path] | None = None,
        exclude: Iterable[str] = (),
        *,
        poll: float | None = None,
        drain: float = 0.05,
    ) -> None:
        self._ownership = Ownership(paths, exclude)
        self.tracker = Tracker(self._ownership.file)
        self._graph = Graph(self.tracker.units, self.tracker.calls)
        self._lineage = Lineage()
        self._disk = Disk(self.tracker, self._graph)
        self._poll, self._drain = poll, drain
        self._lock = threading.RLock()
        self._reloading = False
        self._listeners: list[Callable[[Report], None]] = []
        self._watcher: Watcher | None = None
        self._generation = 0
        self.tracker.install()

    # -- looking ----------------------------------------------------------------------------

    @property
    def modules(self) -> dict[str, str]:
        """The followed modules: name → path of the source file."""
        return {name: unit.path for name, unit in self.tracker.units.items()}

    @property
    def graph(self) -> Graph:
        """The module graph."""
        return self._graph

    @property
    def generation(self) -> int:
        """The number of the consistent set of code that runs; 0 before the first reload."""
        return self._generation

    def subscribe(self, listener: Callable[[Report], None]) -> None:
        """Have `listener` called with each report, in the thread that reloaded."""
        self._listeners.append(listener)

    # -- the loop ---------------------------------------------------------------------------

    def reload(self, paths: Iterable[str] | None = None) -> Report:
        """
        Bring the process up to date now.

        Either everything that the files say is applied, or nothing is and the report says why.
        Never raises because of what the files hold.

        Args:
            paths: Absolute paths that changed; None: look at every followed file.

        Raises:
            RuntimeError: Called from code that a reload is executing right now.
        """
        with self._lock:
            if self._reloading:
                raise RuntimeError("reload() was called by a module that is being reloaded")
            self._reloading = True
            started = time.perf_counter()
            try:
                report = self._reload(None if paths is None else frozenset(paths))
            finally:
                self._reloading = False
            report = dataclasses.replace(report, seconds=time.perf_counter() - started)
        for listener in list(self._listeners) if report.paths or report.reason else ():
            listener(report)
        return report

    def _reload(self, paths: frozenset[str] | None) -> Report:
        try:
            seen = self._disk.look(paths)
        except Refused as refusal:
            return self._refusal(refusal.outcome, refusal.paths, refusal)
        if not seen:
            return Report("unchanged", generation=self._generation)
        whole: set[str] = set()
        while True:
            report, again = self._attempt(seen, whole)
            if not again:
                return report
            whole.add(again)
            seen = self._disk.look(seen.batch)

    def _attempt(self, seen: Seen, whole: set[str]) -> tuple[Report, str]:
        """One transaction; names a module that has to execute as a whole for another try."""
        transaction = Transaction(self.tracker, self._graph, self._lineage, self._ownership.object)
        for name in whole - seen.edits.keys():
            seen.edits[name] = self._disk.untouched(self.tracker.units[name])
        with GATE.closed(self._drain) as drained:
            try:
                self._disk.take(seen, transaction.note)
                done = transaction.run(seen.edits, whole)
                transaction.note(proxies.refresh())
            except NeedsRestart as needed:
                return self._refused(transaction, "restart", seen, needed), ""
            except StatementFailed as failed:
                name = failed.step.unit.name
                fault = is_users_fault(failed.error, self.tracker.own, failed.step)
                if not fault and failed.step.status == "repeated" and name not in whole:
                    transaction.roll_back()
                    return Report("restart"), name
                outcome = "rejected" if fault else "restart"
                report = self._refused(transaction, outcome, seen, failed.error)
                if isinstance(failed.error, KeyboardInterrupt):
                    raise failed.error
                return report, ""
            except Exception as error:  # noqa: BLE001 - the server must not die of our defects
                return self._refused(transaction, "restart", seen, error), ""
        return self._applied(seen, done, drained=drained), ""

    def _applied(self, seen: Seen, done: Done, *, drained: bool) -> Report:
        self._generation += 1
        self._disk.settled(seen)
        show_lines(seen.edits.values())
        if done.executed:
            outcome = "reloaded"
        else:
            outcome = "swapped" if done.swapped else "unchanged"
        modules = done.executed + [name for name in done.swapped if name not in done.executed]
        if not drained:
            done.notes.append("calls were still running: they end on a mixture of old and new")
        spared = self._spared(seen, modules) if done.executed else ()
        return Report(
            outcome,
            modules=tuple(modules),
            spared=spared,
            generation=self._generation,
            paths=seen.paths,
            names=tuple(done.names),
            notes=tuple(done.notes),
        )

    def _spared(self, seen: Seen, modules: list[str]) -> tuple[str, ...]:
        reached = self._graph.dependents({name for name in seen.edits} | set(modules))
        return tuple(sorted(reached - set(modules)))

    # -- refusing ---------------------------------------------------------------------------

    def _refused(
        self, transaction: Transaction, outcome: str, seen: Seen, error: BaseException
    ) -> Report:
        notes = transaction.roll_back()
        notes += [note for note in transaction.done.notes if "execute" in note]
        return self._refusal(outcome, seen.paths, error, notes)

    def _refusal(
        self, outcome: str, paths: tuple[str, ...], error: BaseException, notes: Iterable[str] = ()
    ) -> Report:
        self._disk.refused(paths)
        reason, location, shown = describe(error, self.tracker.own)
        return Report(
            outcome,
            reason=reason,
            error=shown,
            location=location,
            generation=self._generation,
            paths=paths,
            notes=tuple(notes),
        )

    # -- looking ahead ----------------------------------------------------------------------

    def plan(self, *paths: str | Path) -> Plan:
        """
        What a reload would do, without doing it: at most this, since a statement that turns
        out to give what it gave before wakes nobody.

        Args:
            paths: Files to look at; none: every followed file.
        """
        with self._lock:
            batch = frozenset(str(Path(path).absolute()) for path in paths) if paths else None
            try:
                seen = self._disk.look(batch)
                return self._look_ahead(seen)
            except Refused as refusal:
                return Plan(refusal.outcome, (), (), describe(refusal, self.tracker.own)[0])
            except NeedsRestart as needed:
                return Plan("restart", (), (), needed.reason)

    def _look_ahead(self, seen: Seen) -> Plan:
        units: dict[str, Unit] = dict(self.tracker.units)
        for name, edit in seen.edits.items():
            units[name] = dataclasses.replace(edit.unit, data=edit.data, code=edit.code)
        wave = Wave(
            Graph(units, self.tracker.calls),
            seen.edits,
            self._ownership.object,
            locate=lambda site: _new_line(seen.edits, site),
        )
        steps = _drive(wave)
        swaps = tuple(
            f"{edit.unit.name}: {pair.new.co_name}"
            for edit in seen.edits.values()
            for pair in edit.bodies
        )
        outcome = "reloaded" if steps else "swapped" if swaps else "unchanged"
        return Plan(outcome, swaps, tuple(steps))

    # -- watching ---------------------------------------------------------------------------

    def start(self) -> Reloader:
        """Watch the files in the background and reload when they change."""
        with self._lock:
            if self._watcher is None:
                from hotswap.watcher import Watcher

                self._watcher = Watcher(self._on_batch, poll=self._poll)
                self._watcher.follow(self._folders())
                self._watcher.start()
                self.tracker.joined = self._joined
        return self

    def stop(self) -> None:
        """Stop watching; `reload()` goes on working."""
        watcher, self._watcher, self.tracker.joined = self._watcher, None, None
        if watcher is not None:
            watcher.stop()

    def close(self) -> None:
        """Stop watching and stop following."""
        self.stop()
        self.tracker.uninstall()

    def __enter__(self) -> Reloader:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _folders(self) -> set[str]:
        return self._ownership.folders(unit.path for unit in self.tracker.units.values())

    def _joined(self, unit: Unit) -> None:
        watcher = self._watcher
        if watcher is not None and (folders := self._ownership.new_folders(unit.path)):
            watcher.follow(folders)

    def _on_batch(self, paths: frozenset[str]) -> None:
        self.reload(paths)


def _new_line(edits: dict[str, Edit], site: Any) -> int:
    edit = edits.get(site.module)
    return edit.new_line(site.line) if edit is not None else int(site.line)


def _drive(wave: Wave) -> list[Step]:
    """Suppose that each statement changes all that it binds."""
    found: list[Step] = []
    steps = wave.steps()
    try:
        step = next(steps)
        while True:
            found.append(step)
            names = step.statement.binds if step.statement else step.names
            kind = Change.VALUE
            if step.statement is not None and step.statement.is_function:
                kind = Change.BODY
            step = steps.send(Outcome({name: kind for name in names}))
    except StopIteration:
        return found


assert sys.version_info >= (3, 10)
