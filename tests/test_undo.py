"""The last reload is taken back, in memory, until the next save."""

import inspect
import linecache
import traceback
from dataclasses import replace

import pytest

from hotswap.gate import GATE
from hotswap.history import KEPT
from hotswap.report import Report

CASES = {
    "a body": (
        {"m": "def f(): return 1\n"}, {"m": "def f(): return 2\n"}, "swapped",
    ),
    "a comment": (
        {"m": "def f(): return 1\n"}, {"m": "# one\n\ndef f(): return 1\n"}, "unchanged",
    ),
    "a constant that others read": (
        {"m": "X = 1\n", "n": "from m import X\nY = X * 10\n"}, {"m": "X = 2\n"}, "reloaded",
    ),
    "two modules": (
        {"m": "def f(): return 1\n", "n": "import m\nY = m.f()\n"},
        {"m": "def g(): return 2\n", "n": "import m\nY = m.g()\n"}, "reloaded",
    ),
    "a name that was added": (
        {"m": "X = 1\n", "n": "import m\nY = m.X\n"},
        {"m": "X = 1\nZ = []\ndef g(): return Z\n"}, "reloaded",
    ),
    "a name that was taken away": (
        {"m": "X = 1\ndef g(): return X\nZ = [g]\n"}, {"m": "X = 1\n"}, "reloaded",
    ),
    "methods and attributes of a class": (
        {"m": "class A:\n    x = 1\n    def f(self): return 1\nclass B(A): pass\n"},
        {"m": "class A:\n    y = 2\n    def f(self, z=3): return z\n    def g(self): pass\nclass B(A): pass\n"},
        "reloaded",
    ),
    "a base class": (
        {"m": "class A:\n    x = 1\nclass B:\n    x = 2\nclass C(A): pass\nX = C.x\n"},
        {"m": "class A:\n    x = 1\nclass B:\n    x = 2\nclass C(B): pass\nX = C.x\n"}, "reloaded",
    ),
    "a decorator": (
        {"m": "import functools\ndef d(f):\n    @functools.wraps(f)\n    def w(): return f()\n    return w\n"
         "@d\ndef f(): return 1\n"},
        {"m": "import functools\ndef d(f):\n    @functools.wraps(f)\n    def w(): return -f()\n    return w\n"
         "@d\ndef f(): return 1\n"}, "reloaded",
    ),
    "entries of a registry": (
        {"m": "ALL = {}\ndef enter(f):\n    ALL[f.__name__] = f\n    return f\n",
         "n": "from m import enter\n@enter\ndef one(): return 1\n"},
        {"n": "from m import enter\n@enter\ndef one(): return 1\n@enter\ndef two(): return 2\n"},
        "reloaded",
    ),
    "results that were remembered": (
        {"m": "import functools\nX = 1\n@functools.lru_cache\ndef f(): return X\nY = f()\n"},
        {"m": "import functools\nX = 2\n@functools.lru_cache\ndef f(): return X\nY = f()\n"}, "reloaded",
    ),
    "defaults and annotations": (
        {"m": "X: int = 1\ndef f(a: int = 1, *, b=X): return a, b\n"},
        {"m": "X: str = 1\nZ: int = 2\ndef f(a: str = 2, *, b=Z): return a, b\n"}, "reloaded",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_undone_is_as_a_fresh_start_of_the_former_text(project, case):
    """And done again, of the new one."""
    files, edits, outcome = CASES[case]
    for name, text in files.items():
        project.write(name, text)
    project.load(*files)
    before = project.fresh(*files)
    for name, text in edits.items():
        project.write(name, text)
    assert project.reload().outcome == outcome
    report = project.reloader.undo()
    assert (report.applied, report.generation, report.undone, report.reason) == (True, 0, 1, "")
    assert project.picture(*files) == before
    assert project.reload().generation == 2
    assert project.picture(*files) == project.fresh(*files)


def test_what_is_held_follows(project):
    """Functions, bound methods and instances, also those that the new code made."""
    project.write(
        "m",
        "class A:\n    def f(self): return 1\ndef make():\n    def g(): return 1\n    return g\n",
    )
    m = project.load("m")
    a, held = m.A(), m.make()
    project.write(
        "m",
        "class A:\n    def f(self): return 2\ndef make():\n    def g(): return 2\n    return g\n",
    )
    project.reload()
    method, later, kind = m.A().f, m.make(), m.A
    assert (a.f(), method(), held(), later()) == (2, 2, 2, 2)
    project.reloader.undo()
    assert (a.f(), method(), held(), later()) == (1, 1, 1, 1)
    assert m.A is kind is type(a)


def test_what_moved_to_a_new_module_moves_back(project):
    """It is not imported any more, nor is anything held that is not what runs."""
    project.write("m", "class A:\n    def f(self): return 1\ndef g(): return 1\n")
    m = project.load("m")
    a, kind, g = m.A(), m.A, m.g
    project.write("n", "class A:\n    def f(self): return 2\ndef g(): return 2\n")
    project.write("m", "from n import A, g\n")
    project.reload()
    assert (m.A is kind, a.f(), g()) == (True, 2, 2)
    assert project.reloader.undo().applied
    assert (m.A is kind is type(a), a.f(), g(), m.g(), kind.__module__) == (True, 1, 1, 1, "m")
    assert "n" not in project.reloader.modules
    assert project.reloader.behind == {str(project.path("m"))}
    project.reload()
    assert (m.A is kind, a.f(), g()) == (True, 2, 2)


def test_a_new_module_that_others_import_by_now(project):
    """Then the former code is not all that there was."""
    project.write("m", "X = 1\n")
    project.write("n", "def late(): import other\n")
    m, n = project.load("m"), project.load("n")
    project.write("new", "class A: pass\n")
    project.write("other", "import new\n")
    project.write("m", "import new\n")
    project.reload()
    n.late()
    report = project.reloader.undo()
    assert "other imports new, which was not there before" in report.reason
    assert m.new is not None


def test_members_of_an_enumeration(project):
    """One that was added and that nobody holds goes; the others stay the objects that they were."""
    project.write("m", "import enum\nclass C(enum.Enum):\n    A = 1\n")
    m = project.load("m")
    a = m.C.A
    project.write("m", "import enum\nclass C(enum.Enum):\n    A = 1\n    B = 2\n")
    project.reload()
    report = project.reloader.undo()
    members = [member.name for member in m.C]
    assert m.C.A is a is m.C(1)
    assert members == (["A"] if report.applied else ["A", "B"])
    assert report.applied or "generation 1 cannot be taken back: " in report.reason


def test_state_beside_the_edit_stays(project):
    """What the program put into what did not execute, before the reload and since."""
    project.write("m", "SEEN = []\nLIMIT = 1\n")
    m = project.load("m")
    m.SEEN.append("before")
    project.edit("m", "LIMIT = 1", "LIMIT = 2")
    project.reload()
    m.SEEN.append("since")
    project.reloader.undo()
    assert (m.SEEN, m.LIMIT) == (["before", "since"], 1)


@pytest.mark.parametrize("value", [7, "text", (1,), [1], object()], ids=repr)
def test_a_value_set_since_is_kept_and_told(project, value):
    """It is the program's own, though the statement that bound the name executed again."""
    project.write("m", "import n\nCOUNT = n.START\n")
    project.write("n", "START = 0\n")
    m = project.load("m")
    project.write("n", "START = 100\n")
    project.reload()
    m.COUNT = value
    report = project.reloader.undo()
    assert (value, 0) == (m.COUNT, m.n.START)
    assert report.kept == ("m.COUNT",)


def test_step_by_step(project):
    """Each undo takes back one reload more; the numbers of what was taken back are not given again."""
    project.write("m", "X = 0\n")
    m = project.load("m")
    for number in (1, 2, 3):
        project.write("m", f"X = {number}\n")
        assert project.reload().generation == number
    seen = [(project.reloader.undo().generation, m.X) for _ in range(3)]
    assert seen == [(2, 2), (1, 1), (0, 0)]
    nothing = project.reloader.undo()
    assert (nothing.outcome, nothing.reason, m.X) == ("unchanged", "there is nothing to undo", 0)
    assert project.reload().generation == 4
    project.reloader.undo()
    assert (m.X, project.reloader.generation) == (0, 0)


def test_history_is_bounded(project):
    """However long a program is edited."""
    project.write("m", "X = 0\n")
    project.load("m")
    for number in range(KEPT + 2):
        project.write("m", f"X = {number + 1}\n")
        project.reload()
    applied = [project.reloader.undo().undone for _ in range(KEPT + 1)]
    assert applied == [*range(KEPT + 2, 2, -1), 0]


def test_it_stays_until_the_next_save(project):
    """An event that comes late is none; a save of another file brings all files in."""
    project.write("m", "X = 1\n")
    project.write("n", "Y = 1\n")
    m, path = project.load("m", "n"), str(project.path("m"))
    project.write("m", "X = 2\n")
    project.reload()
    project.reloader.undo()
    assert project.reloader.behind == {path}
    assert project.reloader.reload([path]).outcome == "unchanged"
    assert (m.X, project.reloader.behind) == (1, {path})
    project.write("n", "Y = 2\n")
    report = project.reloader.reload([str(project.path("n"))])
    assert ({*report.modules}, m.X, project.reloader.behind) == ({"m", "n"}, 2, frozenset())


def test_saving_the_same_text_again_brings_it_back(project):
    """That is a save, too."""
    project.write("m", "X = 1\n")
    m, path = project.load("m"), project.path("m")
    project.write("m", "X = 2\n")
    project.reload()
    project.reloader.undo()
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)
    assert project.reloader.reload([str(path)]).applied
    assert m.X == 2


def test_saving_the_former_text_agrees_with_what_runs(project):
    """Nothing executes for it."""
    project.write("m", "import threading\nX = object()\nY = 1\n")
    m, path = project.load("m"), str(project.path("m"))
    project.edit("m", "Y = 1", "Y = 2")
    project.reload()
    project.reloader.undo()
    kept = m.X
    project.edit("m", "Y = 2", "Y = 1")
    assert project.reloader.reload([path]).outcome == "unchanged"
    assert (m.X is kept, project.reloader.behind) == (True, frozenset())


def lines_of(error):
    return [(line.lineno, line.line) for line in traceback.extract_tb(error.__traceback__)][-1]


@pytest.mark.parametrize("edited", ["# above\n\ndef f():\n    2 / 0\n", "def f(:\n"])
def test_lines_are_those_that_run(project, edited):
    """In a traceback and by `inspect`, though the file has others: undone, or refused."""
    project.write("m", "def f():\n    1 / 0\n")
    m, path = project.load("m"), str(project.path("m"))
    linecache.getlines(path)
    project.write("m", edited)
    if project.reload().applied:
        project.reloader.undo()
    with pytest.raises(ZeroDivisionError) as caught:
        m.f()
    assert lines_of(caught.value) == (2, "1 / 0")
    assert inspect.getsource(m.f) == "def f():\n    1 / 0\n"
    project.write("m", "\ndef f():\n    3 / 0\n")
    project.reload()
    assert inspect.getsource(m.f) == "def f():\n    3 / 0\n"


REFUSED = {
    "a file that is gone": (
        {"m": "try:\n    import n\nexcept ImportError:\n    n = None\n", "n": ""}, {"n": None},
        "the file of n is gone",
    ),
    "a file that was read": (
        {"m": "import pathlib\nX = pathlib.Path(__file__).with_name('data.py~').read_text()\n", "data.py~": "1"},
        {"data.py~": "2"}, "data.py~ was read, and is another one now",
    ),
    "a module that was not there": (
        {"m": "try:\n    import n\nexcept ImportError:\n    n = None\n"}, {"n": ""},
        "m found a module that had not been there",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_taken_back_is_told(project, case):
    """And nothing is done, nor is a file said to differ."""
    files, edits, reason = REFUSED[case]
    for name, text in files.items():
        save(project, name, text)
    project.load("m")
    for name, text in edits.items():
        save(project, name, text)
    assert project.reload().applied
    after = project.picture("m")
    report = project.reloader.undo()
    assert report.outcome == "rejected"
    assert report.reason.startswith("generation 1 cannot be taken back: ")
    assert report.reason.endswith(reason)
    assert (project.picture("m"), project.reloader.behind) == (after, frozenset())
    assert project.reloader.generation == report.generation == 1


def save(project, name, text):
    if text is None:
        project.delete(name)
    elif name.endswith("~"):
        (project.folder / name).write_text(text)
    else:
        project.write(name, text)


def test_former_code_that_raises_now(project):
    """The new code stays, whole."""
    project.write(
        "m", "import builtins\nX = 1 // getattr(builtins, 'divisor_of_a_test', 1)\nY = 1\n"
    )
    m = project.load("m")
    project.write("m", "X = 5\nY = 2\n")
    project.reload()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builtins.divisor_of_a_test", 0, raising=False)
        report = project.reloader.undo()
    assert (report.outcome, m.X, m.Y) == ("rejected", 5, 2)
    assert "division" in report.reason
    assert isinstance(report.error, ZeroDivisionError)
    assert project.reloader.behind == frozenset()


def test_a_refused_undo_asks_for_no_process():
    """A fresh one would run what is on disk."""
    from hotswap.worker import _may_be_mended_by_a_fresh_start  # noqa: PLC0415

    refused = Report("rejected", error=ValueError())
    assert _may_be_mended_by_a_fresh_start(refused)
    assert not _may_be_mended_by_a_fresh_start(replace(refused, undone=1))


def test_a_module_that_was_reloaded_by_the_program(project):
    """What runs is no longer what the reload had left."""
    import importlib  # noqa: PLC0415

    project.write("m", "X = 1\n")
    m = project.load("m")
    project.write("m", "X = 2\n")
    project.reload()
    project.write("m", "X = 3\n")
    importlib.reload(m)
    report = project.reloader.undo()
    assert (report.outcome, m.X) == ("rejected", 3)
    assert "m was loaded in another way since" in report.reason


def test_no_call_starts_meanwhile(project):
    """The gate is closed for it as for a reload."""
    project.write("m", "GATE = None\nX = 1\n")
    m = project.load("m")
    m.GATE = GATE
    project.write("m", "GATE = None\nX = 2\n")
    project.reload()
    project.edit("m", "X = 2", "X = GATE.is_closed")
    project.reload()
    project.edit("m", "X = GATE.is_closed", "X = 3")
    project.reload()
    project.reloader.undo()
    assert (m.X, GATE.is_closed) == (True, False)


def test_in_a_module_that_is_being_reloaded(project):
    """There it is an error, as a reload is."""
    project.write("m", "undo = None\n")
    m = project.load("m")
    m.undo = project.reloader.undo
    project.edit("m", "undo = None\n", "X = undo()\n")
    report = project.reload()
    assert report.outcome == "rejected"


def test_a_name_that_a_star_import_gave_is_no_value_of_the_programs(project):
    """It was bound by what is taken back."""
    project.write("a", "A = 2")
    project.write("m", "from a import *\nA = 1")
    module = project.load("m")
    project.write("m", "from a import *\nA = 3")
    assert project.reload().applied
    project.write("m", "from a import *")
    assert project.reload().applied
    assert module.A == 2
    report = project.reloader.undo()
    assert (report.applied, report.kept, module.A) == (True, (), 3)
