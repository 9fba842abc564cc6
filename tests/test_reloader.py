"""The loop: from files that changed to a report."""

from __future__ import annotations

import contextlib
import gc
import sys
import threading
import weakref
from collections import Counter
from queue import SimpleQueue

import pytest

from hotswap.reloader import Reloader
from hotswap.seen import Past

LIMIT = 20.0


@pytest.mark.parametrize(
    ("edit", "outcome"),
    [
        (("X = 1", "X = 1  # why"), "unchanged"),
        (("return 1", "return 2"), "swapped"),
        (("X = 1", "X = 2"), "reloaded"),
        (("return X", "return -X"), "swapped"),
        (("X = 1", "X = ("), "rejected"),
        (("X = 1", "X = 1 / 0"), "rejected"),
        (("atexit.register(str)", ""), "restart"),
    ],
)
def test_outcomes(project, edit, outcome):
    """The report says what was done, to which file, and in which generation."""
    source = "import atexit\natexit.register(str)\nX = 1\ndef f(): return 1\nclass C:\n    def m(self): return X"
    project.write("a", source)
    project.load("a")
    project.edit("a", *edit)
    report = project.reload()
    assert (report.outcome, report.paths) == (outcome, (str(project.path("a")),))
    assert report.generation == project.reloader.generation == report.applied
    assert report.seconds > 0
    assert bool(report.reason) is not report.applied


def test_nothing_to_do(project):
    """The report is empty, and no generation passes."""
    project.write("a", "X = 1")
    project.load("a")
    report = project.reload()
    assert (report.outcome, report.modules, report.paths) == ("unchanged", (), ())
    assert report.generation == 0


def test_names_of_methods_are_qualified(project):
    """As people write them; 3.10 knows the last part only."""
    project.write("a", "class C:\n    def m(self): return 1")
    project.load("a")
    project.edit("a", "1", "2")
    (name,) = project.reload().names
    assert name in {"C.m", "m"}


def test_a_batch_names_the_files_that_changed(project):
    """Others are not looked at."""
    project.write("a", "X = 1")
    project.write("b", "Y = 1")
    project.load("a", "b")
    project.edit("a", "1", "2")
    project.edit("b", "1", "2")
    report = project.reloader.reload([str(project.path("b"))])
    assert report.paths == (str(project.path("b")),)
    assert (project.load("a").X, project.load("b").Y) == (1, 2)


def test_notes_tell_what_ran_and_why(project):
    """For those who ask with -v."""
    project.write("a", "X = 1")
    project.write("b", "from a import X\nY = X + 1")
    project.load("b")
    project.edit("a", "1", "2")
    notes = project.reload().notes
    assert "a:1: execute X (changed)" in notes
    assert "b:2: execute Y (X of b changed)" in notes


# -- listeners ------------------------------------------------------------------------------------


def test_listeners_are_told_of_every_change(project):
    """What was applied and what was not; nothing of a look that found nothing."""
    reports = []
    project.reloader.subscribe(reports.append)
    project.write("a", "X = 1")
    project.load("a")
    project.reload()
    for text in ("X = 2", "X = (", "X = 2  # why"):
        project.write("a", text)
        project.reload()
    assert [report.outcome for report in reports] == ["reloaded", "rejected", "unchanged"]


def test_listeners_are_told_in_the_thread_that_reloaded(project):
    """And what they are told is what `reload` returns."""
    told = []
    project.reloader.subscribe(lambda report: told.append((threading.get_ident(), report)))
    project.write("a", "X = 1")
    project.load("a")
    project.edit("a", "1", "2")
    report = project.reload()
    assert told == [(threading.get_ident(), report)]


# -- from many threads ----------------------------------------------------------------------------


