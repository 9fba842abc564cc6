"""Which files beside its modules does a program need a new process for?"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator

from hotswap.finds import digest


class Extras:
    """
    The files (and folders, for the Python files in them) that `run_with_reloader` was given.

    Args:
        excludes: Whether a path is left out all the same.
    """

    def __init__(self, excludes: Callable[[str], bool]) -> None:
        self._excludes = excludes
        self._digests: dict[str, int] = {}
        self._roots: set[str] = set()

    def add(self, paths: Iterable[str]) -> None:
        """From now on these too, as they are."""
        for path in map(os.path.abspath, paths):
            if os.path.isdir(path):
                self._roots.add(os.path.join(path, ""))
                self._digests.update((each, digest(each)) for each in _python_files(path))
            else:
                self._digests[path] = digest(path)

    @property
    def folders(self) -> set[str]:
        """Where they are."""
        return {os.path.dirname(path) for path in (*self._digests, *self._roots)}

    def changed(self, batch: Iterable[str] | None) -> str:
        """One that is not as it was, of these or of all; empty if there is none."""
        for path in self._candidates(batch):
            if not self._excludes(path) and digest(path) != self._digests.get(path, 0):
                return path
        return ""

    def _candidates(self, batch: Iterable[str] | None) -> Iterator[str]:
        if batch is None:
            batch = [
                *self._digests,
                *(each for root in self._roots for each in _python_files(root)),
            ]
        yield from (path for path in batch if path in self._digests or self._is_new(path))

    def _is_new(self, path: str) -> bool:
        inside = any(path.startswith(root) for root in self._roots)
        return inside and path.endswith(".py") and path not in self._digests


def _python_files(folder: str) -> Iterator[str]:
    for inner, _, names in os.walk(folder):
        yield from (os.path.join(inner, name) for name in names if name.endswith(".py"))
