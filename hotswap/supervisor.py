"""
Who starts the program, and another process in its place when an edit needs one?

The parent process: it imports nothing of the program's and no server library, runs in one thread,
and lives in `select`. Workers are forked from it, so that they start as fast as a plain program;
what they ask for and what they are told goes over a channel each.
"""

from __future__ import annotations

import os
import selectors
import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from hotswap import handover, signals
from hotswap.channel import Message
from hotswap.children import Child, launch
from hotswap.handover import Backoff, Inheritance
from hotswap.options import Options
from hotswap.signals import Signals
from hotswap.terminal import Terminal, in_foreground

if TYPE_CHECKING:
    from hotswap.console import Console
    from hotswap.saves import NextSave

_AFTER_GRACE = 3.0
"""Seconds between the end of the grace and a signal to end, and from there to the last one."""
_PATIENCE = 3.0
"""Seconds after which a person who pressed Ctrl-C is told what is waited for."""
_LONG_START = 10.0
"""Seconds after which a process that does not come up is given up for the next request."""


def supervise(options: Options, program: str) -> int:
    """
    Run the program in workers, one after the other, until it ends for good.

    Returns the exit status, or ends by the signal that ended the program.

    Args:
        program: Path of the program, or of the folder where it is: a save there may mend it.

    Raises:
        Forked: In each worker, which has to run the program then.
    """
    return _Supervisor(options, program).run()


