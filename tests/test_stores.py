"""What a statement sets on objects of other modules is seen by what executes after it alone."""

from __future__ import annotations

import pytest

LIB = "LIMIT = 1\nTWICE = LIMIT * 2\nclass C: x = 1\nT = {'x': 1}\ndef get(): return LIMIT\n"
ASKS = "import lib\nfrom lib import LIMIT\nSEEN = lib.LIMIT, lib.get(), lib.C.x, lib.T['x']\n"
EDITS = {
    "a name": ["lib.LIMIT = 5", "lib.LIMIT = 6", "lib.LIMIT = 7"],
    "one that is new": ["", "lib.LIMIT = 6", "lib.LIMIT = 6\nlib.MORE = 1"],
    "in a block": ["if lib:\n    lib.LIMIT = 5", "if lib:\n    lib.LIMIT = 6"],
    "what a name holds": ["X = 5\nlib.LIMIT = X", "X = 6\nlib.LIMIT = X"],
    "and reads it": ["lib.LIMIT = 5\nX = lib.LIMIT", "lib.LIMIT = 6\nX = lib.LIMIT"],
    "a function": ["lib.get = lambda: 5", "lib.get = lambda: 6"],
    "another function": ["def f(): return 5\nlib.get = f", "def g(): return 6\nlib.get = g"],
    "an attribute of a class": ["lib.C.x = 5", "lib.C.x = 6"],
    "an item": ["lib.T['x'] = 5", "lib.T['x'] = 6"],
    "one of several": ["lib.LIMIT, x = 5, 1", "lib.LIMIT, x = 6, 1"],
    "by a context": [
        "import contextlib\nwith contextlib.nullcontext(5) as lib.LIMIT: pass",
        "import contextlib\nwith contextlib.nullcontext(6) as lib.LIMIT: pass",
    ],
    "under another name": ["from lib import C\nC.x = 5", "from lib import C\nC.x = 6"],
}


@pytest.mark.parametrize("case", EDITS)
def test_who_read_before_has_what_was_there(project, case):
    first, *rest = (f"import lib\n{text}\n" for text in EDITS[case])
    for name, text in {"lib": LIB, "a": ASKS, "b": first, "c": ASKS}.items():
        project.write(name, text)
    project.write("all", "import a, b, c, lib")
    project.load("all")
    for text in rest:
        project.write("b", text)
        assert project.reload().outcome == "reloaded"
        modules = "all", "a", "b", "c", "lib"
        assert project.picture(*modules) == project.fresh(*modules)


def test_who_is_edited_with_it_reads_before(project):
    """Though nobody imports the other, and what both read has changed, too."""
    for name, text in {"lib": LIB, "a": ASKS, "b": "import lib\nlib.LIMIT = 5\n"}.items():
        project.write(name, text)
    project.write("all", "import a, b, lib")
    project.load("all")
    project.save({"lib": ("LIMIT = 1", "LIMIT = 2"), "b": ("= 5", "= 6")})
    assert project.reload().outcome == "reloaded"
    assert project.picture("all", "a", "b", "lib") == project.fresh("all", "a", "b", "lib")


GIVEN = {
    "a function": ("def get(): return 1", "def get(): return 2", "def get(x=3): return x"),
    "a class": ("class get: x = 1", "class get: x = 2", "class get:\n    x = 2\n    y = 3"),
    "what a decorator made": (
        "def deco(f): return lambda: [f()]\n@deco\ndef get(): return 1",
        "def deco(f): return lambda: [f()]\n@deco\ndef get(x=2): return x",
    ),
}


@pytest.mark.parametrize("case", GIVEN)
@pytest.mark.parametrize("mine", ["def f(): return 5", "class f: z = 5"])
def test_what_another_module_has_put_in_its_place_stays_that_ones(project, case, mine):
    """A definition that executes again has not made it."""
    first, *rest = GIVEN[case]
    project.write("lib", first)
    project.write("m", f"import lib\nold = lib.get\n{mine}\nlib.get = f\n")
    project.load("m")
    for text in rest:
        project.write("lib", text)
        assert project.reload().applied
        assert project.picture("m", "lib") == project.fresh("m", "lib")


