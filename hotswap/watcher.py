"""
Which files have been saved? Gathers what happens in the followed folders into batches.

One thread does everything: it waits for the kernel, gathers what belongs together and calls back.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Protocol

from hotswap.batch import Batch
from hotswap.folders import Scope
from hotswap.polling import Polling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

QUIET_PER_FILE = 0.002
"""A save is complete once nothing more comes for this long. The more files a batch has, the more
likely a tool is at work that is slow to write the next one."""
LONGEST_QUIET = 0.05
LONGEST_GATHERING = 0.3
LONGEST_PER_FILE = 0.001
"""A stream of events that never pauses is cut here; a checkout of thousands of files is not."""
STAND_IN_INTERVAL = 1.0
"""Seconds between looks at a folder that should send events, but does not."""

_log = logging.getLogger("hotswap")


class Source(Protocol):
    """Where events come from."""

    name: str

    def add(self, folder: str) -> None:
        """Watch a folder and all below; what is in it now is no change."""

    def wait(self, timeout: float | None) -> bool:
        """Wait for events, or for `wake`; False when the time is over."""

    def wake(self) -> None:
        """End a `wait` in another thread."""

    def take_in(self) -> None:
        """Put what has happened into the batch."""

    def catch_up(self) -> None:
        """Do what can wait until the batch is delivered."""

    def close(self) -> None:
        """Give back what was taken."""


class Nothing:
    """A source without events, for folders that are only polled."""

    name = "polling"

    def __init__(self) -> None:
        self._woken = threading.Event()

    def add(self, folder: str) -> None:
        """Sends nothing about this folder either."""

    def wait(self, timeout: float | None) -> bool:
        """Wait for `wake`; False when the time is over."""
        return self._woken.wait(timeout)

    def wake(self) -> None:
        """End a `wait` in another thread."""
        self._woken.set()

    def take_in(self) -> None:
        """Nothing has happened."""
        self._woken.clear()

    def catch_up(self) -> None:
        """Nothing has been put off."""

    def close(self) -> None:
        """Nothing was taken."""


class Watcher:
    """
    Calls `on_batch` with the absolute paths of the files saved, deleted or moved together.

    The callback runs in one thread, never twice at a time; what happens meanwhile comes in the next
    batch. A file is reported once it is complete, at all its paths if links lead to it. What the
    callback raises is printed, and watching goes on.

    Args:
        poll: look every so many seconds instead of waiting for events (mounts that send none).
        exclude: patterns of names or paths to pass over, as in `fnmatch`.
        interval: seconds between looks at a folder that should send events, but does not.
    """

    def __init__(
        self,
        on_batch: Callable[[frozenset[str]], None],
        *,
        poll: float | None = None,
        exclude: Iterable[str] = (),
        interval: float | None = None,
    ) -> None:
        self._on_batch, self._poll, self._scope = on_batch, poll, Scope(exclude)
        self._interval = interval
        self._folders: dict[str, None] = {}
        self._lock = threading.RLock()
        self._watch: _Watch | None = None

    @property
    def means(self) -> str:
        """How changes are noticed: "inotify", "watchdog", "polling"; nothing while stopped."""
        return self._watch.source.name if self._watch else ""

    def follow(self, folders: Iterable[str]) -> None:
        """Watch these folders too, with all below them; an edit after this call is noticed."""
        with self._lock:
            new = [path for path in map(os.path.abspath, folders) if path not in self._folders]
            self._folders.update(dict.fromkeys(new))
            if self._watch:
                self._watch.add(new)

    def start(self) -> None:
        """Begin to watch; an edit after this call is noticed. Does nothing if begun already."""
        with self._lock:
            if self._watch is None:
                self._watch = _Watch(self._on_batch, self._scope, self._poll, self._interval)
                self._watch.add(self._folders)
                self._watch.start()

    def settle(self, limit: float) -> None:
        """
        Wait until what was saved before this call has been handed over, or is still being
        written after `limit` seconds. Does nothing in the callback, or while stopped.
        """
        watch = self._watch
        if watch is not None and threading.current_thread() is not watch:
            watch.settle(limit)

    def stop(self) -> None:
        """End watching and wait for a callback that runs. Does nothing if ended already."""
        with self._lock:
            watch, self._watch = self._watch, None
        if watch is not None:
            watch.stop()

    def abandon(self) -> None:
        """In a forked process, where the thread is not: leave the events to the other one."""
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.source.close()


class _Watch(threading.Thread):
    """What goes on between one `start` and the next `stop`."""

    def __init__(
        self,
        on_batch: Callable[[frozenset[str]], None],
        scope: Scope,
        poll: float | None,
        interval: float | None,
    ) -> None:
        super().__init__(name="hotswap-watcher", daemon=True)
        self._on_batch, self._scope = on_batch, scope
        self._batch = Batch()
        self._polling = Polling(scope, self._batch, poll or interval or STAND_IN_INTERVAL)
        self._gone: set[str] = set()
        self._lock = threading.RLock()
        self._settled = threading.Event()
        self._stopping = False
        self.source = Nothing() if poll else self._open_source()

    def add(self, folders: Iterable[str]) -> None:
        """Watch these folders from now on."""
        with self._lock:
            for folder in folders:
                if self.source.name == "polling":
                    self._polling.add(folder)
                else:
                    self.source.add(folder)
        self.source.wake()

    def stop(self) -> None:
        """End the thread, unless it is the one that asks: then it ends after the callback."""
        self._stopping = True
        self.source.wake()
        if threading.current_thread() is not self:
            self.join()

    def settle(self, limit: float) -> None:
        """Wait until all that has happened is delivered."""
        with self._lock:
            self._settled.clear()
            self.source.wake()
        self._settled.wait(limit)

    def run(self) -> None:
        """Wait, gather, call back, until stopped."""
        try:
            while not self._stopping:
                self._wait(self._patience())
                self._gather()
                self._look()
                self._deliver()
                self._note_settled()
        finally:
            self._settled.set()
            self.source.close()

    def _open_source(self) -> Source:
        # Only here, so that nothing is imported before something is watched.
        try:
            if sys.platform == "linux":
                from hotswap.inotify import Inotify as System  # noqa: PLC0415
            else:
                from hotswap.observer import Observer as System  # noqa: PLC0415
            return System(self._scope, self._batch, self._refuse)
        except OSError as error:
            _log.warning("cannot watch files (%s): looking every second", error)
            return Nothing()

    def _refuse(self, folder: str, reason: str, *, lost: bool = False) -> None:
        """
        A folder that sends no events is polled; one that is gone, until it is back.

        Args:
            lost: It was gone, though there may be another one by now: all in that is new.
        """
        _log.warning("%s: %s: looking there every second", folder, reason)
        lost = lost or not os.path.isdir(folder)
        if lost:
            self._gone.add(folder)
        self._polling.add(folder, known=not lost)

    def _patience(self) -> float | None:
        if self._batch.ready:
            return 0.0
        due = (self._batch.due(), self._polling.due())
        return min((seconds for seconds in due if seconds is not None), default=None)

    def _wait(self, seconds: float | None) -> bool:
        came = self.source.wait(seconds)
        if came:
            with self._lock:
                self.source.take_in()
        return came

    def _look(self) -> None:
        with self._lock:
            if self._polling.due() == 0.0:
                back = {folder for folder in self._gone if os.path.isdir(folder)}
                self._gone -= back
                for folder in back:
                    self.source.add(folder)
                self._polling.look()
                for folder in back - self._gone:
                    self._polling.discard(folder)
            self._batch.settle()

    def _gather(self) -> None:
        began = time.monotonic()
        while files := len(self._batch.ready):
            late = time.monotonic() - began > LONGEST_GATHERING + files * LONGEST_PER_FILE
            if late or self._stopping or not self._wait(min(files * QUIET_PER_FILE, LONGEST_QUIET)):
                return

    def _note_settled(self) -> None:
        with self._lock:
            if not self._batch.ready and self._batch.due() is None and not self.source.wait(0):
                self._settled.set()

    def _deliver(self) -> None:
        batch = self._batch.take()
        if not batch or self._stopping:
            return
        try:
            self._on_batch(batch)
        except BaseException:  # noqa: BLE001 - whatever it is, the next save must find us watching
            sys.excepthook(*sys.exc_info())
        with self._lock:
            self.source.catch_up()
