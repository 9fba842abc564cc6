"""Whose output is it, a command's or the program's?"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

# The implementation in Python: the one in C keeps the wrapped object out of reach of a property.
from wrapt.wrappers import ObjectProxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_STREAMS = ("stdin", "stdout", "stderr")
_caller: ContextVar[Caller | None] = ContextVar("hotswap attach", default=None)
"""Who has asked for what runs here; tasks have it from whoever made them, threads do not."""
_lock = threading.Lock()
_running: list[Caller] = []
_lasting: list[tuple[Any, tuple[Any, ...]]] = []
"""What has stood in. `print` in another thread may hold one for longer than it stands in, and until
3.13.3 does so without counting that as a reference: it has to live on."""


class Caller:
    """
    Somebody whose command runs in this process, or has run.

    Args:
        write: Called with 1 or 2, for stdout or stderr, and a text.
        display: Called with the value of each expression that stands alone.
    """

    def __init__(
        self, write: Callable[[int, str], object], display: Callable[[Any], object]
    ) -> None:
        self.display = display
        self.is_there = True
        self.streams: dict[str, Any] = {
            "stdin": io.StringIO(),
            "stdout": _Output(lambda text: write(1, text)),
            "stderr": _Output(lambda text: write(2, text)),
        }

    @contextlib.contextmanager
    def asks(self) -> Iterator[None]:
        """What this thread does within the block is done for this caller."""
        token = _caller.set(self)
        with _lock:
            _running.append(self)
            _stand_in()
        try:
            yield
        finally:
            with _lock:
                _running.remove(self)
                if not _running:
                    _stand_back()
            _caller.reset(token)


def after_fork() -> None:
    """In a forked process: nobody has asked for anything."""
    global _lock  # noqa: PLW0603 - whoever held it is not here
    _lock = threading.Lock()
    _running.clear()
    _caller.set(None)
    _stand_back()


class _Output(io.TextIOBase):
    """A stream of text that is somewhere else."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self.buffer = _Bytes(self)

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if text:
            self._write(text)
        return len(text)

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        """It is not whoever writes who ends it."""


class _Bytes(io.RawIOBase):
    """The same for bytes."""

    def __init__(self, text: _Output) -> None:
        self._text = text

    def write(self, data: Any) -> int:
        taken = bytes(data)
        self._text.write(taken.decode("utf-8", "replace"))
        return len(taken)

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        """As above."""


class _Stream(ObjectProxy):  # type: ignore[misc]
    """In place of `sys.stdout` and others: each caller's own, or the usual one."""

    def __init__(self, name: str, usual: Any) -> None:
        self._self_name, self._self_usual = name, usual

    @property
    def __wrapped__(self) -> Any:
        caller = _caller.get()
        if caller is not None and caller.is_there:
            return caller.streams[self._self_name]
        return _nowhere() if self._self_usual is None else self._self_usual

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__wrapped__, name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.__wrapped__)


class _Display:
    """In place of `sys.displayhook`, in the same way."""

    def __init__(self, usual: Any) -> None:
        self.usual = usual

    def __call__(self, value: Any) -> None:
        caller = _caller.get()
        if caller is None:
            self.usual(value)
        else:
            caller.display(value)


def _nowhere() -> Any:
    """A program without a terminal may have None for a stream."""
    return open(os.devnull, "r+", encoding="utf-8")


def _stand_in() -> None:
    for name in _STREAMS:
        usual = getattr(sys, name)
        if type(usual) is not _Stream:
            setattr(sys, name, _lasting_one(_Stream, name, usual))
    if not isinstance(sys.displayhook, _Display):
        sys.displayhook = _lasting_one(_Display, sys.displayhook)


def _lasting_one(kind: Any, *of: Any) -> Any:
    """The one of this kind that stands in for that; made once."""
    for one, made_of in _lasting:
        if type(one) is kind and all(mine is its for mine, its in zip(of, made_of, strict=True)):
            return one
    _lasting.append((kind(*of), of))
    return _lasting[-1][0]


def _stand_back() -> None:
    for name in _STREAMS:
        present = getattr(sys, name)
        if type(present) is _Stream:
            setattr(sys, name, present._self_usual)
    if isinstance(sys.displayhook, _Display):
        sys.displayhook = sys.displayhook.usual
