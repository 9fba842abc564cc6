"""What does a signal ask for: something of the program, or the end of it all?"""

from __future__ import annotations

import signal
from collections.abc import Callable

from hotswap.loop import Loop
from hotswap.processes import AFTER_GRACE, Processes
from hotswap.signals import ENDING
from hotswap.terminal import in_foreground

_PATIENCE = 3.0
"""Seconds after which a person who pressed Ctrl-C is told what is waited for."""


class Wishes:
    """
    Signals are meant for the program; some of them ask for the end as well.

    Args:
        grace: Seconds that calls may take to end.
        go_on: Called if the program took a signal for something else, and runs on.
    """

    def __init__(
        self, processes: Processes, loop: Loop, grace: float, go_on: Callable[[], object]
    ) -> None:
        self._processes, self._loop, self._grace = processes, loop, grace
        self._go_on = go_on
        self.asked = 0
        """How often the end was asked for."""
        self.status: int | None = None
        """How all has ended, once it has: an exit status, or a signal below 0."""
        self._hurried = False

    def pass_on(self, number: int) -> None:
        """A signal came; a second Ctrl-C ends the program at once, whatever it makes of it."""
        if number in ENDING:
            self._ask_for_the_end(number)
        if number == signal.SIGINT and self.asked > 1:
            self._hurried = True
            number = signal.SIGKILL
        elif number == signal.SIGINT and in_foreground():
            return  # the terminal has sent it to them as well
        self._processes.send_signal(number)

    def end_as(self, status: int) -> None:
        """The last process has ended like this, as it was asked to."""
        if self.status is None:
            self.status = -signal.SIGINT if self._hurried else status

    def _ask_for_the_end(self, number: int) -> None:
        self.asked += 1
        if not self._processes.all():
            self.status = -number
        elif self.asked == 1:
            if number == signal.SIGINT:
                self._loop.later(_PATIENCE, self._say_what_is_waited_for)
            self._loop.later(self._grace + AFTER_GRACE, self._give_up)

    def _say_what_is_waited_for(self) -> None:
        if self.asked:
            text = "the program takes its time; Ctrl-C again ends it at once"
            self._processes.say("stopping", "", text)

    def _give_up(self) -> None:
        self.asked = 0
        self._go_on()
