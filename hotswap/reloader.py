"""The loop: watch → detect → plan → apply → report. Every caller goes through `reload()`."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hotswap import servers, state
from hotswap.ownership import Ownership, several
from hotswap.tracking import Tracker

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from hotswap.graph import Graph
    from hotswap.policy import Policies
    from hotswap.report import Report
    from hotswap.round import Rounds
    from hotswap.source import Unit
    from hotswap.steps import Plan
    from hotswap.watcher import Watcher


class Reloader:
    """
    Keeps this process at what its source files say.

    Own modules are followed from the moment this object is made: make it before they are
    imported. One that is already imported is followed too, with less knowledge.

    Args:
        paths: Files and folders (or one) whose modules are followed; None: every imported module
            that belongs neither to the standard library nor to an installed package.
        exclude: Patterns (as of `fnmatch`) of absolute paths or file names that are not followed.
        poll: Look at the files every so many seconds in place of listening to the system's
            events, for file systems that send none.
        drain: How long a swap waits for running calls to end, in seconds.
        policies: Which modules are never reloaded, and which need a restart when they change. A
            module may say so itself: `__hotswap__ = "never"` or `"restart"`.
    """

    def __init__(
        self,
        paths: str | Path | Iterable[str | Path] | None = None,
        exclude: Iterable[str] = (),
        *,
        poll: float | None = None,
        drain: float = 0.05,
        policies: Policies | None = None,
    ) -> None:
        self._exclude = several(exclude)
        self._ownership = Ownership(paths, self._exclude)
        self.tracker = Tracker(self._ownership.file)
        self.tracker.policies = policies or self.tracker.policies
        self._poll, self._drain = poll, drain
        self._interval: float | None = None
        self._lock = threading.RLock()
        self._reloading = False
        self._listeners: list[Callable[[Report], None]] = []
        self._watcher: Watcher | None = None
        self._take: Callable[[frozenset[str]], None] | None = None
        servers.install()
        self.tracker.install()

    @cached_property
    def _rounds(self) -> Rounds:
        # Imported when the first edit may come, not before the program has started.
        from hotswap.round import Rounds  # noqa: PLC0415

        return Rounds(self.tracker, self._ownership, self._drain)

    # -- looking ----------------------------------------------------------------------------

    @property
    def modules(self) -> dict[str, str]:
        """The followed modules: name → path of the source file."""
        return {name: unit.path for name, unit in list(self.tracker.units.items())}

    @property
    def graph(self) -> Graph:
        """The module graph."""
        return self._rounds.graph

    @property
    def generation(self) -> int:
        """The number of the consistent set of code that runs; 0 before the first reload."""
        return self._rounds.generation

    @property
    def watching(self) -> str:
        """How files are watched: "inotify", "watchdog", "polling"; empty if they are not."""
        return self._watcher.means if self._watcher is not None else ""

    @property
    def behind(self) -> frozenset[str]:
        """Files that differ from what runs: what they say was refused, or taken back."""
        return self._rounds.behind

    def subscribe(self, listener: Callable[[Report], None], *, first: bool = False) -> None:
        """
        Have `listener` called with each report of a change, in the thread that reloaded: after
        the others, or before them.
        """
        self._listeners.insert(0 if first else len(self._listeners), listener)

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
        batch = None if paths is None else frozenset(several(paths))
        return self._tell(lambda: self._rounds.run(batch))

    def undo(self) -> Report:
        """
        Take the last reload back, in memory: what ran before it runs again, as if the former
        text had been saved. The next save of any file, or `reload`, brings the files in again.

        A value that the program set since is kept, and the report says so. What is executed again
        starts anew. If the former code cannot be had in this process, nothing is done, and the
        report says why. Called again, it takes back the reload before.

        Raises:
            RuntimeError: Called from code that a reload is executing right now.
        """
        return self._tell(self._rounds.undo)

    def _tell(self, carry_out: Callable[[], Report]) -> Report:
        with self._lock:
            report = self._timed(carry_out)
            if report.paths or report.reason:
                for listener in list(self._listeners):
                    listener(report)
        if report.modules and (again := _again()) is not None:
            at_prompt = self._take is not None
            again.run_all(wait=at_prompt and threading.current_thread() is threading.main_thread())
        return report

    def _timed(self, carry_out: Callable[[], Report]) -> Report:
        if self._reloading:
            message = "reload() was called by a module that is being reloaded"
            raise RuntimeError(message)
        started = time.perf_counter()
        self._reloading = True
        try:
            if (again := _again()) is not None:
                again.look()
            report = carry_out()
        finally:
            self._reloading = False
        return report.timed(time.perf_counter() - started)

    def plan(self, *paths: str | Path) -> Plan:
        """
        What a reload would do, without doing it: at most this, since a statement that turns
        out to give what it gave before wakes nobody.

        Args:
            paths: Files to look at; none: every followed file.
        """
        with self._lock:
            return self._rounds.plan(paths)

    def narrow(
        self, *, exclude: Iterable[str], extra: Iterable[str], poll: float | None, interval: float
    ) -> None:
        """
        Follow less, look at more, or in another way, from now on.

        Args:
            exclude: Further patterns of files that are not followed.
            extra: Files and folders that need a new process when they change.
            poll: Look at the files every so many seconds; None: as before.
            interval: The same for folders that send no events.
        """
        with self._lock:
            watcher, self._watcher = self._watcher, None
            self._exclude += several(exclude)
            self._ownership.exclude(self._exclude)
            self.tracker.forget_others()
            self._rounds.extras.add(extra)
            self._poll, self._interval = poll or self._poll, interval
            if watcher is not None:
                self.start()
        if watcher is not None:
            watcher.stop()  # its thread may be about to reload: it must not need the lock

    # -- watching ---------------------------------------------------------------------------

    def start(self) -> Reloader:
        """Watch the files in the background and reload when they change."""
        with self._lock:
            if self._watcher is None:
                from hotswap.watcher import Watcher  # noqa: PLC0415

                self._rounds.get_ready()
                watcher = Watcher(
                    self._on_batch,
                    poll=self._poll,
                    exclude=self._exclude,
                    interval=self._interval,
                )
                self._watcher = watcher
                self.tracker.joined = self._joined
                units = list(self.tracker.units.values())
                watcher.follow(self._ownership.folders(unit.path for unit in units))
                watcher.follow(self._rounds.extras.folders)
                watcher.start()
        return self

    def defer(self, take: Callable[[frozenset[str]], None] | None) -> None:
        """
        Have the paths that change handed to `take`, from another thread, instead of applying them
        at once; None: apply them at once.
        """
        self._take = take

    def settle(self, limit: float) -> None:
        """Wait, at most so many seconds, until every edit before this call has been noticed."""
        watcher = self._watcher
        if watcher is not None:
            watcher.settle(limit)

    def stop(self) -> None:
        """Stop watching; `reload()` goes on working."""
        watcher, self._watcher, self.tracker.joined = self._watcher, None, None
        if watcher is not None:
            watcher.stop()

    def close(self) -> None:
        """Stop watching and stop following."""
        self.stop()
        self.tracker.uninstall()

    # -- forked processes -------------------------------------------------------------------

    def hold(self) -> None:
        """Let no reload begin until `release`, so that no fork finds one half done."""
        self._lock.acquire()

    def release(self) -> None:
        """The end of what `hold` began, in both processes."""
        self._lock.release()

    def after_fork(self, listener: Callable[[Report], None]) -> None:
        """In a forked process: nobody watches for it, and only `listener` is told of reloads."""
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.abandon()
        self._listeners = [listener]
        state.repeated.clear()  # what was forked from does it

    def __enter__(self) -> Reloader:  # noqa: PYI034 - `Self` is 3.11+
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _on_batch(self, paths: frozenset[str]) -> None:
        if self._take is not None:
            self._take(paths)
            return
        with self._lock:
            if not self._rounds.is_old_news(paths):  # a reload by hand came before its event
                self.reload(paths)

    def _joined(self, unit: Unit) -> None:
        watcher = self._watcher
        if watcher is not None and (folders := self._ownership.new_folders(unit.path)):
            watcher.follow(folders)


def _again() -> Any:
    """What runs again after each edit; None: nobody has asked for it."""
    return sys.modules.get("hotswap.again")
