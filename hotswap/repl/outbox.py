"""What is on its way to somebody who may be slow to read it, or gone?"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hotswap.channel import Channel

_MOST = 4_000_000
"""Characters that may wait."""
_LOOKS = 0.02
"""Seconds between looks whether there is room."""


class Outbox:
    """
    Sends messages in their order, from a thread of its own.

    Nobody but `patient`, the thread of the commands, waits for room: what a task of the program's
    event loop writes beyond what may wait is left out, and that is said.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._came, self._gone = threading.Condition(), False
        self._waiting: list[dict[str, Any]] = []
        self._size, self._left_out = 0, 0
        self.patient: int | None = None
        self._thread = threading.Thread(target=self._send, name="hotswap-attach-out", daemon=True)
        self._thread.start()

    def write(self, stream: int, text: str) -> None:
        """Send what was written to stdout (1) or stderr (2)."""
        while self._size > _MOST and not self._gone and threading.get_ident() == self.patient:
            time.sleep(_LOOKS)  # which, unlike a condition, can be interrupted anywhere
        with self._came:
            if self._size > _MOST:
                self._left_out += len(text)
                return
            last = self._waiting[-1] if self._waiting else {}
            if last.get("say") == "out" and last["stream"] == stream:
                last["parts"].append(text)
            else:
                self._waiting.append({"say": "out", "stream": stream, "parts": [text]})
            self._size += len(text)
            self._came.notify_all()

    def say(self, say: str, **values: Any) -> None:
        """Send a message."""
        with self._came:
            if self._left_out:
                text = f"hotswap: {self._left_out} characters were left out\n"
                self._waiting.append({"say": "out", "stream": 2, "parts": [text]})
                self._left_out = 0
            self._waiting.append({"say": say, **values})
            self._came.notify_all()

    def close(self, seconds: float = 0.0) -> None:
        """Send no more than what waits, and wait for that so many seconds."""
        with self._came:
            self._gone = True
            self._came.notify_all()
        if seconds:
            self._thread.join(seconds)

    def _send(self) -> None:
        while (message := self._take()) is not None:
            if message["say"] == "out":
                message["text"] = "".join(message.pop("parts"))
            if not self._channel.send(**message):
                break
        with self._came:
            self._gone = True
            self._came.notify_all()

    def _take(self) -> dict[str, Any] | None:
        with self._came:
            self._came.wait_for(lambda: self._waiting or self._gone)
            if not self._waiting:
                return None
            message = self._waiting.pop(0)
            self._size -= sum(map(len, message.get("parts", ())))
            return message
