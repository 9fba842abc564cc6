"""Which folders and files below a followed folder are watched?"""

from __future__ import annotations

import fnmatch
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "dist-packages"})


@dataclass(frozen=True)
class Listing:
    """The names in one folder: subfolders and files to watch, and which of both are links."""

    folders: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    links: set[str] = field(default_factory=set)


class Scope:
    """
    Everything below a followed folder but what is hidden, installed, cached or excluded.

    Args:
        exclude: patterns as in `fnmatch`, held against a name and against a whole path.
    """

    def __init__(self, exclude: Iterable[str] = ()) -> None:
        patterns = [fnmatch.translate(os.path.normcase(pattern)) for pattern in exclude]
        self._excluded = re.compile("|".join(patterns)) if patterns else None

    def __contains__(self, path: str) -> bool:
        """Whether no pattern excludes this path."""
        if self._excluded is None:
            return True
        path = os.path.normcase(path)
        match = self._excluded.match
        return not (match(path) or match(os.path.basename(path)))

    def enters(self, folder: str) -> bool:
        """Whether a folder found inside a followed one is followed too."""
        name = os.path.basename(folder)
        if name in SKIPPED or name.startswith(".") or folder not in self:
            return False
        return not os.path.exists(os.path.join(folder, "pyvenv.cfg"))

    def reaches(self, path: str, root: str) -> bool:
        """Whether a path is below a followed folder, with only followed folders between."""
        if not path.startswith(os.path.join(root, "")) or path not in self:
            return False
        inner = os.path.dirname(path)
        while inner != root and self.enters(inner):
            inner = os.path.dirname(inner)
        return inner == root

    def list(self, folder: str) -> Listing:
        """What is in a folder; nothing, if it is gone or closed to us."""
        listing = Listing()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    self._sort(entry, listing)
        except OSError:
            return Listing()
        return listing

    def _sort(self, entry: os.DirEntry[str], listing: Listing) -> None:
        if entry.is_dir():
            if not self.enters(entry.path):
                return
            listing.folders.append(entry.name)
        elif entry.path in self:
            listing.files.append(entry.name)
        if entry.is_symlink():
            listing.links.add(entry.name)

    def walk(
        self,
        folder: str,
        enter: Callable[[str, str], bool] = lambda _folder, _real: True,
        real: str | None = None,
        above: frozenset[str] = frozenset(),
    ) -> Iterator[tuple[str, Listing]]:
        """
        A folder and the folders below it, through links, but never round a loop of them.

        `enter(folder, real path)` is asked before a folder is listed; what it refuses is left out.
        """
        real = real or os.path.realpath(folder)
        if real in above or not enter(folder, real):
            return
        listing = self.list(folder)
        yield folder, listing
        for name in listing.folders:
            inner = None if name in listing.links else os.path.join(real, name)
            yield from self.walk(os.path.join(folder, name), enter, inner, above | {real})
