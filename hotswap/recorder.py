"""
Which functions start while a module executes, and at which of its lines does it stand then?

On the way of every import: what can be done later is. An audit hook hears of `id()`, of
`sys._getframe()` and of each look at the code of a frame, and hotswap has one; so frames are
not walked: that of the module is remembered when it starts, and asked for its instruction.
"""

from __future__ import annotations

import functools
import importlib
import sys
import threading
from threading import get_ident
from typing import TYPE_CHECKING

from hotswap.asked import LOOKING, LOOKS, Asked, top
from hotswap.awaited import MODULES, WAITS, Threads
from hotswap.copied import Copies

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from hotswap.calls import Calls
    from hotswap.running import Running

_WRAPS = functools.update_wrapper.__code__
_IMPORT_MODULE = importlib.import_module.__code__
HEARD = LOOKS.keys() | WAITS | {_IMPORT_MODULE.co_name}
"""The names of functions that are not the project's own and may be of interest."""
if sys.version_info >= (3, 13):  # where a class knows its line
    HEARD |= {_WRAPS.co_name}
HEARD_IN = LOOKING | MODULES
"""Where they are, beside `importlib`."""


class Recorder:
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
        self.copies = Copies()
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
        if code is _WRAPS:
            self.copies.heard(frame.f_locals)
        elif code is _IMPORT_MODULE:
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
