"""
Where does a server bind, so that two processes can serve at its address for a while?

At a port that was asked for as 0, the next process gets the one that the former had. A Unix
socket is bound beside its name, and gets the name once it serves: so the name is never missing,
and a server that stops, and takes away the name that it was bound to, takes nobody else's.
"""

from __future__ import annotations

import atexit
import contextlib
import os
from collections.abc import Callable, Iterable

_LONGEST_NAME = 107
"""Bytes in the name of a Unix socket (`sun_path` of Linux, less its end)."""


class Addresses:
    """What the servers of this process are bound to."""

    def __init__(self) -> None:
        self.ports: list[int] = []
        """The ports that were given to those who asked for any, in the order of asking."""
        self._former_ports: list[int] = []
        self._unnamed: dict[str, str] = {}
        self._named: dict[str, int] = {}

    def resume_ports(self, ports: Iterable[int]) -> None:
        """Whoever asks for any port shall get what a former process was given."""
        self._former_ports = list(ports)

    def bind(self, bind: Callable[[str], int], address: str) -> int:
        """Bind a server to an address, by `bind`, which returns the port."""
        if address.endswith(":0"):
            return self._bind_any(bind, address[:-1])
        path = _path(address)
        beside = os.path.join(os.path.dirname(path), f".{os.getpid():x}{len(self._named) or ''}")
        if not path or len(os.fsencode(beside)) > _LONGEST_NAME:
            return bind(address)
        bound = bind(f"unix:{beside}")
        self._unnamed[beside] = path
        return bound

    def _bind_any(self, bind: Callable[[str], int], host: str) -> int:
        former = self._former_ports[len(self.ports) :][:1] or [0]
        port = bind(f"{host}{former[0]}")
        self.ports.append(port)
        return port

    def publish(self) -> None:
        """A server has started: clients may find what is bound."""
        if self._unnamed and not self._named:
            atexit.register(self._take_away)
        while self._unnamed:
            beside, path = self._unnamed.popitem()
            with contextlib.suppress(OSError):
                self._named[path] = os.stat(beside).st_ino
                os.replace(beside, path)

    def _take_away(self) -> None:
        for path, inode in self._named.items():
            with contextlib.suppress(OSError):
                if os.stat(path).st_ino == inode:
                    os.unlink(path)


def _path(address: str) -> str:
    """The absolute path of a Unix socket; empty for other addresses."""
    scheme, _, rest = address.partition(":")
    if scheme != "unix" or not rest:
        return ""
    return os.path.abspath("/" + rest.lstrip("/") if rest.startswith("//") else rest)


ADDRESSES = Addresses()
"""Those of this process."""
