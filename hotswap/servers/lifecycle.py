"""
Which servers does this process have, and how do they end?

They are stopped by hotswap itself, never left to a signal: a server that is interrupted while it
serves may hang.
"""

from __future__ import annotations

import contextlib
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from hotswap.servers.addresses import ADDRESSES

if TYPE_CHECKING:
    import asyncio

_ENDING = 1.0
"""Seconds that a server may take beyond the time its calls are given."""


class Lifecycle:
    """The servers of this process."""

    def __init__(self) -> None:
        self._made: weakref.WeakSet[Any] = weakref.WeakSet()
        self._started: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()
        self.told: Callable[[], object] | None = None
        """Called when a server has started."""
        self.connection_age: float | None = None
        """Seconds after which a connection is asked to be made anew, elsewhere if need be."""

    # -- told by the hooks ------------------------------------------------------------------

    def make(self, server: Any) -> None:
        """A server was made."""
        with self._lock:
            self._made.add(server)

    def start(self, server: Any, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """A server serves from now on; `loop` is that of an aio server."""
        ADDRESSES.publish()
        with self._lock:
            self._started[server] = loop
        if self.told is not None:
            self.told()

    def options(self, options: Iterable[Any] | None) -> list[Any]:
        """The options that a server is made with; what the program sets itself wins."""
        if self.connection_age is None:
            return list(options or ())
        milliseconds = round(self.connection_age * 1000)
        return [("grpc.max_connection_age_ms", milliseconds), *(options or ())]

    # -- for those who hand over ------------------------------------------------------------

    @property
    def started(self) -> int:
        """How many servers serve."""
        return len(self._started)

    @property
    def waiting(self) -> int:
        """How many servers were made and do not serve yet."""
        with self._lock:
            return len(set(self._made) - set(self._started))

    def stop(self, grace: float) -> Callable[[], bool]:
        """
        Let no further call in; those that run are given `grace` seconds.

        Returns what waits for the end and says whether every call ended in that time.
        """
        began = time.monotonic()
        with self._lock:
            servers = list(self._started.items())
        ends = [_stop(server, loop, grace) for server, loop in servers]

        def wait() -> bool:
            for end in ends:
                end(max(0.0, began + grace + _ENDING - time.monotonic()))
            return time.monotonic() - began < grace

        return wait


def may_age(address: str) -> bool:
    """
    Whether connections to an address may be asked to be made anew.

    A server closes one at once when its client has confirmed that it was asked. What the client
    writes just then, a call that it had begun before, fails over a Unix socket; over TCP it is
    written to nobody, and the client reads that it has to be written again.
    """
    return not address.startswith(("unix:", "unix-abstract:"))


def _stop(
    server: Any, loop: asyncio.AbstractEventLoop | None, grace: float
) -> Callable[[float], object]:
    if loop is None:
        return server.stop(grace).wait  # type: ignore[no-any-return]
    # Imported by the program already, if it has a loop.
    import asyncio  # noqa: PLC0415
    from concurrent import futures  # noqa: PLC0415

    begun = threading.Event()
    try:
        ended = asyncio.run_coroutine_threadsafe(_stop_in_loop(server, grace, begun), loop)
    except RuntimeError:  # the loop is over, and the server with it
        return lambda _seconds: None
    begun.wait(_ENDING)

    def wait(seconds: float) -> None:
        # The program may end its loop, and cancel what is left in it, as soon as no server serves.
        with contextlib.suppress(futures.CancelledError, futures.TimeoutError, TimeoutError):
            ended.result(seconds)

    return wait


async def _stop_in_loop(server: Any, grace: float, begun: threading.Event) -> None:
    import asyncio  # noqa: PLC0415

    stopping = asyncio.ensure_future(server.stop(grace))
    await asyncio.sleep(0)  # by then it has told its clients
    begun.set()
    await stopping


LIFECYCLE = Lifecycle()
"""The one of this process."""
