"""
Which calls may start now? None while a swap is in progress.

A call passes the gate where the user's code begins, and counts as running until it leaves. A closed
gate holds back what arrives - threads wait, coroutines await - and gives what is running a bounded
time to end. An open one costs a few dictionary operations.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import threading
from asyncio import current_task, get_running_loop
from threading import get_ident
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

CALL = 1.0
"""A call that has run for so many seconds will not end in the time a swap can wait."""
STEP = 0.05
"""The same for one step of a stream, which is often a wait for something to happen."""
LONGEST = 5.0
"""No call is held back for more seconds: a module that calls its own server while it is executed
again waits for an answer that the gate holds back."""


Call = tuple[int, "asyncio.Task[Any] | None", float]
"""A running call: its thread, its task if it is a coroutine, and when its patience is over."""


class Gate:
    """
    No call starts while the gate is closed; one that starts after it was opened finds it open.

    Whoever is inside already never waits: neither a call within a call, nor a reload that a call
    asks for. Safe to use from any thread and any event loop.
    """

    def __init__(self) -> None:
        self._running: dict[int, Call] = {}
        self._numbers = itertools.count()
        self._shut = False
        self._holds_ends = False
        self._closer: int | None = None
        self._since = 0.0
        self._swap = threading.RLock()
        self._left = threading.Event()
        self._opened = threading.Event()
        self._lock = threading.Lock()
        self._awaiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []

    def after_fork(self) -> None:
        """In a forked process: no call runs, and nobody has closed the gate."""
        Gate.__init__(self)

    @property
    def is_closed(self) -> bool:
        """Whether a swap is in progress."""
        return self._shut

    def enter(self, patience: float = CALL) -> int:
        """
        Start a call in this thread, as soon as the gate is open; give the result to `leave`.

        Args:
            patience: a swap waits for the call no longer than so many seconds after its start.
        """
        token = next(self._numbers)
        # First counted, then looked: the one who closes does both the other way round.
        self._running[token] = (get_ident(), None, monotonic() + patience)
        while self._shut and not self._lets_in(token):
            opened = self._opened
            self.depart(token)
            opened.wait(LONGEST)
            self._running[token] = (get_ident(), None, monotonic() + patience)
        return token

    def leave(self, token: int) -> None:
        """The call has ended; this thread waits if the gate holds back ends, too."""
        if self.depart(token):
            self._opened.wait(LONGEST)

    def depart(self, token: int) -> bool:
        """The same for a task: whether it has to await `opened` before it gives its answer."""
        del self._running[token]
        if self._shut:
            self._left.set()
            return self._holds_ends
        return False

    def arrive(self, patience: float = CALL) -> int | None:
        """Start a call in this task, or return None: `opened` is to be awaited first."""
        token = next(self._numbers)
        self._running[token] = (get_ident(), current_task(), monotonic() + patience)
        if self._shut and not self._lets_in(token):
            self.depart(token)
            return None
        return token

    async def opened(self) -> None:
        """Wait until the gate is open, without keeping the event loop from its work."""
        loop = get_running_loop()
        with self._lock:
            if not self._shut:
                return
            future = loop.create_future()
            self._awaiting.append((loop, future))
        await asyncio.wait([future], timeout=LONGEST)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """
        Hold back until the end of the block every call that begins, and the answer of every one
        that ends: whoever calls again once the last call is answered does not call meanwhile.
        """
        with self.closed(0.0):
            self._holds_ends = True
            try:
                yield
            finally:
                self._holds_ends = False

    @contextlib.contextmanager
    def closed(self, drain: float) -> Iterator[bool]:
        """
        Hold back every call until the end of the block; one swap at a time.

        Yields whether all running calls have ended within `drain` seconds. Not waited for are those
        of this thread, which cannot end meanwhile, and those whose patience is over.
        """
        with self._swap:
            if self._shut:
                yield True
                return
            self._close()
            try:
                with _without_collection():
                    yield self._drained(drain)
            finally:
                self._open()

    def _close(self) -> None:
        self._opened = threading.Event()
        self._closer = get_ident()
        self._since = monotonic()
        self._shut = True

    def _open(self) -> None:
        with self._lock:
            self._shut = False
            self._closer = None
            awaiting, self._awaiting = self._awaiting, []
        self._opened.set()
        for loop, future in awaiting:
            # The loop may have ended since.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_wake, future)

    def _drained(self, drain: float) -> bool:
        deadline = monotonic() + drain
        while True:
            self._left.clear()
            ends = [end for thread, _, end in self._calls() if thread != get_ident()]
            left = min(deadline, max(ends, default=0.0)) - monotonic()
            if left <= 0:
                return not ends
            self._left.wait(left)

    def _lets_in(self, token: int) -> bool:
        """Whether whoever makes this call has closed the gate, or is in another call already."""
        if monotonic() - self._since > LONGEST:
            return True
        mine = self._running[token]
        others = [call for call in self._calls() if call is not mine]
        thread, task, _ = mine
        if task is not None and thread != self._closer:
            return any(task is other for _, other, _ in others)
        # A thread with an event loop is let in too if one of its tasks is: it must not be held up.
        return thread in {self._closer, *(other for other, _, _ in others)}

    def _calls(self) -> list[Call]:
        # A copy, since calls come and go; copying a dictionary is one step to other threads.
        return list(self._running.copy().values())


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


_NEVER = 2_147_483_629
"""A threshold that is not reached, and that nobody else sets."""


@contextlib.contextmanager
def _without_collection() -> Iterator[None]:
    """A pass of the garbage collector would hold calls back for several times as long."""
    threshold, *others = gc.get_threshold()
    gc.set_threshold(_NEVER if threshold else 0, *others)
    try:
        yield
    finally:
        present, *others = gc.get_threshold()
        if present == _NEVER:  # what is executed may have set another one
            gc.set_threshold(threshold, *others)


GATE = Gate()
"""The one gate of the process."""
