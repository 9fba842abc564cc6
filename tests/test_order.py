"""Statements that change places, or come between others: what both act on tells of it."""

from __future__ import annotations

import sys

import pytest

COLLECT = "def f(x, seen=[]): seen.append(x); return len(seen)\n"
LIST = "L = []\ndef enter(f): L.append(f); return f"
TABLE = "R = {}\ndef enter(k):\n    def to(f):\n        R[k] = f\n        return f\n    return to"
SUBCLASSES = "class B:\n    subs = []\n    def __init_subclass__(cls): B.subs.append(cls.__name__)"
LOGGED = "def logged(f):\n    def call(*a): return f(*a)\n    return call"
APP = """
class App:
    def __init__(self): self.handlers = []
    def add(self, f):
        self.handlers.append(f)
        return f
"""
ENTERS = "from r import enter\n@enter\ndef f(): pass"
CLASSES = (
    "class P: size = 1\nclass Q(P): pass\n"
    "class A(P):\n    def a(self): pass\nclass B(P):\n    def b(self): pass\n"
)
TWO = "from r import enter\n@enter\ndef a(): return 1\n@enter\ndef b(): return 1"


def keys(first, second, third):
    return (
        f"from r import enter\n@enter('{first}')\ndef a(): pass\n"
        f"@enter('{second}')\ndef b(): pass\n@enter('{third}')\ndef c(): pass\n"
    )


