"""What did modules find on the disk, or did not, while they executed?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hotswap import source
from hotswap.source import Stamp

if TYPE_CHECKING:
    from hotswap.running import Site


class Failed:
    """An import that failed while an own module executed: who asked, and the bytes that failed."""

    def __init__(self, data: bytes | None, path: str | None) -> None:
        self.sites: set[Site] = set()
        self.data, self.path = data, path


class DataFile:
    """A file that was read, or a folder that was listed, while own modules executed."""

    def __init__(self, path: str) -> None:
        self.sites: set[Site] = set()
        self.stamp, self.digest = Stamp.of(path), self.look(path)

    @staticmethod
    def look(path: str) -> int:
        """What there is now of what was found then."""
        return digest(path)


class Sought(DataFile):
    """A path that was asked for, to see whether there is a file or a folder."""

    @staticmethod
    def look(path: str) -> int:
        """Nothing, a file, or a folder."""
        return os.path.exists(path) + os.path.isdir(path)


def digest(path: str) -> int:
    """What a file holds, or which names a folder has; 0 if it is gone."""
    try:
        if os.path.isdir(path):
            names = (name for name in os.listdir(path) if name != "__pycache__")
            return hash(tuple(sorted(names)))
        return hash((source.read(path)[0],))  # of nothing it is 0
    except OSError:
        return 0
