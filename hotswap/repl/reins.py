"""How is code that runs interrupted from another thread, and nothing but that code?"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


class Reins:
    """
    Hold code, in one thread at a time, while it runs.

    The system delivers an interrupt a moment after it was sent. One that comes when the code has
    ended would hit whatever the thread does next: it is taken back before.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: int | None = None
        self._pulled = False

    def hold(self, code: Callable[[], Result]) -> Result:
        """Run code in this thread; KeyboardInterrupt comes out of it once they are pulled."""
        try:
            try:
                self._enter()
                return code()
            finally:
                self._leave()
        except KeyboardInterrupt:
            self._leave()  # it may have come in the middle of that
            raise

    def pull(self) -> bool:
        """
        Interrupt the code that runs; False if none does.

        A call into C is interrupted when it returns.
        """
        with self._lock:
            if self._thread is None:
                return False
            self._pulled = True
            _raise_in(self._thread, KeyboardInterrupt)
        return True

    def _enter(self) -> None:
        with self._lock:
            self._thread = threading.get_ident()

    def _leave(self) -> None:
        with self._lock:
            self._thread = None
            if self._pulled:
                self._pulled = False
                _raise_in(threading.get_ident(), None)


def _raise_in(thread: int, kind: type[BaseException] | None) -> None:
    import ctypes  # noqa: PLC0415 - seldom needed

    error = None if kind is None else ctypes.py_object(kind)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), error)
