import io
import itertools
import os
import threading

import pytest

from hotswap.console import Console
from hotswap.report import Report

MODULES = ("core.util", "service.handlers", "service.greeter")


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def project(tmp_path, monkeypatch):
    """The paths of a few modules in the working directory, and no wishes about colour."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    return {name: str(tmp_path / f"{name.replace('.', '/')}.py") for name in MODULES}


@pytest.fixture
def tell(project):
    """Show reports at one o'clock, two o'clock, ...; returns the lines."""

    def tell(*reports, **options):
        stream = options.setdefault("stream", io.StringIO())
        hours = (f"{hour:02}:00:00" for hour in itertools.count())
        console = Console(lambda: project, clock=lambda: next(hours), **options)
        for report in reports:
            console.show(report)
        return stream.getvalue().splitlines()

    return tell


def not_compiling(text):
    with pytest.raises(SyntaxError) as error:
        compile(text, "x.py", "exec")
    return error.value.with_traceback(None)


def test_the_banner_says_what_is_followed_and_how(project):
    """The count, the top folders seen from here, the means and the process."""
    stream = io.StringIO()
    Console(lambda: project, stream=stream).banner("inotify")
    assert stream.getvalue() == (
        f"hotswap  following 3 modules in core/ service/  ·  inotify  ·  pid {os.getpid()}\n"
    )


def test_a_swap_is_one_line_with_the_names(project, tell):
    """When, what, where, which, how long."""
    report = Report(
        "swapped",
        ("service.greeter",),
        names=("Greeter.SayHello",),
        paths=(project["service.greeter"],),
        seconds=0.00184,
    )
    assert tell(report) == [
        (
            "02:00:00  swapped   service/greeter.py     "
            "Greeter.SayHello                              1.8 ms"
        )
    ]


def test_a_reload_names_the_dependents_in_order(project, tell):
    """The edited module itself is known from its path."""
    report = Report(
        "reloaded",
        MODULES,
        spared=("a", "b"),
        names=("LIMIT",),
        paths=(project["core.util"],),
        seconds=1.26,
    )
    assert tell(report) == [
        (
            "02:00:00  reloaded  core/util.py           "
            "→ service.handlers → service.greeter  (2 spared)  1.3 s"
        )
    ]


def test_a_reload_without_dependents_names_what_changed(project, tell):
    """And only a few of them, if they are many."""
    report = Report(
        "reloaded",
        ("core.util",),
        names=tuple("abcdef"),
        paths=(project["core.util"], "/elsewhere/x.py"),
    )
    (line,) = tell(report)
    assert "core/util.py +1 more   a, b, c, d +2 more" in line


def test_a_syntax_error_is_shown_in_its_line(project, tell):
    """And since when the code that serves is running."""
    report = Report(
        "rejected",
        error=not_compiling("def f():\n    return g(x\n"),
        location=(project["service.greeter"], 2),
    )
    assert tell(report) == [
        (
            "01:00:00  rejected  service/greeter.py:2   "
            "SyntaxError: '(' was never closed             still running 00:00:00"
        ),
        "                    2 |     return g(x",
        "                      |             ^",
    ]


def test_a_syntax_error_behind_tabs_is_marked_in_its_place(project, tell):
    """The line is shown with spaces, the marks beneath are where they belong."""
    error = not_compiling("if x:\n\ty = 1 +* 2\n")
    _, text, marks = tell(Report("rejected", error=error))
    assert text[marks.index("^")] == "*"


def test_a_run_time_error_is_shown_with_its_traceback(project, tell):
    """Beneath the line that says where and what."""
    try:
        {}["key"]
    except KeyError as error:
        first, *others = tell(Report("rejected", error=error, location=("/x.py", 3)))
    assert "rejected  /x.py:3                KeyError: 'key'" in first
    assert others[0].strip() == "Traceback (most recent call last):"
    assert others[-1].strip() == "KeyError: 'key'"


def test_the_last_good_time_moves_with_each_edit_that_is_applied(project, tell):
    """An edit that is refused leaves it as it is."""
    swapped = Report("swapped", paths=("/x.py",))
    refused = Report("restart", reason="User gains __slots__", location=("/x.py", 8))
    lines = tell(swapped, refused, refused)
    assert [line.endswith("still running 01:00:00") for line in lines] == [False, True, True]
    assert "restart   /x.py:8                User gains __slots__" in lines[1]


def test_what_changed_nothing_is_told_only_to_those_who_ask(tell):
    """As are the notes."""
    reports = Report("unchanged", paths=("/x.py",)), Report("swapped", notes=("a note",))
    assert [line.split()[1] for line in tell(*reports)] == ["swapped"]
    assert [line.split()[1] for line in tell(*reports, verbose=True)] == [
        "unchanged",
        "swapped",
        "note",
    ]


def test_quiet_leaves_only_what_was_refused(tell):
    """That must never be silent."""
    reports = Report("swapped"), Report("reloaded"), Report("rejected"), Report("restart")
    lines = tell(*reports, quiet=True)
    assert [line.split()[1] for line in lines] == ["rejected", "restart"]


@pytest.mark.parametrize(
    ("stream", "environment", "coloured"),
    [
        (Terminal, {}, True),
        (io.StringIO, {}, False),
        (io.StringIO, {"FORCE_COLOR": "1"}, True),
        (Terminal, {"NO_COLOR": "1"}, False),
        (Terminal, {"TERM": "dumb"}, False),
    ],
)
def test_colours_are_for_terminals(tell, monkeypatch, stream, environment, coloured):
    """And for those who want them."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    (line,) = tell(Report("swapped"), stream=stream())
    assert ("\x1b[" in line) is coloured


