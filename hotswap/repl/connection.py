"""What is said between `hotswap attach` and the program that it has attached to?"""

from __future__ import annotations

import os
import signal
import sys
import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from hotswap.channel import Channel, Message

if TYPE_CHECKING:
    from types import FrameType

PROTOCOL = 1
"""Both sides have to speak the same."""
_COMPLETES_WITHIN = 2.0
_HINTS_AFTER = 1.0
"""Seconds after which somebody who pressed Ctrl-C is told why nothing has happened."""
_STUCK = (
    "hotswap: it is in a call that cannot be interrupted (a sleep, a lock, a query in C), and ends "
    "when that returns; Ctrl-C again leaves without waiting"
)


class CannotAttach(Exception):  # noqa: N818 - it is told, in one line
    """There is no program to attach to, or none any more."""


class Connection:
    """
    The line to a program, whose greeting was heard.

    What it writes is written here at once, by another thread, whatever is going on.
    """

    def __init__(self, channel: Channel, hello: Message) -> None:
        self.hello = hello
        self.module, self.behind = "__main__", False
        self.is_asking, self.has_ended = False, False
        self._channel, self._why, self._number = channel, "has ended", 0
        self._heard: SimpleQueue[Message] = SimpleQueue()
        threading.Thread(target=self._hear, daemon=True).start()

    def run(self, text: str, *, tells: bool = False) -> Message:
        """
        Have a command run; Ctrl-C interrupts it.

        Args:
            tells: Edits that were applied since the last one are told before.

        Raises:
            CannotAttach: The program has ended, or the command does not.
        """
        usual = signal.signal(signal.SIGINT, self._on_ctrl_c)
        try:
            self._number += 1
            self._channel.send("run", number=self._number, text=text, tells=tells)
            done = self._done()
        finally:
            signal.signal(signal.SIGINT, usual)
        self.module, self.behind = done["module"], done["behind"]
        return done

    def complete(self, text: str) -> tuple[str, list[str]]:
        """The last word of a text, and what it may become; nothing if that takes too long."""
        self._channel.send("complete", text=text)
        while (message := self._next(_COMPLETES_WITHIN)) is not None:
            if message["say"] == "words" and message["text"] == text:
                return message["beginning"], message["found"]
            if message["say"] == "end":
                break
        return "", []

    def ended(self) -> CannotAttach:
        """What there is to say when the program is not there any more."""
        pid, name = self.hello["pid"], self.hello["name"]
        return CannotAttach(f"process {pid} {self._why}; to attach again: hotswap attach {name}")

    def _hear(self) -> None:
        while (received := self._channel.receive()) is not None and self._takes(received[0]):
            pass
        self.has_ended = True
        self._heard.put({"say": "end"})
        if self.is_asking:  # whoever waits for a line has to be woken up
            os.kill(os.getpid(), signal.SIGINT)

    def _takes(self, message: Message) -> bool:
        """Whether there is a point in hearing more after this."""
        if message["say"] == "out":
            if _write(message["stream"], message["text"]):
                return True
            self._why = "is left, since nobody reads what it writes"
            return False
        if message["say"] == "bye":
            self._why = message["why"] or self._why
            return False
        self._heard.put(message)
        return True

    def _on_ctrl_c(self, _number: int, _frame: FrameType | None) -> None:
        self._heard.put({"say": "ctrl-c"})

    def _next(self, seconds: float | None) -> Message | None:
        try:
            return self._heard.get(timeout=seconds)
        except Empty:
            return None

    def _done(self) -> Message:
        pressed = hinted = False
        while True:
            message = self._next(_HINTS_AFTER if pressed and not hinted else None)
            said = message["say"] if message is not None else ""
            if message is None:
                hinted = True
                print(_STUCK, file=sys.stderr)  # noqa: T201
            elif said == "done":
                return {**message, "interrupted": pressed}
            elif said == "end":
                raise self.ended()
            elif said == "ctrl-c" and hinted:
                raise CannotAttach(f"left; the command runs on in process {self.hello['pid']}")
            elif said == "ctrl-c":
                pressed = self._channel.send("interrupt", number=self._number)


def _write(number: int, text: str) -> bool:
    """Whether somebody reads it."""
    stream = sys.stdout if number == 1 else sys.stderr
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # where the rest goes at exit
        return False
    return True
