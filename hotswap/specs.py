"""
Where is a module of a package, and its bytecode? Found as Python's own finder does, but sooner.

`FileFinder` tries the suffixes of extension modules before that of sources, one after the other,
and each spec works out anew where bytecode is cached: a seventh of the time of an import.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from importlib.machinery import EXTENSION_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from stat import S_ISREG
from typing import TYPE_CHECKING, Any

from hotswap.source import stat

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

_external: Any = importlib._bootstrap_external
_STANDARD = [
    (suffix, loader)
    for loader, suffixes in _external._get_supported_file_loaders()
    for suffix in suffixes
]
"""What a finder tries if nobody has told it to load in another way."""
_EXTENSIONS = tuple(EXTENSION_SUFFIXES)


class _Folder:
    """
    What a finder knows of its folder.

    Args:
        names: The finder's set of what is in the folder: it makes another one if that changes.
    """

    def __init__(self, finder: FileFinder, names: AbstractSet[str]) -> None:
        self.names, self.prefix = names, sys.pycache_prefix
        self.plain = _is_plain(finder) and not any(name.endswith(_EXTENSIONS) for name in names)
        """Whether each module that is in it is the source of that name."""
        if self.plain:
            cached = importlib.util.cache_from_source(os.path.join(finder.path, "_.py"))
            self.before, self.after = cached.rsplit("_.", 1)


def _is_plain(finder: FileFinder) -> bool:
    """Whether it finds as ever."""
    as_ever = vars(finder).get("_loaders") == _STANDARD and "PYTHONCASEOK" not in os.environ
    caches = sys.implementation.cache_tag is not None
    return as_ever and caches and os.path.isabs(finder.path) and finder.path[-1] != os.sep


class Specs:
    """Remembers what is the same for all modules of a folder."""

    def __init__(self) -> None:
        self._folders: dict[str, _Folder] = {}

    def find(self, name: str, path: object) -> ModuleSpec | None:
        """
        The spec of a module that is one file in the one folder of its package.

        None: it may be found in another way, or not at all.
        """
        if type(path) is not list or len(path) != 1:
            return None
        finder = sys.path_importer_cache.get(path[0])
        if type(finder) is not FileFinder:
            return None
        names: AbstractSet[str] = finder._path_cache  # type: ignore[attr-defined]
        stem = name[name.rfind(".") + 1 :]
        if f"{stem}.py" not in names or stem in names:
            return None
        folder = self._folders.get(path[0])
        if folder is None or folder.names is not names or folder.prefix != sys.pycache_prefix:
            folder = self._folders[path[0]] = _Folder(finder, names)
        return _spec(name, stem, folder, finder) if folder.plain else None


def _spec(name: str, stem: str, folder: _Folder, finder: FileFinder) -> ModuleSpec | None:
    file = f"{finder.path}{os.sep}{stem}.py"
    try:
        listed = stat(finder.path).st_mtime == finder._path_mtime  # type: ignore[attr-defined]
        if not (listed and S_ISREG(stat(file).st_mode)):
            return None
    except OSError:
        return None
    spec = ModuleSpec(name, SourceFileLoader(name, file), origin=file)
    spec.has_location = True
    spec.cached = f"{folder.before}{stem}.{folder.after}"
    return spec
