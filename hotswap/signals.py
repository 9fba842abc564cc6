"""Which signals does the supervisor get, and how does a process end by one?"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from typing import Any

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Those that ask for the end."""
_PASSED_ON = (signal.SIGUSR1, signal.SIGUSR2)
SAVED = 0
"""What is put among the signals' numbers when a file was saved."""


class Signals:
    """Signals as numbers to be read when it suits, in a process that lives in `select`."""

    def __init__(self) -> None:
        self._dispositions: dict[int, Any] = {}
        self._out, self._in = os.pipe()
        os.set_blocking(self._in, False)

    def fileno(self) -> int:
        """What becomes readable."""
        return self._out

    def install(self) -> None:
        """From now on; what this process was told to ignore stays ignored."""
        for number in (signal.SIGCHLD, *ENDING, *_PASSED_ON):
            before = signal.getsignal(number)
            if before is not signal.SIG_IGN or number == signal.SIGCHLD:
                self._dispositions[number] = before
                signal.signal(number, lambda _number, _frame: None)
        signal.set_wakeup_fd(self._in, warn_on_full_buffer=False)

    def leave(self) -> None:
        """Let them do again what they did before."""
        signal.set_wakeup_fd(-1)
        for number, before in self._dispositions.items():
            signal.signal(number, before)
        os.close(self._out)
        os.close(self._in)

    def read(self) -> bytes:
        """The numbers of those that came."""
        return os.read(self._out, 4096)

    def saved(self) -> None:
        """A file was saved, says another thread."""
        with contextlib.suppress(BlockingIOError):  # full: then there is enough to wake up for
            os.write(self._in, bytes([SAVED]))


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """No signal is delivered within the block: each process gets its own after it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (*ENDING, *_PASSED_ON))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_as(status: int | None) -> int:
    """The exit status of the program; by its signal, if one ended it."""
    status = status or 0
    if status >= 0:
        return status
    if status in {-signal.SIGKILL, *(-number for number in ENDING)}:
        with contextlib.suppress(ValueError, OSError):
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    return 128 - status
