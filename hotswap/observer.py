"""What does watchdog's observer tell about the followed folders, on systems other than Linux?"""

from __future__ import annotations

import os
import threading
from collections import deque
from typing import TYPE_CHECKING

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer as SystemObserver

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotswap.batch import Batch
    from hotswap.folders import Scope

UNTIL_QUIET = 0.02
"""No system but Linux tells when a writer has closed its file."""


class Observer(FileSystemEventHandler):
    """
    Folders watched by the means that watchdog finds on this system.

    Args:
        refuse: called with a folder and a reason when it cannot be watched.
    """

    name = "watchdog"

    def __init__(self, scope: Scope, batch: Batch, refuse: Callable[[str, str], None]) -> None:
        self._scope, self._batch, self._refuse = scope, batch, refuse
        self._roots: dict[str, set[str]] = {}
        self._events: deque[FileSystemEvent] = deque()
        self._came = threading.Event()
        self._observer = SystemObserver()
        self._observer.start()

    def add(self, folder: str) -> None:
        """Watch a folder and all below; what is in it now is no change."""
        real = os.path.realpath(folder)
        self._roots.setdefault(real, set()).update({folder, real})
        try:
            self._observer.schedule(self, real, recursive=True)
        except OSError as error:
            self._refuse(folder, str(error))

    def wait(self, timeout: float | None) -> bool:
        """Wait for events, or for `wake`; False when the time is over."""
        return self._came.wait(timeout)

    def wake(self) -> None:
        """End a `wait` in another thread."""
        self._came.set()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Called by watchdog, in its thread."""
        if event.event_type not in {"opened", "closed_no_write"}:
            self._events.append(event)
            self._came.set()

    def take_in(self) -> None:
        """Put what has happened into the batch."""
        self._came.clear()
        while self._events:
            event = self._events.popleft()
            if event.is_directory:
                continue
            for path in filter(None, (event.src_path, event.dest_path)):
                self._on_file(str(path))

    def catch_up(self) -> None:
        """Nothing has been put off."""

    def close(self) -> None:
        """End watchdog's threads."""
        self._observer.stop()
        self._observer.join()

    def _on_file(self, path: str) -> None:
        for root, names in self._roots.items():
            if not self._scope.reaches(path, root):
                continue
            for name in names:
                self._on_path(os.path.join(name, os.path.relpath(path, root)))

    def _on_path(self, path: str) -> None:
        if os.path.exists(path):
            self._batch.maybe_written(path, UNTIL_QUIET)
        else:
            self._batch.vanished(path)
