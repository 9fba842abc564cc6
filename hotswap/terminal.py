"""Whose is the terminal, and how is it found again after a program that was killed?"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any


class Terminal:
    """The one on stdin, if there is one, as it is now."""

    def __init__(self) -> None:
        self._before: list[Any] | None = None
        if _is_mine():
            import termios  # noqa: PLC0415 - where there is a terminal

            self._before = termios.tcgetattr(sys.stdin)

    def restore(self) -> None:
        """A debugger that was killed leaves it without echo, or without Ctrl-C: that is undone."""
        if self._before is not None and _is_mine():
            import termios  # noqa: PLC0415

            with contextlib.suppress(termios.error):  # it was hung up just now
                termios.tcsetattr(sys.stdin, termios.TCSANOW, self._before)


def _is_mine() -> bool:
    """Whether stdin is a terminal that this process may set: from behind, that would stop it."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (AttributeError, ValueError, OSError):
        return False


def in_foreground() -> bool:
    """Whether this process is among those that the terminal sends Ctrl-C to."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
