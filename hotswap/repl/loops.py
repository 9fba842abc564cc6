"""How is something awaited on the event loop that the program runs?"""

from __future__ import annotations

import gc
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Coroutine

    from hotswap.repl.reins import Reins

_LOOKS = 0.2
"""Seconds between looks whether the loop still runs."""


def running() -> asyncio.AbstractEventLoop | None:
    """The event loop that runs in this process; if there are several, that of the main thread."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return None
    # A loop is known to its own thread only; those in C have no frame in which to look either.
    kind = asyncio.AbstractEventLoop
    found = [one for one in gc.get_objects() if issubclass(type(one), kind) and one.is_running()]
    main = threading.main_thread().ident
    return min(found, key=lambda one: getattr(one, "_thread_id", main) != main, default=None)


class Awaited:
    """
    A coroutine that is run by a task of another thread's event loop.

    Whatever it raises ends there: the loop never sees an exception of a command.
    """

    def __init__(
        self, coroutine: Coroutine[Any, Any, Any], loop: asyncio.AbstractEventLoop, reins: Reins
    ) -> None:
        self._coroutine, self._loop, self._reins = coroutine, loop, reins
        self._done = threading.Event()
        self._task: asyncio.Task[BaseException | None] | None = None
        self._is_cancelled = False
        self._error: BaseException | None = None

    def wait(self) -> None:
        """
        Run it in a copy of this thread's context, and wait for its end.

        Raises:
            KeyboardInterrupt: It was cancelled.
            RuntimeError: The loop has ended.
        """
        self._loop.call_soon_threadsafe(self._start)
        while not self._done.wait(_LOOKS):
            if not self._loop.is_running():
                raise RuntimeError("the event loop of the program has ended")
        error, self._error = self._error, None
        if self._is_cancelled and type(error).__name__ == "CancelledError":
            assert error is not None
            raise KeyboardInterrupt().with_traceback(error.__traceback__)
        if error is not None:
            raise error

    def cancel(self) -> None:
        """Have it end at what it awaits."""
        self._is_cancelled = True
        self._loop.call_soon_threadsafe(self._cancel)

    # -- in the thread of the loop -----------------------------------------------------------

    def _start(self) -> None:
        self._task = self._loop.create_task(self._run())
        self._task.add_done_callback(self._end)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> BaseException | None:
        try:
            await _Held(self._coroutine, self._reins)
        except BaseException as error:  # noqa: BLE001 - KeyboardInterrupt would end the loop
            return error
        return None

    def _end(self, task: asyncio.Task[BaseException | None]) -> None:
        """Also if it was cancelled before it began."""
        self._error = KeyboardInterrupt() if task.cancelled() else task.result()
        self._coroutine.close()
        self._done.set()


class _Held:
    """A coroutine, each step of which can be interrupted: not all of them await something."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], reins: Reins) -> None:
        self._coroutine, self._reins = coroutine, reins

    def __await__(self) -> _Held:
        return self

    def __iter__(self) -> _Held:
        return self

    def __next__(self) -> Any:
        return self.send(None)

    def send(self, value: Any) -> Any:
        return self._reins.hold(lambda: self._coroutine.send(value))

    def throw(self, *error: Any) -> Any:
        return self._reins.hold(lambda: self._coroutine.throw(*error))

    def close(self) -> None:
        self._coroutine.close()
