"""Which files are read while own modules execute? An audit hook hears of them."""

from __future__ import annotations

import os
import sys
from types import CodeType
from typing import Any, Protocol


class Hearer(Protocol):
    """Who is told: the tracker."""

    @property
    def running(self) -> object:
        """The module that executes in this thread, if one does."""

    def note_data(self, path: str, *, listed: bool) -> None:
        """A file was opened, or a folder listed."""

    def note_made(self, path: str) -> None:
        """A file or folder is made, removed or renamed."""

    def note_code(self, code: CodeType) -> None:
        """Code is executed."""


_audited: list[Hearer] = []
_NO_DATA = (".py", ".pyc", ".pyw", ".so", ".pyd")
_WRITES = frozenset("wax+")
_hooked = False


def hear(tracker: Hearer) -> None:
    """Hear of files that modules read. A hook cannot be removed: there is one, and it is brief."""
    global _hooked  # noqa: PLW0603
    _audited[:] = [tracker]
    if not _hooked:
        _hooked = True
        sys.addaudithook(_on_audit)


def _on_audit(event: str, args: tuple[Any, ...]) -> None:
    tell = _HEARD(event) if _HEARD is not None else None  # the interpreter is about to end
    if tell is not None and _audited:
        tell(_audited[0], args)


def _open(hearer: Hearer, args: tuple[Any, ...]) -> None:
    path, mode = args[0], args[1]
    if isinstance(mode, str) and not _WRITES.isdisjoint(mode):
        _make(hearer, args)
    elif _may_be_data(path) and hearer.running:
        hearer.note_data(os.fspath(path), listed=False)


def _list(hearer: Hearer, args: tuple[Any, ...]) -> None:
    path = args[0]
    if _may_be_data(path) and hearer.running:
        hearer.note_data(os.fspath(path), listed=True)


def _make(hearer: Hearer, args: tuple[Any, ...]) -> None:
    for path in args[:2]:
        if isinstance(path, (str, os.PathLike)):
            hearer.note_made(os.fspath(path))


def _execute(hearer: Hearer, args: tuple[Any, ...]) -> None:
    hearer.note_code(args[0])


def _may_be_data(path: object) -> bool:
    if isinstance(path, str):
        return not path.endswith(_NO_DATA)
    return isinstance(path, os.PathLike)


def forget(tracker: Hearer) -> None:
    """Tell it of no more files."""
    if _audited and _audited[-1] is tracker:
        _audited.clear()


_MADE = ("os.mkdir", "os.remove", "os.rename", "os.rmdir", "socket.bind", "sqlite3.connect")
"""What the program makes and removes itself is no edit, whenever it does."""
_HEARD = {
    **dict.fromkeys(_MADE, _make),
    **dict.fromkeys(("os.listdir", "os.scandir"), _list),
    "open": _open,
    "exec": _execute,
}.get
