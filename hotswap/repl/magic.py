"""What can be asked for by `%hotswap`?"""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any, Protocol

from hotswap.console import describe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hotswap.reloader import Reloader
    from hotswap.report import Report

HELP = """\
Keep imported modules as their files are.

%hotswap                 as `%hotswap status`
%hotswap on [--alone]    apply what was saved before each cell; --alone turns %autoreload off
%hotswap off             apply nothing
%hotswap now             apply what was saved now, also while it is off
%hotswap undo            take the last reload back, until the next save; again: the one before
%hotswap status          what is followed, and what could not be applied
%hotswap plan [FILE...]  what would applying do? Nothing is done; modules can be named, too
%hotswap why MODULE      what was done to a module last, and why
"""


_TAKES = {"off": (), "now": (), "undo": (), "status": (), "on": ("--alone",)}
"""What may follow a word."""


class Extension(Protocol):
    """What the magic needs of it."""

    reloader: Reloader

    @property
    def is_on(self) -> bool:
        """Whether edits are applied."""

    def on(self, *, alone: bool) -> None:
        """Apply edits before each cell."""

    def off(self) -> None:
        """Apply nothing until told to."""


class Magic:
    """The commands."""

    def __init__(self, extension: Extension) -> None:
        self._extension = extension
        self._reloader = extension.reloader
        self._last: list[Report] = []
        self._told: dict[str, Report] = {}
        self.commands: dict[str, Callable[[list[str]], str]] = {
            "on": self._on,
            "off": self._off,
            "now": self._now,
            "undo": self._undo,
            "status": self._status,
            "plan": self._plan,
            "why": self._why,
        }
        self._reloader.subscribe(self._remember)

    def __call__(self, line: str) -> None:
        """Carry one out, and print what it says."""
        try:
            word, *rest = shlex.split(line) or ["status"]
        except ValueError as error:
            text = f"%hotswap {line}: {error}"
        else:
            text = _wrong(word, rest, self.commands) or self.commands[word](rest)
        if text:
            print(text)  # noqa: T201

    def complete(self, words: list[str]) -> Iterable[str]:
        """What may come after these words."""
        if len(words) <= 1:
            return self.commands
        if words[1] == "why":
            return sorted(self._reloader.modules)
        if words[1] == "plan":
            return sorted(self._reloader.modules.values())
        return ["--alone"] if words[1] == "on" else []

    def _remember(self, report: Report) -> None:
        paths = self._reloader.modules
        edited = {name for name, path in paths.items() if path in report.paths}
        for name in {*edited, *report.modules, *report.spared}:
            self._told[name] = report

    # -- the commands ------------------------------------------------------------------------

    def _on(self, rest: list[str]) -> str:
        self._extension.on(alone="--alone" in rest)
        return ""

    def _off(self, _: list[str]) -> str:
        self._extension.off()
        return ""

    def _now(self, _: list[str]) -> str:
        report = self._reloader.reload()
        return "" if report.paths or report.reason else "nothing has changed"

    def _undo(self, _: list[str]) -> str:
        self._reloader.undo()
        return ""

    def _status(self, _: list[str]) -> str:
        state = f"on ({self._reloader.watching})" if self._extension.is_on else "off"
        count = len(self._reloader.modules)
        modules = f"{count} module{'s' * (count != 1)}"
        lines = [f"{state}, {modules}, generation {self._reloader.generation}"]
        lines += [f"differs from what runs: {path}" for path in sorted(self._reloader.behind)]
        return "\n".join(lines)

    def _plan(self, rest: list[str]) -> str:
        modules = self._reloader.modules
        paths = [os.path.abspath(modules.get(one, one)) for one in rest]
        for path in paths:
            if path not in modules.values() and not self._reloader.tracker.found(path):
                return f"{path} is not followed: nothing was imported from it"
        return str(self._reloader.plan(*paths))

    def _why(self, rest: list[str]) -> str:
        if len(rest) != 1:
            return "which module? %hotswap why MODULE"
        (name,) = rest
        if name not in self._reloader.modules:
            return f"{name} is not followed: it was never imported, or is not the project's own"
        if name not in self._told:
            return f"{name} runs as it was imported"
        return _reasons(name, self._told[name])


def _wrong(word: str, rest: list[str], commands: Iterable[str]) -> str:
    """What is wrong with what was typed."""
    if word not in commands:
        return f"%hotswap has no {word!r}; there are: {', '.join(commands)}"
    taken = _TAKES.get(word, rest)
    odd = [one for one in rest if one not in taken]
    return f"%hotswap {word} does not take {' '.join(odd)}; nothing was done" if odd else ""


def _reasons(name: str, report: Report) -> str:
    """Why a report says of a module what it says."""
    if not report.applied:
        error = f"{describe(report.error)}" if report.error is not None else report.reason
        place = "" if report.location is None else "{}:{}: ".format(*report.location)
        return f"{report.outcome}: {place}{error}"
    if name in report.spared:
        return f"{name} was spared: it uses nothing that changed"
    notes = [note for note in report.notes if note.startswith(f"{name}:")]
    word = "undone" if report.undone else report.outcome
    return "\n".join([f"{word}, generation {report.generation}", *notes])


def register(shell: Any, extension: Extension) -> None:
    """Make `%hotswap` known to a shell, with its help and its completion."""
    magic = Magic(extension)

    def hotswap(line: str) -> None:
        magic(line)

    def complete(_: Any, event: Any) -> list[str]:
        words = event.line.split()
        done = words if not event.symbol else words[:-1]
        return [one for one in magic.complete(done) if one.startswith(event.symbol)]

    hotswap.__doc__ = HELP
    shell.register_magic_function(hotswap, "line", "hotswap")
    shell.set_hook("complete_command", complete, re_key=r"%?hotswap\b")
