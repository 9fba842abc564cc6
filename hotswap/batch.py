"""Which files have changed since the last batch, and which of them can be read already?"""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_LOOK = 0.002
"""Most writers have closed their new file by then, and no look is needed."""

Signature = tuple[int, int, int, int]


def signature(path: str) -> Signature | None:
    """What tells one state of a file from the next without reading it; None if it is gone."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_ctime_ns, status.st_mtime_ns, status.st_size, status.st_ino


def is_link(path: str) -> bool:
    """Whether a name was given to a file that exists already, so that nobody is writing it."""
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISLNK(status.st_mode) or status.st_nlink > 1


@dataclass
class _Unsettled:
    pause: float
    due: float
    seen: Signature | None = None


class Batch:
    """
    The files that changed and were not handed over yet.

    A file that may still be being written is held back until two looks at it, a pause apart, see
    the same. A file that was born and is gone again within one batch is in none.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.ready: set[str] = set()
        self._born: set[str] = set()
        self._unsettled: dict[str, _Unsettled] = {}
        self._clock = clock

    def created(self, path: str) -> None:
        """A name is new: until it is handed over, nobody misses it."""
        if path not in self.ready:
            self._born.add(path)

    def written(self, path: str) -> None:
        """A file is complete and can be read."""
        self._unsettled.pop(path, None)
        self.ready.add(path)

    def maybe_written(self, path: str, pause: float) -> None:
        """A file changed and may change further: hand it over once it is the same for `pause`."""
        self._unsettled[path] = _Unsettled(pause, self._clock() + FIRST_LOOK)

    def vanished(self, path: str) -> None:
        """A file is gone."""
        self._unsettled.pop(path, None)
        if path in self._born:
            self._born.discard(path)
            self.ready.discard(path)
        else:
            self.ready.add(path)

    def due(self) -> float | None:
        """Seconds until the next look at a file held back; None if there is none."""
        if not self._unsettled:
            return None
        return max(0.0, min(each.due for each in self._unsettled.values()) - self._clock())

    def settle(self) -> None:
        """Look at the files held back whose pause is over."""
        now = self._clock()
        for path, held in list(self._unsettled.items()):
            if held.due > now:
                continue
            seen = signature(path)
            if seen is None or seen == held.seen or is_link(path):
                self.written(path)
            else:
                held.seen, held.due = seen, now + held.pause

    def take(self) -> frozenset[str]:
        """The batch; the next one begins empty."""
        taken = frozenset(self.ready)
        self.ready.clear()
        self._born -= taken
        return taken
