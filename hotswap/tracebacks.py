"""An uncaught error as the program's own: its causes too show the program's frames only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from types import TracebackType
from typing import TypeVar

from hotswap.failures import trimmed

_RUNPY = ("<frozen runpy>", f"{os.sep}runpy.py")

Error = TypeVar("Error", bound=BaseException)


def program_only(error: Error) -> Error:
    """The same error, without the frames of hotswap and of what started the program."""
    for each in _chain(error):
        each.__traceback__ = _started(trimmed(each.__traceback__))
    return error


def _chain(error: BaseException) -> Iterator[BaseException]:
    pending, seen = [error], set()
    while pending:
        each = pending.pop()
        if id(each) not in seen:
            seen.add(id(each))
            yield each
            pending += [e for e in (each.__cause__, each.__context__) if e is not None]


def _started(traceback: TracebackType | None) -> TracebackType | None:
    """From the first frame of the program on: `-m` runs through `runpy`."""
    return next((each for each in _walk(traceback) if not _file(each).endswith(_RUNPY)), None)


def _walk(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _file(traceback: TracebackType) -> str:
    return traceback.tb_frame.f_code.co_filename