# What it is about → the modules, the last of them is imported; what it becomes; the outcome.
MOVED = {
    "a look at what an import fills": (
        {"r": LIST, "a": ENTERS, "m": "import r\nimport a\nN = len(r.L)"},
        ("import a", "N ="),
        "restart",
    ),
    "a look at what a definition fills": (
        {"r": LIST, "m": "import r\n@r.enter\ndef f(): pass\nN = len(r.L)"},
        ("@r.enter", "N ="),
        "restart",
    ),
    "a look at what a call fills": (
        {"r": LIST, "m": "import r\nr.L.append(1)\nN = len(r.L)"},
        ("r.L.append", "N ="),
        "restart",
    ),
    "a look at a list of one's own": (
        {"m": "L = []\nL.append(1)\nN = len(L)"},
        ("L.append", "N ="),
        "reloaded",
    ),
    "a look by a method": (
        {
            "k": APP + "    def count(self): return len(self.handlers)",
            "m": "from k import App\napp = App()\napp.add(1)\nN = app.count()",
        },
        ("app.add(1)", "N ="),
        "reloaded",
    ),
    "a look by a function": (
        {"r": LIST + "\ndef count(): return len(L)", "m": "import r\nr.enter(1)\nN = r.count()"},
        ("r.enter(1)", "N ="),
        "restart",
    ),
    "a look at what an import sets": (
        {"r": "X = 1", "a": "import r\nr.X = 2", "m": "import r\nimport a\nN = r.X"},
        ("import a", "N ="),
        "restart",
    ),
    "imports, one of which looks": (
        {"r": LIST, "a": ENTERS, "b": "import r\nN = len(r.L)", "m": "import a\nimport b"},
        ("import a", "import b"),
        "restart",
    ),
    "looks at the same": (
        {"r": LIST, "m": "import r\nN = len(r.L)\nM = list(r.L)"},
        ("N =", "M ="),
        "unchanged",
    ),
    "next()": (
        {"m": "it = iter('ab')\nX = next(it)\nY = next(it)"},
        ("X = n", "Y = n"),
        "reloaded",
    ),
    "a default": ({"m": COLLECT + "X = f(1)\nY = f(2)"}, ("X = f(1)", "Y = f(2)"), "reloaded"),
    "pop()": ({"m": "L = [1, 2]\nX = L.pop()\nY = L.pop()"}, ("X = L", "Y = L"), "reloaded"),
    "append()": ({"m": "L = []\nL.append(1)\nL.append(2)"}, ("d(1)", "d(2)"), "reloaded"),
    "items": (
        {"m": "D = {}\nD['a'] = 1\nD['b'] = 2\nL = list(D)"},
        ("'a'] = 1", "'b'] = 2"),
        "reloaded",
    ),
    "calls": ({"r": LIST, "m": "from r import enter\nenter('a')\nenter('b')"}, ("'a'", "'b'"), ""),
    "classes": (
        {"r": SUBCLASSES, "m": "from r import B\nclass X(B): pass\nclass Y(B): pass"},
        ("class X(B): pass", "class Y(B): pass"),
        "restart",
    ),
    "imports": (
        {
            "r": LIST,
            "a": "import r\nr.L.append(1)",
            "b": "import r\nr.L.append(2)",
            "m": "import a\nimport b",
        },
        ("import a", "import b"),
        "restart",
    ),
    "imports that patch": (
        {
            "r": "X = 0",
            "a": "import r\nr.X = 1",
            "b": "import r\nr.X = 2",
            "m": "import a\nimport b",
        },
        ("import a", "import b"),
        "restart",
    ),
    "imports that do nothing to others": (
        {
            "a": "import logging\nlog = logging.getLogger('a')",
            "b": "class C: pass\nc = C()",
            "m": "import a\nimport b",
        },
        ("import a", "import b"),
        "unchanged",
    ),
    "functions that are only wrapped": (
        {
            "k": LOGGED,
            "m": "from k import logged\n@logged\ndef a(): pass\n@logged\ndef b(): pass\nT = [a, b]",
        },
        ("@logged\ndef a(): pass", "@logged\ndef b(): pass"),
        "unchanged",
    ),
    "objects": (
        {
            "k": APP,
            "m": "from k import App\na = App()\nb = App()\n@a.add\ndef f(): pass\n@b.add\ndef g(): pass",
        },
        ("a = App()", "b = App()"),
        "unchanged",
    ),
    "functions of two objects": (
        {
            "k": APP,
            "m": "from k import App\na = App()\nb = App()\n@a.add\ndef f(): pass\n@b.add\ndef g(): pass",
        },
        ("@a.add\ndef f(): pass", "@b.add\ndef g(): pass"),
        "unchanged",
    ),
    "decorated functions": (
        {"r": LIST, "m": TWO},
        ("@enter\ndef a(): return 1", "@enter\ndef b(): return 1"),
        "restart",
    ),
}
EDITED = {
    "a call between": (
        {"r": LIST, "m": "from r import enter\nenter('a')"},
        ("enter('a')", "enter('b')\nenter('a')"),
        "restart",
    ),
    "an attribute that is set between": (
        {"k": APP, "m": "from k import App\napp = App()\napp.add(1)"},
        ("app.add", "app.debug = True\napp.add"),
        "reloaded",
    ),
    "an object that is given to another between": (
        {"k": APP, "m": "from k import App\napp = App()\napp.add(1)"},
        ("app.add", "both = (app, 2)\napp.add"),
        "reloaded",
    ),
    "a call at the end": (
        {"r": LIST, "m": "from r import enter\nenter('a')"},
        ("enter('a')", "enter('a')\nenter('b')"),
        "reloaded",
    ),
    "append() between": (
        {"m": "L = []\nL.append(1)"},
        ("L.append(1)", "L.append(2)\nL.append(1)"),
        "reloaded",
    ),
    "an import between": (
        {
            "r": LIST,
            "a": "import r\nr.L.append(1)",
            "b": "import r\nr.L.append(2)",
            "m": "import b",
        },
        ("import b", "import a\nimport b"),
        "restart",
    ),
    "next() between": (
        {"m": "it = iter('ab')\nX = next(it)"},
        ("X =", "Y = next(it)\nX ="),
        "reloaded",
    ),
    "a default between": ({"m": COLLECT + "X = f(1)"}, ("X =", "Y = f(2)\nX ="), "restart"),
    "the first entry of a module": (
        {
            "r": LIST,
            "m": "from r import enter\nimport b",
            "b": "from r import enter\n@enter\ndef b(): pass",
            "u": "import m",
        },
        ("import b", "@enter\ndef a(): pass\nimport b"),
        "reloaded",
    ),
    "the first entry of a module below": (
        {
            "r": LIST,
            "m": "from r import enter\nimport b",
            "b": "from r import enter\n@enter\ndef b(): pass",
            "u": "import m",
        },
        ("import b", "import b\n@enter\ndef a(): pass"),
        "reloaded",
    ),
    "a key that a later function has": (
        {"r": TABLE, "m": keys("x", "y", "z")},
        ("'x'", "'z'"),
        "restart",
    ),
    "a key that an earlier function has": (
        {"r": TABLE, "m": keys("x", "y", "z")},
        ("'z'", "'x'"),
        "reloaded",
    ),
    "a key that was an earlier function's": (
        {"r": TABLE, "m": keys("x", "y", "x")},
        ("'x')\ndef a", "'z')\ndef a"),
        "restart",
    ),
    "a key whose earlier function goes": (
        {"r": TABLE, "m": keys("x", "y", "x")},
        ("@enter('x')\ndef a(): pass\n", ""),
        "restart",
    ),
    "two lines at the end": (
        {"m": "import atexit, sys\nsys.flags\nX = []\n"},
        ("X = []\n", "X = []\natexit.unregister(len)\natexit.unregister(max)\n"),
        "reloaded",
    ),
    "a key of its own": ({"r": TABLE, "m": keys("x", "y", "z")}, ("'y'", "'w'"), "reloaded"),
    "a key of a function that is imported beside the registry": (
        {"r": TABLE, "m": keys("x", "y", "z") + "from r import R", "u": "from m import a, R"},
        ("@enter('x')\n", ""),
        "reloaded",
    ),
    "a base of a class that is in a table of another one": (
        {"m": CLASSES + "class Named:\n    table = {'b': B, 'a': A}\n"},
        ("class A(P)", "class A(Q)"),
        "reloaded",
    ),
    "a base of one of the classes of a table": (
        {"m": CLASSES + "TABLE = {'b': B, 'a': A}\n"},
        ("class A(P)", "class A(Q)"),
        "reloaded",
    ),
    "a class that all of a table are made from": (
        {"m": CLASSES + "class Named:\n    table = {'b': B, 'a': A}\n"},
        ("size = 1", "size = 2"),
        "reloaded",
    ),
    "a module that nobody imports any more": (
        {"r": LIST, "a": "from r import enter\n@enter\ndef a(): pass", "m": "import a\nimport r"},
        ("import a\n", ""),
        "restart",
    ),
    "a module that another new one imports": (
        {"r": LIST, "a": ENTERS, "n": "import a", "m": "import r\nimport a"},
        ("import a", "import n"),
        "reloaded",
    ),
    "a module that another new one imports, after others": (
        {"r": LIST, "a": ENTERS, "b": ENTERS, "n": "import a", "m": "import a\nimport b"},
        ("import a\nimport b", "import b\nimport n"),
        "restart",
    ),
    "a module that another new one imports, before others": (
        {"r": LIST, "a": ENTERS, "b": ENTERS, "n": "import b", "m": "import a\nimport b"},
        ("import a", "import n\nimport a"),
        "restart",
    ),
    "a module that a later one imports, too": (
        {"r": LIST, "a": ENTERS, "b": f"{ENTERS}\nimport a", "m": "import a\nimport b"},
        ("import a\n", ""),
        "restart",
    ),
    "a module that a later one imports first": (
        {"r": LIST, "a": ENTERS, "b": f"import a\n{ENTERS}", "m": "import a\nimport b"},
        ("import a\n", ""),
        "reloaded",
    ),
    "a module that is imported below an entry": (
        {"r": LIST, "a": ENTERS, "n": "import a", "m": f"import a\n{ENTERS}"},
        (f"import a\n{ENTERS}", f"{ENTERS}\nimport n"),
        "restart",
    ),
    "a module that looks, before what fills": (
        {
            "r": LIST,
            "a": ENTERS,
            "b": "import r\nN = len(r.L)",
            "n": "import b",
            "m": "import a, b",
        },
        ("import a, b", "import n, a"),
        "restart",
    ),
    "modules that act on nothing in common": (
        {"r": LIST, "a": ENTERS, "b": "import r", "n": "import a", "m": "import a\nimport b"},
        ("import a\nimport b", "import b\nimport n"),
        "reloaded",
    ),
    "a module that somebody else imports, too": (
        {
            "r": LIST,
            "a": "from r import enter\n@enter\ndef a(): pass",
            "b": "import a",
            "m": "import a\nimport b",
        },
        ("import a\n", ""),
        "reloaded",
    ),
}