def test_a_stream_without_arrows_gets_plain_characters(tell):
    """Some terminals and log files are ASCII."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    stream.getvalue = lambda: raw.getvalue().decode()
    (line,) = tell(Report("reloaded", ("a", "b")), stream=stream)
    assert "-> a -> b" in line


def test_a_closed_stream_is_no_error(tell):
    """A daemon has closed its own, and goes on being reloaded."""
    stream = io.StringIO()
    stream.close()
    stream.getvalue = str
    assert tell(Report("swapped"), stream=stream) == []


def test_lines_of_several_threads_stay_whole(project):
    """Each report is written in one piece."""
    stream = io.StringIO()
    console = Console(lambda: project, stream=stream, clock=lambda: "now")
    report = Report("rejected", error=not_compiling("f(\n"))
    threads = [threading.Thread(target=console.show, args=(report,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = stream.getvalue().splitlines()
    assert lines == lines[:3] * 20


class Full(io.StringIO):
    """A file on a disk that is full, or a pipe that nobody reads."""

    def write(self, text):
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("colour", [True, False])
def test_what_cannot_be_told_is_no_error(project, monkeypatch, colour):
    """What it tells of goes on."""
    monkeypatch.setattr(Full, "isatty", lambda _: colour, raising=False)
    console = Console(lambda: project, stream=Full())
    console.banner("inotify")
    console.say("serving", "", "")
    console.put("Traceback")


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (
            {"outcome": "swapped", "undone": 3, "generation": 2},
            "undone    core/util.py           generation 2 runs again                       4.0 ms",
        ),
        (
            {"outcome": "reloaded", "undone": 1, "kept": ("core.util.COUNT",)},
            "undone    core/util.py           generation 0 runs again; kept as set since: core.util.COUNT  4.0 ms",
        ),
        ({"outcome": "unchanged", "undone": 1}, "undone    core/util.py           generation 0 runs again                       4.0 ms"),
        (
            {"outcome": "rejected", "undone": 1, "reason": "generation 1 cannot be taken back: it rains", "error": ValueError()},
            "rejected  core/util.py           generation 1 cannot be taken back: it rains   still running 00:00:00",
        ),
    ],
)  # fmt: skip
def test_undo_says_what_runs(project, tell, report, line):
    """Or why it could not be done."""
    told = tell(Report(paths=(project["core.util"],), seconds=0.004, **report))
    assert told[0].partition("  ")[2] == line


def test_nothing_to_undo_is_told(tell):
    """It was asked for, though nothing has changed."""
    assert "unchanged " in tell(Report("unchanged", reason="there is nothing to undo"))[0]
