"""
How do processes that the program forks follow the files, and end, as it does?

A server with several processes on one port forks them from one that has imported everything. A
fork has no threads but one: it watches for itself, with a kernel's queue of its own, and ends when
the process it came from does or is told to.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from typing import TYPE_CHECKING

from hotswap import handover

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotswap.channel import Channel
    from hotswap.console import Console
    from hotswap.reloader import Reloader
    from hotswap.report import Report

_EXEC_WITHIN = 0.1
"""Seconds in which a fork that only starts another program has done so."""


class Forks:
    """
    The processes that are forked from this one, seen from both sides.

    Args:
        channel: The end of the channel to the supervisor.
        stop: Stops the servers of this process: called in a fork once it is to end.
        expected: How many forks are to take the place of as many others.
    """

    def __init__(
        self,
        reloader: Reloader,
        console: Console,
        channel: Channel,
        stop: Callable[[], object],
        expected: int,
    ) -> None:
        self._reloader, self._console = reloader, console
        self._channel, self._stop = channel, stop
        self._alive_in, alive = os.pipe()
        self._alive_out: int | None = alive
        """As long as it is open here, the forks go on."""
        self._known: frozenset[str] = frozenset()
        self._expected = expected
        self.count = 0
        """How many were forked; those that have ended, too."""

    def follow(self) -> None:
        """Have every fork from now on follow the files."""
        os.register_at_fork(
            before=self._reloader.hold,
            after_in_parent=self._after_in_parent,
            after_in_child=self._after_in_child,
        )

    def end(self) -> None:
        """Let the forks end: each drains, and stops, for itself. May be repeated."""
        alive, self._alive_out = self._alive_out, None
        if alive is not None:
            os.close(alive)

    def _after_in_parent(self) -> None:
        self._reloader.release()
        self.count += 1

    def _after_in_child(self) -> None:
        self._reloader.release()
        self.end()  # of the forks of this one: it is not what keeps them, nor itself
        self._known = frozenset(self._reloader.modules.values())
        self._channel.after_fork()
        self._reloader.after_fork(self._on_report)
        if "hotswap.gate" in sys.modules:
            sys.modules["hotswap.gate"].GATE.after_fork()
        for do in (self._watch, self._await_end):
            threading.Thread(target=do, name="hotswap-fork", daemon=True).start()

    # -- in a fork --------------------------------------------------------------------------

    def _watch(self) -> None:
        time.sleep(_EXEC_WITHIN)
        from hotswap.servers.lifecycle import LIFECYCLE  # noqa: PLC0415

        LIFECYCLE.told = self._tell_of_server
        if LIFECYCLE.started:
            self._tell_of_server()
        self._reloader.start()
        self._reloader.reload()

    def _tell_of_server(self) -> None:
        from hotswap.listeners import steer_to_newest  # noqa: PLC0415

        if self._expected:
            steer_to_newest(self._expected)  # the last of them finds all others there
        self._channel.send("fork_serves", pid=os.getpid(), way=self._way())

    def _way(self) -> str:
        from hotswap.listeners import listening  # noqa: PLC0415

        return handover.way(listening(), pauses=False)[0]

    def _on_report(self, report: Report) -> None:
        """What the process that it came from follows too is told, and asked for, by that."""
        if self._known.issuperset(report.paths):
            return
        self._console.show(report)
        if report.outcome == "restart":
            self._channel.send(
                "restart",
                pid=os.getppid(),
                at=time.monotonic() - report.seconds,
                way=self._way(),
                why="of what a forked process loaded",
                servers=0,
                ports=[],
                listening=[],
            )

    def _await_end(self) -> None:
        with contextlib.suppress(OSError):
            os.read(self._alive_in, 1)
        self._stop()
