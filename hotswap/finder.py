"""
How come own modules are executed by the tracker, whoever imports them?

A finder in front of all others lets them; every other module is found and loaded as ever.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sys
from importlib.machinery import ExtensionFileLoader, PathFinder, SourceFileLoader
from typing import TYPE_CHECKING, Any, Protocol

from hotswap.specs import Specs

if TYPE_CHECKING:
    from types import FrameType, ModuleType

_LOCKS: dict[str, Any] = importlib._bootstrap._module_locks  # type: ignore[attr-defined]
"""By name, the modules that are being imported by some thread."""
IMPORTLIB = (
    "<frozen importlib",
    "<frozen runpy",
    *(importlib.__file__, importlib.util.__file__),  # which are not frozen on 3.10
)
"""How the file names of Python's own import system begin."""
_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep


class Executor(Protocol):
    """Whoever follows the own modules: the tracker."""

    def own(self, path: str) -> bool:
        """Whether a path belongs to the project."""

    def execute(self, module: ModuleType, loader: Any) -> None:
        """Execute an own module."""

    def note_binary(self, name: str, path: str) -> None:
        """An own extension module is loaded."""

    def note_failure(self, name: str, data: bytes | None, path: str | None) -> None:
        """An import failed."""

    def note_found(self, path: str) -> None:
        """An own module was found by somebody who only asked for it."""


class Finder:
    """Asks the finders behind it, and has own modules executed by the tracker."""

    def __init__(self, tracker: Executor) -> None:
        self._tracker, self._specs = tracker, Specs()

    def find_spec(
        self, name: str, path: Any = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """As for any finder; the loader of an own module is wrapped."""
        finders = sys.meta_path
        behind = finders.index(self) + 1 if self in finders else 0
        for finder in finders[behind:]:
            try:
                find = finder.find_spec
            except AttributeError:
                continue
            spec = self._specs.find(name, path) if finder is PathFinder else None
            if spec is None:
                spec = find(name, path, target)
            if spec is not None:
                self._take(spec)
                return spec
        self._note_missing(name)
        return None

    def _take(self, spec: importlib.machinery.ModuleSpec) -> None:
        path, loader = spec.origin, spec.loader
        if not path or loader is None or not spec.has_location or not self._tracker.own(path):
            return
        if isinstance(loader, ExtensionFileLoader):
            self._tracker.note_binary(spec.name, path)
        elif type(loader) is SourceFileLoader or _runs_code(loader):
            spec.loader = Loader(loader, self._tracker)  # type: ignore[assignment]
            if not _is_import(spec.name):
                self._tracker.note_found(path)

    def _note_missing(self, name: str) -> None:
        frame: FrameType | None = sys._getframe(2)
        while frame is not None and frame.f_code.co_filename.startswith((*IMPORTLIB, _HERE)):
            frame = frame.f_back
        if frame is not None and self._tracker.own(frame.f_code.co_filename):
            self._tracker.note_failure(name, None, None)


def _is_import(name: str) -> bool:
    """Whether it was an import that asked the finders, which holds the lock, or a reload."""
    if name in _LOCKS:
        return True
    asker = sys._getframe(3).f_back
    return asker is None or asker.f_code.co_name == "reload"


def _runs_code(loader: Any) -> bool:
    """Whether a loader executes what its `get_code` returns, as the standard ones do."""
    standard = SourceFileLoader.exec_module
    return getattr(type(loader), "exec_module", None) is standard


class Loader:
    """Stands in for a module's loader, in every respect but who executes the module."""

    def __init__(self, loader: Any, tracker: Executor) -> None:
        self.real, self._tracker = loader, tracker
        if hasattr(loader, "create_module"):  # as below, but this one is always asked for
            self.create_module = loader.create_module

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(self.real)

    def _step_aside(self, module: ModuleType) -> Any:
        module.__loader__ = self.real
        if module.__spec__ is not None:
            module.__spec__.loader = self.real
        return self.real

    def exec_module(self, module: ModuleType) -> None:
        """As for any loader."""
        self._tracker.execute(module, self._step_aside(module))
