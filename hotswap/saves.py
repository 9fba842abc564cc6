"""When was a file saved that may mend what has ended?"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection

from hotswap.options import Options
from hotswap.watcher import Watcher

_COARSE = 0.02
"""Seconds by which the clock of a file system may be behind."""


class NextSave:
    """
    Watches until it is stopped.

    Args:
        files: Those that had a part in what ended, and folders; what is beside a file, or below,
            counts too.
        saved: Called, in another thread, whenever something was saved.
    """

    def __init__(self, files: Collection[str], options: Options, saved: Callable[[], None]) -> None:
        self._files = [path for path in files if not os.path.isdir(path)]
        folders = {path if os.path.isdir(path) else os.path.dirname(path) for path in files}
        self._watcher = Watcher(lambda _batch: saved(), poll=options.poll, exclude=options.exclude)
        self._watcher.follow(folders)
        self._watcher.follow(options.paths or ())
        self._watcher.start()

    def came_since(self, moment: float) -> bool:
        """Whether one of the files was saved after that time of day."""
        return any(_changed_at(path) > moment - _COARSE for path in self._files)

    def stop(self) -> None:
        """Watch no more; no thread is left."""
        self._watcher.stop()


def _changed_at(path: str) -> float:
    try:
        return os.stat(path).st_ctime  # which no tool sets back
    except OSError:
        return 0.0
