"""How are commands asked for at a terminal: with `prompt_toolkit`, or `readline`, or neither?"""

from __future__ import annotations

import ast
import codeop
import contextlib
import os
import sys
import warnings
from typing import TYPE_CHECKING, Any, Protocol

from hotswap.repl.connection import Connection
from hotswap.repl.pending import MARK

if TYPE_CHECKING:
    from collections.abc import Iterator

_INDENT = "    "


class _Asker(Protocol):
    def ask(self, prompt: str) -> str:
        """A command; EOFError is the end, KeyboardInterrupt another try."""


def converse(connection: Connection) -> int:
    """
    Ask for commands and have them run, until somebody leaves; returns the exit status.

    Raises:
        CannotAttach: The program has ended.
    """
    asker = _asker(connection)
    print(_greeting(connection), file=sys.stderr)  # noqa: T201
    while True:
        try:
            text = _asked(asker, connection)
        except EOFError:
            return 0
        except KeyboardInterrupt:
            print("KeyboardInterrupt", file=sys.stderr)  # noqa: T201
            continue
        done = connection.run(text, tells=True) if text.strip() else {"leaves": False}
        if done["leaves"]:
            return int(done["status"])


class Completeness:
    """Is a command all there? It depends on what was imported from `__future__` before."""

    def __init__(self) -> None:
        self._compiler = codeop.CommandCompiler()
        self._compiler.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

    def needs_more(self, text: str) -> bool:
        """Whether another line is needed; what is wrong is for the program to say."""
        if text.lstrip().startswith(("%", "?")):
            return False
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return self._compiler(text.rstrip(" \t"), "<typed>", "single") is None
            except (SyntaxError, ValueError, OverflowError):
                return False


def indentation(line: str) -> str:
    """What the line after this one begins with."""
    margin = line[: len(line) - len(line.lstrip())]
    return margin + _INDENT if line.rstrip().endswith(":") else margin


def _greeting(connection: Connection) -> str:
    hello = connection.hello
    who = f"{hello['name']}  ·  pid {hello['pid']}  ·  Python {hello['python']}"
    return f"hotswap  attached to {who}  ·  %help, Ctrl-D leaves"


def _prompt(connection: Connection) -> str:
    module = "" if connection.module == "__main__" else f":{connection.module}"
    mark = MARK if connection.behind else ""
    return f"{mark}{connection.hello['name']}{module}>>> "


def _asked(asker: _Asker, connection: Connection) -> str:
    try:
        connection.is_asking = True
        if not connection.has_ended:
            return asker.ask(_prompt(connection))
    except KeyboardInterrupt:
        if not connection.has_ended:
            raise
    finally:
        connection.is_asking = False
    raise connection.ended()


def _asker(connection: Connection) -> _Asker:
    if sys.stdout.isatty():
        with contextlib.suppress(ImportError):
            return _Toolkit(connection)
    return _Lines(connection)


class _Lines:
    """With the standard library alone."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._completeness = Completeness()
        self._offered: list[str] = []
        with contextlib.suppress(ImportError):
            import readline  # noqa: PLC0415

            readline.set_completer(self._complete)
            readline.set_completer_delims(" \t\n`~!@#$%^&*()-=+[{]}\\|;:'\",<>/?.")
            libedit = "libedit" in (readline.__doc__ or "")
            readline.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")
            self._line = readline.get_line_buffer

    def ask(self, prompt: str) -> str:
        text = input(prompt)
        while self._completeness.needs_more(text):
            text += "\n" + input(f"{'... ':>{len(prompt)}}")
        return text

    def _complete(self, _: str, state: int) -> str | None:
        if state == 0:
            self._offered = self._connection.complete(self._line())[1]
        return self._offered[state] if state < len(self._offered) else None


class _Toolkit:
    """With a line editor that knows of several lines, colours and menus."""

    def __init__(self, connection: Connection) -> None:
        from prompt_toolkit import PromptSession  # noqa: PLC0415

        self._completeness = Completeness()
        self._session: Any = PromptSession(
            multiline=True,
            completer=_completer(connection),
            complete_in_thread=True,
            complete_while_typing=False,
            key_bindings=self._keys(),
            history=_history(),
            lexer=_lexer(),
            prompt_continuation=lambda width, _line, _wraps: f"{'... ':>{width}}",
        )

    def ask(self, prompt: str) -> str:
        from prompt_toolkit.patch_stdout import patch_stdout  # noqa: PLC0415

        with patch_stdout(raw=True):
            text: str = self._session.prompt(prompt)
        return text

    def _keys(self) -> Any:
        from prompt_toolkit.key_binding import KeyBindings  # noqa: PLC0415

        keys = KeyBindings()

        @keys.add("enter")
        def _(event: Any) -> None:
            buffer = event.current_buffer
            if buffer.complete_state and buffer.complete_state.current_completion:
                buffer.complete_state = None  # taken
            elif self._completeness.needs_more(buffer.text):
                buffer.insert_text("\n" + indentation(buffer.document.current_line))
            else:
                buffer.validate_and_handle()

        return keys


def _completer(connection: Connection) -> Any:
    from prompt_toolkit.completion import Completer, Completion  # noqa: PLC0415

    class OfTheProgram(Completer):
        def get_completions(self, document: Any, _: Any) -> Iterator[Any]:
            beginning, found = connection.complete(document.text_before_cursor)
            yield from (Completion(word, -len(beginning)) for word in found)

    return OfTheProgram()


def _lexer() -> Any:
    from prompt_toolkit.lexers import PygmentsLexer  # noqa: PLC0415
    from pygments.lexers.python import PythonLexer  # noqa: PLC0415

    return PygmentsLexer(PythonLexer)


def _history() -> Any:
    """Kept among the user's own state, where that is possible."""
    from prompt_toolkit.history import FileHistory, InMemoryHistory  # noqa: PLC0415

    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    folder = os.path.join(state, "hotswap")
    try:
        os.makedirs(folder, 0o700, exist_ok=True)
        with open(os.path.join(folder, "attach_history"), "ab") as file:
            os.fchmod(file.fileno(), 0o600)
        return FileHistory(file.name)
    except OSError:
        return InMemoryHistory()
