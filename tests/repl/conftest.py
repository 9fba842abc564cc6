"""A real terminal, and somebody who types into it."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import textwrap
from pathlib import Path

import pytest

LIMIT = 30
_ESCAPES = re.compile(r"\x1b\[[0-9;?<>=]*[a-zA-Z@]|\x1b[=>]|\x1b\][^\x07]*\x07|\r")

_CONTROL = re.compile(r"\x1b\[([0-9;?<>=]*)([a-zA-Z@])|\x1b[=>]|\x1b\][^\x07]*\x07|(.)", re.DOTALL)

COMMANDS = {
    "plain": [sys.executable],
    "ipython": [sys.executable, "-m", "IPython", "--no-banner"],
    "attach": [sys.executable, "-m", "hotswap", "attach"],
}


class Drawn:
    """The lines of a screen, as far as what draws one line again has to do with it."""

    def __init__(self, written: str) -> None:
        self.rows, self._y, self._x = [""], 0, 0
        for number, letter, char in _CONTROL.findall(written):
            count = int(number) if number.isdigit() else 1
            if char >= " ":
                self._put(char, self._x + 1)
            elif letter in {"K", "J", "@", "P"}:
                self._change(letter, count)
            else:
                self._move(char or letter, count)

    def _put(self, text: str, after: int) -> None:
        row = self.rows[self._y]
        self.rows[self._y] = f"{row[: self._x]:{self._x}}{text}{row[after:]}"
        self._x = after

    def _move(self, key: str, count: int) -> None:
        down = {"\n": 1, "B": count, "A": -count}.get(key, 0)
        right = {"\r": -self._x, "G": count - 1 - self._x, "\b": -1, "C": count, "D": -count}
        self._y, self._x = max(self._y + down, 0), max(self._x + right.get(key, 0), 0)
        self.rows += [""] * (self._y + 1 - len(self.rows))

    def _change(self, key: str, count: int) -> None:
        row, x = self.rows[self._y], self._x
        after = {"@": " " * count + row[x:], "P": row[x + count :]}
        self.rows[self._y] = f"{row[:x]:{x}}{after.get(key, '')}"
        if key == "J":
            del self.rows[self._y + 1 :]


class Terminal:
    """
    A program that asks for commands, in a folder of modules.

    What is waited for is said by the program itself, in brackets that are not typed as such, so
    that neither the echo nor a prompt drawn anew is taken for it.
    """

    def __init__(self, command: list[str], folder: Path, **environment: str) -> None:
        pexpect = pytest.importorskip("pexpect.fdpexpect", reason="pexpect is not installed")
        self.folder = folder
        usual = {
            "HOME": str(folder),
            "IPYTHONDIR": str(folder / ".ipython"),
            "PROMPT_TOOLKIT_NO_CPR": "1",
            "TERM": "xterm",
            "NO_COLOR": "1",
        }
        self._master, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("4H", 50, 200, 0, 0))
        # Started so, and not by pexpect, nothing of a test that ran before is forked with it.
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **usual, **environment},
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
        )
        os.close(inner)
        self._child = pexpect.fdspawn(self._master, encoding="utf-8", timeout=LIMIT)
        self._child.logfile_read = self._all = io.StringIO()
        self._prompt = r"In \[[^\]]+\]: |>>>(?: |(?=\x1b))"
        self.screen = ""
        self._until(f"({self._prompt})")
        self.before = self.screen

    def _until(self, pattern: str) -> str:
        self._child.expect(re.compile(pattern, re.DOTALL))
        self.screen = _ESCAPES.sub("", self._child.before + self._child.after)
        return self._child.match.group(1)

    def ask(self, expression: str) -> str:
        """The repr of what is typed; `screen` is all that was written until the next prompt."""
        self._child.send(f'print("\\u00ab%r\\u00bb" % ({expression},))\r')
        return self._until(f"\u00ab(.*?)\u00bb.*?({self._prompt})")

    def do(self, *lines: str) -> str:
        """Type simple statements, as one command."""
        self._child.send("; ".join([*lines, 'print("\\u00ab\\u00bb")']) + "\r")
        self._until(f"(.*?)\u00ab\u00bb.*?({self._prompt})")
        return self.screen

    def type(self, line: str) -> str:
        """Type a line that is no Python; returns what was written until another can be typed."""
        self._child.send(f"{line}\r")
        self._child.expect_exact("\n")
        self._until(f"({self._prompt})")
        return self.screen

    def half(self, text: str) -> None:
        """Type the beginning of a line."""
        self._child.send(text)
        self.wait_for(re.escape(text[-4:]))

    def wait_for(self, pattern: str) -> None:
        """Wait until something is written, with the escapes of the terminal in between or not."""
        seen, regex = "", re.compile(pattern, re.DOTALL)
        while not regex.search(_ESCAPES.sub("", seen)):
            self._child.expect(re.compile(".", re.DOTALL))
            seen += self._child.after

    @property
    def row(self) -> str:
        """The last line that is drawn."""
        return [row for row in Drawn(self._all.getvalue()).rows if row.strip()][-1]

    def wait_for_row(self, pattern: str) -> None:
        """Wait until the last line that is drawn matches."""
        while not re.fullmatch(pattern, self.row):
            self._child.expect(re.compile(".", re.DOTALL))

    def rest(self, text: str) -> str:
        """Type the end of the line; what it prints in brackets."""
        self._child.send(f"{text}\r")
        return self._until(f"\u00ab(.*?)\u00bb.*?({self._prompt})")

    def save(self, name: str, text: str) -> None:
        """Let a file hold this text."""
        (self.folder / name).write_text(textwrap.dedent(text).lstrip("\n"))

    def after(
        self, files: dict[str, str], typed: list[str], edits: dict[str, str], ask: str
    ) -> str:
        """The answer to a question, once modules were imported by what is typed and then edited."""
        for name, text in files.items():
            self.save(f"{name}.py", text)
        self.do(*typed)
        for name, text in edits.items():
            self.save(f"{name}.py", text)
        return self.ask(ask)

    def press(self, keys: str) -> None:
        """Press keys, and wait for nothing."""
        self._child.send(keys)

    def interrupt(self) -> None:
        """As Ctrl-C, while nobody asks for a command."""
        self._process.send_signal(signal.SIGINT)

    def shows(self, pattern: str) -> str:
        """Wait for a text; returns what its first group is, or all of it."""
        return self._until(pattern if "(" in pattern else f"({pattern})")

    def ended(self) -> int:
        """The exit status, once it has ended; `screen` is what was written since."""
        import pexpect  # noqa: PLC0415

        self._child.expect(pexpect.EOF)
        self.screen = _ESCAPES.sub("", self._child.before)
        return self._process.wait(LIMIT)

    def close(self) -> None:
        """End the program."""
        self._process.kill()
        self._process.wait()
        if self._master >= 0:
            os.close(self._master)
            self._master = -1


@pytest.fixture(scope="session")
def terminals(tmp_path_factory):
    """Open terminals that are closed at the end: `terminals("plain")`."""
    opened = []

    def terminal(kind: str, *arguments: str, folder: Path | None = None, **environment: str):
        if kind == "ipython":
            pytest.importorskip("IPython", reason="IPython is not installed")
        folder = folder or tmp_path_factory.mktemp(kind)
        opened.append(Terminal([*COMMANDS[kind], *arguments], folder, **environment))
        return opened[-1]

    yield terminal
    for one in opened:
        one.close()
