"""
While own modules execute: which modules are followed, whose functions ran, what was looked for?

A finder in front of all others lets every own module be executed here, by its own loader's
code. Nothing is left on the path of a call once the imports are done.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
import time
from types import ModuleType
from typing import TYPE_CHECKING, Any

from hotswap import audit, source
from hotswap.calls import Calls
from hotswap.finder import IMPORTLIB, Finder
from hotswap.finds import DataFile, Failed, Sought
from hotswap.loading import Sources
from hotswap.policy import Policies
from hotswap.running import Running
from hotswap.source import Stamp, Unit, Unread

if sys.version_info >= (3, 12):
    from hotswap.monitored import Monitor as Recorder
else:
    from hotswap.profiled import Profiler as Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FrameType

    from hotswap.running import Site

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep


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
        self.sought: dict[str, Sought] = {}
        self.policies = Policies()
        self.since = time.time()
        """Files that are older were there when the program started."""
        self.typed: dict[str, tuple[str, str] | None] = {}
        """Names bound at a prompt: module and name if by `from module import name`, else None."""
        self.typed_in: dict[str, dict[str, tuple[str, str] | None]] = {}
        """The same for modules in which somebody runs commands who has attached."""
        self.joined: Callable[[Unit], None] | None = None
        """Told of every module that starts to be followed."""
        self.sources = Sources()
        self._order = itertools.count(1)
        self._own: dict[str, bool] = {}
        self._finder = Finder(self)
        self.recorder = Recorder(self.calls, self.own, self._own, self.note_look)

    def install(self) -> None:
        """Put the finder in front, and follow what is imported already."""
        if self._finder not in sys.meta_path:
            sys.meta_path.insert(0, self._finder)
            audit.hear(self)
        self.adopt()

    def uninstall(self) -> None:
        """Take the finder out; modules that are followed stay as they are."""
        with contextlib.suppress(ValueError):
            sys.meta_path.remove(self._finder)
        audit.forget(self)

    def adopt(self) -> None:
        """Follow own modules that were imported in another way, as they are on disk now."""
        for name, module in list(sys.modules.items()):
            if name not in self.units and isinstance(module, ModuleType):
                known = self.units.get(module.__name__)
                if known is not None and known.module is module:
                    continue  # it is followed, and has another name besides
                unit = self._adopted(name, module)
                if unit is not None:
                    self._follow(unit)

    def _adopted(self, name: str, module: ModuleType) -> Unit | None:
        path = getattr(module, "__file__", None)
        if not isinstance(path, str) or not path.endswith((".py", ".pyw")) or not self.own(path):
            return None
        if name == "__main__":
            if _is_typed_into(module):
                return None
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
        unit = self.sources.load(spec, module, loader)
        try:
            code = unit.code = unit.code or loader.get_code(spec.name)
            self.units[unit.name] = unit
            unit.within = self._importing()
            self.recorder.begin(Running(unit, code, unit.within))
            try:
                exec(code, module.__dict__)  # noqa: S102
            finally:
                self.recorder.end()
        except BaseException:
            self.units.pop(unit.name, None)
            self._note_failed(unit)
            raise
        unit.order = unit.place = next(self._order)
        if self.failed:
            self.failed.pop(unit.name, None)
        self._follow(unit)

    def moment(self) -> int:
        """Now, as one among the imports that are completed."""
        return next(self._order)

    def imported_since(self, moment: int) -> list[Unit]:
        """The modules whose import was completed after a moment."""
        if next(self._order) == moment + 1:
            return []
        return [unit for unit in list(self.units.values()) if moment < unit.order < sys.maxsize]

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
        running = self.recorder.running
        if running is None:
            return ()
        line = running.frame and running.frame.f_lineno
        if not line:
            return running.within
        return (*running.within, self.calls.site(running.unit.name, line))

    # -- what was looked for --------------------------------------------------------------

    def _note_failed(self, unit: Unit) -> None:
        try:
            self.note_failure(unit.name, unit.data, unit.path)
        except (Unread, OSError):  # then it is sure to be another one now
            self.note_failure(unit.name, b"", unit.path)

    def note_failure(self, name: str, data: bytes | None, path: str | None) -> None:
        """An import failed: the module that asked may have caught the error."""
        site = self.here()
        if site is not None:
            failed = self.failed.setdefault(name, Failed(data, path))
            failed.sites.add(site)
            failed.data, failed.path = data, path

    def note_code(self, code: CodeType) -> None:
        """Code is executed while a module executes: it may be a file's, and not by an import."""
        running, path = self.running, code.co_filename
        if running is not None and path != running.unit.path and self.own(path):
            self._note_file(path)

    def note_data(self, path: str, *, listed: bool) -> None:
        """A file was opened, or a folder listed, while a module executes."""
        if _asked_by_program(listed=listed):
            self._note_file(path)

    def note_found(self, path: str) -> None:
        """A module was looked for while a module executes, and is there."""
        self._note_file(path)

    def note_look(self, path: str, more: bool) -> None:  # noqa: FBT001 - as it is heard
        """It was asked whether there is a file, or for more than that, while a module executes."""
        if more:
            self._note_file(path)
        elif (site := self.here()) is not None and (self.owns(path) or self.owns(path + os.sep)):
            self.sought.setdefault(path, Sought(path)).sites.add(site)

    def note_made(self, path: str) -> None:
        """The program itself makes or removes a file: that is no edit."""
        if self.sought:
            self.sought.pop(os.path.abspath(path), None)

    def _note_file(self, path: str) -> None:
        site = self.here()
        if site is None:
            return
        path = os.path.abspath(path)
        if os.path.basename(path) == "__pycache__":
            return  # looked into on the way to packages; it changes with every edit
        known = self.data_files.get(path)
        if known is None:
            known = self.data_files[path] = DataFile(path)
        known.sites.add(site)

    def found(self, path: str) -> list[DataFile]:
        """What was found at a path while modules executed."""
        both: list[DataFile | None] = [self.data_files.get(path), self.sought.get(path)]
        return [one for one in both if one is not None]

    def note_binary(self, name: str, path: str) -> None:
        """An own extension module is loaded."""
        self.binaries[name] = (path, Stamp.of(path))


def _is_typed_into(module: ModuleType) -> bool:
    """Whether it is that of a prompt of IPython's, where `%run` leaves the name of a file."""
    if "IPython" not in sys.modules:
        return False
    from hotswap.repl import typed  # noqa: PLC0415 - programs have no prompt

    return typed.namespace() is vars(module)


def _asked_by_program(*, listed: bool) -> bool:
    """
    Whether a file is opened by the program, not by us; the import system lists folders, and
    opens a file only if it is asked for its data.
    """
    frame: FrameType | None = sys._getframe(4)  # behind what hears of it
    ours = (*IMPORTLIB, _HERE) if listed else (_HERE,)
    return frame is None or not frame.f_code.co_filename.startswith(ours)
