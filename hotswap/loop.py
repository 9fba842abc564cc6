"""How does one thread wait for what others say, and for the time?"""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import HasFileno

Do = Callable[[], object]


class Loop:
    """Whatever has become readable, or due, is done in turns, one thing after the other."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, Do]] = []

    def listen(self, to: HasFileno, do: Do) -> None:
        """Whenever this becomes readable, do something."""
        self._selector.register(to, selectors.EVENT_READ, do)

    def ignore(self, source: HasFileno) -> None:
        """Listen to it no more."""
        self._selector.unregister(source)

    def later(self, seconds: float, do: Do) -> None:
        """Do something once when this time has passed."""
        self._timers.append((time.monotonic() + seconds, do))

    def turn(self) -> None:
        """Wait until there is something to do, and do it."""
        for key, _ in self._selector.select(self._until_the_next_timer()):
            key.data()
        now = time.monotonic()
        due = [do for at, do in self._timers if at <= now]
        self._timers = [(at, do) for at, do in self._timers if at > now]
        for do in due:
            do()

    def _until_the_next_timer(self) -> float | None:
        if not self._timers:
            return None
        return max(0.0, min(due for due, _ in self._timers) - time.monotonic())

    def close(self) -> None:
        """Give back what was taken; what is listened to stays open."""
        self._selector.close()
