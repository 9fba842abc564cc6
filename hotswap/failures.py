"""Whose fault is an exception, and what of it does the user have to see?"""

from __future__ import annotations

import abc
import dataclasses
import enum
import os
import re
import types
import typing
from collections.abc import Callable, Iterator
from dis import opname
from types import TracebackType
from typing import TYPE_CHECKING

from hotswap.effects import NeedsRestart, WouldFail

if TYPE_CHECKING:
    from hotswap.steps import Step

_STDLIB = os.path.dirname(os.__file__) + os.sep
_MAKERS = tuple(
    os.path.splitext(module.__file__ or "")[0] for module in (abc, dataclasses, enum, types, typing)
)
"""The standard library's ways to make classes: they keep no books, and say so of a wrong one."""
_TWICE = re.compile(
    r"\balready\b|\bduplicate|\bexists?\b|\bconflict|\boverwrit|\btwice\b", re.IGNORECASE
)
"""How libraries say that they were told before."""
_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep


def is_users_fault(error: BaseException, own: Callable[[str], bool], step: Step) -> bool:
    """
    Whether a fresh start would fail in the same way.

    The innermost frame that is neither the import system's nor ours tells: in the project's own
    file it does; in a library, a framework may have refused to be told the same thing twice.
    """
    if isinstance(error, (SyntaxError, ImportError, SystemExit, KeyboardInterrupt)):
        return True
    frames = [path for path, _ in _frames(error.__traceback__)]
    mine = not frames or own(frames[-1])
    if not mine and frames[-1].startswith(_MAKERS):
        return True
    refused = step.status == "changed" and _is_raised_in_c(error.__traceback__)
    if _TWICE.search(str(error)) and (refused or not (mine and _is_first_time(step))):
        return False
    if mine:
        return True
    if step.status != "repeated" and frames[-1].startswith(_STDLIB):
        return "site-packages" not in frames[-1]  # a decorator such as `dataclass` complains
    return step.status != "repeated" and step.statement is not None and not step.statement.effects


def is_interrupt(error: BaseException) -> bool:
    """Whether somebody pressed Ctrl-C: no statement of a module's has raised that."""
    return isinstance(error, KeyboardInterrupt) and _is_raised_in_c(error.__traceback__)


def _is_raised_in_c(traceback: TracebackType | None) -> bool:
    """Whether the innermost frame did not raise it itself: protobuf's pool has no frame."""
    if traceback is None:
        return False
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    code = traceback.tb_frame.f_code.co_code
    return opname[code[traceback.tb_lasti]] != "RAISE_VARARGS"


def _is_first_time(step: Step) -> bool:
    """Whether nothing is left of what the statement had done when it ran before."""
    return step.status != "repeated" or step.statement is None or step.statement.is_definition


def describe(
    error: BaseException, own: Callable[[str], bool]
) -> tuple[str, tuple[str, int] | None, BaseException | None]:
    """A reason in one line, file and line, and the exception with our frames cut off."""
    if isinstance(error, (NeedsRestart, WouldFail)):
        return error.reason, error.location, None
    inner = error.__cause__ if type(error).__name__ == "Refused" else error
    if inner is None:
        return str(error), getattr(error, "location", None), None
    location: tuple[str, int] | None = None
    if isinstance(inner, SyntaxError) and inner.filename:
        location = (inner.filename, inner.lineno or 1)
        text = inner.msg
    else:
        text = str(inner)
        mine = [place for place in _frames(inner.__traceback__) if own(place[0])]
        location = mine[-1] if mine else None
    inner.__traceback__ = trimmed(inner.__traceback__)
    return f"{type(inner).__name__}: {text}".removesuffix(": "), location, inner


def _frames(traceback: TracebackType | None) -> Iterator[tuple[str, int]]:
    while traceback is not None:
        path = traceback.tb_frame.f_code.co_filename
        if not _is_ours(path):
            yield path, traceback.tb_lineno
        traceback = traceback.tb_next


def _is_ours(path: str) -> bool:
    return path.startswith((_HERE, "<frozen importlib", "<hotswap"))


def trimmed(traceback: TracebackType | None) -> TracebackType | None:
    """A traceback without the frames of the import system and of hotswap."""
    kept: list[TracebackType] = []
    while traceback is not None:
        if not _is_ours(traceback.tb_frame.f_code.co_filename):
            kept.append(traceback)
        traceback = traceback.tb_next
    result: TracebackType | None = None
    for one in reversed(kept):
        result = TracebackType(result, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return result
