"""Small programs and an edit of each: afterwards the process is as one that starts now."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from hotswap import newborn

# What it is about → the modules, and edits of them as one batch.
PROGRAMS = {
    "a value that is derived twice": (
        {"a": "X = 1\nY = X + 1", "b": "from a import Y\nZ = Y + 1"},
        [("a", "X = 1", "X = 2")],
    ),
    "a value through a package": (
        {"pkg/__init__": "from .low import X", "pkg/low": "X = 1", "b": "import pkg\nY = pkg.X"},
        [("pkg/low", "X = 1", "X = 2")],
    ),
    "a class attribute through a subclass": (
        {
            "a": "class A:\n  x = 1",
            "b": "from a import A\nclass B(A): pass",
            "c": "from b import B\nX = B.x",
        },
        [("a", "x = 1", "x = 2")],
    ),
    "a class attribute that is asked for": (
        {"a": "class A:\n  x = 1", "b": "from a import A\nX = getattr(A, 'y', 5), hasattr(A, 'y')"},
        [("a", "x = 1", "x = 1\n  y = 2")],
    ),
    "names of a class": (
        {"a": "class A:\n  x = 1", "b": "from a import A\nX = [n for n in vars(A) if n < '_']"},
        [("a", "x = 1", "x = 1\n  Y = 2")],
    ),
    "a name that is asked for": (
        {"a": "X = 1", "b": "import a\nY = getattr(a, 'Z', None)"},
        [("a", "X = 1", "X = 1\nZ = 2")],
    ),
    "all names": (
        {"a": "X = 1", "b": "import a\nY = sorted(n for n in vars(a) if n < '_')"},
        [("a", "X = 1", "X = 1\nZ = 2")],
    ),
    "an attribute of a function": (
        {"a": "def f(): return 1\nf.mark = 1"},
        [("a", "def f():", "def f(x=1):")],
    ),
    "an attribute of a class": (
        {"a": "class C: pass\nC.mark = 1"},
        [("a", "class C: pass", "class C: x = 1")],
    ),
    "an entry of a dict": (
        {"a": "X = 1\nD = {}\nD['x'] = X\nY = D['x']"},
        [("a", "X = 1", "X = 2")],
    ),
    "an entry of a dict elsewhere": (
        {"a": "D = {}", "b": "import a\nX = 1\na.D['x'] = X", "c": "import a, b\nY = a.D['x']"},
        [("b", "X = 1", "X = 2")],
    ),
    "an attribute that is set": (
        {"a": "class C: pass\nX = 1\nC.x = X\nY = C.x"},
        [("a", "X = 1", "X = 2")],
    ),
    "a wrapper that becomes another's name": (
        {
            "a": "def d(f):\n  def w(*a): return f(*a)\n  return w",
            "b": "from a import d\n@d\ndef f(): pass\n@d\ndef g(): pass",
        },
        [("b", "@d\ndef g(): pass", "g = f")],
    ),
    "a star that goes": (
        {"a": "X = Y = 1", "b": "from a import *"},
        [("b", "from a import *", "from a import X as Z")],
    ),
    "a star that goes with its name": (
        {"a": "X = 1", "b": "from a import *"},
        [("a", "X = 1", ""), ("b", "from a import *", "import a")],
    ),
    "a class that only moves": (
        {"a": "def f(): pass\nclass C: pass\nclass D: x = 1"},
        [("a", "def f(): pass", "def f(x=1):\n  pass")],
    ),
    "a class below a name that goes": (
        {"a": "X = 1\nclass C: x = 1\nY = 1"},
        [("a", "X = 1\n", "")],
    ),
    "a star and a name of one's own": (
        {"a": "X = Y = 1", "b": "from a import *\nX = 'mine'"},
        [("a", "X = Y = 1", "X = Y = 2")],
    ),
    "a name of one's own that goes": (
        {"a": "X = 1", "b": "from a import *\nX = 'mine'\nY = X"},
        [("b", "X = 'mine'\n", "")],
    ),
    "a star and a name that is deleted": (
        {"a": "one = 5", "b": "from a import *\nfor one in [one, 1]: X = one\ndel one"},
        [("b", "[one, 1]", "[1, one]")],
    ),
    "a folder that is called like a name": (
        {"kit": "def call(): return 1\nX = 2", "call.inner": "", "a": "from kit import call"},
        [("a", "import call", "import call, X")],
    ),
    "names that a decorator makes up": (
        {
            "a": "def mark(f):\n  globals()['g_' + f.__name__] = f\n  return f",
            "b": "from a import mark\n@mark\ndef f(): pass\n@mark\ndef g(): pass",
            "c": "import a, b\nX = sorted(name for name in vars(a) if name[:1] != '_')",
        },
        [
            ("b", "def g", "def h"),
            ("b", "@mark\ndef f", "def f"),
            ("b", "def f", "@mark\ndef f"),
            ("a", "'g_'", "'h_'"),
        ],
    ),
    "two stars": (
        {"a": "X = 1", "b": "from a import *", "c": "from a import *\nfrom b import *"},
        [("b", "from a import *", "from a import X as Y")],
    ),
    "a star of chosen names": (
        {"a": "__all__ = ['X']\nX = Y = 1", "b": "from a import *"},
        [("a", "['X']", "['Y']")],
    ),
    "an import that goes from who only imported": (
        {"a": "class A: pass\nROWS = [A, 1]", "b": "from a import A"},
        [("b", "from a import A", "import a")],
    ),
    "an import that is for type checkers only": (
        {"a": "X = 1", "b": "TYPE_CHECKING = False\nfrom a import X"},
        [("b", "from a import X", "if TYPE_CHECKING: from a import X")],
    ),
    "a name that a match binds": (
        {"a": "match {'k': 1}:\n  case {**rest}: pass\nX = rest"},
        [("a", "'k': 1", "'k': 2")],
    ),
    "a block that takes another way": (
        {"a": "ON = True\nif ON:\n  def f(): return 1\nelse:\n  f = None\nX = f"},
        [("a", "ON = True", "ON = False")],
    ),
    "a name that is bound twice": (
        {"a": "X = 1\nY = X\nX = 2\nZ = X"},
        [("a", "X = 1", "X = 5")],
    ),
    "a name that is deleted": (
        {"a": "tmp = 1\nX = tmp + 1\ndel tmp"},
        [("a", "tmp + 1", "tmp + 2")],
    ),
    "a name that grows": (
        {"a": "X = [1]\nX += [2]\nY = len(X)"},
        [("a", "[2]", "[2, 3]")],
    ),
    "statements that change places": (
        {"a": "X = 1\nY = X\nX = 2"},
        [("a", "X = 1\nY = X\nX = 2", "X = 2\nY = X\nX = 1")],
    ),
    "a definition in an exec": (
        {"a": "TEXT = 'X = 1'\nNAMES = {'__builtins__': {}}\nexec(TEXT, NAMES)\nY = NAMES['X']"},
        [("a", "'X = 1'", "'X = 2'")],
    ),
    "a function that makes functions": (
        {
            "a": "def make(n):\n  def f(): return n\n  return f",
            "b": "from a import make\none = make(1)\ntwo = make(2)",
        },
        [("a", "return n", "return -n"), ("b", "make(2)", "make(3)")],
    ),
    "a decorator that changes": (
        {
            "a": "def d(f):\n  def w(*a): return f(*a)\n  return w",
            "b": "from a import d\n@d\ndef f(x=1): return x",
        },
        [("a", "return f(*a)", "return [f(*a)]")],
    ),
    "a decorator that adds a mark": (
        {"a": "def d(f):\n  return f", "b": "from a import d\n@d\ndef f(x=1): return x"},
        [("a", "return f", "f.mark = 1\n  return f")],
    ),
    "a module that reads itself": (
        {"a": "import sys\nX = 1\nY = sys.modules[__name__].X"},
        [("a", "X = 1", "X = 2")],
    ),
    "globals": ({"a": "X = 1\nY = globals()['X']"}, [("a", "X = 1", "X = 2")]),
    "a module that is new": (
        {"a": "X = 1", "b": "Y = 1"},
        [("a", "X = 1", "import c\nX = c.Z"), ("c", "", "Z = 3")],
    ),
    "annotations": (
        {"a": "X: int = 1\nY: str = 'a'"},
        [("a", "X: int = 1\n", ""), ("a", "Y: str", "Y: bytes")],
    ),
    "annotations of a block": (
        {"a": "X: int = 1\nif X == 1:\n    Y: int = 2\n"},
        [("a", "X == 1", "X < 2")],
    ),
    "annotations for type checkers only": (
        {"a": "TYPE_CHECKING = False\nX = 1"},
        [("a", "X = 1", "if TYPE_CHECKING: Y: int = 1\nX = 1")],
    ),
    "annotations that are deferred": (
        {"a": "def f(x: int): pass"},
        [("a", "def f", "from __future__ import annotations\ndef f")],
    ),
    "lambdas on one line": (
        {"a": "X = 1\nY = [X, lambda r: r[0], lambda r: r[1]]"},
        [("a", "X = 1", "X = 2")],
    ),
    "a docstring": ({"a": "'''Old.'''\nX = __doc__"}, [("a", "Old.", "New.")]),
    "a string that is empty": ({"a": "X = 1\nY = X"}, [("a", "X = 1\nY = X", "")]),
}


def change(project, name, old, new):
    """Edit a module, or write one that is new."""
    if old:
        project.edit(name, old, new)
    else:
        project.write(name, new)


@pytest.mark.parametrize(("modules", "edits"), PROGRAMS.values(), ids=PROGRAMS)
def test_equal_to_a_fresh_start(project, modules, edits):
    """Every name, who holds whom, and all line numbers."""
    for name, source in modules.items():
        project.write(name, source)
    names = [name.replace("/", ".").removesuffix(".__init__") for name in modules]
    project.load(*names)
    for name, old, new in edits:
        change(project, name, old, new)
    assert project.reload().applied
    assert project.picture(*names) == project.fresh_here(*names)


def test_a_name_that_was_deleted_at_a_prompt_stays_deleted(project, monkeypatch):
    """It is an import no longer, as one that was bound to something else."""
    project.write("m", "X, Y = 1, 1")
    path = project.write("script", "import m\nfrom m import X, Y")
    main = ModuleType("__main__")
    main.__file__ = str(path)
    monkeypatch.setitem(sys.modules, "__main__", main)
    exec(compile(path.read_text(), str(path), "exec"), vars(main))
    del main.X
    project.edit("m", "1, 1", "2, 2")
    project.reload()
    assert (main.m.X, main.Y, hasattr(main, "X")) == (2, 2, False)


def test_what_is_prepared_for_many_files_is_what_executes(project, monkeypatch):
    """Each statement is made ready once, while calls are still served."""
    names = [f"m{number}" for number in range(20)]
    for name in names:
        project.write(name, "X = 1")
    project.load(*names)
    for name in names:
        project.edit(name, "1", "2")
    made, marked = [], newborn.marked
    monkeypatch.setattr(newborn, "marked", lambda *text: made.append(text) or marked(*text))
    assert project.reload().applied
    assert {sys.modules[name].X for name in names} == {2}
    assert len(made) == len(names)


def test_a_module_under_a_name_that_somebody_has_typed(project, monkeypatch):
    """They have most likely imported it themselves, as a function of ours they have not."""
    project.write("m", "import string as name\ndef f(): pass\n")
    module = project.load("m")
    typed = {"name": module.name, "f": module.f}
    monkeypatch.setattr("hotswap.repl.typed.namespace", lambda: typed)
    project.write("m", "import csv as name\nf = len\n")
    assert project.reload().applied
    assert (typed["name"].__name__, typed["f"]) == ("string", len)
