"""Which files differ from what runs, since what they say was refused?"""

from __future__ import annotations

from collections.abc import Iterable

from hotswap import source
from hotswap.source import Stamp, Status


class Behind(set[str]):
    """Their paths, and what was found in them."""

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[str, tuple[bytes, Status | None]] = {}

    def found(self, path: str, data: bytes, stamp: Stamp) -> None:
        """A file differs from what runs; that may be refused, or not."""
        self._found[path] = data, stamp.status

    def caught_up(self, paths: Iterable[str]) -> None:
        """What these files say runs now."""
        for path in paths:
            self.discard(path)
            self._found.pop(path, None)

    def is_as_refused(self, path: str) -> bool:
        """Whether a file was not saved again since it was refused, not even as it was."""
        if path not in self or path not in self._found:
            return False
        try:
            data, stamp = source.read(path)
        except OSError:
            return False
        return (data, stamp.status) == self._found[path]
