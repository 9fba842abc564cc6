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

    def note_code(self, code: CodeType) -> None:
        """Code is executed."""


_audited: list[Hearer] = []
_AUDITED = frozenset({"exec", "open", "os.listdir", "os.scandir"})
_NO_DATA = (".py", ".pyc", ".pyw", ".so", ".pyd")
_hooked = False


def hear(tracker: Hearer) -> None:
    """Hear of files that modules read. A hook cannot be removed: there is one, and it is brief."""
    global _hooked  # noqa: PLW0603
    _audited[:] = [tracker]
    if not _hooked:
        _hooked = True
        sys.addaudithook(_on_audit)


def _on_audit(event: str, args: tuple[Any, ...]) -> None:
    if event in _AUDITED and _audited and _audited[0].running:
        path, *rest = args
        if event == "exec":
            _audited[0].note_code(path)
            return
        if event == "open":
            writes = isinstance(rest[0], str) and set(rest[0]) & set("wax+")
            if writes or not isinstance(path, str) or path.endswith(_NO_DATA):
                return
        if isinstance(path, (str, os.PathLike)):
            _audited[0].note_data(os.fspath(path), listed=event != "open")


def forget(tracker: Hearer) -> None:
    """Tell it of no more files."""
    if _audited and _audited[-1] is tracker:
        _audited.clear()
