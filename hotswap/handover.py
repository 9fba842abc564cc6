"""
How does one process follow another, and what comes after one has ended? Decided here, pure.

The steps themselves are the supervisor's, in the parent process, and the worker's, in the program.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hotswap.listeners import Listener

OVERLAP = "overlap"
"""Both run for a while: the old process serves until the new one does, then it drains."""
PAUSE = "pause"
"""The new process imports everything, and waits before its main function until the old one ends."""
STOP_FIRST = "stop first"
"""The new process starts once the old one has ended."""

LEAVE = "leave"
"""The supervisor ends as the program ended."""
AGAIN = "again"
"""The program is started again at once."""
WAIT = "wait"
"""The program is started again once a file is saved."""

START_ME_AGAIN = 3
"""The exit status that says so, as of werkzeug's reloader."""
_CRASHES = frozenset(
    -number for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE, signal.SIGILL)
)
_HASTY = 0.5
"""A process that asks for another one within so many seconds may do so for ever."""
_TOLERATED = 5
_LONGEST_PAUSE = 10.0


class Inheritance:
    """
    What a new process is told of the one that it follows.

    Args:
        replaces: The process that still runs; 0 if there is none.
        pauses: Wait before the main function until told to go on.
        asked: What the old process said of itself when it asked for this one: how many servers it
            had, the addresses at which it listened, the ports that it was given where it asked
            for any, how many processes that serve it had forked.
        kept: By address, the descriptors of sockets that the supervisor keeps.
    """

    # No dataclass: to make one takes longer than all else that is done to run a program.
    def __init__(
        self,
        replaces: int = 0,
        *,
        pauses: bool = False,
        asked: Mapping[str, Any] | None = None,
        kept: Mapping[str, int] | None = None,
    ) -> None:
        asked = asked or {}
        self.replaces, self.pauses, self.follows = replaces, pauses, bool(asked)
        self.servers: int = asked.get("servers", 0)
        self.forks: int = asked.get("forks", 0)
        self.listening: list[str] = asked.get("listening", [])
        self.ports: list[int] = asked.get("ports", [])
        self.kept = dict(kept or {})


class End:
    """How a process ended."""

    status = 0
    """Its exit status; negative, the signal that ended it."""
    failed = False
    """An exception came through."""
    returned = False
    """The function given to `run_with_reloader` returned."""
    drop_in = False
    """It had called `run_with_reloader`."""


def way(listeners: Iterable[Listener], *, pauses: bool) -> tuple[str, str]:
    """
    How a process is followed, and why not without a gap, if it cannot be.

    Args:
        listeners: The sockets that it listens on.
        pauses: Whether it called `run_with_reloader`: there, a new process can wait.
    """
    addresses = sorted(one.address for one in listeners if not one.shareable)
    if listeners and not addresses:
        return OVERLAP, ""
    held = f"{addresses[0]} cannot be shared" if addresses else "it listens nowhere"
    return (PAUSE if pauses else STOP_FIRST), held


def is_ready(inheritance: Inheritance, listening: Iterable[str], started: int) -> bool:
    """Whether a new process serves all that the old one served."""
    return started >= inheritance.servers and set(inheritance.listening) <= set(listening)


def of_forks(forks: Mapping[int, str]) -> dict[str, Any]:
    """
    What a restart of a process has to know of those that it has forked.

    Args:
        forks: By process, how its server may be followed.
    """
    overlap = bool(forks) and all(way == OVERLAP for way in forks.values())
    return {"forks": len(forks), **({"way": OVERLAP} if overlap else {})}


def after(end: End, *, once: bool) -> str:
    """What comes after a process has ended that nobody had asked to end."""
    if end.drop_in and end.status == START_ME_AGAIN:
        return AGAIN
    mendable = end.failed or end.returned or end.status in _CRASHES
    return WAIT if mendable and not once else LEAVE


def ending(end: End) -> str:
    """What a process did at its end, in words."""
    if end.returned:
        return "returned"
    if end.status >= 0:
        return f"ended with status {end.status}"
    try:
        return f"was ended by {signal.Signals(-end.status).name}"
    except ValueError:
        return f"was ended by signal {-end.status}"


class Backoff:
    """How long a restart is put off where one follows the other without end."""

    def __init__(self) -> None:
        self._hasty = 0

    @staticmethod
    def is_hasty(lived: float) -> bool:
        """Whether this may go on so without end."""
        return lived < _HASTY

    def pause(self, lived: float) -> float:
        """Seconds to wait before a process is followed that ran on for `lived` seconds only."""
        self._hasty = self._hasty + 1 if self.is_hasty(lived) else 0
        beyond = self._hasty - _TOLERATED
        return min(float(2**beyond), _LONGEST_PAUSE) if beyond > 0 else 0.0
