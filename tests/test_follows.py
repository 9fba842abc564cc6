"""Whoever holds what a definition made follows that name, whatever it becomes in between."""

from __future__ import annotations

import pytest

MAKE = "def make(a, b):\n  def f(): return {}\n  return f\nx = make(1, 2)"
WRAP = (
    "def wrap(f):\n  def w(*a): return {0}, f(*a)\n  return w\n"
    "class C:\n  {1}\n  def f(*a): return len(a)"
)
COUNT = "class Count:\n  def __init__(self, f): self.f = f\n  def __call__(self): return self.f()\n"
# What it is about → what is held, how it is asked, and the sources of the module in turn.
# After each edit, what was held answers as what a fresh start would have; "-": it has nothing.
SEQUENCES = {
    "a function that is a class for a while": (
        ("x", "{}()"),
        ["def x(): return 1", "class x(int): pass", "def x(): return 2", "def x(): return 3"],
    ),
    "a function that is a value for a while": (
        ("x", "{}()"),
        ["def x(): return 1", "-x = 5", "def x(): return 2"],
    ),
    "a function that is gone for a while": (
        ("x", "{}()"),
        ["def x(): return 1", "-y = 5", "def x(): return 2", "-", "def x(): return 3"],
    ),
    "a class that is a function for a while": (
        ("x", "{}.a"),
        ["class x: a = 1", "-def x(): pass", "class x: a = 2", "-x = 1", "class x: a = 3"],
    ),
    "a class with slots that is gone for a while": (
        ("x", "{}.a"),
        ["class x:\n  __slots__ = 's',\n  a = 1", "-", "class x:\n  __slots__ = 's',\n  a = 2"],
    ),
    "a method that is a property for a while": (
        ("C.f", "{}(m.C())"),
        [
            "class C:\n  def f(self): return 1",
            "-class C:\n  @property\n  def f(self): return 2",
            "class C:\n  def f(self): return 3",
            "-class C: pass",
            "class C:\n  def f(self): return 4",
        ],
    ),
    "a nested class that is gone for a while": (
        ("C.D", "{}.a"),
        ["class C:\n  class D: a = 1", "-class C: pass", "class C:\n  class D: a = 2"],
    ),
    "an object of a decorator that is gone for a while": (
        ("x", "{}()"),
        [
            f"{COUNT}@Count\ndef x(): return 1",
            f"-{COUNT}x = 1",
            f"{COUNT}@Count\ndef x(): return 2",
        ],
    ),
    "a closure whose variables go and come": (
        ("x", "{}()"),
        [MAKE.format(what) for what in ("a, b", "b", "1", "a - b", "(b,)")],
    ),
    "a closure whose variables change their names": (
        ("x", "{}()"),
        [
            "def make(a):\n  def f(): return a\n  return f\nx = make(1)",
            "def make(b):\n  def f(): return b, 2\n  return f\nx = make(1)",
            "def make(c):\n  def f(): return c, 3\n  return f\nx = make(5)",
        ],
    ),
    "a static method whose decorator changes, goes and comes": (
        ("C.f", "{}()"),
        [
            WRAP.format("'x'", "@staticmethod\n  @wrap"),
            WRAP.format("'y'", "@staticmethod\n  @wrap"),
            WRAP.format("'y'", "@staticmethod"),
            WRAP.format("'z'", "@staticmethod\n  @wrap"),
        ],
    ),
    "a class method whose decorator changes, goes and comes": (
        ("C.f", "{}()"),
        [
            WRAP.format("'x'", "@classmethod\n  @wrap"),
            WRAP.format("'y'", "@classmethod\n  @wrap"),
            WRAP.format("'y'", "@classmethod"),
            WRAP.format("'z'", "@classmethod\n  @wrap"),
        ],
    ),
    "a lambda with another before it": (
        ("x[1]", "{}()"),
        ["x = [lambda: 1, lambda: 2]", "x = [lambda: 1, lambda: 2, lambda: 3]"],
    ),
    "a lambda after one that goes": (
        ("x[1]", "{}()"),
        ["y = z = lambda: 0\nx = [lambda: 1, lambda: 2]", "x = [lambda: 0, lambda: 2]"],
    ),
}


