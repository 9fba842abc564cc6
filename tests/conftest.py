"""
Real processes, whose lines are waited for, never the time; modules of a test's own, and the
reloader that follows them.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hotswap.reloader import Reloader
from hotswap.report import Report

sys.dont_write_bytecode = True
"""Python's own cache takes two edits within a second for one, if they are equally long; where that
matters, a test says so."""
LIMIT = 60.0
PICTURES = Path(__file__).with_name("pictures.py")


class Program:
    """A process, and the lines that it has written so far, on stdout and stderr alike."""

    def __init__(self, command: list[str], folder: Path, **environment: str) -> None:
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            # Not unbuffered: that writes a line in pieces, and other processes in between.
            env={**os.environ, "PYTHONUNBUFFERED": "", **environment},
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

    def wait_for(self, text: str, count: int = 1) -> str:
        """The first line (or the second …) that has `text` in it."""
        with self._came:
            self._came.wait_for(lambda: self._ended or self._find(text, count), LIMIT)
            found = self._find(text, count)
        assert found, "\n".join([f"{text!r} was not written, but:", *self.lines])
        return found

    def _find(self, text: str, count: int) -> str:
        found = [line for line in self.lines if text in line]
        return found[count - 1] if len(found) >= count else ""

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


def started():
    programs = []

    def start(folder: Path, *arguments: str, **environment: str) -> Program:
        programs.append(Program([sys.executable, *arguments], folder, **environment))
        return programs[-1]

    yield start
    for program in programs:
        program.stop()


@pytest.fixture
def start():
    """Start programs that end with the test: `start(folder, "-m", "hotswap", "run", ...)`."""
    yield from started()


@pytest.fixture(scope="module")
def start_for_all():
    """The same for programs that end with the tests of a file."""
    yield from started()


class Project:
    """
    Modules in a folder that is first on sys.path, and the reloader that follows them.

    A module is named as by `import`, a package by its `pkg/__init__` or `pkg.__init__`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._others = dict(sys.modules)
        self.reloader = Reloader(paths=[folder], drain=LIMIT)

    def path(self, name: str) -> Path:
        """The file of a module."""
        return self.folder / (name.replace(".", "/") + ".py")

    def write(self, name: str, source: str | bytes) -> Path:
        """Let a module's file hold this source, its common indentation taken away."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(source, str):
            source = textwrap.dedent(source).lstrip("\n").encode()
        path.write_bytes(source)
        importlib.invalidate_caches()
        return path

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace the one place where a module's source has `old`."""
        text = self.path(name).read_bytes().decode()
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {name}"
        self.path(name).write_bytes(text.replace(old, new).encode())

    def save(self, batch: dict[str, Any]) -> None:
        """One batch of edits, by module: its text, `None`, or what is replaced by what."""
        for name, edit in batch.items():
            if edit is None:
                self.delete(name)
            elif isinstance(edit, str):
                self.write(name, edit)
            else:
                for old, new in [edit] if isinstance(edit, tuple) else edit:
                    text = self.path(name).read_text()
                    assert old in text, f"{old!r} is not in {name}"
                    self.path(name).write_text(text.replace(old, new))

    def delete(self, name: str) -> None:
        """Remove a module's file."""
        self.path(name).unlink()
        importlib.invalidate_caches()

    def load(self, *names: str) -> ModuleType:
        """Import modules; the first one is returned."""
        modules = [importlib.import_module(name) for name in names]
        return modules[0]

    def reload(self) -> Report:
        """Bring the modules up to date with their files."""
        return self.reloader.reload()

    def picture(self, *modules: str) -> object:
        """What the modules hold in this process."""
        return pictures().picture(str(self.folder), list(modules))

    def fresh(self, *modules: str) -> object:
        """What the modules hold in a process that imports them now."""
        command = [sys.executable, str(PICTURES), str(self.folder), *modules]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)

    def fresh_here(self, *modules: str) -> object:
        """As `fresh`, and faster: they are imported beside those that run, unseen by hotswap."""
        with self.anew():
            try:
                self.load(*modules)
                return self.picture(*modules)
            except Exception as error:  # noqa: BLE001 - whatever a module raises
                return type(error).__name__

    @contextlib.contextmanager
    def anew(self) -> Iterator[None]:
        """While the block runs, modules are imported beside those that run, unseen by hotswap."""
        running, finders = self._forget(), sys.meta_path[:]
        sys.meta_path.remove(self.reloader.tracker._finder)
        try:
            yield
        finally:
            sys.meta_path[:] = finders
            self._forget()
            sys.modules.update(running)

    def _forget(self) -> dict[str, ModuleType]:
        """Take the modules of the folder out of those that are imported."""
        found = {}
        for name, module in list(sys.modules.items()):
            if module is self._others.get(name):
                continue
            places = [getattr(module, "__file__", None), *(getattr(module, "__path__", None) or ())]
            if any(isinstance(one, str) and one.startswith(str(self.folder)) for one in places):
                found[name] = sys.modules.pop(name)
        return found

    def close(self) -> None:
        """Take everything out of this process that the test brought in."""
        self.reloader.close()
        self._forget()
        for path in [path for path in sys.path_importer_cache if path.startswith(str(self.folder))]:
            del sys.path_importer_cache[path]


def pictures() -> ModuleType:
    """The module beside this one that makes pictures; tests are not on sys.path."""
    spec = importlib.util.spec_from_file_location("pictures", PICTURES)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def projects(tmp_path_factory, monkeypatch):
    """Make one project after the other, each to be entered by `with`."""

    @contextlib.contextmanager
    def make():
        folder = tmp_path_factory.mktemp("project").resolve()
        with monkeypatch.context() as patch, contextlib.closing(Project(folder)) as project:
            patch.setattr(sys, "path", [str(folder), *sys.path])
            yield project

    return make


@pytest.fixture
def project(projects):
    """A project for the test."""
    with projects() as project:
        yield project
