"""What is seen while own modules execute: imports, calls, files, and searches in vain."""

from __future__ import annotations

import importlib
import sys
import textwrap
import threading
import time

import pytest

from hotswap.reloader import Reloader


@pytest.fixture
def tracker(project):
    return project.reloader.tracker


def calls(tracker, module):
    """Which functions ran on behalf of which lines of a module."""
    found = {
        (site.line, call.code.co_name)
        for unit in tracker.units.values()
        for call in tracker.calls.in_file(unit.path)
        for site in call.sites
        if site.module == module
    }
    return sorted(found)


# -- which modules --------------------------------------------------------------------------------


def test_modules_are_followed_in_the_order_in_which_they_complete(project):
    """That of a topological sort."""
    project.write("top", "import left, right")
    project.write("left", "import bottom")
    project.write("right", "import bottom")
    project.write("bottom", "")
    project.load("top")
    units = sorted(project.reloader.tracker.units.values(), key=lambda unit: unit.order)
    assert [unit.name for unit in units] == ["bottom", "left", "right", "top"]


def test_the_code_that_runs_is_kept(project, tracker):
    """Not an equal one: functions are found by it."""
    project.write("a", "def f(): pass")
    f = project.load("a").f
    assert f.__code__ in tracker.units["a"].code.co_consts
    assert any(one is f.__code__ for one in tracker.units["a"].code.co_consts)


def test_loaders_and_specs_look_as_ever(project):
    """Programs look at them."""
    project.write("pkg/__init__", "import sys")
    module = project.load("pkg")
    assert type(module.__loader__) is importlib.machinery.SourceFileLoader
    assert module.__spec__.loader is module.__loader__
    assert module.__path__ == [str(project.folder / "pkg")]
    assert module.__file__ == str(project.path("pkg/__init__"))


def test_a_module_that_fails_is_not_followed(project, tracker):
    """Its next import is its first."""
    project.write("a", "1 / 0")
    with pytest.raises(ZeroDivisionError):
        project.load("a")
    assert "a" not in tracker.units
    project.write("a", "X = 1")
    assert project.load("a").X == 1
    assert "a" in tracker.units


def test_modules_that_were_imported_before_are_followed_too(project):
    """As they are on disk at that moment."""
    project.reloader.close()
    project.write("a", "def f(): return 1\nX = f()")
    a = project.load("a")
    project.reloader = Reloader(paths=[project.folder])
    assert "a" in project.reloader.modules
    project.edit("a", "return 1", "return 2")
    assert project.reload().applied
    assert a.f() == 2


def test_other_modules_are_left_alone(project, tracker):
    """The standard library's are not the project's."""
    project.write("a", "import colorsys")
    sys.modules.pop("colorsys", None)
    project.load("a")
    assert set(tracker.units) == {"a"}


def test_a_closed_reloader_leaves_no_trace(project, tracker):
    """Nothing stands in front of the finders any more."""
    project.reloader.close()
    assert tracker._finder not in sys.meta_path
    project.write("a", "X = 1")
    project.load("a")
    assert "a" not in tracker.units


def test_a_module_that_the_program_reloads_itself(project, tracker):
    """`importlib.reload` works, and what is followed is what it made."""
    project.write("a", "def f(): return 1")
    a = project.load("a")
    project.edit("a", "return 1", "return 2")
    importlib.reload(a)
    assert a.f() == 2
    assert project.reload().outcome == "unchanged"
    project.edit("a", "return 2", "return 3")
    assert project.reload().outcome == "swapped"
    assert a.f() == 3


# -- whose functions ran --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("f()", [(2, "f")]),
        ("f()\nf()", [(2, "f"), (3, "f")]),
        ("X = [f() for _ in (1, 2)]", [(2, "f")]),
        ("X = list(map(h, [1]))", [(2, "h")]),
        ("g()", [(2, "f"), (2, "g")]),
        ("C().m()", [(2, "__init__"), (2, "f"), (2, "m")]),
        ("next(generate())", [(2, "f"), (2, "generate")]),
        ("class D(C): X = f()", [(2, "f")]),
        ("def own(x=f()): pass", [(2, "f")]),
        ("def own(): return f()", []),
        ("def own(): return f()\nown()", [(3, "f"), (3, "own")]),
        ("X = 1", []),
        ("try: fails()\nexcept E: pass", [(2, "fails")]),
        ("if True:\n  f()", [(3, "f")]),
    ],
)
def test_functions_are_noted_with_the_line_that_ran_them(project, tracker, source, expected):
    """Whoever called them in between; classes and comprehensions are not functions."""
    project.write(
        "kit",
        """
        E = ValueError
        def f(): return 1
        def g(): return f()
        def h(x): return x
        def d(function): return function
        def generate(): yield f()
        def fails(): raise E
        class C:
            def __init__(self): pass
            def m(self): return f()
        """,
    )
    project.write("a", f"from kit import *\n{source}")
    project.load("a")
    hidden = {"<listcomp>", "<genexpr>", "D", "C"}
    assert [one for one in calls(tracker, "a") if one[1] not in hidden] == expected