@pytest.mark.parametrize(("asked", "sources"), SEQUENCES.values(), ids=SEQUENCES)
def test_what_is_held_follows_its_name(project, asked, sources):
    """As for whoever looks the name up again."""
    name, question = asked
    project.write("m", sources[0])
    space = {"m": project.load("m")}
    exec(f"held = m.{name}", space)
    for source in sources[1:]:
        project.write("m", source.removeprefix("-"))
        assert project.reload().outcome in {"swapped", "reloaded"}
        if not source.startswith("-"):
            assert eval(question.format("held"), space) == eval(question.format(f"m.{name}"), space)
    assert project.picture("m") == project.fresh("m")


def test_a_closure_that_nobody_names_keeps_what_it_closes_over(project):
    """Its variables go with an edit and come back with the next one."""
    project.write("m", MAKE.format("a, b"))
    held = project.load("m").make(3, 4)
    for what, value in (("b", 4), ("7", 7), ("a - b", -1), ("b, a", (4, 3))):
        project.write("m", MAKE.format(what))
        project.reload()
        assert held() == value


PARTIAL = "from functools import partialmethod\nclass C:\n    def f(self, a, b=0): return a, b\n"
PARTIAL += "    def g(self, a, b=0): return b, a\n    p = partialmethod({})\n"


@pytest.mark.parametrize("after", ["f, 2", "f, 1, 3", "f, 1, b=3", "g, 1", "g, b=2, a=5"])
@pytest.mark.parametrize("held", ["m.C().p", "m.C.p", "vars(m.C)['p'].__get__(m.C())"])
def test_what_a_partial_method_gave_has_its_arguments(project, held, after):
    """A new object each time that somebody asks an instance for it."""
    project.write("m", PARTIAL.format("f, 1"))
    module = project.load("m")
    one = eval(held, {"m": module})
    project.write("m", PARTIAL.format(after))
    assert project.reload().applied
    args = () if hasattr(getattr(one, "func", None), "__self__") else (module.C(),)
    assert one(*args) == module.C().p()


OF_OTHERS = {
    "a star-import": ("from p import *\nX = 1", "X = 1"),
    "an import": ("from p import f, C, o\nX = 1", "X = 1"),
    "an import in a block": (
        "try:\n    from p import f, C, o\nexcept ImportError:\n    f = C = o = None",
    ),
    "another name": ("import p\nf, C, o = p.f, p.C, p.o", "import p"),
    "a function": ("def take():\n    global f, C, o\n    from p import f, C, o\ntake()", "X = 1"),
}
OWN = "import p\ndef f(): return 'm'\nclass C: x = 'm'\n@p.wraps\ndef o(): pass\n"


@pytest.mark.parametrize("sources", OF_OTHERS.values(), ids=OF_OTHERS)
def test_what_was_imported_under_a_name_stays_what_it_is(project, sources):
    """A module that defines the name itself, once the import is gone, has not made it."""
    project.write(
        "p",
        """
        class Wrapped:
            def __init__(self, f): self.f = f
        def wraps(f): return Wrapped(f)
        def f(): return 'p'
        class C: x = 'p'
        @wraps
        def o(): pass
        """,
    )
    project.write("m", sources[0])
    project.load("m")
    p = project.load("p")
    f, cls, wrapped = p.f, p.C, p.o.f
    for source in (*sources[1:], OWN):
        project.write("m", source)
        assert project.reload().applied
    assert (f(), p.f(), cls.x, p.C.x, p.o.f) == ("p", "p", "p", "p", wrapped)
    assert project.picture("m", "p") == project.fresh("m", "p")