def test_reloads_of_many_threads_come_one_after_the_other(project):
    """Each edit is applied once."""
    project.write("a", "X = 1")
    project.load("a")
    project.edit("a", "1", "2")
    outcomes, start = SimpleQueue(), threading.Barrier(4)

    def reload():
        start.wait(LIMIT)
        outcomes.put(project.reload().outcome)

    threads = [threading.Thread(target=reload) for _ in range(4)]
    for thread in threads:
        thread.start()
    found = sorted(outcomes.get(timeout=LIMIT) for _ in threads)
    assert found == ["reloaded", "unchanged", "unchanged", "unchanged"]


def test_a_module_must_not_reload_while_it_is_reloaded(project, monkeypatch):
    """It would wait for itself."""
    monkeypatch.setitem(sys.modules, "handle", project)
    project.write("a", "X = 1")
    project.load("a")
    project.write("a", "X = 2\nimport sys\nsys.modules['handle'].reload()")
    report = project.reload()
    assert report.outcome in {"rejected", "restart"}
    assert "reload() was called by a module that is being reloaded" in report.reason
    assert project.load("a").X == 1


def test_a_function_may_ask_for_a_reload(project):
    """It ends on its old code."""
    project.write("a", "def f(reload):\n    reload()\n    return 'old'")
    a = project.load("a")
    project.edit("a", "'old'", "'new'")
    assert a.f(project.reload) == "old"
    assert a.f(project.reload) == "new"


@pytest.mark.parametrize(
    "leave",
    [
        "raise SystemExit",
        "raise KeyboardInterrupt",
        "import signal\nsignal.raise_signal(signal.SIGINT)",
    ],
)
def test_leaving_while_a_module_executes(project, leave):
    """All is rolled back; an interrupt by the user goes on to the user."""
    project.write("a", "X = 1")
    a = project.load("a")
    project.write("a", f"X = 2\n{leave}")
    if "SIGINT" in leave:
        with pytest.raises(KeyboardInterrupt):
            project.reload()
    else:
        assert project.reload().outcome == "rejected"
    assert a.X == 1
    project.write("a", "X = 3")
    assert project.reload().outcome == "reloaded"
    assert a.X == 3


def test_edits_leave_nothing_behind(project):
    """However many there are: neither code that nobody runs any more nor what was said of it."""
    source = (
        "import b\ndef made(): return X\nX = 0\nY = made()\n"
        "class C:\n    x = X\n    def m(self): return 0\ndef same(): pass"
    )
    project.write("b", "Z = 0")
    project.write("a", source)
    a = project.load("a", "b")

    def mine():
        gc.collect()
        kinds = Counter(map(type, gc.get_objects()))
        del kinds[Past]  # an undo leads back step by step
        return {kind: n for kind, n in kinds.items() if str(kind.__module__).startswith("hotswap")}

    counts, codes = [], []
    for number in range(14):
        codes.append(weakref.ref(a.C.m.__code__))
        project.write("a", source.replace("0", str(number + 1)))
        project.write("b", f"Z = {number + 1}")
        assert project.reload().outcome == "reloaded"
        counts.append(mine())
    assert counts[-1] == counts[10]  # a few sources are remembered
    assert [code() for code in codes] == [None] * 14
    assert (a.Y, a.C().m(), a.b.Z) == (14, 14, 14)


# -- watching -------------------------------------------------------------------------------------


@pytest.fixture
def watched(project):
    """A project that is watched, and the reports that come."""
    project.reports = SimpleQueue()
    project.reloader.subscribe(project.reports.put)
    project.write("a", "X = 1")
    project.load("a")
    with project.reloader:
        yield project


def test_a_saved_file_is_applied(watched):
    """Without being asked for."""
    watched.edit("a", "1", "2")
    assert watched.reports.get(timeout=LIMIT).outcome == "reloaded"
    assert watched.load("a").X == 2


def test_what_is_imported_later_is_watched_too(watched):
    """Also in a folder that is new."""
    watched.write("pkg/__init__", "")
    watched.write("pkg/m", "Y = 1")
    m = watched.load("pkg.m")
    watched.edit("pkg/m", "1", "2")
    assert watched.reports.get(timeout=LIMIT).outcome == "reloaded"
    assert m.Y == 2


