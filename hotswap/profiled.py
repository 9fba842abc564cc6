"""
How are functions heard that start while a module executes, before Python 3.12?

Through `sys.setprofile` of the thread. Every call and return is heard, of functions in C too, of
which import itself has a hundred, and `functools.wraps` thirty: nothing is heard as long as these
are at work.
"""

from __future__ import annotations

import functools
import importlib
import os
import sys
import threading
from threading import get_ident
from types import FunctionType
from typing import TYPE_CHECKING, Any

from hotswap.asked import top
from hotswap.recorder import HEARD_IN, Recorder

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from hotswap.running import Running

_BOOTSTRAP, _IMPORTLIB = vars(importlib._bootstrap), vars(importlib)
_FUNCTOOLS = vars(functools)
_LOCKS: Any = importlib._bootstrap._ModuleLockManager  # type: ignore[attr-defined]
"""Import makes one of these first, and drops it last; it is known to one thread only."""
_LOCKS_LINE = _LOCKS.__init__.__code__.co_firstlineno
_WRAPS_LINE = functools.update_wrapper.__code__.co_firstlineno
_WRAPPED = (FunctionType, type(functools.cache(int)))
"""What calls nothing of the program's when its attributes are read and set."""


class _Rest:
    """Once nobody refers to it, the thread hears again, if a module executes in it."""

    __slots__ = ("_hook", "_stacks")

    def __init__(self, hook: Any, stacks: dict[int, list[Running]]) -> None:
        self._hook, self._stacks = hook, stacks

    def __del__(self) -> None:
        if sys.getprofile() is None and get_ident() in self._stacks:
            sys.setprofile(self._hook)


class Profiler(Recorder):
    """Hears of every function that starts."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._before: dict[int, Any] = {}
        self._hook, self._thread_hook = self._on_event, self._on_thread_event  # to know them
        self._module: FrameType | None = None
        """That of the module that began last and has not ended."""
        self._files: dict[object, bool] = {}
        """False: no function of a module of this file is looked at."""

    def _on_event(self, frame: FrameType, event: str, _arg: object) -> None:
        if event == "call":
            space = frame.f_globals
            if space is _BOOTSTRAP:
                if frame.f_lineno == _LOCKS_LINE:
                    self._rest_while_importing(frame)
            elif space is _FUNCTOOLS:
                if frame.f_lineno == _WRAPS_LINE:
                    self._rest_while_wrapping(frame)
            elif self._files.get(space.get("__file__"), True):
                self._on_start(frame, frame.f_code)
        elif frame is self._module and event == "return":
            sys.setprofile(None)  # before it ends: that would be heard, too

    def _rest_while_importing(self, frame: FrameType) -> None:
        """
        Until the lock is freed, to which the last but one attribute refers.

        They are freed in the order in which they were set first, and `__init__`, which is
        about to run, sets these.
        """
        sys.setprofile(None)
        then = _Rest(self._hook, self._stacks)
        vars(frame.f_locals["self"]).update(_name=None, _lock=None, _then=then)

    def _rest_while_wrapping(self, frame: FrameType) -> None:
        """Until the frame is gone."""
        given = frame.f_locals
        if isinstance(given["wrapper"], _WRAPPED) and isinstance(given["wrapped"], _WRAPPED):
            sys.setprofile(None)
            given[""] = _Rest(self._hook, self._stacks)

    def _on_thread_event(self, frame: FrameType, event: str, _arg: object) -> None:
        """In a thread that a module has started."""
        if not self._stacks:
            sys.setprofile(None)
        elif event == "call" and self._own(frame.f_code.co_filename):
            self._threads.saw(frame.f_code)

    def _on_start(self, frame: FrameType, code: CodeType) -> None:
        own = self._known.get(code.co_filename)
        if not (self._own(code.co_filename) if own is None else own):
            heard = self._is_heard(frame, code)
            space = frame.f_globals
            if not heard and space is not _IMPORTLIB and top(space) not in HEARD_IN:
                self._leave_alone(space.get("__file__"))
            return
        stack = self._stacks.get(get_ident())
        if stack is None:
            return
        running = stack[-1]
        if code is running.code:
            self._module = running.frame = frame
        elif running.frame is not None:
            self._calls.saw(code, running, running.frame.f_lasti)

    def _leave_alone(self, file: object) -> None:
        if isinstance(file, str) and os.path.isabs(file) and not self._own(file):
            self._files[file] = False

    def begin(self, running: Running) -> None:
        """It executes from now on, in this thread."""
        hook = sys.getprofile()
        if hook is self._hook:
            sys.setprofile(None)
            running.interrupts, hook = True, None
        self._push(get_ident(), running)
        if hook is None:
            sys.setprofile(self._hook)  # last: whatever follows is heard

    def end(self) -> None:
        """What began last in this thread has ended."""
        if sys.getprofile() is self._hook:
            sys.setprofile(None)
        thread = get_ident()
        interrupted = self._stacks[thread][-1].interrupts
        outer = self._pop(thread)
        self._module = None if outer is None else outer.frame
        if interrupted and outer is not None and sys.getprofile() is None:
            sys.setprofile(self._hook)

    def _resume(self, *, first: bool) -> None:  # noqa: ARG002
        self._before[get_ident()] = sys.getprofile()
        sys.setprofile(self._hook)
        if vars(threading)["_profile_hook"] is None:
            threading.setprofile(self._thread_hook)

    def _pause(self, *, last: bool) -> None:
        if last and vars(threading)["_profile_hook"] is self._thread_hook:
            threading.setprofile(None)
        before = self._before.pop(get_ident(), None)
        now = sys.getprofile()
        if now is None or now is self._hook:  # else the module has begun to profile
            sys.setprofile(before)
