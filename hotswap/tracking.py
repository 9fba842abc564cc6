"""
While own modules execute: which modules are followed, whose functions ran, what was looked for?

A finder in front of all others lets every own module be executed here, by its own loader's
code. Nothing is left on the path of a call once the imports are done.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import itertools
import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from hotswap import source
from hotswap.calls import Calls
from hotswap.policy import Policies
from hotswap.recorder import Recorder, Running
from hotswap.source import Stamp, Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FrameType

    from hotswap.calls import Site

_IMPORTLIB = ("<frozen importlib", "<frozen runpy")
_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep


class Failed:
    """An import that failed while an own module executed: who asked, and the bytes that failed."""

    def __init__(self, data: bytes | None, path: str | None) -> None:
        self.sites: set[Site] = set()
        self.data, self.path = data, path


class DataFile:
    """A file that was read, or a folder that was listed, while own modules executed."""

    def __init__(self, stamp: Stamp, digest: int) -> None:
        self.sites: set[Site] = set()
        self.stamp, self.digest = stamp, digest


class Tracker:
    """
    Follows the modules whose file `owns` says yes to.

    Args:
        owns: Absolute path of a source file → whether it is the project's own.
    """

    def __init__(self, owns: Callable[[str], bool]) -> None:
        self.owns = owns
        self.units: dict[str, Unit] = {}
        self.binaries: dict[str, tuple[str, Stamp]] = {}
        self.calls = Calls()
        self.failed: dict[str, Failed] = {}
        self.data_files: dict[str, DataFile] = {}
        self.policies = Policies()
        self.typed: dict[str, tuple[str, str] | None] = {}
        """Names bound at a prompt: module and name if by `from module import name`, else None."""
        self.joined: Callable[[Unit], None] | None = None
        """Told of every module that starts to be followed."""
        self._order = itertools.count(1)
        self._own: dict[str, bool] = {}
        self._finder = _Finder(self)
        self.recorder = Recorder(self.calls, self.own, self._own)

    def install(self) -> None:
        """Put the finder in front, and follow what is imported already."""
        if self._finder not in sys.meta_path:
            sys.meta_path.insert(0, self._finder)
            _audit(self)
        self.adopt()

    def uninstall(self) -> None:
        """Take the finder out; modules that are followed stay as they are."""
        with contextlib.suppress(ValueError):
            sys.meta_path.remove(self._finder)
        if _audited and _audited[-1] is self:
            _audited.clear()

    def adopt(self) -> None:
        """Follow own modules that were imported in another way, as they are on disk now."""
        for name, module in list(sys.modules.items()):
            if name not in self.units and isinstance(module, ModuleType):
                unit = self._adopted(name, module)
                if unit is not None:
                    self._follow(unit)

    def _adopted(self, name: str, module: ModuleType) -> Unit | None:
        path = getattr(module, "__file__", None)
        if not isinstance(path, str) or not path.endswith((".py", ".pyw")) or not self.own(path):
            return None
        if name == "__main__" and not os.path.isabs(path):
            path = os.path.abspath(path)
        spec = getattr(module, "__spec__", None)
        try:
            data, stamp = source.read(path)
        except OSError:
            return None
        loader = getattr(spec, "loader", None)
        unit = Unit(name, path, module, loader, data, None, next(self._order), stamp)
        unit.tracked = False
        return unit

    def _follow(self, unit: Unit) -> None:
        self.units[unit.name] = unit
        unit.policy = self.policies.of(unit.name)
        if self.joined is not None:
            self.joined(unit)

    def forget_others(self) -> None:
        """Follow no longer what is not the project's own by now."""
        self._own.clear()
        for name in [name for name, unit in self.units.items() if not self.own(unit.path)]:
            del self.units[name]

    def own(self, path: str) -> bool:
        """Whether a path belongs to the project; remembered."""
        known = self._own.get(path)
        if known is None:
            # `<frozen importlib._bootstrap>` and `<string>` are no paths
            known = path[:1] != "<" and not path.startswith(_HERE) and self.owns(path)
            self._own[path] = known
        return known

    # -- executing ------------------------------------------------------------------------

    def execute(self, module: ModuleType, loader: Any) -> None:
        """Execute a module for the first time (or again, if the program reloads it itself)."""
        spec = module.__spec__
        assert spec is not None
        path = spec.origin or ""
        data, stamp = source.read(path)
        unit = Unit(spec.name, path, module, loader, data, None, 0, stamp)
        try:
            code = unit.code = source.load_code(loader, spec, stamp)
            self.units[unit.name] = unit
            unit.within = self._importing()
            self.recorder.begin(Running(unit, code, unit.within))
            try:
                exec(code, module.__dict__)  # noqa: S102
            finally:
                self.recorder.end()
        except BaseException:
            self.units.pop(unit.name, None)
            self.note_failure(unit.name, data, path)
            raise
        unit.order = next(self._order)
        if self.failed:
            self.failed.pop(unit.name, None)
        self._follow(unit)

    def run_main(self, module: ModuleType, path: str, data: bytes, code: CodeType) -> None:
        """
        Execute the program's main module, and follow it.

        Which functions run is not looked at: they are the program itself, for as long as it runs.
        """
        spec = getattr(module, "__spec__", None)
        loader = getattr(spec, "loader", None)
        unit = Unit("__main__", path, module, loader, data, code, sys.maxsize, Stamp.of(path))
        unit.script = True
        if self.own(path):
            self._follow(unit)
        exec(code, module.__dict__)  # noqa: S102

    @contextlib.contextmanager
    def on_behalf_of(self, unit: Unit, code: CodeType) -> Iterator[None]:
        """While the block runs, functions that start are noted down for lines of `unit`."""
        self.recorder.begin(Running(unit, code, unit.within))
        try:
            yield
        finally:
            self.recorder.end()

    @property
    def running(self) -> Running | None:
        """The module that executes in this thread."""
        return self.recorder.running

    def here(self) -> Site | None:
        """The line of the module that executes in this thread, at which it stands."""
        running = self.running
        line = running and running.frame and running.frame.f_lineno
        return self.calls.site(running.unit.name, line) if running and line else None

    def _importing(self) -> tuple[Site, ...]:
        """The lines at which the modules stand that are being imported in this thread."""
        running, site = self.running, self.here()
        if running is None:
            return ()
        return running.within if site is None else (*running.within, site)

    # -- what was looked for --------------------------------------------------------------

    def note_failure(self, name: str, data: bytes | None, path: str | None) -> None:
        """An import failed: the module that asked may have caught the error."""
        site = self.here()
        if site is not None:
            failed = self.failed.setdefault(name, Failed(data, path))
            failed.sites.add(site)
            failed.data, failed.path = data, path

    def note_data(self, path: str) -> None:
        """A file was opened, or a folder listed, while a module executes."""
        site = self.here()
        if site is None or not _asked_by_program():
            return
        path = os.path.abspath(path)
        if os.path.basename(path) == "__pycache__":
            return  # looked into on the way to packages; it changes with every edit
        known = self.data_files.get(path)
        if known is None:
            known = self.data_files[path] = DataFile(Stamp.of(path), digest(path))
        known.sites.add(site)

    def note_binary(self, name: str, path: str) -> None:
        """An own extension module is loaded."""
        self.binaries[name] = (path, Stamp.of(path))


