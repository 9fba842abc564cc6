"""A `def` that runs again keeps the function that it made before."""

from __future__ import annotations

import pytest

KEEP = """
    import functools, contextlib
    held = []
    def keep(function):
        held.append(function)
        return function
    def wrap(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return function(*args, **kwargs)
        return wrapper
    def wrap_twice(function): return wrap(wrap(function))
    class Wrapped:
        def __init__(self, function): self.function, self.calls = function, 0
        def __call__(self, *args, **kwargs): return self.function(*args, **kwargs)
    def with_options(x): return wrap
    def nothing(function): return None
"""
TOP = "from kit import *\nimport functools\n"
# What stands above `def f`; each is executed again because a default changes.
KEEPERS = {
    "one that keeps": "@keep",
    "two": "@keep\n@wrap",
    "two others": "@wrap\n@keep",
}
DECORATORS = {
    "none": "",
    "one that wraps": "@wrap",
    "one that wraps twice": "@wrap_twice",
    "one with options": "@with_options(1)",
    "an object": "@Wrapped",
    "a cache": "@functools.lru_cache",
    "a dispatcher": "@functools.singledispatch",
}


@pytest.fixture
def project(project):
    project.write("kit", KEEP)
    return project


def load(project, source):
    """The module `m`, made by this source under a star-import of the kit."""
    project.write("m", f"{TOP}{source}\n")
    return project.load("m")


@pytest.mark.parametrize("decorator", [*DECORATORS.values(), *KEEPERS.values()])
def test_who_holds_a_function_has_the_new_one(project, decorator):
    """Whatever it was decorated with: the object held before does what the new one does."""
    m = load(project, f"{decorator}\ndef f(x=1): return x")
    old = m.f
    assert old(5) == 5
    project.edit("m", "x=1): return x", "x=2): return x, 'new'")
    assert project.reload().outcome == "reloaded"
    assert old(5) == m.f(5) == (5, "new")
    assert project.picture("m", "kit") == project.fresh_here("m", "kit")


@pytest.mark.parametrize("after", sorted(set(DECORATORS.values()) - {"@Wrapped"}))
def test_an_object_that_goes_while_it_is_held(project, after):
    """It cannot become what takes its place: a restart is needed."""
    m = load(project, "@Wrapped\ndef f(x=1): return x")
    old = m.f
    project.write("m", TOP + f"{after}\ndef f(x=2): return x, 'new'\n")
    assert project.reload().reason == "f was a Wrapped, and is held as such"
    assert m.f is old


@pytest.mark.parametrize("before", sorted(set(DECORATORS.values()) - {"@Wrapped"}))
@pytest.mark.parametrize("after", DECORATORS.values(), ids=DECORATORS)
def test_decorators_come_and_go(project, before, after):
    """What was held means the decorated function of now, and no call is a circle."""
    m = load(project, f"{before}\ndef f(x=1): return x")
    old = m.f
    project.write("m", TOP + f"{after}\ndef f(x=2): return x, 'new'\n")
    assert project.reload().applied
    assert old(5) == m.f(5) == (5, "new")


@pytest.mark.parametrize("before", KEEPERS.values(), ids=KEEPERS)
@pytest.mark.parametrize("after", ["", "@wrap", "@keep", "@keep\n@wrap", "@wrap\n@keep"])
def test_decorators_that_keep_come_and_go(project, before, after):
    """What they keep is what a new process would have kept; else only a restart will do."""
    m = load(project, f"{before}\ndef f(x=1): return x")
    pictures = [project.picture("m", "kit")]
    project.write("m", TOP + f"{after}\ndef f(x=2): return x\n")
    outcome = project.reload().outcome
    pictures.append(project.fresh_here("m", "kit"))
    assert project.picture("m", "kit") == pictures[outcome == "reloaded"]
    assert m.f(5) == 5


@pytest.mark.parametrize(
    ("old", "new", "calls"),
    [
        ("f = lambda: 1", "f = lambda x=0: 2", "f()"),
        ("X = 1\nf = X, lambda: 1, lambda: 2", "X = 2\nf = X, lambda: 1, lambda: 2",
         "[one() for one in f[1:]]"),
        ("f = [lambda r: r[0], lambda r: r[1]]",
         "f = [lambda r: r[0], lambda r: r[2], lambda r: r[1]]",
         "[one('abc') for one in f]"),
        ("f = [lambda i=i: i for i in (1, 2)]", "f = [lambda i=i: -i for i in (3, 4)]",
         "[one() for one in f]"),
        ("f = dict(a=lambda: 1, b=lambda: 2)", "f = dict(b=lambda: 2, a=lambda: 1)",
         "f['a'](), f['b']()"),
        ("f = [(lambda: n) for n in (1, 2)]", "f = [(lambda: n) for n in (1, 3)]",
         "[one() for one in f]"),
        ("f = sorted('ab', key=lambda c: c)", "f = sorted('ab', key=lambda c: -ord(c))", "f"),
        ("def f(g=lambda: 1): return g()", "def f(g=lambda: 2): return g()", "f()"),
    ],
)  # fmt: skip
def test_functions_without_a_name(project, old, new, calls):
    """Each lambda of a statement is itself, however many stand on a line."""
    m = load(project, old)
    project.write("m", f"{TOP}{new}\n")
    assert project.reload().applied
    expected: dict = {}
    exec(new, expected)
    assert eval(calls, vars(m)) == eval(calls, expected)


