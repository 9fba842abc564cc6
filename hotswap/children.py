"""What does the supervisor know of a worker, and how does it make one?"""

from __future__ import annotations

import contextlib
import os
import selectors
import sys
import time
from collections.abc import Callable

from hotswap.channel import Channel, Message
from hotswap.handover import End, Inheritance
from hotswap.options import Options
from hotswap.signals import held_back
from hotswap.worker import Worker


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
        self.started, self.started_at = time.monotonic(), time.time()
        self.end = End()
        self.stopping = False
        self.files: list[str] = []
        """Where an edit may mend what failed."""
        self.forks: dict[int, str] = {}
        """By process forked from it, how its server may be followed."""
        self.missed: Message | None = None
        """What it asked for while that could not be done."""

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self.started

    def has_ended(self) -> bool:
        """Whether it has; then `end` says how."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid:
            self.end.status = os.waitstatus_to_exitcode(status)
        return bool(pid)

    def is_heard(self) -> bool:
        """Whether it has said something that was not received yet."""
        if self.channel.fileno() < 0:
            return False
        with selectors.DefaultSelector() as selector:
            selector.register(self.channel, selectors.EVENT_READ)
            return bool(selector.select(0))


def launch(
    request: Message, inheritance: Inheritance, options: Options, leave: Callable[[], object]
) -> Child:
    """
    Make a worker. There has to be one thread only.

    Args:
        leave: Called in the worker, to give up what is the supervisor's.

    Raises:
        Forked: In the worker.
        OSError: There cannot be another process.
    """
    ours, theirs = Channel.pair()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError, OSError):
            stream.flush()
    with held_back():
        try:
            pid = os.fork()
        except OSError:
            ours.close()
            theirs.close()
            raise
        if not pid:
            leave()
            ours.close()
            raise Forked(Worker(theirs, inheritance, options))
    theirs.close()
    return Child(pid, ours, request)