def digest(path: str) -> int:
    """What a file holds, or which names a folder has; 0 if it is gone."""
    try:
        if os.path.isdir(path):
            names = (name for name in os.listdir(path) if name != "__pycache__")
            return hash(tuple(sorted(names)))
        return hash(source.read(path)[0])
    except OSError:
        return 0


def _asked_by_program() -> bool:
    """Whether a file is opened by the program, not by the import system or by us."""
    frame: FrameType | None = sys._getframe(3)
    return frame is None or not frame.f_code.co_filename.startswith((*_IMPORTLIB, _HERE))


class _Finder:
    """Asks the finders behind it, and has own modules executed by the tracker."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker

    def find_spec(
        self, name: str, path: Any = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """As for any finder; the loader of an own module is wrapped."""
        if not self._tracker.recorder.rest():
            return self._find(name, path, target)
        executes = False
        try:
            spec = self._find(name, path, target)
            executes = _will_execute(spec, sys._getframe(1))
        finally:
            if not executes:
                self._tracker.recorder.listen()
        return spec

    def _find(
        self, name: str, path: Any, target: ModuleType | None
    ) -> importlib.machinery.ModuleSpec | None:
        finders = sys.meta_path
        behind = finders.index(self) + 1 if self in finders else 0
        for finder in finders[behind:]:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find is not None else None
            if spec is not None:
                self._take(spec)
                return spec  # type: ignore[no-any-return]
        self._note_missing(name)
        return None

    def _take(self, spec: importlib.machinery.ModuleSpec) -> None:
        if not spec.has_location or not spec.origin or spec.loader is None:
            return
        if not self._tracker.own(spec.origin):
            if Recorder.rests and self._tracker.running and hasattr(spec.loader, "exec_module"):
                spec.loader = _Unwatched(spec.loader, self._tracker)  # type: ignore[assignment]
        elif isinstance(spec.loader, importlib.machinery.ExtensionFileLoader):
            self._tracker.note_binary(spec.name, spec.origin)
        elif _runs_code(spec.loader):
            spec.loader = _Watched(spec.loader, self._tracker)  # type: ignore[assignment]

    def _note_missing(self, name: str) -> None:
        frame: FrameType | None = sys._getframe(3)
        while frame is not None and frame.f_code.co_filename.startswith(_IMPORTLIB):
            frame = frame.f_back
        if frame is not None and self._tracker.own(frame.f_code.co_filename):
            self._tracker.note_failure(name, None, None)


def _will_execute(spec: importlib.machinery.ModuleSpec | None, caller: FrameType) -> bool:
    """Whether a loader of ours acts next: an import asked for this spec, and it is a plain one."""
    stand_in: Any = spec and spec.loader
    if not issubclass(type(stand_in), _Loader):
        return False
    stand_in.listened = True
    return (
        caller.f_back is not None
        and caller.f_back.f_code.co_name == "_find_and_load_unlocked"
        and type(stand_in._loader) is importlib.machinery.SourceFileLoader
    )


def _runs_code(loader: Any) -> bool:
    """Whether a loader executes what its `get_code` returns, as the standard ones do."""
    standard = importlib.machinery.SourceFileLoader.exec_module
    return getattr(type(loader), "exec_module", None) is standard


class _Loader:
    """Stands in for a module's loader, in every respect but who executes the module."""

    listened = False
    """Whether functions are looked at in whoever imports the module."""

    def __init__(self, loader: Any, tracker: Tracker) -> None:
        self._loader, self._tracker = loader, tracker
        if hasattr(loader, "create_module"):  # as below, but this one is always asked for
            self.create_module = loader.create_module

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(self._loader)

    def _step_aside(self, module: ModuleType) -> Any:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        return self._loader

    def exec_module(self, module: ModuleType) -> None:
        """As for any loader."""
        try:
            self._execute(module, self._step_aside(module))
        finally:
            # Whoever imported this goes on.
            self._tracker.recorder.listen() if self.listened else self._tracker.recorder.rest()

    def _execute(self, module: ModuleType, loader: Any) -> None:
        raise NotImplementedError


