"""What calls have left behind is made anew before they are repeated, as a fresh start has it."""

from __future__ import annotations

import pytest

COLLECT = "def f(x, seen=[]):\n    seen.append(x)\n    return list(seen)\n"
GLOBAL = "def f():\n    global n\n    n += 1\n    return n\n"
LAZY = """
_client = None
def make(): return {'v': 1}
def get():
    global _client
    if _client is None: _client = make()
    return _client
"""
MEMO = """
def memo(f):
    cache = {}
    def ask(x):
        if x not in cache: cache[x] = f(x)
        return cache[x]
    return ask
"""
BOOK = """
def make():
    book = {}
    def enter(f):
        book[f.__name__] = f
        return f
    def names(): return list(book)
    return enter, names
enter, names = make()
"""

# What it is about → the modules, the last of them is imported, and edits: module, old, new.
TRACES = {
    "a text that is found out once": (
        {
            "m": "_where = None\ndef where(x):\n    global _where\n"
            "    if not _where: _where = str(x)\n    return _where\nA = where(1)\nB = where(2)"
        },
        [("m", "where(1)", "where(3)"), ("m", "str(x)", "repr(x) * 2")],
    ),
    "a default": (
        {"m": COLLECT + "A = f(1)\nB = f(2)"},
        [("m", "f(1)", "f(10)"), ("m", "f(2)", "f(20)"), ("m", "list(seen)", "tuple(seen)")],
    ),
    "a default, and a call that is gone": (
        {"m": COLLECT + "A = f(1)\nB = f(2)"},
        [("m", "A = f(1)\n", "")],
    ),
    "a default of a keyword": (
        {"m": "def f(x, *, seen={}):\n    seen[x] = len(seen)\n    return x\nA = f(1)"},
        [("m", "f(1)", "f(2)")],
    ),
    "a default of a method": (
        {"m": "class C:\n    def f(self, x, y=[]): y.append(x); return len(y)\nA = C().f(1)"},
        [("m", "f(1)", "f(2)"), ("m", "return len(y)", "return -len(y)")],
    ),
    "a default of a lambda": (
        {"m": "f = lambda x, y=[]: y.append(x) or len(y)\nA = f(1)"},
        [("m", "f(1)", "f(2)")],
    ),
    "a default that is an object": (
        {
            "a": "class Box:\n    def __init__(self): self.held = []\n"
            "def f(x, box=Box()): box.held.append(x); return x",
            "m": "from a import f\nX = f(1)",
        },
        [("m", "f(1)", "f(2)")],
    ),
    "a default that several modules fill": (
        {
            "a": "def f(x, book={}): book[x] = len(book); return book",
            "b": "from a import f\nX = len(f('b'))",
            "m": "import a, b\nY = len(a.f('m'))",
        },
        [("b", "'b'", "'c'"), ("a", "return book", "return dict(book)"), ("m", "f('m')", "f('n')")],
    ),
    "a default below a decorator": (
        {
            "a": "def same(f):\n    def call(*a): return f(*a)\n    return call",
            "m": "from a import same\n@same\n" + COLLECT + "A = f(1)",
        },
        [("m", "f(1)", "f(2)")],
    ),
    "a list in a closure": (
        {
            "m": "def make():\n    seen = []\n"
            "    def f(x): seen.append(x); return len(seen)\n    return f\nf = make()\nA = f(1)"
        },
        [("m", "f(1)", "f(2)")],
    ),
    "a number in a closure": (
        {
            "m": "def make():\n    n = 0\n    def f():\n        nonlocal n\n        n += 1\n"
            "        return n\n    return f\nf = make()\nA = f()\nB = f()"
        },
        [("m", "A = f()", "A = -f()")],
    ),
    "what a decorator of one's own remembers": (
        {
            "k": MEMO,
            "m": "from k import memo\n@memo\ndef f(x): return x + 1\nA = f(1)",
            "u": "from m import f\nB = f(1), f(2)",
        },
        [("m", "x + 1", "x + 2"), ("u", "f(2)", "f(3)"), ("k", "f(x)\n", "f(x) * 2\n")],
    ),
    "a registry that no name leads to": (
        {
            "r": BOOK,
            "m": "from r import enter\n@enter\ndef a(): return 1\n@enter\ndef b(): return 2",
            "u": "import m, r\nN = r.names()",
        },
        [("m", "def a", "def c"), ("m", "@enter\ndef b(): return 2", "")],
    ),
    "an object that is made when it is asked for": (
        {"a": LAZY, "b": "from a import get\nX = get()", "m": "import a, b\nY = a.get()"},
        [("a", "'v': 1", "'v': 2"), ("b", "X = get()", "X = get(), 1")],
    ),
    "a number that functions count": (
        {"m": "n = 0\n" + GLOBAL + "A = f()\nB = f()"},
        [("m", "A = f()", "A = -f()"), ("m", "n = 0", "n = 5")],
    ),
    "a name that only a function binds": (
        {"m": "def f():\n    global E\n    try: E\n    except NameError: E = 1\nf()"},
        [("m", "E = 1", "E = 2")],
    ),
    "an iterator": (
        {"m": "it = iter([1, 2, 3])\nA = next(it)\nB = list(it)"},
        [("m", "A = next", "A = -next"), ("m", "B =", "C = next(it)\nB ="), ("m", "2, 3", "5, 3")],
    ),
    "a generator": (
        {"m": "def g():\n    yield 1\n    yield 2\nit = g()\nA = next(it)\nB = next(it)"},
        [("m", "A = next(it)", "A = -next(it)"), ("m", "yield 2", "yield 7")],
    ),
    "a counter that a function asks": (
        {
            "a": "import itertools\n_ids = itertools.count()\ndef new(): return next(_ids)",
            "b": "from a import new\nX = new()",
            "m": "import b\nfrom a import new\nY = new()",
        },
        [("b", "X = new()", "X = -new()"), ("m", "Y = new()", "Y = -new()")],
    ),
    "a counter of a class": (
        {
            "m": "import itertools\nclass C:\n    n = itertools.count()\n"
            "    def __init__(self): self.i = next(C.n)\nA = C().i\nB = C().i"
        },
        [("m", "A = C()", "A = 0, C()")],
    ),
    "a list that is taken from": (
        {"m": "L = [1, 2, 3]\nA = L.pop()\nB = L.pop()"},
        [("m", "A = L.pop()", "A = -L.pop()")],
    ),
    "lines of a file": (
        {"m": "import io\nf = io.StringIO('a\\nb\\nc')\nA = f.readline()\nB = f.readline()"},
        [("m", "A = f", "A = 1, f")],
    ),
}


