"""
What are a module's bytes and code? Read, compiled and remembered here, past bytecode caches.

`Unit` is a module as it was loaded: the code that runs is kept, since recompiling the same
source gives equal code objects, not the ones that living functions carry.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.machinery
import importlib.util
import os
import sys
import time
from functools import cached_property
from types import CodeType, ModuleType
from typing import Any

stat = os.stat
"""The system's own: while modules execute, something else stands there, which has to be heard."""
READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_RACY_SECONDS = 3.0
"""
A file changed so short before it was read may change again without its stamp showing it: on
FAT, times are told by two seconds.
"""
_RACY_SECONDS_FINE = 0.1
"""
The same where the times of files have more digits than milliseconds: they are taken from the
clock of the kernel, which ticks every 10 ms at the latest.
"""


Status = tuple[int, int, int, int]


class Stamp:
    """When a file may be taken for unchanged without reading it."""

    __slots__ = ("settled", "status")

    def __init__(self, status: Status | None, now: float) -> None:
        self.status = status
        self.settled = status is not None and _settled(status[0], now)

    @classmethod
    def of(cls, path: str) -> Stamp:
        """The stamp of a file as it is now."""
        try:
            return cls(_status(stat(path)), time.time())
        except OSError:
            return cls(None, 0.0)

    def holds(self, path: str) -> bool:
        """
        Whether the file surely has the bytes it had. The change time cannot be set back by
        a tool, unlike the modification time; a coarse clock is met by not trusting young files.
        """
        return self.settled and Stamp.of(path).status == self.status


def _settled(changed: int, now: float) -> bool:
    racy = _RACY_SECONDS_FINE if changed % 1_000_000 else _RACY_SECONDS
    return abs(now - changed / 1e9) > racy


def _status(status: os.stat_result) -> Status:
    return status.st_ctime_ns, status.st_mtime_ns, status.st_size, status.st_ino


class Unread(Exception):  # noqa: N818 - it says what is the matter with the source
    """The source of a module was not read when it was loaded, and is another one by now."""


class Unit:
    """
    A followed module: its object, and the bytes and code that it runs.

    Args:
        data: None: to be read when it is asked for, since the code was not made from it.
    """

    script = False
    """The `__main__` that hotswap itself runs."""
    tracked = True
    """Seen while it executed, so that it is known which functions ran on behalf of which line."""
    within: tuple[Any, ...] = ()
    """The lines of the modules that were being imported when this one was, outermost first."""
    targets: frozenset[str] = frozenset()
    """Modules it imported through `importlib.import_module`."""
    policy = ""
    """What the project says of it: "never" or "restart"; empty for most."""

    def __init__(  # noqa: PLR0913, PLR0917 - a module is made of many things
        self,
        name: str,
        path: str,
        module: ModuleType,
        loader: Any,
        data: bytes | None,
        code: CodeType | None,
        order: int = 0,
        stamp: Stamp | None = None,
    ) -> None:
        self.name, self.path, self.module, self.loader = name, path, module, loader
        self.code, self.stamp = code, stamp
        if data is not None:
            self.data = data
        self.order = order
        """The place in which it completed its first import."""
        self.place = order
        """The one in which a fresh start would."""

    def replaced(self, **attributes: Any) -> Unit:
        """One like this, but for these attributes."""
        other = Unit.__new__(Unit)
        vars(other).update(vars(self), **attributes)
        return other

    def imported(self, name: str, package: str) -> str:
        """
        It imports a module by a string, as `importlib.import_module` takes it; gives the
        absolute name.
        """
        with contextlib.suppress(ImportError, ValueError):
            name = importlib.util.resolve_name(name, package) if name[:1] == "." else name
            self.targets |= {name}
        return name

    @cached_property
    def data(self) -> bytes:
        """
        The bytes of its source.

        Raises:
            Unread: They are to be read only now, and the file is not what it was.
            OSError: They are to be read only now, and cannot be.
        """
        data, stamp = read(self.path)
        if self.stamp is None or stamp.status != self.stamp.status:
            with contextlib.suppress(SyntaxError, RecursionError, MemoryError, OverflowError):
                if compile_source(self, data) == self.code:  # it was written, and says the same
                    return data
            raise Unread
        return data

    @property
    def namespace(self) -> dict[str, Any]:
        """The module's globals."""
        return self.module.__dict__

    @property
    def package(self) -> str:
        """The package that relative imports of the module start from."""
        package = self.namespace.get("__package__")
        if isinstance(package, str):
            return package
        return self.name if self.namespace.get("__path__") else self.name.rpartition(".")[0]

    @property
    def is_main(self) -> bool:
        """Whether it is the program's main module, under whatever name it was found."""
        return self.name == "__main__"


