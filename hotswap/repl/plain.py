"""
How does the interpreter's own prompt get edits between commands?

Python tells of each command that it is about to execute by an audit event, under the new prompt of
3.13 and the old one alike: after the line was typed, and before it runs.
"""

from __future__ import annotations

import itertools
import linecache
import sys
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

from hotswap.repl import above
from hotswap.repl.pending import MARK, Pending

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotswap.reloader import Reloader
    from hotswap.report import Report

_TYPED = ("<stdin>", "<python-input-", "<console>")
_attended: list[Prompt] = []


def attend(reloader: Reloader) -> None:
    """Apply edits between the commands from now on; a second call changes nothing."""
    if not _attended:
        _attended.append(Prompt(reloader))
        _on_event.__cantrace__ = True  # type: ignore[attr-defined]  # what executes is followed
        sys.addaudithook(_on_event)
        above.attend()


class Prompt:
    """The prompt of this process."""

    def __init__(self, reloader: Reloader) -> None:
        self._reloader = reloader
        self._pending = Pending(reloader, lambda: hasattr(sys, "ps1"))
        self._pending.note(*_former())
        self._usual: Any = None
        reloader.subscribe(self._mark, first=True)  # who tells of it may draw the prompt again

    def before(self, code: CodeType) -> None:
        """A command was typed and is about to run."""
        above.catch_up()
        self._pending.apply()
        self._pending.note(code)
        self._mark()

    def between(self) -> None:
        """No command runs; another will be asked for."""
        self._pending.apply()

    def _mark(self, _: Report | None = None) -> None:
        shown = getattr(sys, "ps1", None)
        if shown is None:
            return
        if not isinstance(shown, _Shown):
            self._usual = shown
        if isinstance(self._usual, str):
            text = MARK + self._usual if self._reloader.behind else self._usual
            sys.ps1 = _Shown(text)


def _former() -> Iterator[CodeType | str]:
    """What was typed before, as far as Python keeps it; at least the command that runs."""
    for number in itertools.count():  # as the new prompt does
        lines = linecache.getlines(f"<python-input-{number}>")
        if not lines:
            break
        yield "".join(lines)
    frame: FrameType | None = sys._getframe()
    while frame := frame and frame.f_back:
        if _is_typed(frame.f_code):
            yield frame.f_code


class _Shown(str):
    """
    What is asked with. The old prompt takes `str()` of it each time that it is about to ask; the
    new one takes it as it is, and must not be written over.
    """

    __slots__ = ()

    def __str__(self) -> str:
        if _attended and sys._getframe().f_back is None:  # no command that runs wants to see it
            _attended[0].between()
        shown = getattr(sys, "ps1", self)
        return str.__str__(shown if isinstance(shown, _Shown) else self)


def _on_event(event: str, args: tuple[Any, ...]) -> None:
    if event != "exec" or not _attended:
        return
    code = args[0]
    if isinstance(code, CodeType) and _is_typed(code):
        _attended[0].before(code)


def _is_typed(code: CodeType) -> bool:
    return code.co_filename.startswith(_TYPED)
