"""How is something told above a line that is being typed, without breaking it?"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from hotswap.repl import lines, typed

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_waiting: deque[Callable[[], object]] = deque()
"""What the thread that reads has to tell: nobody else may touch what it draws."""


def tell(write: Callable[[], object]) -> None:
    """Call `write`; if somebody types meanwhile, put what it writes above that line."""
    if threading.current_thread() is threading.main_thread():
        write()  # whoever types waits for it
    elif (application := _application()) is not None:
        application.loop.call_soon_threadsafe(_above, write, context=application.context)
    elif (asks := _asks()) is not None:
        _waiting.append(write)
        asks()
    else:
        write()


def attend() -> None:
    """Be able to wake the old prompt, which waits for keys without any code of Python's."""
    if hasattr(signal, "SIGURG") and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGURG, _on_wake)
        atexit.register(catch_up)


def catch_up() -> None:
    """Tell what could not be told before, in the thread that reads."""
    while _waiting:
        _waiting.popleft()()


def _on_wake(_: int, frame: FrameType | None) -> None:
    if frame is None and _waiting:
        lines.above_old_prompt(catch_up)
    else:  # by now, a command runs
        catch_up()


def _application() -> Any:
    """What reads lines for IPython, if it does so right now."""
    session = getattr(typed.shell(), "pt_app", None)
    application = getattr(session, "app", None)
    return application if getattr(application, "is_running", False) else None


def _above(write: Callable[[], object]) -> None:
    from prompt_toolkit.application import run_in_terminal  # noqa: PLC0415

    run_in_terminal(write)


def _asks() -> Callable[[], object] | None:
    """What has Python's own prompt tell what waits; None: nobody types there."""
    if not isinstance(getattr(sys, "ps1", None), str) or not sys.stderr.isatty():
        return None
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    if frame is None:
        return _wake
    if "_pyrepl" in frame.f_code.co_filename.split(os.sep):
        return lambda: lines.above_new_prompt(catch_up)
    return None  # a command runs


def _wake() -> None:
    if hasattr(signal, "SIGURG") and signal.getsignal(signal.SIGURG) is _on_wake:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGURG)
    else:
        lines.above_old_prompt(catch_up)
