"""
Which functions start while a module executes, and at which of its lines does it stand then?

On the way of every import: what can be done later is. An audit hook hears of `id()`, of
`sys._getframe()` and of each look at the code of a frame, and hotswap has one; so frames are
not walked: that of the module is remembered when it starts, and asked for its line.
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

from hotswap.asked import LOOKING, LOOKS, Asked, top
from hotswap.awaited import MODULES, WAITS, Threads

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from hotswap.calls import Calls
    from hotswap.running import Running

_BOOTSTRAP, _IMPORTLIB = vars(importlib._bootstrap), vars(importlib)
_FUNCTOOLS = vars(functools)
_LOCKS: Any = importlib._bootstrap._ModuleLockManager  # type: ignore[attr-defined]
"""Import makes one of these first, and drops it last; it is known to one thread only."""
_LOCKS_LINE = _LOCKS.__init__.__code__.co_firstlineno
_WRAPS_LINE = functools.update_wrapper.__code__.co_firstlineno
_WRAPPED = (FunctionType, type(functools.cache(int)))
"""What calls nothing of the program's when its attributes are read and set."""
_IMPORT_MODULE = importlib.import_module.__code__
_HEARD = LOOKS.keys() | WAITS | {_IMPORT_MODULE.co_name}
"""The names of functions that are not the project's own and may be of interest."""
_HEARD_IN = LOOKING | MODULES


class _Recorder:
    """
    Keeps what each thread executes, and enters the functions that start meanwhile into `calls`.

    Args:
        calls: Where it is told that a function ran on behalf of a line.
        own: Path of a source file → whether its functions count.
        known: What `own` has said before.
        looked: Is told the path of a file that was asked for, and whether more was than if it
            is there.
    """

    def __init__(
        self,
        calls: Calls,
        own: Callable[[str], bool],
        known: dict[str, bool],
        looked: Callable[[str, bool], None],
    ) -> None:
        self._calls, self._own, self._known = calls, own, known
        self._asked, self._threads = Asked(looked), Threads(calls.saw)
        self._stacks: dict[int, list[Running]] = {}
        self._lock = threading.Lock()

    @property
    def running(self) -> Running | None:
        """The module that executes in this thread."""
        stack = self._stacks.get(get_ident())
        return stack[-1] if stack else None

    def begin(self, running: Running) -> None:
        """It executes from now on, in this thread."""
        self._push(get_ident(), running)

    def end(self) -> None:
        """What began last in this thread has ended."""
        self._pop(get_ident())

    def _push(self, thread: int, running: Running) -> None:
        stack = self._stacks.get(thread)
        if stack is None:
            with self._lock:
                stack = self._stacks[thread] = []
                if len(self._stacks) == 1:
                    self._asked.hear()
                self._resume(first=len(self._stacks) == 1)
        stack.append(running)

    def _pop(self, thread: int) -> Running | None:
        """The one within which it had begun, if there is one."""
        stack = self._stacks[thread]
        stack.pop().frame = None
        if stack:
            return stack[-1]
        with self._lock:
            del self._stacks[thread]
            self._pause(last=not self._stacks)
            if not self._stacks:
                self._asked.rest()
                self._threads.rest()
        return None

    def _resume(self, *, first: bool) -> None:
        raise NotImplementedError

    def _pause(self, *, last: bool) -> None:
        raise NotImplementedError

    def _is_heard(self, frame: FrameType, code: CodeType) -> bool:
        """Note what Python's own functions are asked, if it is of interest."""
        if code is _IMPORT_MODULE:
            self._imports_dynamically(frame)
        elif code.co_name in LOOKS and top(frame.f_globals) in LOOKING:
            self._asked.heard(frame, code)
        elif code.co_name in WAITS and top(frame.f_globals) in MODULES:
            if (running := self.running) is not None:
                self._threads.heard(running, frame)
        else:
            return False
        return True

    def _imports_dynamically(self, frame: FrameType) -> None:
        running = self.running
        if running is not None and isinstance(name := frame.f_locals.get("name"), str):
            name = running.unit.imported(name, frame.f_locals.get("package") or "")
            if running.frame is not None:
                self._calls.ask(name, running.unit.name, running.frame.f_lineno)


if sys.version_info >= (3, 12):
    _NEVER_AGAIN = sys.monitoring.DISABLE

    class Recorder(_Recorder):
        """
        Hears of every function that starts, through `sys.monitoring`.

        What is not the project's own is heard once at most: it costs nothing to listen.
        """

        _tool: int | None = None

        def _on_start(self, code: CodeType, _offset: int) -> object:
            own = self._known.get(code.co_filename)
            if not (self._own(code.co_filename) if own is None else own):
                if code.co_name in _HEARD:
                    return None if self._is_heard(sys._getframe(1), code) else _NEVER_AGAIN
                return _NEVER_AGAIN
            stack = self._stacks.get(get_ident())
            if stack is None:
                self._threads.saw(code)
                return None
            running = stack[-1]
            if code is running.code:
                running.frame = sys._getframe(1)
            elif running.frame is not None:
                self._calls.saw(code, running, running.frame.f_lasti)
            return None

        def _resume(self, *, first: bool) -> None:
            if not first:
                return
            monitoring = sys.monitoring
            for tool in (3, 4, 2, 0, 5, 1):
                if monitoring.get_tool(tool) is None:
                    monitoring.use_tool_id(tool, "hotswap")
                    self._tool = tool
                    break
            if self._tool is not None:
                start = monitoring.events.PY_START
                monitoring.register_callback(self._tool, start, self._on_start)
                monitoring.set_events(self._tool, start)

        def _pause(self, *, last: bool) -> None:
            if last and self._tool is not None:
                sys.monitoring.set_events(self._tool, 0)
                sys.monitoring.register_callback(self._tool, sys.monitoring.events.PY_START, None)
                sys.monitoring.free_tool_id(self._tool)
                self._tool = None

else:

    class _Rest:
        """Once nobody refers to it, the thread hears again, if a module executes in it."""

        __slots__ = ("_hook", "_stacks")

        def __init__(self, hook: Any, stacks: dict[int, list[Running]]) -> None:
            self._hook, self._stacks = hook, stacks

        def __del__(self) -> None:
            if sys.getprofile() is None and get_ident() in self._stacks:
                sys.setprofile(self._hook)

    class Recorder(_Recorder):
        """
        Hears of every function that starts, through `sys.setprofile` of the thread.

        Every call and return is heard, of functions in C too, of which import itself has a
        hundred, and `functools.wraps` thirty: nothing is heard as long as these are at work.
        """

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
                if not heard and space is not _IMPORTLIB and top(space) not in _HEARD_IN:
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
