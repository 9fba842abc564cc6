"""
How are functions heard that start while a module executes, from Python 3.12 on?

Through `sys.monitoring`: what is not the project's own is heard once, and costs nothing then.
"""

from __future__ import annotations

import sys
from threading import get_ident
from typing import TYPE_CHECKING

from hotswap.recorder import HEARD, Recorder

if TYPE_CHECKING:
    from types import CodeType

if sys.version_info >= (3, 12):
    _NEVER_AGAIN = sys.monitoring.DISABLE

    class Monitor(Recorder):
        """Hears of every function that starts."""

        _tool: int | None = None

        def _on_start(self, code: CodeType, _offset: int) -> object:
            own = self._known.get(code.co_filename)
            if not (self._own(code.co_filename) if own is None else own):
                if code.co_name in HEARD:
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
