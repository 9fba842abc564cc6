"""Which sockets does this process listen on, and who gets the connections made to them?"""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import stat
import struct
import sys
from array import array
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

_DESCRIPTORS = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"
_LISTENING = frozenset({"0A", "03"})
"""States in the first part of /proc/net/tcp, which has the listening sockets (TCP_LISTEN of Linux)
and in old kernels what is about to connect to them (TCP_SYN_RECV)."""
_SO_ATTACH_REUSEPORT_CBPF = 51
_RETURN = 0x06
"""The one opcode of classic BPF that is needed, of <linux/filter.h>: return a constant."""
_INSTRUCTION, _PROGRAM = struct.Struct("HBBI"), struct.Struct("HP")
"""`sock_filter` and `sock_fprog` of Linux; without ctypes, which takes its time to import."""


class Listener(NamedTuple):
    """A socket that this process listens on."""

    address: str
    """ "host:port", or the path of a Unix socket (an abstract one starts with "@")."""
    shareable: bool
    """Whether another process may listen at the same address meanwhile."""

    @property
    def is_path(self) -> bool:
        """Whether it is a Unix socket with a name in the file system, which can be moved."""
        return self.address.startswith("/")


def listening(kept: Collection[int] = ()) -> set[Listener]:
    """
    The sockets that this process listens on.

    Args:
        kept: Descriptors of sockets that the next process is given, so that they can be shared.
            Of these themselves, which the program does not see, nothing is said.
    """
    given = {_address(one) for one in _sockets(kept)}
    others = {int(name) for name in os.listdir(_DESCRIPTORS)}.difference(kept)
    return {
        Listener(address, address in given or _is_shareable(one, address))
        for one in _sockets(others)
        if (address := _address(one))
    }


def close_to_new_connections() -> None:
    """Listen no more, without the servers' knowing; connections that are open stay."""
    for one in _shared():
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RD)


def steer_to_newest(count: int = 1) -> bool:
    """
    Let a new socket have each new connection to the ports that are shared with older ones.

    Sockets that share a port (`SO_REUSEPORT`) form a group, in the order in which they joined,
    and a small program says which one is meant: the first that is new. Older ones leave one by
    one, the last of the group taking the place of each (`__reuseport_detach_sock` of Linux), so
    that it stays a new one. Once all have left, there is none such, and the kernel goes back to
    its own choice. False where that cannot be: on other systems than Linux, or where not just
    twice `count` share a port.

    Args:
        count: How many processes have taken, or are about to take, the place of as many.
    """
    if sys.platform != "linux" or any(_sharers(one) != 2 * count for one in _shared()):
        return False
    instructions = array("Q", _INSTRUCTION.pack(_RETURN, 0, 0, count))
    address, size = instructions.buffer_info()
    program = _PROGRAM.pack(size, address)
    try:
        for one in _shared():
            one.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_REUSEPORT_CBPF, program)
    except OSError:
        return False
    return True


def _sockets(descriptors: Iterable[int] | None = None) -> Iterator[socket.socket]:
    """Copies of the sockets (of all, without descriptors) that listen, closed after their turn."""
    for descriptor in map(int, os.listdir(_DESCRIPTORS)) if descriptors is None else descriptors:
        copy = _copy(descriptor)
        if copy is not None:
            with copy:
                if _option(copy, socket.SO_ACCEPTCONN):
                    yield copy


def _shared() -> Iterator[socket.socket]:
    return (one for one in _sockets() if _may_share_port(one))


def _copy(descriptor: int) -> socket.socket | None:
    try:
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            return None
        return socket.socket(fileno=os.dup(descriptor))
    except OSError:
        return None


def _option(one: socket.socket, option: int) -> int:
    try:
        return one.getsockopt(socket.SOL_SOCKET, option)
    except OSError:
        return 0


def _address(one: socket.socket) -> str:
    name = one.getsockname()
    if one.family == socket.AF_UNIX:
        text = os.fsdecode(name)
        return "@" + text[1:] if text[:1] == "\0" else os.path.abspath(text) if text else ""
    if one.family not in {socket.AF_INET, socket.AF_INET6}:
        return ""
    host = name[0].removeprefix("::ffff:")  # as IPv6 writes what is an address of IPv4
    return f"[{host}]:{name[1]}" if ":" in host else f"{host}:{name[1]}"


def _is_shareable(one: socket.socket, address: str) -> bool:
    if one.family == socket.AF_UNIX:
        return not address.startswith("@")  # a path is bound anew: its old inode is left behind
    return _may_share_port(one)


def _may_share_port(one: socket.socket) -> bool:
    kinds = {socket.AF_INET, socket.AF_INET6}
    return (
        sys.platform == "linux" and one.family in kinds and bool(_option(one, socket.SO_REUSEPORT))
    )


def _sharers(one: socket.socket) -> int:
    """
    How many sockets, of all processes, listen at the address of this one.

    The table goes on with the connections, of which there may be tens of thousands: they are not
    read (`tcp_get_idx` of Linux).
    """
    table = "/proc/net/tcp6" if one.family == socket.AF_INET6 else "/proc/net/tcp"
    name = one.getsockname()
    mine = f"{_hexadecimal(one.family, name[0])}:{name[1]:04X}"
    try:
        with open(table, encoding="ascii") as lines:
            next(lines)
            rows = itertools.takewhile(lambda row: row[3] in _LISTENING, map(str.split, lines))
            return sum(row[1] == mine for row in rows if row[3] == "0A")
    except OSError:
        return 0


def _hexadecimal(family: int, host: str) -> str:
    """An address as /proc/net/tcp writes it: words of 32 bits in the order of the machine."""
    packed = socket.inet_pton(family, host)
    words = (packed[at : at + 4] for at in range(0, len(packed), 4))
    return "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)
