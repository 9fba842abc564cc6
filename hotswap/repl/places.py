"""Where are the programs that can be attached to, and does all of that belong to this user?"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import struct
import tempfile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_BACKLOG = 8
_LONGEST = 103
"""Bytes that the path of a socket may have; some systems take a few more."""
_LOCAL_PEERCRED = 1
"""As macOS and the BSDs have it, at level 0."""


class Refused(OSError):  # noqa: N818 - it is told, in one line
    """What is there does not belong to this user alone."""


class Place(NamedTuple):
    """The socket of a program that can be attached to."""

    name: str
    supervisor: int
    pid: int
    path: str

    @property
    def age(self) -> float:
        """Orders places: the newest is the greatest."""
        try:
            return os.lstat(self.path).st_mtime
        except OSError:
            return 0.0


def folders() -> list[str]:
    """Where sockets may be, the best place first."""
    user = os.getuid()
    usual = f"/run/user/{user}"  # where the variable is not set: in a job of cron's, after `su`
    runtime = [os.environ.get("XDG_RUNTIME_DIR", ""), usual]
    found = [os.path.join(one, "hotswap") for one in runtime if os.path.isdir(one)]
    return [*dict.fromkeys(found), os.path.join(tempfile.gettempdir(), f"hotswap-{user}")]


def check(folder: str) -> None:
    """
    Make sure that nobody else can reach into a folder.

    Raises:
        Refused: It is not this user's, or others may do something with it.
        OSError: It is not there.
    """
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode):
        raise Refused(f"{folder} is no folder")
    if found.st_uid != os.geteuid():
        raise Refused(f"{folder} belongs to user {found.st_uid}, not to you")
    if found.st_mode & 0o077:
        mode = stat.S_IMODE(found.st_mode)
        raise Refused(f"{folder} is open to others (mode {mode:o}); `chmod 700` closes it")


def listen(name: str, supervisor: int) -> tuple[socket.socket, str]:
    """
    A socket that this process can be attached at, and its path.

    Nobody finds it before it listens, with the rights that it is to have.

    Raises:
        Refused, OSError: There is no safe place for it.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise OSError("there are no Unix sockets here")
    path = _path(f"{name}.{supervisor}.{os.getpid()}")
    folder = os.path.dirname(path)
    with contextlib.suppress(FileExistsError):
        os.mkdir(folder, 0o700)
    check(folder)
    early = os.path.join(folder, f".{os.getpid()}")
    for one in (early, path):  # of a process that had this number before
        forget(one)
    return _listening(early, path), path


def _listening(early: str, path: str) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        made.bind(early)
        os.chmod(early, 0o600)
        made.listen(_BACKLOG)
        os.rename(early, path)
    except OSError:
        made.close()
        forget(early)
        raise
    return made


def _path(entry: str) -> str:
    """Where a socket of this name goes: the first place that is not too deep for it."""
    paths = [os.path.join(folder, entry) for folder in folders()]
    for path in paths:
        if len(os.fsencode(path)) <= _LONGEST:
            return path
    raise OSError(f"the path of a socket would be too long: {paths[-1]}")


def found() -> Iterator[Place]:
    """
    The places that there are, some of them maybe left over.

    Raises:
        Refused: A folder of them is not this user's alone.
    """
    for folder in folders():
        try:
            check(folder)
        except FileNotFoundError:
            continue
        for entry in sorted(os.listdir(folder)):
            name, *numbers = entry.rsplit(".", 2)
            if name and len(numbers) == 2 and all(number.isdecimal() for number in numbers):  # noqa: PLR2004
                yield Place(name, int(numbers[0]), int(numbers[1]), os.path.join(folder, entry))


def connect(place: Place, seconds: float) -> socket.socket | None:
    """
    A connection to the program at a place; None if none is there any more, and then no place.

    Raises:
        Refused: It is not this user's, or not the one that the place is named after.
        OSError: It does not answer.
    """
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        made.settimeout(seconds)
        made.connect(place.path)
        _check_program(made, place)
    except (ConnectionRefusedError, FileNotFoundError):
        made.close()
        forget(place.path)
        return None
    except BaseException:
        made.close()
        raise
    return made


def _check_program(connection: socket.socket, place: Place) -> None:
    pid, user = peer(connection)
    if {user, os.lstat(place.path).st_uid} != {os.geteuid()} or pid not in {0, place.pid}:
        raise Refused(f"at {place.path} is process {pid} of user {user}")


def peer(connection: socket.socket) -> tuple[int, int]:
    """The process (0: not known) and the user at the other end, as the system has them."""
    if hasattr(socket, "SO_PEERCRED"):
        data = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        pid, user, _ = struct.unpack("3i", data)
        return pid, user
    data = connection.getsockopt(0, _LOCAL_PEERCRED, 76)
    return 0, struct.unpack_from("2I", data)[1]


def forget(path: str) -> None:
    """Nobody is there."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def forget_process(pid: int) -> None:
    """A process has ended, in whatever way."""
    with contextlib.suppress(OSError):
        for place in list(found()):
            if place.pid == pid:
                forget(place.path)
