"""How is something told above a line that is being typed, without breaking it?"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

from hotswap.repl import typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CLEAR = "\r\x1b[K"


def tell(write: Callable[[], object]) -> None:
    """Call `write`; if somebody types meanwhile, put what it writes above that line."""
    if threading.current_thread() is threading.main_thread():
        write()  # whoever types waits for it
    elif (application := _application()) is not None:
        application.loop.call_soon_threadsafe(_above, write, context=application.context)
    elif (typed := _typed()) is not None:
        with _lines_end_as_usual(sys.stderr.fileno()):
            sys.stderr.write(_CLEAR)
            write()
            sys.stderr.write(f"{str.__str__(sys.ps1)}{typed}")
            sys.stderr.flush()
    else:
        write()


@contextlib.contextmanager
def _lines_end_as_usual(terminal: int) -> Iterator[None]:
    """While a line is read the terminal may be raw: a new line would not begin at the left."""
    try:
        import termios  # noqa: PLC0415
    except ImportError:  # Windows
        yield
        return
    before = termios.tcgetattr(terminal)
    usual = before.copy()
    usual[1] |= termios.OPOST | termios.ONLCR
    termios.tcsetattr(terminal, termios.TCSADRAIN, usual)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _application() -> Any:
    """What reads lines for IPython, if it does so right now."""
    session = getattr(typed.shell(), "pt_app", None)
    application = getattr(session, "app", None)
    return application if getattr(application, "is_running", False) else None


def _above(write: Callable[[], object]) -> None:
    from prompt_toolkit.application import run_in_terminal  # noqa: PLC0415

    run_in_terminal(write)


def _typed() -> str | None:
    """What stands behind Python's own prompt; None: nobody types there."""
    if not isinstance(getattr(sys, "ps1", None), str) or not sys.stderr.isatty():
        return None
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    new_prompt = frame is not None and "_pyrepl" in frame.f_code.co_filename.split(os.sep)
    if frame is not None and not new_prompt:  # a command runs
        return None
    reader = sys.modules.get("_pyrepl.readline" if new_prompt else "readline")
    line = reader.get_line_buffer() if reader is not None else ""
    return line.decode(errors="replace") if isinstance(line, bytes) else str(line)