class _Supervisor:
    def __init__(self, options: Options, program: str) -> None:
        self._options, self._program = options, program
        self._selector = selectors.DefaultSelector()
        self._signals = Signals()
        self._terminal = Terminal()
        self._current: Child | None = None
        self._coming: Child | None = None
        self._leaving: list[Child] = []
        self._next: Message | None = None
        """A request that is carried out once the present process has ended."""
        self._put_off: Child | None = None
        """Whose request is carried out when some time has passed."""
        self._kept: dict[str, int] = {}
        self._timers: list[tuple[float, Callable[[], object]]] = []
        self._backoff = Backoff()
        self._save: NextSave | None = None
        self._asked = 0
        """How often a signal has asked for the end."""
        self._hurried = False
        """Ctrl-C was pressed once more."""
        self._status: int | None = None

    def run(self) -> int:
        self._signals.install()
        self._selector.register(self._signals, selectors.EVENT_READ, self._on_signals)
        self._current = self._launch({})
        while self._status is None or self._children():
            for key, _ in self._selector.select(self._until_the_next_timer()):
                key.data()
            self._run_timers()
        self._signals.leave()
        return signals.end_as(self._status)

    def _children(self) -> list[Child]:
        return [one for one in (self._current, self._coming, *self._leaving) if one is not None]

    # -- workers ----------------------------------------------------------------------------

    def _launch(self, request: Message, replaces: int = 0, *, pauses: bool = False) -> Child:
        self._stop_watching()  # a fork has to find one thread
        if not self._children():
            self._terminal.restore()
        inheritance = Inheritance(replaces, pauses=pauses, asked=request, kept=self._kept)
        child = launch(request, inheritance, self._options, self._leave)
        self._selector.register(child.channel, selectors.EVENT_READ, lambda: self._hear(child))
        return child

    def _leave(self) -> None:
        """In the worker: what is the supervisor's is none of its business."""
        self._signals.leave()
        self._selector.close()
        for child in self._children():
            child.channel.close()

    def _hear(self, child: Child) -> None:
        if child.channel.fileno() < 0:
            return  # its end was dealt with, at the same look
        received = child.channel.receive()
        if received is None:  # it has ended, or is about to: that is for the signal to say
            self._hang_up(child)
            return
        message, descriptors = received
        heard = getattr(self, f"_on_{message['say']}")
        heard(child, message, *descriptors)

    def _hang_up(self, child: Child) -> None:
        if child.channel.fileno() >= 0:
            self._selector.unregister(child.channel)
            child.channel.close()

    def _on_keep(self, _child: Child, message: Message, descriptor: int) -> None:
        """A socket that is to outlive the process."""
        before = self._kept.get(message["address"])
        self._kept[message["address"]] = descriptor
        if before is not None:
            os.close(before)

    def _on_failed(self, child: Child, message: Message) -> None:
        child.end.failed = True
        child.files = message["files"]
        if child is self._coming:
            self._did_not_come_up(child, message)
        else:
            self._show(message)

    def _on_returned(self, child: Child, message: Message) -> None:
        child.end.returned = True
        child.files = message["files"]

    def _on_drop_in(self, child: Child, _message: Message) -> None:
        child.end.drop_in = True

    # -- one process in the place of another ------------------------------------------------

    def _on_fork_serves(self, child: Child, message: Message) -> None:
        """A process that the worker has forked serves; a new worker is ready with as many."""
        child.forks[message["pid"]] = message["way"]
        if child is self._coming and len(child.forks) >= child.request["forks"]:
            self._on_ready(child, {"steered": False})

    def _on_restart(self, child: Child, message: Message) -> None:
        busy = self._coming is not None or self._next is not None or self._asked
        if busy or child is not self._current:
            child.missed = message
            self._give_up_if_late()
            return
        lived = message.get("lived", child.age)
        if self._put_off is child and self._backoff.is_hasty(lived):
            child.missed = message
            return
        pause = self._backoff.pause(lived)
        self._put_off = child if pause else None
        if not pause:
            self._replace(child, message)
            return
        child.missed = message
        self._say("restart", "", f"again and again: the next one in {pause:.0f} s")
        self._later(pause, lambda: self._replace_late(child))

    def _replace_late(self, child: Child) -> None:
        if self._put_off is child and child.missed is not None:
            self._put_off = None
            self._replace(child, child.missed)

    def _give_up_if_late(self) -> None:
        """What comes may never come up, and what was saved since may be what mends it."""
        coming = self._coming
        if coming is not None and coming.age > _LONG_START and not coming.stopping:
            coming.stopping = True
            self._say("killed", f"pid {coming.pid}", f"it did not serve within {_LONG_START:.0f} s")
            os.kill(coming.pid, signal.SIGKILL)

    def _replace(self, child: Child, message: Message) -> None:
        if child is not self._current or self._coming is not None or self._asked:
            return
        child.missed = None
        message["forks"] = len(child.forks)
        if child.forks and all(way == handover.OVERLAP for way in child.forks.values()):
            message["way"] = handover.OVERLAP
        if message["way"] == handover.STOP_FIRST:
            self._stop_first(child, message, message["why"])
            return
        pauses = message["way"] == handover.PAUSE
        self._coming = self._launch(message, replaces=child.pid, pauses=pauses)

    def _stop_first(self, child: Child, message: Message, why: str) -> None:
        self._say("stopping", f"pid {child.pid}", f"before the next one starts: {why}")
        self._next = message
        self._stop(child)

    def _on_paused(self, child: Child, _message: Message) -> None:
        """All is imported: only now is the old process stopped."""
        if child is self._coming and self._current is not None:
            self._say("stopping", f"pid {self._current.pid}", child.request["why"])
            self._stop(self._current)
        else:
            child.channel.send("go")

    def _on_ready(self, child: Child, message: Message) -> None:
        old = self._current
        if child is self._coming:
            self._current, self._coming = child, None
            if old is not None:
                self._leaving.append(old)
                self._stop(old, steered=message["steered"])
        if child is self._current:
            self._say_serving(child)
            self._ask_again(child)

    def _say_serving(self, child: Child) -> None:
        seconds = time.monotonic() - child.request["at"]
        self._say("serving", f"pid {child.request['pid']} → {child.pid}", "", f"{seconds:.1f} s")

    def _ask_again(self, child: Child) -> None:
        request, child.missed = child.missed, None
        if request is not None:
            self._on_restart(child, request)

    def _did_not_come_up(self, child: Child, message: Message) -> None:
        old, self._coming = self._current, None
        self._leaving.append(child)
        self._limit(child, 0.0)
        if old is None or old.stopping:  # which shows nothing any more
            self._show(message)
        elif message["taken"]:
            self._stop_first(old, child.request, message["reason"])
        else:
            told = {key: message[key] for key in ("reason", "location", "text")}
            old.channel.send("refused", **told)
            self._ask_again(old)

    def _stop(self, child: Child, *, steered: bool = False) -> None:
        """Ask a process to end; it is ended if it does not."""
        child.channel.send("stop", steered=steered)
        limit = self._options.grace
        if steered and self._options.connection_age:
            limit += 2 * self._options.connection_age
        self._limit(child, limit)

    def _limit(self, child: Child, seconds: float) -> None:
        """End a process if it does not end by itself in this time, and a bit more."""
        child.stopping = True
        seconds += _AFTER_GRACE
        self._later(seconds, lambda: self._kill(child, signal.SIGTERM))
        self._later(seconds + _AFTER_GRACE, lambda: self._kill(child, signal.SIGKILL))

    def _kill(self, child: Child, number: int) -> None:
        if child in self._children():
            if number == signal.SIGKILL:
                self._say("killed", f"pid {child.pid}", "it did not end when asked to")
            os.kill(child.pid, number)

    def _on_stopped(self, child: Child, message: Message) -> None:
        if not message["complete"]:
            text = f"calls that ran on for {self._options.grace:g} s were cut"
            self._say("stopped", f"pid {child.pid}", text)

    # -- ends -------------------------------------------------------------------------------

    def _reap(self) -> None:
        for child in self._children():
            if child.has_ended():
                while child.is_heard():  # what it said last; its children may keep the channel
                    self._hear(child)
                self._hang_up(child)
                self._ended(child)

    def _ended(self, child: Child) -> None:
        if child.end.status < 0:
            self._terminal.restore()
        if child is self._coming:
            why = f"it {handover.ending(child.end)}"
            failed = {"reason": why, "location": None, "text": "", "taken": False}
            self._did_not_come_up(child, failed)
        if child in self._leaving:
            self._leaving.remove(child)
        else:
            self._current = None
            self._succeed(child)
        if self._asked and not self._children():
            self._end(child)

    def _end(self, child: Child) -> None:
        if self._status is None:
            self._status = -signal.SIGINT if self._hurried else child.end.status

    def _succeed(self, child: Child) -> None:
        """What comes after the present process."""
        if self._asked:
            self._end(child)
        elif self._next is not None:
            request, self._next = self._next, None
            self._current = self._launch(request)
        elif self._coming is not None:
            self._current, self._coming = self._coming, None
            self._current.channel.send("go")
        else:
            self._after(child)

    def _after(self, child: Child) -> None:
        what = handover.after(child.end, once=self._options.once)
        if child.stopping:  # and whoever was to follow it has not come up
            what = handover.WAIT
        if what == handover.LEAVE:
            self._status = child.end.status
        elif what == handover.WAIT:
            self._wait_for_a_save(child)
        else:
            self._later(self._backoff.pause(child.age), self._start_again)

    def _start_again(self) -> None:
        if self._current is None and not self._asked:
            self._current = self._launch({})

    def _wait_for_a_save(self, child: Child) -> None:
        from hotswap.saves import NextSave  # noqa: PLC0415 - seldom needed

        self._terminal.restore()
        files = [*child.files, self._program]
        self._save = NextSave(files, self._options, self._signals.saved)
        text = f"it {handover.ending(child.end)}; the next save starts it again"
        self._say("waiting", f"pid {child.pid}", text)
        if self._save.came_since(child.started_at):
            self._later(self._backoff.pause(child.age), self._start_again)

    def _stop_watching(self) -> None:
        save, self._save = self._save, None
        if save is not None:
            save.stop()

    # -- signals ----------------------------------------------------------------------------

    def _on_signals(self) -> None:
        for number in self._signals.read():
            if number == signals.SAVED:
                self._start_again()
            elif number == signal.SIGCHLD:
                self._reap()
            else:
                self._pass_on(number)

    def _pass_on(self, number: int) -> None:
        """A signal is meant for the program; a second Ctrl-C ends it at once."""
        if number in signals.ENDING:
            self._ask_for_the_end(number)
        if number == signal.SIGINT and self._asked > 1:
            self._hurried = True
            number = signal.SIGKILL
        elif number == signal.SIGINT and in_foreground():
            return  # the terminal has sent it to them as well
        for child in self._children():
            os.kill(child.pid, number)

    def _ask_for_the_end(self, number: int) -> None:
        self._asked += 1
        if not self._children():
            self._status = -number
        elif self._asked == 1:
            if number == signal.SIGINT:
                self._later(_PATIENCE, self._say_what_is_waited_for)
            self._later(self._options.grace + _AFTER_GRACE, self._go_on)

    def _say_what_is_waited_for(self) -> None:
        if self._asked:
            self._say("stopping", "", "the program takes its time; Ctrl-C again ends it at once")

    def _go_on(self) -> None:
        """The program took the signal for something else than the wish that it ends."""
        self._asked = 0
        if self._current is not None:
            self._ask_again(self._current)

    # -- the rest ---------------------------------------------------------------------------

    def _later(self, seconds: float, do: Callable[[], object]) -> None:
        self._timers.append((time.monotonic() + seconds, do))

    def _until_the_next_timer(self) -> float | None:
        if not self._timers:
            return None
        return max(0.0, min(due for due, _ in self._timers) - time.monotonic())

    def _run_timers(self) -> None:
        now = time.monotonic()
        due = [do for at, do in self._timers if at <= now]
        self._timers = [(at, do) for at, do in self._timers if at > now]
        for do in due:
            do()

    def _show(self, failed: Message) -> None:
        """Show what a process left to another one to show that is not there any more."""
        self._console().put(failed["text"])

    def _say(self, word: str, where: str, what: str, end: str = "") -> None:
        self._console().say(word, where, what, end)

    def _console(self) -> Console:
        from hotswap.console import Console  # noqa: PLC0415 - nothing is said at most starts

        return Console(dict, quiet=self._options.quiet)
