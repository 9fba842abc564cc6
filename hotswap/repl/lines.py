"""How does Python's own prompt draw a line again that somebody is typing?"""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

from hotswap.repl.pending import MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CLEAR = "\r\x1b[J"


class _Hook:
    """What the new prompt calls ten times a second, as long as it waits for a key."""

    def __init__(self, reader: Any) -> None:
        self._reader, self._usual = reader, reader.threading_hook
        self.write: Callable[[], object] | None = None

    def __call__(self) -> None:
        write, self.write = self.write, None
        if write is not None:
            self._tell(write)
        if self._usual is not None:
            self._usual()

    def _tell(self, write: Callable[[], object]) -> None:
        reader, console = self._reader, self._reader.console
        console.move_cursor(0, 0)
        console.restore()
        sys.stderr.write(_CLEAR)
        write()
        sys.stderr.flush()
        if _is_usual(reader.ps1):
            reader.ps1 = reader.ps2 = sys.ps1
        console.prepare()
        reader.dirty = True
        reader.refresh()


def above_new_prompt(write: Callable[[], object]) -> None:
    """Have the thread that reads call `write`, at the prompt that Python has since 3.13."""
    reader = sys.modules["_pyrepl.readline"]._get_reader()
    if not isinstance(reader.threading_hook, _Hook):
        reader.threading_hook = _Hook(reader)
    reader.threading_hook.write = write


def above_old_prompt(write: Callable[[], object]) -> None:
    """Call `write` in the thread that reads, while it waits for a key."""
    editor = _editor()
    if editor is not None:
        editor.clear()
    with _lines_end_as_usual(sys.stderr.fileno()):
        sys.stderr.write(_CLEAR)
        write()
        sys.stderr.flush()
    if editor is None:
        sys.stderr.write(str.__str__(sys.ps1))
        sys.stderr.flush()
        return
    if _is_usual(editor.prompt()):
        editor.set_prompt(str.__str__(sys.ps1))
    editor.redraw()


class _Readline:
    """The parts of the library that Python's module of that name leaves out."""

    def __init__(self, module: Any) -> None:
        import ctypes  # noqa: PLC0415 - seldom needed

        library: Any = ctypes.CDLL(getattr(module, "__file__", None))
        self._prompt = ctypes.c_char_p.in_dll(library, "rl_prompt")
        self._set_prompt = library.rl_set_prompt
        self.clear = getattr(library, "rl_clear_visible_line", lambda: None)  # not in old ones
        self.redraw = library.rl_forced_update_display

    def prompt(self) -> str:
        return (self._prompt.value or b"").decode(errors="replace")

    def set_prompt(self, text: str) -> None:
        self._set_prompt(text.encode())


def _editor() -> _Readline | None:
    module = sys.modules.get("readline")
    if module is None:
        return None
    try:
        return _Readline(module)
    except (ImportError, OSError, AttributeError, ValueError):  # another library, or none to open
        return None


def _is_usual(prompt: str) -> bool:
    """Whether that is what a command is asked for with, marked or not."""
    asked, present = str.__str__(prompt), str.__str__(sys.ps1)
    return asked.removeprefix(MARK) == present.removeprefix(MARK)


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