@pytest.mark.parametrize(
    "before",
    [
        "import colorsys",
        "import _heapq",
        "import b",
        "import foreign",
        "try: import nowhere\nexcept ImportError: pass",
        "try: import colorsys.nowhere\nexcept ImportError: pass",
        "try: import fails\nexcept ZeroDivisionError: pass",
        "import importlib.util\nimportlib.util.find_spec('b')",
        "import importlib.util\nimportlib.util.find_spec('colorsys')",
        "import kit, importlib\nimportlib.reload(kit)",
        "import functools\nfunctools.wraps(f)(lambda: 1)",
        "import functools\nfunctools.cache(f)",
    ],
)
def test_functions_that_run_after_an_import_are_noted(
    project, tracker, monkeypatch, tmp_path_factory, before
):
    """However it ended: on 3.10 and 3.11 nothing is heard of what happens during it."""
    project.write("kit", "def f(): return 1")
    project.write("b", "from kit import f\nf()")
    project.write("fails", "1 / 0")
    project.write("a", f"from kit import f\n{before}\nf()")
    foreign = tmp_path_factory.mktemp("foreign")
    (foreign / "foreign.py").write_text("import b, kit\nkit.f()")
    sys.path.insert(0, str(foreign))  # a list of the project
    for name in ("colorsys", "_heapq", "foreign"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    project.load("a")
    sys.modules.pop("foreign", None)
    assert calls(tracker, "a")[-1] == (len(f"{before}\n\n".splitlines()) + 1, "f")
    assert calls(tracker, "b") == ([(2, "f")] if before in {"import b", "import foreign"} else [])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("try: import fails\nexcept ZeroDivisionError: f()", (3, "f")),
        ("import functools\nfunctools.wraps(f)(Heard())", (3, "__setattr__")),
        ("import functools\nfunctools.update_wrapper(f, Heard())", (3, "__getattr__")),
    ],
)
def test_functions_that_run_in_the_midst_of_it_are_noted(project, tracker, source, expected):
    """What handles its error, or what `functools.wraps` asks for attributes."""
    project.write("fails", "1 / 0")
    project.write(
        "kit",
        """
        def f(): return 1
        class Heard:
            def __setattr__(self, name, value): pass
            def __getattr__(self, name): raise AttributeError
        """,
    )
    project.write("a", f"from kit import *\n{source}")
    project.load("a")
    assert expected in calls(tracker, "a")


def test_a_module_that_two_threads_import_at_once(project, tracker):
    """The one that had waited lets go of its lock last."""
    project.write("kit", "def f(): return 1")
    project.write("slow", "import kit\nkit.entered.set()\nkit.go.wait(20)")
    project.write("a", "import kit, slow\nkit.f()")
    kit = project.load("kit")
    kit.entered, kit.go = threading.Event(), threading.Event()
    first = threading.Thread(target=project.load, args=["a"])
    first.start()
    assert kit.entered.wait(20)
    second = threading.Thread(target=project.load, args=["slow"])
    second.start()
    limit = time.monotonic() + 20
    while not importlib._bootstrap._blocking_on.get(second.ident):
        assert time.monotonic() < limit
        time.sleep(0.001)
    kit.go.set()
    first.join()
    second.join()
    assert calls(tracker, "a") == [(2, "f")]


def test_a_module_that_begins_to_profile_goes_on(project):
    """It is not ended with the import."""
    project.write("a", "import sys\nprofile = lambda *_: None\nsys.setprofile(profile)")
    a = project.load("a")
    profile = sys.getprofile()
    sys.setprofile(None)
    assert profile is a.profile


def test_a_decorator_runs_on_behalf_of_what_it_decorates(project, tracker):
    """On the line of the decorator, or (3.10) of the `def`: both are of one statement."""
    project.write("a", "def d(function): return function\n@d\ndef f(): pass")
    project.load("a")
    ((line, name),) = calls(tracker, "a")
    assert (line in {2, 3}, name) == (True, "d")


def test_what_runs_later_is_not_noted(project, tracker):
    """Nothing is left on the path of a call once the imports are done."""
    project.write("a", "def f(): return 1\nX = 1")
    project.load("a").f()
    assert calls(tracker, "a") == []
    assert sys.getprofile() is None