class _Watched(_Loader):
    """Its module is executed by the tracker."""

    def _execute(self, module: ModuleType, loader: Any) -> None:
        self._tracker.execute(module, loader)


class _Unwatched(_Loader):
    """Its module is somebody else's: functions are not looked at (3.10 and 3.11)."""

    def _execute(self, module: ModuleType, loader: Any) -> None:
        self._tracker.recorder.rest()
        loader.exec_module(module)


_audited: list[Tracker] = []
_AUDITED = frozenset({"open", "os.listdir", "os.scandir"})
_NO_DATA = (".py", ".pyc", ".pyw", ".so", ".pyd")
_hooked = False


def _audit(tracker: Tracker) -> None:
    """Hear of files that modules read. A hook cannot be removed: there is one, and it is brief."""
    global _hooked  # noqa: PLW0603
    _audited[:] = [tracker]
    if not _hooked:
        _hooked = True
        sys.addaudithook(_on_audit)


def _on_audit(event: str, args: tuple[Any, ...]) -> None:
    if event in _AUDITED and _audited and _audited[0].running:
        path, *rest = args
        if event == "open":
            writes = isinstance(rest[0], str) and set(rest[0]) & set("wax+")
            if writes or not isinstance(path, str) or path.endswith(_NO_DATA):
                return
        if isinstance(path, (str, os.PathLike)):
            _audited[0].note_data(os.fspath(path))