def test_a_mended_file_is_applied(watched):
    """The rejected edit left no trace."""
    watched.edit("a", "1", "(")
    assert watched.reports.get(timeout=LIMIT).outcome == "rejected"
    watched.edit("a", "(", "3")
    assert watched.reports.get(timeout=LIMIT).outcome == "reloaded"
    assert watched.load("a").X == 3


def told_of_refusals(watched, save):
    """How many reports come of one save and one reload by hand, which is the first to see it."""
    watched.reloader.hold()
    save()
    watched.reload()
    watched.reloader.release()
    watched.reloader.settle(LIMIT)
    reports = [watched.reports.get(timeout=LIMIT).outcome for _ in range(watched.reports.qsize())]
    return reports.count("rejected")


def save_beside(watched):
    """As editors do."""
    watched.write("b", "X = 1 / 0").replace(watched.path("a"))


@pytest.mark.parametrize("save", [lambda watched: watched.edit("a", "1", "1 / 0"), save_beside])
def test_what_was_refused_already_is_not_told_by_its_event_again(watched, save):
    """It was saved once."""
    assert told_of_refusals(watched, lambda: save(watched)) == 1


def test_a_file_that_comes_and_goes_is_no_reason_to_tell_of_a_refusal_again(watched):
    """As one that an editor writes beside another, if it is seen by itself."""
    watched.edit("a", "1", "1 / 0")
    assert watched.reports.get(timeout=LIMIT).outcome == "rejected"
    watched.reloader._on_batch(frozenset({str(watched.path("b"))}))
    assert watched.reports.empty()


def test_a_folder_that_goes_is_seen_though_something_is_refused(watched):
    """Its files are told of by its name alone."""
    watched.write("pkg/__init__", "")
    watched.write("a", "import pkg")
    assert watched.reports.get(timeout=LIMIT).applied
    watched.edit("a", "import pkg", "1 / 0")
    assert watched.reports.get(timeout=LIMIT).outcome == "rejected"
    folder = watched.path("a").parent / "pkg"
    folder.rename(folder.with_name("elsewhere"))
    assert watched.reports.get(timeout=LIMIT).paths


def test_what_is_saved_again_as_it_was_is_told_again(watched):
    """Whoever saves wants to be told."""
    watched.edit("a", "1", "1 / 0")
    assert watched.reports.get(timeout=LIMIT).outcome == "rejected"
    watched.write("b", watched.path("a").read_bytes()).replace(watched.path("a"))
    assert watched.reports.get(timeout=LIMIT).outcome == "rejected"


def test_stopping_and_starting_again(watched):
    """What was saved meanwhile is applied by hand."""
    watched.reloader.stop()
    assert watched.reloader.watching == ""
    watched.edit("a", "1", "2")
    assert watched.reload().outcome == "reloaded"
    watched.reports.get(timeout=LIMIT)
    watched.reloader.start()
    assert watched.reloader.start() is watched.reloader
    watched.edit("a", "2", "3")
    assert watched.reports.get(timeout=LIMIT).outcome == "reloaded"


def test_starting_again_without_paths(project):
    """The folders of the modules are watched as the first time."""
    reports = SimpleQueue()
    project.write("a", "X = 1")
    project.load("a")
    with contextlib.closing(Reloader()) as reloader:
        reloader.subscribe(reports.put)
        reloader.start().stop()
        reloader.start()
        project.edit("a", "1", "2")
        assert reports.get(timeout=LIMIT).outcome == "reloaded"


def test_without_paths_every_module_that_is_not_installed_is_followed(project):
    """Neither the standard library nor packages."""
    project.write("a", "import json")
    project.load("a")
    reloader = Reloader()
    reloader.close()
    assert "a" in reloader.modules
    assert not {"json", "pytest", "hotswap.reloader"} & set(reloader.modules)
