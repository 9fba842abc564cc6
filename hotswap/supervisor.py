"""
Who starts the program, and another process in its place when an edit needs one?

The parent process: it imports nothing of the program's and no server library, runs in one thread,
and lives in `select`. Workers are forked from it, so that they start as fast as a plain program;
what they ask for and what they are told goes over a channel each.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from hotswap import handover
from hotswap.channel import Channel, Message
from hotswap.handover import Backoff, End, Inheritance
from hotswap.options import Options
from hotswap.worker import Worker

if TYPE_CHECKING:
    from hotswap.console import Console
    from hotswap.watcher import Watcher

_PASSED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
_SAVED = 0
"""What the watcher writes where signals write their number."""
_AFTER_GRACE = 3.0
"""Seconds between the end of the grace and a signal to end, and from there to the last one."""
_PATIENCE = 3.0
"""Seconds after which a person who pressed Ctrl-C is told what is waited for."""


class Forked(BaseException):
    """Raised in the worker, to leave the frames of the supervisor behind."""

    def __init__(self, worker: Worker) -> None:
        super().__init__()
        self.worker = worker


class Child:
    """
    A worker, as the supervisor knows it.

    Args:
        request: What the process before it said as it asked for this one.
    """

    def __init__(self, pid: int, channel: Channel, request: Message) -> None:
        self.pid, self.channel, self.request = pid, channel, request
        self.started = time.monotonic()
        self.end = End()
        self.stopping = False
        self.files: list[str] = []
        """Where an edit may mend what failed."""
        self.forks: dict[int, str] = {}
        """By process forked from it, how its server may be followed."""


def supervise(options: Options) -> int:
    """
    Run the program in workers, one after the other, until it ends for good.

    Returns the exit status, or ends by the signal that ended the program.

    Raises:
        Forked: In each worker, which has to run the program then.
    """
    return _Supervisor(options).run()


class _Supervisor:
    def __init__(self, options: Options) -> None:
        self._options = options
        self._selector = selectors.DefaultSelector()
        self._current: Child | None = None
        self._coming: Child | None = None
        self._leaving: list[Child] = []
        self._next: Message | None = None
        """A request that is carried out once the present process has ended."""
        self._missed: Message | None = None
        """A request that came while another one was being carried out."""
        self._kept: dict[str, int] = {}
        self._timers: list[tuple[float, Callable[[], object]]] = []
        self._backoff = Backoff()
        self._watcher: Watcher | None = None
        self._asked = 0
        """How often a signal has asked for the end."""
        self._hurried = False
        """Ctrl-C was pressed once more."""
        self._status: int | None = None
        self._dispositions: dict[int, Any] = {}
        self._wake_in, self._wake_out = os.pipe()

    def run(self) -> int:
        self._install_signals()
        self._current = self._launch({})
        while self._status is None or self._children():
            for key, _ in self._selector.select(self._patience()):
                key.data()
            self._run_timers()
        self._leave_signals()
        return _end_as(self._status)

    def _children(self) -> list[Child]:
        return [one for one in (self._current, self._coming, *self._leaving) if one is not None]

    # -- workers ----------------------------------------------------------------------------

    def _launch(self, request: Message, replaces: int = 0, *, pauses: bool = False) -> Child:
        self._stop_watching()  # a fork has to find one thread
        _restore_echo()
        ours, theirs = Channel.pair()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(AttributeError, ValueError, OSError):
                stream.flush()
        pid = os.fork()
        if not pid:
            inheritance = Inheritance(replaces, pauses=pauses, asked=request, kept=self._kept)
            self._become_worker(ours, theirs, inheritance)
        theirs.close()
        child = Child(pid, ours, request)
        self._selector.register(ours, selectors.EVENT_READ, lambda: self._hear(child))
        return child

    def _become_worker(self, ours: Channel, theirs: Channel, inheritance: Inheritance) -> NoReturn:
        self._leave_signals()
        self._selector.close()
        for child in self._children():
            child.channel.close()
        ours.close()
        raise Forked(Worker(theirs, inheritance, self._options))

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

    def _on_keep(self, _child: Child, message: Message, descriptor: int) -> None:
        """A socket that is to outlive the process."""
        self._kept[message["address"]] = descriptor

    def _on_failed(self, child: Child, message: Message) -> None:
        child.end.failed = True
        child.files = message["files"]
        if child is self._coming:
            self._did_not_come_up(child, message)

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
        if child is not self._current or self._asked:
            return
        if self._coming is not None or self._next is not None:
            self._missed = message
            return
        pause = self._backoff.pause(time.monotonic() - child.started)
        if pause:
            self._say("restart", "", f"again and again: the next one in {pause:.0f} s")
            self._later(pause, lambda: self._replace(child, message))
        else:
            self._replace(child, message)

    def _replace(self, child: Child, message: Message) -> None:
        if child is not self._current or self._coming is not None or self._asked:
            return
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
        if child is self._coming:
            old, self._current, self._coming = self._current, child, None
            self._missed = None  # it has seen what was saved meanwhile
            if old is not None:
                self._leaving.append(old)
                self._stop(old, steered=message["steered"])
        self._say_serving(child)

    def _say_serving(self, child: Child) -> None:
        before = child.request.get("pid")
        if before:
            seconds = time.monotonic() - child.request["at"]
            self._say("serving", f"pid {before} → {child.pid}", "", f"{seconds:.1f} s")

    def _did_not_come_up(self, child: Child, message: Message) -> None:
        old, self._coming = self._current, None
        self._leaving.append(child)
        child.stopping = True
        if old is None:
            return
        if message["taken"]:
            self._stop_first(old, child.request, message["reason"])
            return
        old.channel.send("refused", **{key: message[key] for key in ("reason", "location", "text")})
        if self._missed is not None:
            request, self._missed = self._missed, None
            self._replace(old, request)

    def _stop(self, child: Child, *, steered: bool = False) -> None:
        """Ask a process to end; it is ended if it does not."""
        child.stopping = True
        child.channel.send("stop", steered=steered)
        limit = self._options.grace + _AFTER_GRACE
        if steered and self._options.connection_age:
            limit += 2 * self._options.connection_age
        self._later(limit, lambda: self._kill(child, signal.SIGTERM))
        self._later(limit + _AFTER_GRACE, lambda: self._kill(child, signal.SIGKILL))

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
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if pid:
                child.end.status = os.waitstatus_to_exitcode(status)
                self._hear_the_rest(child)
                self._ended(child)

    def _hear_the_rest(self, child: Child) -> None:
        """What it said last may not have been read yet; its children may keep the channel open."""
        while child.channel.fileno() >= 0 and _readable(child.channel):
            self._hear(child)
        self._hang_up(child)

    def _hang_up(self, child: Child) -> None:
        if child.channel.fileno() >= 0:
            self._selector.unregister(child.channel)
            child.channel.close()

    def _ended(self, child: Child) -> None:
        if child in self._leaving:
            self._leaving.remove(child)
        elif child is self._coming:
            status = child.end.status
            failed = {"reason": f"it ended with {status}", "location": None, "text": "", "taken": 0}
            self._did_not_come_up(child, failed)
            self._leaving.remove(child)
        else:
            self._current = None
            self._succeed(child)

    def _succeed(self, child: Child) -> None:
        """What comes after the present process."""
        if self._asked:
            self._status = -signal.SIGINT if self._hurried else child.end.status
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
            pause = self._backoff.pause(time.monotonic() - child.started)
            self._later(pause, self._start_again)

    def _start_again(self) -> None:
        if self._current is None and not self._asked:
            self._current = self._launch({})

    # -- waiting for a save -----------------------------------------------------------------

    def _wait_for_a_save(self, child: Child) -> None:
        from hotswap.watcher import Watcher  # noqa: PLC0415

        said = "returned" if child.end.returned else f"ended with {child.end.status}"
        self._say("waiting", f"pid {child.pid} {said}", "the next save starts it again")
        folders = {os.path.dirname(path) for path in child.files} or {os.getcwd()}
        self._watcher = Watcher(
            lambda _batch: self._wake(), poll=self._options.poll, exclude=self._options.exclude
        )
        self._watcher.follow(self._options.paths or folders)
        self._watcher.start()

    def _wake(self) -> None:
        os.write(self._wake_out, bytes([_SAVED]))

    def _stop_watching(self) -> None:
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.stop()

    # -- signals ----------------------------------------------------------------------------

    def _install_signals(self) -> None:
        os.set_blocking(self._wake_out, False)
        for number in (signal.SIGCHLD, signal.SIGINT, *_PASSED_ON):
            before = signal.getsignal(number)
            if before is not signal.SIG_IGN or number == signal.SIGCHLD:
                self._dispositions[number] = before
                signal.signal(number, lambda _number, _frame: None)
        signal.set_wakeup_fd(self._wake_out, warn_on_full_buffer=False)
        self._selector.register(self._wake_in, selectors.EVENT_READ, self._on_wake)

    def _leave_signals(self) -> None:
        signal.set_wakeup_fd(-1)
        for number, before in self._dispositions.items():
            signal.signal(number, before)
        os.close(self._wake_in)
        os.close(self._wake_out)

    def _on_wake(self) -> None:
        for number in os.read(self._wake_in, 4096):
            if number == _SAVED:
                self._start_again()
            elif number == signal.SIGCHLD:
                self._reap()
            else:
                self._pass_on(number)

    def _pass_on(self, number: int) -> None:
        """A signal is meant for the program; a second Ctrl-C ends it at once."""
        ends = number in {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
        self._asked += ends
        if not self._children():
            self._status = -number if ends else self._status
            return
        if number == signal.SIGINT and self._asked > 1:
            self._hurried = True
            number = signal.SIGKILL
        elif number == signal.SIGINT:
            self._later(_PATIENCE, self._say_what_is_waited_for)
            if _in_foreground():
                return  # the terminal has sent it to them as well
        for child in self._children():
            os.kill(child.pid, number)

    def _say_what_is_waited_for(self) -> None:
        if self._children():
            self._say("stopping", "", "the program takes its time; Ctrl-C again ends it at once")

    # -- the rest ---------------------------------------------------------------------------

    def _later(self, seconds: float, do: Callable[[], object]) -> None:
        self._timers.append((time.monotonic() + seconds, do))

    def _patience(self) -> float | None:
        if not self._timers:
            return None
        return max(0.0, min(due for due, _ in self._timers) - time.monotonic())

    def _run_timers(self) -> None:
        now = time.monotonic()
        due = [do for at, do in self._timers if at <= now]
        self._timers = [(at, do) for at, do in self._timers if at > now]
        for do in due:
            do()

    def _say(self, word: str, where: str, what: str, end: str = "") -> None:
        self._console().say(word, where, what, end)

    def _console(self) -> Console:
        from hotswap.console import Console  # noqa: PLC0415 - nothing is said at most starts

        return Console(dict, quiet=self._options.quiet)


def _readable(channel: Channel) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(channel, selectors.EVENT_READ)
        return bool(selector.select(0))


def _in_foreground() -> bool:
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


def _restore_echo() -> None:
    """A debugger that was killed leaves the terminal without echo."""
    try:
        import termios  # noqa: PLC0415

        attributes = termios.tcgetattr(sys.stdin)
        if not attributes[3] & termios.ECHO:
            attributes[3] |= termios.ECHO
            termios.tcsetattr(sys.stdin, termios.TCSANOW, attributes)
    except (ImportError, AttributeError, ValueError, OSError, termios.error):
        return  # no terminal


def _end_as(status: int | None) -> int:
    """The exit status of the program; by its signal, if one ended it."""
    status = status or 0
    if status >= 0:
        return status
    if status in {-signal.SIGINT, -signal.SIGTERM, -signal.SIGHUP, -signal.SIGKILL}:
        with contextlib.suppress(ValueError, OSError):
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    return 128 - status
