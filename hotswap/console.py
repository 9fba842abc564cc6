"""How is a report told to a person? In one line on stderr, with the error beneath it if any."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from hotswap.report import Report

Piece = tuple[str, str]
"""Text and its style."""

_STYLES = {
    "unchanged": "dim",
    "swapped": "green",
    "reloaded": "cyan",
    "undone": "magenta",
    "rejected": "bold red",
    "restart": "bold yellow",
    "ran": "green",
    "raised": "bold red",
    "serving": "green",
    "stopping": "yellow",
    "waiting": "bold yellow",
    "killed": "bold red",
}
_INDENT = " " * 20
_ASCII = str.maketrans({"→": "->", "·": "-"})
_SHOWN_FOLDERS = 4
_SHOWN_NAMES = 4


def _time_of_day() -> str:
    return time.strftime("%H:%M:%S")


def describe(error: BaseException) -> str:
    """An error in one line, as the last one of its traceback."""
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    first = text.partition("\n")[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


class FreshStartFailed(Exception):  # noqa: N818 - shown, never raised
    """Another process did not come up; the text is the traceback that it ended with."""


class Console:
    """
    Tells of reloads, from whichever thread they happen in.

    Colours are for terminals only, and are left out where `NO_COLOR` is set.

    Args:
        modules: Called for the followed modules: name → path.
    """

    def __init__(
        self,
        modules: Callable[[], Mapping[str, str]],
        *,
        verbose: bool = False,
        quiet: bool = False,
        stream: TextIO | None = None,
        clock: Callable[[], str] = _time_of_day,
    ) -> None:
        self._modules = modules
        self._verbose = verbose
        self._quiet = quiet
        self.attached_as = ""
        """By which name `hotswap attach` finds this process."""
        self.supervised = False
        """A restart is carried out, not only called for."""
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._home = os.getcwd() + os.sep
        self._last_good = clock()
        self._lock = threading.Lock()

    def banner(self, watching: str) -> None:
        """Say once what is followed, and how edits are noticed."""
        if self._quiet:
            return
        paths = [path for path in self._modules().values() if path]
        count = f"{len(paths)} module{'' if len(paths) == 1 else 's'}"
        folders = " ".join(self._folders(paths))
        text = f"following {count} in {folders}  ·  {watching}  ·  pid {os.getpid()}"
        text += f"  ·  hotswap attach {self.attached_as}" if self.attached_as else ""
        self._write([("hotswap", "bold"), ("  ", ""), (text, "dim"), ("\n", "")])

    def show(self, report: Report) -> None:
        """Tell of a reload, if it is to be told."""
        pieces = self._pieces(report)
        if self._tells(report):
            self._write(pieces)

    def text(self, report: Report) -> str:
        """What there is to tell of a reload, for somewhere else."""
        return "".join(text for text, _ in self._pieces(report))

    def say(self, word: str, where: str, what: str, end: str = "") -> None:
        """Tell of what is no reload: of processes that come and go."""
        if not self._quiet:
            self._write([*self._columns(word, where, what, end)])

    def ran(self, what: str, result: object, error: BaseException | None, seconds: float) -> None:
        """Tell of what ran again: what it gave, or what it raised."""
        if error is not None:
            from hotswap.tracebacks import program_only  # noqa: PLC0415

            first, rest = describe(error), [*_traceback(program_only(error))]
        else:
            first, *rest = _shown(result).splitlines() or [""]
        word = "ran" if error is None else "raised"
        below = [(f"{_INDENT}{line}\n", "") for line in rest]
        self._write([*self._columns(word, what, first, _duration(seconds)), *below])

    def _tells(self, report: Report) -> bool:
        if report.outcome == "unchanged" and not report.undone:
            return self._verbose or bool(report.reason)
        return not (self._quiet and report.applied)

    def _pieces(self, report: Report) -> list[Piece]:
        if report.outcome in {"swapped", "reloaded"}:
            self._last_good = self._clock()
        return [*self._line(report), *_error(report), *self._notes(report)]

    def _line(self, report: Report) -> Iterator[Piece]:
        still = f"still running {self._last_good}"
        if report.outcome == "restart" and self.supervised:
            still = ""  # another process is on its way, which will tell
        end = _duration(report.seconds) if report.applied else still
        word = "undone" if report.undone and report.applied else report.outcome
        yield from self._columns(word, self._where(report), self._what(report), end)

    def _columns(self, word: str, where: str, what: str, end: str) -> Iterator[Piece]:
        yield f"{self._clock()}  ", "dim"
        yield f"{word:<8}  ", _STYLES.get(word, "")
        yield f"{where:<21}  ", ""
        yield f"{what:<44}  ", ""
        yield f"{end}\n", "dim"

    def _where(self, report: Report) -> str:
        if report.location is not None:
            path, line = report.location
            return f"{self._relative(path)}:{line}"
        first, *others = report.paths or ("",)
        more = f" +{len(others)} more" if others else ""
        return self._relative(first) + more

    def _what(self, report: Report) -> str:
        if not report.applied:
            return _why_not(report)
        if report.undone:
            return _taken_back(report)
        paths = self._modules()
        edited = {name for name in report.modules if paths.get(name) in report.paths}
        dependents = [name for name in report.modules if name not in edited]
        spared = f"  ({len(report.spared)} spared)" if report.spared else ""
        if dependents:
            return f"→ {_some(dependents, ' → ')}{spared}"
        return (_some(report.names, ", ") or report.reason) + spared

    def _notes(self, report: Report) -> Iterator[Piece]:
        if self._verbose:
            for note in report.notes:
                yield f"{_INDENT}{note}\n", "dim"

    def _relative(self, path: str) -> str:
        return path.removeprefix(self._home)

    def _folders(self, paths: Iterable[str]) -> list[str]:
        """The top folders of the followed files, seen from the working directory."""
        found = dict.fromkeys(self._folder(path) for path in paths)
        folders = sorted(found, key=lambda folder: (os.path.isabs(folder), folder != "./", folder))
        more = folders[_SHOWN_FOLDERS:]
        return folders[:_SHOWN_FOLDERS] + ([f"+{len(more)} more"] if more else [])

    def _folder(self, path: str) -> str:
        relative = self._relative(path)
        if os.path.isabs(relative):
            return os.path.dirname(relative) + os.sep
        top, slash, _ = relative.partition(os.sep)
        return top + slash if slash else "./"

    def put(self, text: str) -> None:
        """Write what is worded already, such as a traceback of another process."""
        self._write([(text, "")])

    def _write(self, pieces: Sequence[Piece]) -> None:
        stream = self._stream
        if stream is None or stream.closed:  # pythonw, a daemon
            return
        # Nobody may read any more, or the disk be full: what is told of is done all the same.
        with self._lock, contextlib.suppress(OSError):
            if _wants_colour(stream):
                _write_coloured(stream, pieces)
            else:
                stream.write(_encodable("".join(text for text, _ in pieces), stream))
                stream.flush()


def _why_not(report: Report) -> str:
    error = report.error
    if error is None or report.undone or isinstance(error, FreshStartFailed):
        return report.reason
    return describe(error)


def _taken_back(report: Report) -> str:
    kept = f"; kept as set since: {_some(report.kept, ', ')}" if report.kept else ""
    return f"generation {report.generation} runs again{kept}"


def _some(names: Sequence[str], separator: str) -> str:
    more = len(names) - _SHOWN_NAMES
    shown = separator.join(names[:_SHOWN_NAMES])
    return f"{shown} +{more} more" if more > 0 else shown


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def _error(report: Report) -> Iterator[Piece]:
    error = report.error
    if error is None:
        return
    if isinstance(error, SyntaxError) and error.__traceback__ is None:
        lines = _excerpt(error)
    elif isinstance(error, FreshStartFailed):
        lines = str(error).splitlines()
    else:
        lines = _traceback(error)
    for line in lines:
        yield f"{_INDENT}{line}\n", "red" if line.lstrip(" |").startswith("^") else ""


def _traceback(error: BaseException) -> list[str]:
    import traceback  # noqa: PLC0415 - not before the program has started

    return "".join(traceback.format_exception(error)).splitlines()


def _shown(result: object) -> str:
    """As at a prompt: nothing for None; in full, but never by raising."""
    try:
        return "" if result is None else repr(result)
    except Exception as error:  # noqa: BLE001 - whatever a `__repr__` raises
        return f"<{type(result).__name__} whose repr raised {describe(error)}>"


def _excerpt(error: SyntaxError) -> list[str]:
    """The line that does not compile, and carets beneath the place."""
    if not error.text or not error.lineno:
        return []
    text = error.text.rstrip("\n")
    start = max((error.offset or 1) - 1, 0)
    end = error.end_offset if error.end_lineno == error.lineno else None
    before = len(text[:start].expandtabs(4))
    width = max((end or 0) - 1 - start, 1)
    number = str(error.lineno)
    return [
        f"{number} | {text.expandtabs(4)}",
        f"{' ' * len(number)} | {' ' * before}{'^' * width}",
    ]


def _wants_colour(stream: TextIO) -> bool:
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def _write_coloured(stream: TextIO, pieces: Sequence[Piece]) -> None:
    # Imported when first needed: it takes longer than the start of a small program.
    from rich.console import Console as Terminal  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    terminal = Terminal(file=stream, soft_wrap=True, force_terminal=True)
    terminal.print(Text.assemble(*pieces), end="")


def _encodable(text: str, stream: TextIO) -> str:
    """Without arrows and dots where the stream has no characters for them."""
    try:
        text.encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        return text.translate(_ASCII)
    return text
