"""
What does an own module execute when it is imported, and when is its source read?

On the way of every import: what can be done later is.
"""

from __future__ import annotations

import _imp
import marshal
import os
import struct
from collections import deque
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import MAGIC_NUMBER
from types import CodeType, ModuleType
from typing import Any

from hotswap import source
from hotswap.source import Stamp, Unit, Unread


class Sources:
    """The modules whose source was not read when they were imported."""

    def __init__(self) -> None:
        self.later = False
        """Leave a source for `read`, where its code is to be had without it."""
        self._unread: deque[Unit] = deque()

    def load(self, spec: ModuleSpec, module: ModuleType, loader: Any) -> Unit:
        """A module that is about to execute; with its code, if its loader need not be asked."""
        path = spec.origin or ""
        if self.later:
            stamp = Stamp.of(path)
            code = cached_code(loader, spec, stamp) if stamp.settled else None
            if code is not None:
                unit = Unit(spec.name, path, module, loader, None, code, 0, stamp)
                self._unread.append(unit)
                return unit
        data, stamp = source.read(path)
        code = cached_code(loader, spec, stamp)
        return Unit(spec.name, path, module, loader, data, code, 0, stamp)

    def read(self, units: dict[str, Unit]) -> Unit | None:
        """
        Read what was not; a module of `units` whose file has changed since then, if there is one.

        What may not be read leaves `units`: it cannot be followed.
        """
        while self._unread:
            unit = self._unread.popleft()
            try:
                _ = unit.data
            except (Unread, OSError) as error:
                if units.get(unit.name) is not unit:
                    continue
                if not isinstance(error, PermissionError):
                    self._unread.appendleft(unit)
                    return unit
                del units[unit.name]
        return None


def _reads() -> tuple[object, ...]:
    """What the standard loader reads with; some tools put something else there."""
    return SourceFileLoader.get_code, SourceFileLoader.get_data


_STANDARD = _reads()
_HEADER = struct.Struct("<4sIII")
"""What comes before the code: magic number, flags, and time (seconds) and size of the source."""
_BY_TIME = 0
"""The flags where the source is told by its time, as everywhere but in built packages."""


def cached_code(loader: Any, spec: ModuleSpec, stamp: Stamp) -> CodeType | None:
    """
    The code of a module if it is to be had without its source, as its loader would give it.

    The standard loader looks at the source to know whether the bytecode that is cached is of it.
    To judge that by what is known already saves time on the way of every import.
    """
    if not (spec.cached and type(loader) is SourceFileLoader and _reads() == _STANDARD):
        return None
    code = _cached(spec.cached, stamp)
    if code is not None:
        _imp._fix_co_filename(code, spec.origin)  # type: ignore[attr-defined] # it may have moved
    return code


def _cached(path: str, stamp: Stamp) -> CodeType | None:
    """The code that a file of the bytecode cache holds, if it surely is of this source."""
    if stamp.status is None:
        return None
    _, mtime, size, _ = stamp.status
    try:
        file = os.open(path, source.READ)
    except OSError:
        return None
    try:
        data = source.rest(file, 65536)
    finally:
        os.close(file)
    times = mtime // 1_000_000_000 & 0xFFFFFFFF, size & 0xFFFFFFFF
    if data[: _HEADER.size] != _HEADER.pack(MAGIC_NUMBER, _BY_TIME, *times):
        return None
    code = marshal.loads(memoryview(data)[_HEADER.size :])  # noqa: S302 - as Python does
    return code if isinstance(code, CodeType) else None
