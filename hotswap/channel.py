"""How do supervisor and worker talk? In messages over a private socket, that end with either."""

from __future__ import annotations

import os
import socket
import struct
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_LENGTH = struct.Struct("!I")
_MOST_DESCRIPTORS = 16

Message = dict[str, Any]
"""What is said; each has "say", a verb. Values are what JSON can hold."""


class Channel:
    """
    One end of the socket between supervisor and worker.

    Descriptors may go along with a message, as copies that the receiver owns.
    """

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._descriptors: list[int] = []
        self._lock = threading.Lock()

    @classmethod
    def pair(cls) -> tuple[Channel, Channel]:
        """Both ends of a new one; neither outlives `exec`."""
        first, second = socket.socketpair()
        return cls(first), cls(second)

    def fileno(self) -> int:
        """The descriptor to wait for; -1 once closed."""
        return self._socket.fileno()

    def send(self, say: str, descriptors: Iterable[int] = (), **values: Any) -> bool:
        """Say something; False if nobody is there to hear it."""
        import json  # noqa: PLC0415 - not before there is something to say

        sent = list(descriptors)
        text = json.dumps({**values, "say": say, "descriptors": len(sent)}).encode()
        data = _LENGTH.pack(len(text)) + text
        with self._lock:
            try:
                count = socket.send_fds(self._socket, [data], sent) if sent else 0
                self._socket.sendall(data[count:])
            except OSError:
                return False
        return True

    def receive(self) -> tuple[Message, list[int]] | None:
        """The next message, and the descriptors that came along; None once the other has ended."""
        try:
            (length,) = _LENGTH.unpack(self._take(_LENGTH.size))
            text = self._take(length)
        except (OSError, EOFError):
            return None
        import json  # noqa: PLC0415

        message: Message = json.loads(text)
        count = message.pop("descriptors")
        taken, self._descriptors = self._descriptors[:count], self._descriptors[count:]
        return message, taken

    def _take(self, size: int) -> bytes:
        taken = b""
        while len(taken) < size:
            part, descriptors, _, _ = socket.recv_fds(
                self._socket, size - len(taken), _MOST_DESCRIPTORS
            )
            for descriptor in descriptors:
                # The system lets them outlive `exec`.
                os.set_inheritable(descriptor, False)  # noqa: FBT003
            self._descriptors += descriptors
            if not part:
                raise EOFError
            taken += part
        return taken

    def after_fork(self) -> None:
        """In a forked process: whatever thread was sending, it is not here."""
        self._lock = threading.Lock()

    def close(self) -> None:
        """Leave; the other end hears of it."""
        self._socket.close()
