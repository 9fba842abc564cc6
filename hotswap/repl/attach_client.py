"""Which program does `hotswap attach` attach to, and what is done there?"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from hotswap.channel import Channel
from hotswap.repl import places
from hotswap.repl.connection import PROTOCOL, CannotAttach, Connection
from hotswap.repl.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterable

_ANSWERS_WITHIN = 10.0
"""Seconds in which a program that can say anything has said who it is."""
_STARTED = "started with `hotswap run --attach`"


def attach(target: str | None, module: str | None, code: str | None) -> int:
    """
    Attach, and return the exit status.

    Args:
        target: The name or the process ID of a program; None for the only one.
        module: Where commands run; None for the main module.
        code: What is to be done; None for what is typed, or stands on stdin.
    """
    try:
        connection = _chosen(target)
        if module is not None and connection.run(f"%in {module}")["failed"]:
            return 1
        if code is None and sys.stdin is not None and sys.stdin.isatty():
            from hotswap.repl.asking import converse  # noqa: PLC0415

            return converse(connection)
        return _once(connection, _read() if code is None else code)
    except (CannotAttach, OSError) as error:
        print(f"hotswap: {error}", file=sys.stderr)  # noqa: T201
        return 1


def _read() -> str:
    """What stands on stdin, if there is one."""
    try:
        return "" if sys.stdin is None else sys.stdin.read()
    except UnicodeDecodeError as error:
        raise CannotAttach(f"what stands on stdin is no text: {error}") from None


def _once(connection: Connection, code: str) -> int:
    done = connection.run(code)
    if done["leaves"]:
        return int(done["status"])
    return (130 if done["interrupted"] else 1) if done["failed"] else 0


# -- the choice -------------------------------------------------------------------------------


def _chosen(target: str | None) -> Connection:
    matching = [place for place in places.found() if _matches(place, target)]
    greeted = [(place, _greet(place)) for place in matching]
    living = _newest((place, there) for place, there in greeted if there is not None)
    if not living:
        raise CannotAttach(_missing(target))
    if len(living) > 1:
        for place, connection in living:
            print(_described(place, connection))  # noqa: T201
        raise CannotAttach("which one of these? Give a PID, or a name that only one has")
    return living[0][1]


def _matches(place: Place, target: str | None) -> bool:
    if target is None:
        return True
    if target.isdecimal():
        return int(target) in {place.pid, place.supervisor}
    return place.name == target


def _newest(living: Iterable[tuple[Place, Connection]]) -> list[tuple[Place, Connection]]:
    """While one process takes over from another, both are there; it is one program."""
    by_program = {}
    for place, connection in sorted(living, key=lambda pair: pair[0].age):
        by_program[place.supervisor] = (place, connection)
    return sorted(by_program.values())


def _greet(place: Place) -> Connection | None:
    """A connection to the program at a place; None if there is none any more."""
    try:
        made = places.connect(place, _ANSWERS_WITHIN)
    except OSError as error:
        raise CannotAttach(f"process {place.pid} ({place.name}) does not answer: {error}") from None
    if made is None:
        return None
    channel = Channel(made)
    received = channel.receive()
    if received is None:
        raise CannotAttach(f"process {place.pid} ({place.name}) does not answer")
    made.settimeout(None)
    hello, _ = received
    if hello["protocol"] != PROTOCOL:
        raise CannotAttach(f"process {place.pid} runs another version of hotswap: use that one")
    return Connection(channel, hello)


def _described(place: Place, connection: Connection) -> str:
    hello = connection.hello
    return f"{place.pid:>8}  {place.name:<16}  {hello['program']}  (in {hello['folder']})"


def _missing(target: str | None) -> str:
    """Why there is nothing to attach to."""
    if target is None:
        return f"no program runs that was {_STARTED}"
    if not target.isdecimal():
        return f"no program called {target!r} runs that was {_STARTED}"
    return f"process {target} {_state(int(target))}"


def _state(pid: int) -> str:
    """What is wrong with a process that cannot be attached to."""
    try:
        os.kill(pid, 0)
        is_ours = os.stat(f"/proc/{pid}").st_uid == os.geteuid()
    except PermissionError:
        is_ours = False
    except (ProcessLookupError, OverflowError):
        return "is not there"
    except FileNotFoundError:  # no /proc
        is_ours = True
    return f"was not {_STARTED}" if is_ours else "is another user's"
