"""Which edits wait for the end of a command, and what is applied before the next one?"""

from __future__ import annotations

import threading
from types import CodeType
from typing import TYPE_CHECKING

from hotswap.repl import typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotswap.reloader import Reloader

MARK = "(behind) "
"""Stands before a prompt while a file differs from what runs."""

LONGEST_WAIT = 0.3
"""Seconds that a command waits for files that are being written right now."""


class Pending:
    """
    The edits since the last command.

    Args:
        is_typing: Called for whether there is a prompt already; before, edits are applied at once.
    """

    def __init__(self, reloader: Reloader, is_typing: Callable[[], bool] = lambda: True) -> None:
        self._reloader, self._is_typing = reloader, is_typing
        self._paths: set[str] = set()
        self._lock = threading.Lock()
        self._thread = threading.get_ident()
        reloader.defer(self._take)

    def drop(self) -> None:
        """Forget what waits: whoever wants it looks at all files."""
        with self._lock:
            self._paths.clear()

    def apply(self) -> None:
        """Apply what has been saved until now. Costs next to nothing if that is nothing."""
        if threading.get_ident() != self._thread:
            return
        self._reloader.settle(LONGEST_WAIT)
        with self._lock:
            paths, self._paths = frozenset(self._paths), set()
        try:
            if paths:
                self._reloader.reload(paths)
        except BaseException:  # Ctrl-C, while the edit was being applied
            self._keep(paths)
            raise

    def note(self, *commands: CodeType | str) -> None:
        """These are about to run, or have run: remember which names they bind."""
        for command in commands:
            typed.note(self._reloader.tracker.typed, command)

    def _take(self, paths: frozenset[str]) -> None:
        if not self._is_typing():
            self._reloader.reload(paths)
        else:
            self._keep(paths)

    def _keep(self, paths: frozenset[str]) -> None:
        with self._lock:
            self._paths |= paths
