"""Which frames of a traceback are the program's own? The others are cut out."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from types import TracebackType
from typing import TypeVar

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_IMPORT = "<frozen importlib"
_RUNPY = ("<frozen runpy>", f"{os.sep}runpy.py")

Error = TypeVar("Error", bound=BaseException)


def program_only(error: Error) -> Error:
    """The same error; its traceback, and those of its causes, show the program's frames only."""
    for each in _chain(error):
        each.__traceback__ = _cut(each.__traceback__)
    return error


def _chain(error: BaseException) -> Iterator[BaseException]:
    pending, seen = [error], set()
    while pending:
        each = pending.pop()
        if id(each) not in seen:
            seen.add(id(each))
            yield each
            pending += [e for e in (each.__cause__, each.__context__) if e is not None]


def _cut(traceback: TracebackType | None) -> TracebackType | None:
    frames = [each for each in _walk(traceback) if not _is_machinery(_file(each))]
    frames = list(itertools.dropwhile(lambda each: _file(each).endswith(_RUNPY), frames))
    for frame, following in itertools.zip_longest(frames, frames[1:]):
        frame.tb_next = following
    return frames[0] if frames else None


def _walk(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _file(traceback: TracebackType) -> str:
    return traceback.tb_frame.f_code.co_filename


def _is_machinery(file: str) -> bool:
    return file.startswith((_HERE, _IMPORT))
