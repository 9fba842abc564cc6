"""Which workers does the supervisor have, and how does one end that is asked to?"""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from hotswap.children import Child
from hotswap.loop import Loop
from hotswap.options import Options

if TYPE_CHECKING:
    from hotswap.channel import Message
    from hotswap.console import Console

AFTER_GRACE = 3.0
"""Seconds between the end of the grace and a signal to end, and from there to the last one."""
_LONG_START = 10.0
"""Seconds after which a process that does not come up is given up for the next request."""


class Processes:
    """Those that were started and have not ended."""

    def __init__(self, options: Options, loop: Loop) -> None:
        self._options, self._loop = options, loop
        self.current: Child | None = None
        """The one that serves, or is about to, with nobody before it."""
        self.coming: Child | None = None
        """The one that is to take its place."""
        self.leaving: list[Child] = []
        self.kept: dict[str, int] = {}
        """By address, the descriptors of the sockets that outlive them."""

    def all(self) -> list[Child]:
        """Each of them."""
        return [one for one in (self.current, self.coming, *self.leaving) if one is not None]

    def stop(self, child: Child, *, steered: bool = False) -> None:
        """Ask a process to end; it is ended if it does not."""
        child.channel.send("stop", steered=steered)
        limit = self._options.grace
        if steered and self._options.connection_age:
            limit += 2 * self._options.connection_age
        self.limit(child, limit)

    def limit(self, child: Child, seconds: float) -> None:
        """End a process if it does not end by itself in this time, and a bit more."""
        child.stopping = True
        seconds += AFTER_GRACE
        self._loop.later(seconds, lambda: self._kill(child, signal.SIGTERM))
        self._loop.later(seconds + AFTER_GRACE, lambda: self._kill(child, signal.SIGKILL))

    def _kill(self, child: Child, number: int) -> None:
        if child in self.all():
            if number == signal.SIGKILL:
                self.say("killed", f"pid {child.pid}", "it did not end when asked to")
            os.kill(child.pid, number)

    def give_up_if_late(self) -> None:
        """What comes may never come up, and what was saved since may be what mends it."""
        coming = self.coming
        if coming is not None and coming.age > _LONG_START and not coming.stopping:
            coming.stopping = True
            self.say("killed", f"pid {coming.pid}", f"it did not serve within {_LONG_START:.0f} s")
            os.kill(coming.pid, signal.SIGKILL)

    def send_signal(self, number: int) -> None:
        """Send a signal to each of them."""
        for child in self.all():
            os.kill(child.pid, number)

    def keep(self, address: str, descriptor: int) -> None:
        """Give this socket to each process that is started from now on."""
        before = self.kept.get(address)
        self.kept[address] = descriptor
        if before is not None:
            os.close(before)

    def clear_away(self, child: Child) -> None:
        """Remove what a process that has ended may have left in the runtime folder."""
        if self._options.attach:
            from hotswap.repl.places import forget_process  # noqa: PLC0415 - seldom asked for

            forget_process(child.pid)

    # -- what a person is told --------------------------------------------------------------

    def show(self, failed: Message) -> None:
        """Show what a process left to another one to show that is not there any more."""
        self._console().put(failed["text"])

    def say(self, word: str, where: str, what: str, end: str = "") -> None:
        """Tell of processes that come and go."""
        self._console().say(word, where, what, end)

    def say_serving(self, child: Child) -> None:
        """One has taken the place of another."""
        seconds = time.monotonic() - child.request["at"]
        self.say("serving", f"pid {child.request['pid']} → {child.pid}", "", f"{seconds:.1f} s")

    def say_cut(self, child: Child) -> None:
        """One did not wait for its calls any more."""
        text = f"calls that ran on for {self._options.grace:g} s were cut"
        self.say("stopped", f"pid {child.pid}", text)

    def _console(self) -> Console:
        from hotswap.console import Console  # noqa: PLC0415 - nothing is said at most starts

        return Console(dict, quiet=self._options.quiet)
