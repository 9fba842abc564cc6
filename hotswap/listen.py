"""A listening socket that outlives the process that serves on it."""

from __future__ import annotations

import itertools
import os
import socket

from hotswap import session

_FIRST_PASSED = 3
"""Where descriptors begin that a service manager passes on (`sd_listen_fds(3)` of systemd)."""
_any_ports = itertools.count(1)


def listen(host: str, port: int, *, backlog: int = 128) -> socket.socket:
    """
    Return a socket that listens at an address, for the program to accept connections from.

    Under hotswap the supervisor keeps it over a restart: no connection is refused meanwhile, they
    wait. Where a service manager has passed one on for this address (`LISTEN_FDS`), it is that.

    Args:
        host: An address or a name of this machine; "" for all of IPv4.
        port: 0 for any that is free; it stays the same over a restart.
        backlog: How many connections may wait.

    Raises:
        OSError: The address cannot be listened at.
    """
    worker, address = session.worker(), _name(host, port)
    kept = None if worker is None else worker.kept(address)
    if kept is not None:
        return socket.socket(fileno=os.dup(kept))
    made = _passed_on(host, port) or socket.create_server((host, port), backlog=backlog)
    if worker is not None:
        worker.keep(address, made.fileno())
    return made


def _name(host: str, port: int) -> str:
    """What a socket is kept as: of those at any port, each has its own in the order of asking."""
    return f"{host}:{port}" if port else f"{host}:0 #{next(_any_ports)}"


def _passed_on(host: str, port: int) -> socket.socket | None:
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    count = int(os.environ.get("LISTEN_FDS", "0"))
    for descriptor in range(_FIRST_PASSED, _FIRST_PASSED + count):
        one = socket.socket(fileno=os.dup(descriptor))
        if one.family in {socket.AF_INET, socket.AF_INET6} and _is_at(one, host, port):
            return one
        one.close()
    return None


def _is_at(one: socket.socket, host: str, port: int) -> bool:
    wanted = {place[4][:2] for place in socket.getaddrinfo(host or "0.0.0.0", port)}  # noqa: S104
    return one.getsockname()[:2] in wanted
