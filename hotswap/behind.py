"""Which files differ from what runs, since what they say was refused, or taken back?"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from hotswap import source
from hotswap.source import Stamp, Status


class Behind(set[str]):
    """Their paths, and what was found in them."""

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[str, tuple[bytes, Status | None]] = {}
        self._undone: set[str] = set()

    def found(self, path: str, data: bytes, stamp: Stamp) -> None:
        """A file differs from what runs; that may be refused, or not."""
        self._found[path] = data, stamp.status

    def caught_up(self, paths: Iterable[str]) -> None:
        """What these files say runs now."""
        for path in paths:
            if path in self:
                source.show_lines(path)
            self.discard(path)
            self._undone.discard(path)
            self._found.pop(path, None)

    def undone(self, paths: Iterable[str]) -> None:
        """What these files say does not run any more, though it could."""
        for path in paths:
            with contextlib.suppress(OSError):
                self.found(path, *source.read(path))
                self._undone.add(path)
            self.add(path)

    def is_undone(self, path: str, stamp: Stamp) -> bool:
        """Whether it is the save that was taken back which a file is from."""
        return path in self._undone and self._found[path][1] == stamp.status

    def is_as_refused(self, path: str) -> bool:
        """Whether a file was not saved again since it was refused, not even as it was."""
        if path not in self or path not in self._found:
            return False
        try:
            data, stamp = source.read(path)
        except OSError:
            return False
        return (data, stamp.status) == self._found[path]
