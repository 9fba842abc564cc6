"""What changed in folders that send no events?"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from hotswap.batch import Signature, signature

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotswap.batch import Batch
    from hotswap.folders import Scope

LONGEST_PAUSE = 0.1


class Polling:
    """Folders looked at every `interval` seconds; what differs goes into the batch."""

    def __init__(
        self,
        scope: Scope,
        batch: Batch,
        interval: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._scope, self._batch, self._clock = scope, batch, clock
        self.interval = interval
        self._pause = min(interval, LONGEST_PAUSE)
        self._seen: dict[str, dict[str, Signature]] = {}
        self._due = 0.0

    def add(self, folder: str, *, known: bool = True) -> None:
        """
        Look at this folder from now on.

        Args:
            known: What is in it now is no change.
        """
        if not self._seen:
            self._due = self._clock() + self.interval
        self._seen.setdefault(folder, self._look_at(folder) if known else {})

    def discard(self, folder: str) -> None:
        """Look at this folder no longer."""
        self._seen.pop(folder, None)

    def due(self) -> float | None:
        """Seconds until the next look; None while no folder is polled."""
        return max(0.0, self._due - self._clock()) if self._seen else None

    def look(self) -> None:
        """Look once."""
        for folder, before in list(self._seen.items()):
            self._seen[folder] = now = self._look_at(folder)
            self._compare(before, now)
        self._due = self._clock() + self.interval

    def _compare(self, before: dict[str, Signature], now: dict[str, Signature]) -> None:
        for path in before.keys() - now.keys():
            self._batch.vanished(path)
        for path, seen in now.items():
            if before.get(path) != seen:
                self._batch.maybe_written(path, self._pause)

    def _look_at(self, folder: str) -> dict[str, Signature]:
        paths = (
            os.path.join(inner, name)
            for inner, listing in self._scope.walk(folder)
            for name in listing.files
        )
        found = ((path, signature(path)) for path in paths)
        return {path: seen for path, seen in found if seen is not None}