def test_the_function_that_was_there_is_the_one_that_is_called(project):
    """By what another module has put in its place."""
    project.write("lib", "def get(): return 1")
    project.write("m", "import lib\nold = lib.get\ndef f(): return [old()]\nlib.get = f\n")
    module = project.load("m")
    for number in 2, 3:
        project.write("lib", f"def get(x={number}): return x")
        assert project.reload().outcome == "reloaded"
        assert module.lib.get() == [number]
        assert module.lib.get is module.f


RENEWED = {
    "another module's": "lib.LIMIT += {}",
    "with itself": "lib.LIMIT = lib.LIMIT + {}",
    "in a block": "for _ in range(2):\n    lib.LIMIT += {}",
    "of a class": "lib.C.x = [lib.C.x, {}]",
    "an item of another module's": "lib.T['x'] += {}",
}


@pytest.mark.parametrize("case", RENEWED)
def test_what_is_made_of_itself_is_not_made_twice(project, case):
    """What an earlier run has made of it is there, and not what that had been made of."""
    for name, text in {"lib": LIB, "m": "import lib\n" + RENEWED[case].format(5)}.items():
        project.write(name, text)
    project.load("m")
    project.edit("m", "5", "6")
    report = project.reload()
    assert report.outcome == "restart"
    assert "would be made of what an earlier run made of it" in report.reason


OWN = {
    "an item": "T = {{'x': 1}}\nT['x'] += {}",
    "a list's": "T = [1, 2]\nT[0] = T[0] * {}",
    "an attribute": "class C: x = 1\nT = C()\nT.x = T.x + {}",
    "another item": "T = {{'x': 1}}\nT['y'] = T['x'] * {}",
}


@pytest.mark.parametrize("case", OWN)
def test_what_a_module_has_made_itself_is_made_anew(project, case):
    """So that it is made of the same again."""
    project.write("m", OWN[case].format(5))
    project.load("m")
    project.edit("m", "5", "6")
    assert project.reload().outcome == "reloaded"
    assert project.picture("m") == project.fresh("m")


UNSET = {
    "another way": ("if lib:\n    lib.LIMIT = 5", "if not lib:\n    lib.LIMIT = 5", True),
    "from what is there": (
        "if lib.LIMIT < 3:\n    lib.LIMIT = 3",
        "if lib.LIMIT < 2:\n    lib.LIMIT = 3",
        True,
    ),
    "never set": ("if not lib:\n    lib.LIMIT = 5", "if not lib:\n    lib.LIMIT = 6", False),
    "set again": ("if lib:\n    lib.LIMIT = 5", "if lib and 1:\n    lib.LIMIT = 5", False),
}


@pytest.mark.parametrize("case", UNSET)
def test_what_a_block_does_not_set_this_time(project, case):
    """Nobody knows what was there before it."""
    before, after, refused = UNSET[case]
    project.write("lib", LIB)
    project.write("m", f"import lib\n{before}\nX = lib.LIMIT")
    project.load("m")
    project.write("m", f"import lib\n{after}\nX = lib.LIMIT")
    report = project.reload()
    assert report.outcome == ("restart" if refused else "reloaded")
    if refused:
        assert "what lib.LIMIT did cannot be undone" in report.reason
    else:
        assert project.picture("m", "lib") == project.fresh("m", "lib")


SETS = "class K: pass\nk = K()\nfor name in {!r}:\n    setattr({}, name, {})\n"


@pytest.mark.parametrize("holder", ["K", "k"])
def test_names_that_are_set_by_a_loop_no_more_are_gone(project, holder):
    """What a module has made itself is made anew, so that it has what is set now alone."""
    project.write("m", SETS.format("ab", holder, 1))
    project.load("m")
    for names in "abc", "c", "ca":
        project.write("m", SETS.format(names, holder, len(names)))
        assert project.reload().outcome == "reloaded"
        assert project.picture("m") == project.fresh("m")