def test_functions_of_an_imported_module_are_its_own_affair(project, tracker):
    """What runs while `b` is imported runs on behalf of `b`."""
    project.write("b", "def f(): return 1\nX = f()")
    project.write("a", "import b\nY = b.f()")
    project.load("a")
    assert calls(tracker, "a") == [(2, "f")]
    assert calls(tracker, "b") == [(2, "f")]


def test_other_threads_are_not_looked_at(project, tracker):
    """A thread that was started earlier runs on nobody's behalf."""
    project.write(
        "worker", "def work(go, done):\n  go.wait()\n  step()\n  done.set()\ndef step(): pass"
    )
    worker, go, done = project.load("worker"), threading.Event(), threading.Event()
    thread = threading.Thread(target=worker.work, args=(go, done))
    thread.start()
    sys.modules["handle"] = handle = type(sys)("handle")
    handle.go, handle.done = go, done
    project.write("a", "import handle\nhandle.go.set()\nhandle.done.wait()")
    project.load("a")
    thread.join()
    del sys.modules["handle"]
    assert calls(tracker, "a") == []


# -- what was looked for --------------------------------------------------------------------------


def test_a_module_that_was_looked_for_in_vain_is_found_once_it_is_there(project):
    """Whoever had caught the error executes again."""
    project.write("a", "try: import maybe\nexcept ImportError: maybe = None")
    a = project.load("a")
    assert a.maybe is None
    project.write("maybe", "X = 1")
    assert project.reload().modules == ("a",)
    assert a.maybe.X == 1


def test_a_module_that_had_failed_is_tried_again_once_it_is_mended(project):
    """It is in no registry, yet its repair matters to whoever caught the error."""
    project.write("maybe", "X = 1 / 0")
    project.write("a", "try: import maybe\nexcept ZeroDivisionError: maybe = None")
    a = project.load("a")
    project.edit("maybe", "1 / 0", "1")
    assert project.reload().outcome == "reloaded"
    assert a.maybe.X == 1


def test_a_file_that_was_read_at_import_wakes_who_read_it(project):
    """Data beside the code is part of the program."""
    data = project.folder / "words.txt"
    data.write_text("old")
    project.write("a", f"from pathlib import Path\nWORDS = Path({str(data)!r}).read_text()\nX = []")
    a = project.load("a")
    kept = a.X
    data.write_text("new")
    report = project.reload()
    assert (report.outcome, report.paths) == ("reloaded", (str(data),))
    assert ("new", kept) == (a.WORDS, a.X)


def test_a_folder_that_was_listed_at_import_wakes_who_listed_it(project):
    """As a search for plug-ins does."""
    project.write("plugins/one", "")
    folder = str(project.folder / "plugins")
    project.write(
        "a", f"import os\nNAMES = sorted(n for n in os.listdir({folder!r}) if n[0] != '_')"
    )
    a = project.load("a")
    project.write("plugins/two", "")
    assert project.reload().outcome == "reloaded"
    assert a.NAMES == ["one.py", "two.py"]


def test_a_module_imported_by_a_string_counts_as_imported(project):
    """Who reads its names is woken."""
    project.write("b", "X = 1")
    project.write("a", "import importlib\nm = importlib.import_module('b')\nY = m.X")
    a = project.load("a")
    project.edit("b", "X = 1", "X = 2")
    assert project.reload().modules == ("b", "a")
    assert a.Y == 2


@pytest.mark.parametrize(
    "execute",
    [
        "import runpy\nX = runpy.run_path(PATH)['X']",
        """
        from pathlib import Path
        space = {}
        exec(compile(Path(PATH).read_text(), PATH, "exec"), space)
        X = space["X"]
        """,
        """
        from importlib.util import *
        spec = spec_from_file_location("other", PATH)
        other = module_from_spec(spec)
        spec.loader.exec_module(other)
        X = other.X
        """,
    ],
    ids=["runpy", "exec", "loader"],
)
def test_a_file_that_a_module_executed_is_executed_again(project, execute):
    """It is no import, but the file is one of the project's all the same."""
    other = project.write("tools/other", "X = 1")
    source = textwrap.dedent(execute)
    project.write("m", f"PATH = {str(other)!r}\nY = 0\n{source}\nZ = X + 1")
    m = project.load("m")
    project.write("tools/other", "X = 20")
    assert project.reload().outcome == "reloaded"
    assert (m.X, m.Z) == (20, 21)
    assert project.reload().outcome == "unchanged"