def judged(project, modules, new, outcome):
    """The process is as a fresh one, or as it was."""
    for name, source in modules.items():
        project.write(name, source)
    names = [list(modules)[-1], *list(modules)[:-1]]
    project.load(names[0])
    before = project.picture(*(known := [name for name in names if name in sys.modules]))
    project.write("m", new)
    report = project.reload()
    assert report.outcome == (outcome or "restart"), report.reason
    names = known if not report.applied else names
    project.load(*names)
    expected = project.fresh(*names) if report.applied else before
    assert project.picture(*names) == expected


@pytest.mark.parametrize(("modules", "pair", "outcome"), MOVED.values(), ids=MOVED)
def test_two_that_change_places(project, modules, pair, outcome):
    """If both act on the same thing, that is made anew, or a restart is needed."""
    (first, *_), (second, *_) = (
        [line for line in _blocks(modules["m"]) if part in line] for part in pair
    )
    old = modules["m"]
    between = old.replace(first, "\0", 1).replace(second, first, 1).replace("\0", second, 1)
    judged(project, modules, between, outcome)


def _blocks(source):
    """Top-level statements, decorators with what they decorate."""
    found = []
    for line in source.split("\n"):
        if found and (line[:1] == " " or found[-1].split("\n")[-1][:1] == "@"):
            found[-1] += "\n" + line
        else:
            found.append(line)
    return found