@pytest.mark.parametrize(("modules", "edits"), TRACES.values(), ids=TRACES)
def test_what_calls_left_behind(project, modules, edits):
    """After each edit all is as if it started now."""
    for name, source in modules.items():
        project.write(name, source)
    names = [list(modules)[-1], *list(modules)[:-1]]
    project.load(names[0])
    for edit in edits:
        project.edit(*edit)
        report = project.reload()
        assert report.applied, report.reason
        assert project.picture(*names) == project.fresh(*names)


def test_what_is_held_keeps_up(project):
    """The function is the same, with a default of its own."""
    project.write("m", COLLECT + "A = f(1)")
    module = project.load("m")
    held = module.f
    project.edit("m", "f(1)", "f(2)")
    assert project.reload().outcome == "reloaded"
    assert held is module.f
    assert held(3) == [2, 3]


def test_what_was_not_called_while_it_was_imported_keeps_its_state(project):
    """A default that the running program has filled is state."""
    project.write("m", COLLECT + "A = 1")
    module = project.load("m")
    module.f("running")
    project.edit("m", "A = 1", "A = 2")
    assert project.reload().outcome == "reloaded"
    assert module.f("more") == ["running", "more"]


def test_the_reason_is_told(project):
    """Why a definition executes that nobody has edited."""
    project.write("m", COLLECT + "A = f(1)")
    project.load("m")
    project.edit("m", "f(1)", "f(2)")
    assert "m:1: execute f (f holds what earlier calls left there)" in project.reload().notes
