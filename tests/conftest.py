"""Real processes, whose lines are waited for, never the time."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

LIMIT = 60.0


class Program:
    """A process, and the lines that it has written so far, on stdout and stderr alike."""

    def __init__(self, command: list[str], folder: Path, **environment: str) -> None:
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self.lines: list[str] = []
        self._came = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self._note(line.rstrip("\n"))
        with self._came:
            self._ended = True
            self._came.notify_all()

    def _note(self, line: str) -> None:
        with self._came:
            self.lines.append(line)
            self._came.notify_all()

    def wait_for(self, text: str) -> str:
        """The first line that has `text` in it."""
        with self._came:
            self._came.wait_for(lambda: self._ended or self._find(text), LIMIT)
            found = self._find(text)
        assert found, "\n".join([f"{text!r} was not written, but:", *self.lines])
        return found

    def _find(self, text: str) -> str:
        return next((line for line in self.lines if text in line), "")

    def ended(self) -> int:
        """The exit status, once it has ended."""
        status = self.process.wait(LIMIT)
        self._reader.join(LIMIT)
        return status

    def stop(self) -> None:
        """End it now."""
        self.process.kill()
        self.ended()
        self.process.stdout.close()


@pytest.fixture
def start():
    """Start programs that end with the test: `start(folder, "-m", "hotswap", "run", ...)`."""
    programs = []

    def start(folder: Path, *arguments: str, **environment: str) -> Program:
        programs.append(Program([sys.executable, *arguments], folder, **environment))
        return programs[-1]

    yield start
    for program in programs:
        program.stop()