@pytest.mark.parametrize(("modules", "edit", "outcome"), EDITED.values(), ids=EDITED)
def test_one_that_comes_between(project, modules, edit, outcome):
    """What stands below has acted before it."""
    assert edit[0] in modules["m"]
    judged(project, modules, modules["m"].replace(*edit, 1), outcome)


READERS = {
    "its size": ("from r import L\nimport v\nN = len(L)", "reloaded"),
    "its names": ("import v, r\nN = sorted(f.__name__ for f in r.L)", "reloaded"),
    "by a function": ("import v\nfrom r import names\nN = names()", "reloaded"),
    "in a loop": ("import v, r\nN = []\nfor f in r.L: N.append(f.__name__)\ndel f", "reloaded"),
    "before it is filled": ("import r\nN = len(r.L)\nimport v", "reloaded"),
}


@pytest.mark.parametrize(("source", "outcome"), READERS.values(), ids=READERS)
def test_who_looks_at_a_registry_sees_what_is_entered(project, source, outcome):
    """And what is there no longer."""
    project.write("r", LIST + "\ndef names(): return sorted(f.__name__ for f in L)")
    project.write("v", "from r import enter\n@enter\ndef one(): return 1")
    project.write("m", source)
    project.load("m")
    for change in (
        ("@enter\ndef one", "@enter\ndef two(): pass\n@enter\ndef one"),
        ("@enter\ndef one(): return 1", ""),
        ("two", "three"),
    ):
        project.edit("v", *change)
        report = project.reload()
        assert report.outcome == outcome, report.reason
        assert project.picture("m", "v", "r") == project.fresh("m", "v", "r")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from a import *\nfrom b import *\n", "from b import *\nfrom a import *\n"),
        ("from a import *\nq = 3\n", "q = 3\nfrom a import *\n"),
        ("from a import *\nq = 3\nR = q\n", "q = 3\nR = q\nfrom a import *\n"),
        ("q = 3\nfrom a import *\nR = q\n", "q = 3\nR = q\nfrom a import *\n"),
    ],
)
def test_a_star_import_that_stands_on_the_other_side_of_a_line(project, before, after):
    """Of what both bind the last one is there."""
    project.save({"a": "q = 1\n", "b": "q = 2\n", "m": before, "use": "from m import *\n"})
    project.load("use")
    for source in (after, before):
        project.write("m", source)
        assert project.reload().applied
        assert project.picture("m", "use") == project.fresh_here("m", "use")


DELETED = {
    "fewer": ("del x, y", "del x"),
    "others": ("del x", "del y"),
    "more": ("del x", "del x, y"),
    "none": ("del x, y", ""),
}


@pytest.mark.parametrize("edit", DELETED.values(), ids=DELETED)
def test_what_is_deleted_at_the_end_is_another_thing(project, edit):
    """It has to be there to be deleted; and is, if it is not any more."""
    project.write("m", f"x = [1]\nimport os as y\nN = len(x)\n{edit[0]}\n")
    project.load("m")
    project.edit("m", *edit)
    assert project.reload().applied
    assert project.picture("m") == project.fresh_here("m")
