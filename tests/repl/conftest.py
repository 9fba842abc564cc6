"""A real terminal, and somebody who types into it."""

from __future__ import annotations

import fcntl
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

COMMANDS = {
    "plain": [sys.executable],
    "ipython": [sys.executable, "-m", "IPython", "--no-banner"],
    "attach": [sys.executable, "-m", "hotswap", "attach"],
}


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

    def rest(self, text: str) -> str:
        """Type the end of the line; what it prints in brackets."""
        self._child.send(f"{text}\r")
        return self._until(f"\u00ab(.*?)\u00bb.*?({self._prompt})")

    def save(self, name: str, text: str) -> None:
        """Let a file hold this text."""
        (self.folder / name).write_text(textwrap.dedent(text).lstrip("\n"))

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
