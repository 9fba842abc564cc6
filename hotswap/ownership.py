"""Which files and objects are the project's own?"""

from __future__ import annotations

import os
import site
import sys
from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from hotswap.values import PLAIN, is_a

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_ANYBODYS = PLAIN | {list, dict, set, tuple, frozenset}
"""What most attributes hold: nobody defines such a kind."""
_INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


class Ownership:
    """
    Decides by path.

    Args:
        paths: Files and folders that are the project's, or one; None: all but what is installed.
        exclude: Patterns of paths or file names that are not.
    """

    def __init__(
        self, paths: str | Path | Iterable[str | Path] | None = None, exclude: Iterable[str] = ()
    ) -> None:
        given = None if paths is None else [os.path.abspath(path) for path in several(paths)]
        self._roots = None if given is None else _both(given)
        self._exclude = several(exclude)
        self._installed = _both(_libraries())
        self._files = tuple(path for path in self._roots or () if os.path.isfile(path))
        self._folders: dict[str, bool] = {}
        self._followed: set[str] = set()

    def exclude(self, patterns: tuple[str, ...]) -> None:
        """From now on files that match one of these patterns are not the project's."""
        self._exclude = patterns

    def file(self, path: str) -> bool:
        """Whether a file is the project's."""
        folder = path[: path.rfind(os.sep) + 1]  # on the way of every import
        known = self._folders.get(folder)
        if known is None:
            known = self._folders[folder] = self._folder(os.path.dirname(os.path.abspath(path)))
        if not known and self._files:
            known = _under(os.path.abspath(path), self._files)
        return known and not (self._exclude and self.excludes(os.path.abspath(path)))

    def _folder(self, folder: str) -> bool:
        if self._roots is not None:
            return _under(folder, self._roots) or _under(os.path.realpath(folder), self._roots)
        if any(part in folder + os.sep for part in _INSTALLED):
            return False
        return not _under(folder, self._installed)

    def excludes(self, path: str) -> bool:
        """Whether an absolute path, or its last part, matches a pattern of what is left out."""
        import fnmatch  # noqa: PLC0415 - few have patterns

        name = os.path.basename(path)
        return any(
            fnmatch.fnmatch(path, pattern) or fnmatch.fnmatch(name, pattern)
            for pattern in self._exclude
        )

    def object(self, value: Any) -> bool:
        """Whether the project's code defines a function or class, or made an object."""
        if type(value) in _ANYBODYS:
            return False
        if type(value).__module__.partition(".")[0] == "wrapt":
            value = getattr(value, "__wrapped__", value)
        if is_a(value, MethodType):
            value = value.__func__
        if is_a(value, FunctionType):
            return self._code(value.__code__.co_filename)
        if is_a(value, ModuleType):
            return self._module(value.__name__)
        kind = value if is_a(value, type) else type(value)
        return self._module(getattr(kind, "__module__", ""))

    def _code(self, path: str) -> bool:
        return not path.startswith("<") and self.file(path)

    def _module(self, name: Any) -> bool:
        module = sys.modules.get(name) if is_a(name, str) else None
        path = getattr(module, "__file__", None)
        return is_a(path, str) and self.file(path)

    # -- folders to watch -------------------------------------------------------------------

    def folders(self, files: Iterable[str]) -> set[str]:
        """The folders to watch for these modules: those given, or where the modules are."""
        if self._roots is not None:
            return {root if os.path.isdir(root) else os.path.dirname(root) for root in self._roots}
        self._followed.clear()
        found: set[str] = set()
        for path in files:
            found |= self.new_folders(path)
        return found

    def new_folders(self, path: str) -> set[str]:
        """The folder that a module's file adds to those that are watched, if any."""
        folder = os.path.dirname(path)
        if folder in self._followed or self._roots is not None:
            return set()
        top = _top(folder)
        self._followed |= {folder, top}
        return {top}


def _top(folder: str) -> str:
    """The folder that a package's top level is in: it may get new modules beside it."""
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder = os.path.dirname(folder)
    return folder


def _libraries() -> list[str]:
    # As `sysconfig.get_paths()`, which takes longer than everything else here together.
    version = "python{}.{}".format(*sys.version_info)
    paths = [os.path.dirname(os.__file__)]
    paths += [
        os.path.join(prefix, sys.platlibdir, version)
        for prefix in (sys.base_exec_prefix, sys.exec_prefix)
    ]
    if hasattr(site, "getsitepackages"):
        paths += site.getsitepackages()
    if site.ENABLE_USER_SITE:
        paths.append(site.getusersitepackages())
    return [os.path.abspath(path) for path in paths]


def several(given: Any) -> tuple[Any, ...]:
    """What was given: a text or a path that stands alone is one, and not its letters."""
    return (given,) if isinstance(given, (str, os.PathLike)) else tuple(given)


def _both(paths: Iterable[str]) -> tuple[str, ...]:
    found: list[str] = []
    for path in paths:
        for one in (path, os.path.realpath(path)):
            if one not in found:
                found.append(one)
    return tuple(found)


def _under(path: str, roots: tuple[str, ...]) -> bool:
    return any(path == root or path.startswith(root.rstrip(os.sep) + os.sep) for root in roots)
