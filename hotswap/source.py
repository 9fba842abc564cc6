"""
What are a module's bytes and code? Read, compiled and remembered here, past bytecode caches.

`Unit` is a module as it was loaded: the code that runs is kept, since recompiling the same
source gives equal code objects, not the ones that living functions carry.
"""

from __future__ import annotations

import contextlib
import importlib.util
import linecache
import os
import struct
import time
from dataclasses import dataclass
from types import CodeType, ModuleType
from typing import Any

_READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_RACY_SECONDS = 3.0
"""A file changed so short before it was read may change again without its stamp showing it."""


Status = tuple[int, int, int, int]


class Stamp:
    """When a file may be taken for unchanged without reading it."""

    __slots__ = ("settled", "status")

    def __init__(self, status: Status | None, now: float) -> None:
        self.status = status
        self.settled = status is not None and abs(now - status[0] / 1e9) > _RACY_SECONDS

    @classmethod
    def of(cls, path: str) -> Stamp:
        """The stamp of a file as it is now."""
        try:
            return cls(_status(os.stat(path)), time.time())
        except OSError:
            return cls(None, 0.0)

    def holds(self, path: str) -> bool:
        """
        Whether the file surely has the bytes it had. The change time cannot be set back by
        a tool, unlike the modification time; a coarse clock is met by not trusting young files.
        """
        return self.settled and Stamp.of(path).status == self.status


def _status(status: os.stat_result) -> Status:
    return status.st_ctime_ns, status.st_mtime_ns, status.st_size, status.st_ino


@dataclass(eq=False)
class Unit:
    """A followed module: its object, and the bytes and code that it runs."""

    name: str
    path: str
    module: ModuleType
    loader: Any
    data: bytes
    code: CodeType | None
    order: int = 0
    """The place in which it completed its first import."""
    stamp: Stamp | None = None
    script: bool = False
    """The `__main__` that hotswap itself runs."""
    tracked: bool = True
    """Seen while it executed, so that it is known which functions ran on behalf of which line."""
    within: tuple[Any, ...] = ()
    """The lines of the modules that were being imported when this one was, outermost first."""
    targets: frozenset[str] = frozenset()
    """Modules it imported through `importlib.import_module`."""

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
    file = os.open(path, _READ)
    try:
        status = os.fstat(file)
        data = os.read(file, status.st_size + 1)
        if len(data) != status.st_size:  # it grows, or is no plain file
            parts = [data]
            while part := os.read(file, 65536):
                parts.append(part)
            data = b"".join(parts)
    finally:
        os.close(file)
    return data, Stamp(_status(status), time.time())


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
    with contextlib.suppress(OSError, NotImplementedError, struct.error, ValueError):
        cached = importlib.util.cache_from_source(path)
        with open(cached, "rb") as file:
            flags, mtime, size = struct.unpack("<4x3I", file.read(16))
        status = os.stat(path)
        stamp = (int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF)
        if flags == 0b01 or (flags == 0 and (mtime, size) == stamp):
            os.unlink(cached)


def show_lines(path: str) -> None:
    """Let tracebacks show the lines of the file as it is now."""
    linecache.checkcache(path)