def test_names_that_a_loop_sets_on_the_objects_of_others(project):
    """Nobody knows which of those that are there it had set."""
    project.write("lib", LIB)
    project.write("m", "import lib\nfor name in 'ab':\n    setattr(lib.C, name, 1)\n")
    project.load("m")
    project.edit("m", "'ab'", "'b'")
    report = project.reload()
    assert report.outcome == "restart"
    assert report.reason == "lib.C would keep what an earlier run has set"


@pytest.mark.parametrize("reads", ["os.environ[{}]", "os.environ.get({})", "os.getenv({})"])
def test_who_reads_what_was_set_in_a_library(project, reads):
    """Though nothing of it is followed."""
    project.write("m", "import os\nos.environ['HOTSWAP_TESTS'] = '1'\n")
    project.write("n", "import os, m\nX = " + reads.format("'HOTSWAP_TESTS'"))
    module = project.load("n")
    project.edit("m", "1", "2")
    assert project.reload().outcome == "reloaded"
    assert module.X == "2"


LATER = {
    "by a chain": ("import lib\nK = 1\nL = lib.LIMIT + K", "lib.LIMIT = 5", True),
    "by a star": ("from lib import *\nK = 1\nL = LIMIT", "lib.LIMIT = 5", False),
    "by a function": ("import lib\nK = 1\nL = lib.get() + K", "lib.LIMIT = 5", True),
    "another name": ("import lib\nK = 1\nL = lib.TWICE + K", "lib.LIMIT = 5", False),
    "of another module": ("import lib\nK = 1\nL = lib.LIMIT + K", "b.LIMIT = 5", False),
}


@pytest.mark.parametrize("case", LATER)
def test_a_line_does_not_read_what_a_later_one_has_set(project, case):
    """When it executes again: in a fresh start that was not there yet."""
    reader, setter, refused = LATER[case]
    files = {"lib": LIB, "a": reader, "b": f"import lib, b\n{setter}"}
    for name, text in files.items():
        project.write(name, text)
    project.write("all", "import a, b")
    project.load("all")
    project.edit("a", "K = 1", "K = 2")
    report = project.reload()
    assert report.outcome == ("restart" if refused else "reloaded")
    if refused:
        assert report.reason == "LIMIT of lib is set later, at b:2"
    else:
        assert project.picture("all", "a", "b") == project.fresh("all", "a", "b")


def test_a_line_reads_what_its_module_has_put_back(project):
    """Before the later one sets it again."""
    project.write("lib", LIB)
    project.write("a", "import lib\nL = lib.LIMIT\n")
    project.write("b", "import lib\nlib.LIMIT = 5\n")
    project.write("all", "import a, b")
    project.load("all")
    project.edit("lib", "LIMIT = 1", "LIMIT = 2")
    assert project.reload().outcome == "reloaded"
    assert project.picture("all", "a", "b") == project.fresh("all", "a", "b")


def test_what_is_set_there_may_be_the_same_object_and_another_one_by_now(project):
    """Who reads it below sees what it has become."""
    project.write("lib", LIB)
    project.write("m", "import lib\nclass D: x = 1\nlib.current = D\n")
    project.write("n", "import lib, m\nX = lib.current.x\n")
    module = project.load("n")
    project.edit("m", "x = 1", "x = 2")
    assert project.reload().outcome == "reloaded"
    assert module.X == 2


@pytest.mark.parametrize("get", ["environ.get", "getenv"])
def test_who_reads_the_environment_has_what_functions_have_set_there(project, monkeypatch, get):
    monkeypatch.delenv("HOTSWAP_TEST", raising=False)
    read = f"import os\ndef get(): return os.{get}('HOTSWAP_TEST')\nSEEN = get()\n"
    setting = "import os\ndef put(x): os.environ['HOTSWAP_TEST'] = x\nput('1')\n"
    for name, text in {"a": read, "b": setting, "c": read}.items():
        project.write(name, text)
    project.write("all", "import a, b, c")
    modules = project.load("all")
    project.save({"b": ("put('1')", "put('2')")})
    assert project.reload().outcome == "reloaded"
    assert (modules.a.SEEN, modules.c.SEEN) == (None, "2")