@pytest.mark.parametrize(
    ("source", "edit"),
    [
        ("def f(): return 1\ndef f(x=1): return 2", ("x=1", "x=2")),
        ("class C:\n  @property\n  def p(self): return 1\n  @p.setter\n  def p(self, v, x=1): pass",
         ("x=1", "x=2")),
        ("if keep:\n  def f(x=1): return 1\nelse:\n  def f(x=1): return 2",
         ("if keep", "if not keep")),
        ("def make(x):\n  def f(): return x\n  return f\na, b = make(1), make(2)",
         ("make(2)", "make(3)")),
        ("def f(x=1): return x\ng = f", ("x=1", "x=2")),
        ("f = g = lambda x=1: x", ("x=1", "x=2")),
        ("def f(x=1): return x\nt = functools.partial(f, 2)", ("x=1", "x=2")),
        ("@keep\ndef f(x=1): return x\n@keep\ndef g(x=1): return x", ("f(x=1)", "f(x=2)")),
        ("class C:\n  def m(self, x=1): return x\n  n = m", ("x=1", "x=2")),
        ("class C:\n  def m(self): return super().__init__()\n  x = 1", ("x = 1", "x = 2")),
        ("async def f(x=1): return x", ("x=1", "x=2")),
        ("def f(x=1): yield x", ("def f(x=1)", "async def f(x=1)")),
        ("def f(x=1):\n  'old'\n  return x", ("'old'", "'new'")),
        ("def f(x: int = 1) -> int: return x", ("x: int", "x: str")),
        ("f = wrap(lambda: 1)", ("lambda: 1", "lambda x=1: 2")),
        ("def f(): return 1\nf.mark = 1", ("f():", "f(x=1):")),
        ("def f(): return 1\nf = wrap(f)", ("f():", "f(x=1):")),
        ("f = eval('lambda: 1')", ("lambda: 1", "lambda: 2")),
    ],
)  # fmt: skip
def test_as_a_fresh_start(project, source, edit):
    """What executes again leaves the namespace, and who holds whom, as a new process has it."""
    load(project, source)
    project.edit("m", *edit)
    assert project.reload().applied
    assert project.picture("m", "kit") == project.fresh_here("m", "kit")


TWO = "def f(): return 1\ndef g(): return f\n"
IN_A_BLOCK = "if True:\n  def f(): return 1\n  def g(): return f\nelse:\n  def f(): return 3\n"


@pytest.mark.parametrize(
    "sources",
    [(IN_A_BLOCK, TWO), (TWO, IN_A_BLOCK), (IN_A_BLOCK, f"try:\n  pass\nfinally: f = 0\n{TWO}")],
)
def test_a_function_that_goes_on_in_another_statement_is_the_same(project, sources):
    """Out of a block, or into one, where others are defined, too."""
    m = load(project, sources[0])
    old = m.f
    project.write("m", TOP + sources[1].replace("1", "2"))
    assert project.reload().outcome == "reloaded"
    assert (m.f is old, old(), m.g()) == (True, 2, old)


def test_a_function_that_is_gone_and_comes_back_is_the_same(project):
    """A file that is saved in two steps does not cut off who holds it."""
    m = load(project, "def f(): return 1\nX = 1")
    old = m.f
    project.edit("m", "def f(): return 1\n", "")
    project.reload()
    project.edit("m", "X = 1", "def f(x=0): return 2\nX = 1")
    project.reload()
    assert old() == m.f() == 2


def test_functions_of_other_threads_are_born_as_usual(project):
    """A thread that makes functions meanwhile is not the statement."""
    m = load(
        project,
        """\
import threading
def other():
    def inner(): return 1
    return inner
made = []
def start(limit):
    thread = threading.Thread(target=lambda: made.append(other()))
    thread.start()
    thread.join()
    return limit
X = start(1)
""",
    )
    project.edit("m", "start(1)", "start(2)")
    project.reload()
    assert [one() for one in m.made] == [1]


def test_nothing_is_left_behind(project):
    """After a reload functions and classes are made as by Python itself."""
    build = __build_class__
    load(project, "def f(x=1): return x")
    project.edit("m", "x=1", "x=1 / 0")
    assert project.reload().outcome == "rejected"
    assert __build_class__ is build


@pytest.mark.parametrize("kind", ["", "@staticmethod", "@classmethod", "@property"])
def test_a_method_of_another_branch(project, kind):
    """Who had called the one that was there calls the other."""
    given = {"@staticmethod": "", "@classmethod": "cls"}.get(kind, "self")
    method = f"        {kind}\n        def m({given}): return '{{}}'\n"
    branches = f"    if LIMIT > 1:\n{method.format('more')}    else:\n{method.format('less')}"
    source = f"LIMIT = 1\nclass A:\n{branches}x = A().m\nX = x if type(x) is str else x()\n"
    project.write("m", source)
    module = project.load("m")
    project.edit("m", "LIMIT = 1", "LIMIT = 2")
    assert (project.reload().outcome, module.X) == ("reloaded", "more")


LOOPS = {
    "lambdas": "FS = [lambda x, i=i: x * i for i in range(5)]\n",
    "lambdas that close over": "FS = [(lambda i: lambda x, k=1: x * i)(i) for i in range(5)]\n",
    "functions": "FS = []\nfor i in range(5):\n    def f(x, i=i): return x * i\n    FS.append(f)\n",
    "by keyword": "FS = [lambda x, *, i=i: x * i for i in range(5)]\n",
}


@pytest.mark.parametrize("source", LOOPS.values(), ids=LOOPS)
def test_functions_that_a_loop_makes_are_not_taken_for_each_other(project, source):
    """Whoever holds one of them has the one that was given the same."""
    module = load(project, source)
    held = list(module.FS)
    project.edit("m", "x,", "x, y=0,") if "x, k" not in source else project.edit("m", "k=1", "k=2")
    assert project.reload().applied
    assert [one(2) for one in held] == [one(2) for one in module.FS] == [0, 2, 4, 6, 8]