def read(path: str) -> tuple[bytes, Stamp]:
    """
    The bytes of a file, and the stamp that belongs to them.

    By file descriptor: this is on the way of every import, and several times as fast as `open`.

    Raises:
        OSError: It is gone or must not be read.
    """
    file = os.open(path, READ)
    try:
        status = os.fstat(file)
        data = rest(file, status.st_size + 1)
    finally:
        os.close(file)
    return data, Stamp(_status(status), time.time())


def rest(file: int, expected: int) -> bytes:
    """What is left of a file: less than expected, unless it grows or is no plain file."""
    data = os.read(file, expected)
    if len(data) < expected:
        return data
    parts = [data]
    while part := os.read(file, 65536):
        parts.append(part)
    return b"".join(parts)


def compile_source(unit: Unit, data: bytes) -> CodeType:
    """
    Compile through the module's own loader, so that loaders that rewrite go on doing so.

    Raises:
        SyntaxError: Also for null bytes and undecodable text, with the file's name.
    """
    compiler = getattr(unit.loader, "source_to_code", None)
    try:
        if compiler is not None:
            code = compiler(data, unit.path)
        else:
            code = compile(data, unit.path, "exec", dont_inherit=True)
    except ValueError as error:  # 3.10 and 3.11: null bytes
        raise SyntaxError(str(error), (unit.path, 1, None, None)) from error
    except SyntaxError as error:
        if error.filename is None:  # 3.12 and later: null bytes
            raise SyntaxError(error.msg, (unit.path, 1, None, None)) from error
        raise
    assert isinstance(code, CodeType)
    return code


def forget_bytecode(path: str) -> None:
    """
    Remove a cached bytecode file that a new process would take for the present source.

    Python compares whole seconds and the size, so an edit of equal length within a second
    passes unnoticed.
    """
    with contextlib.suppress(OSError, NotImplementedError, ValueError):
        cached = importlib.util.cache_from_source(path)
        with open(cached, "rb") as file:
            header = file.read(16)
        flags, mtime, size = (int.from_bytes(header[at : at + 4], "little") for at in (4, 8, 12))
        status = os.stat(path)
        stamp = (int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF)
        if flags == 0b01 or (flags == 0 and (mtime, size) == stamp):
            os.unlink(cached)


def show_lines(path: str) -> None:
    """Let tracebacks show the lines of the file as it is now."""
    import linecache  # noqa: PLC0415 - not before the program has started

    if path in linecache.cache and linecache.cache[path][1:2] == (None,):  # pinned
        del linecache.cache[path]
    linecache.checkcache(path)


def pin_lines(path: str, data: bytes) -> None:
    """Let tracebacks show these lines, though the file has others by now."""
    import linecache  # noqa: PLC0415 - not before the program has started

    try:
        lines = importlib.util.decode_source(data).splitlines(keepends=True)
    except (SyntaxError, UnicodeDecodeError):
        return
    linecache.cache[path] = (len(data), None, lines, path)  # without a time it is not checked


def found_at(name: str) -> str | None:
    """Where a fresh start would find a module: its file, "" if it has none; None: nowhere."""
    parent = name.rpartition(".")[0]
    path = getattr(sys.modules.get(parent), "__path__", None)
    if parent and path is None:
        return None  # no package, or not one yet
    importlib.invalidate_caches()
    spec = importlib.machinery.PathFinder.find_spec(name, path)
    return None if spec is None else spec.origin or ""


def imported(module: str, name: str) -> Any:
    """What `from module import name` gives."""
    space = vars(sys.modules[module]) if module in sys.modules else {}
    if name in space:
        return space[name]
    if (found := sys.modules.get(f"{module}.{name}")) is not None:
        return found
    with contextlib.suppress(AttributeError):
        return getattr(sys.modules[module], name)
    with contextlib.suppress(ModuleNotFoundError):
        return importlib.import_module(f"{module}.{name}")
    raise ImportError(f"cannot import name {name!r} from {module!r}", name=module)
