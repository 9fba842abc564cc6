"""Trees of code objects tell what an edit came to, down to types of constants."""

from __future__ import annotations

import sys

import pytest

from hotswap.compare import (
    Pair,
    definition_scopes,
    docstring,
    pair_by_name,
    runs_at_definition,
    same_definitions,
    walk,
)


def module(source):
    return compile(source, "module.py", "exec", dont_inherit=True)


def compared(old, new) -> tuple[str, list[Pair]]:
    """What differs in going from one source to another: "nothing", "bodies" or "more"."""
    pairs: list[Pair] = []
    if not same_definitions(module(old), module(new), pairs):
        return "more", pairs
    return "bodies" if any(pair.differs for pair in pairs) else "nothing", pairs


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x = 1", "# why\nx = 1"),
        ("x = 1", "\n\n\nx  =  (1)"),
        ("x = 'ab'", 'x = "a" "b"'),
        ("x = 2 * 3", "x = 6"),
        ("def f(): return 1", "def f():\n    # why\n    return (1)"),
        ("def f(): return 1", "\n\ndef f(): return 1"),
        ("class C:\n  def m(self): return 1", "\n\nclass C:\n\n  def m(self): return 1"),
        ("def f():\n  def g(): pass\n  return g", "def f():\n\n  def g(): pass\n  return g"),
        ("f = lambda: 1", "f = lambda : (1)"),
        ("x = [i for i in y]", "x = [\n i for i in y\n]"),
    ],
)
def test_formatting_changes_nothing(old, new):
    """Comments, blank lines and spelling leave no trace in code."""
    assert compared(old, new)[0] == "nothing"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def f(): return 1", "def f(): return 2"),
        ("def f(): return 1", "def f(): return True"),
        ("def f(): return 1", "def f(): return 1.0"),
        ("def f(): return 0.0", "def f(): return -0.0"),
        ("def f(): return (1, 2)", "def f(): return (1, True)"),
        ("def f(x): return x in {1}", "def f(x): return x in {True}"),
        ("def f(): return a", "def f(): return b"),
        ("def f(): x = 1", "def f(): y = 1"),
        ("def f(): pass", "async def f(): pass"),
        ("def f(): pass", "def f(): yield"),
        ("def f(x): pass", "def f(y): pass"),
        ("def f(x): pass", "def f(*, x): pass"),
        ("def f(): 'old'", "def f(): 'new'"),
        ("f = lambda: 1", "f = lambda: 2"),
        ("class C:\n  def m(self): return 1", "class C:\n  def m(self): return 2"),
        (
            "class C:\n  class D:\n    def m(self): return 1",
            "class C:\n  class D:\n    def m(self): return 2",
        ),
        ("def f():\n  def g(): return 1", "def f():\n  def g(): return 2"),
        ("def f():\n  class C: x = 1", "def f():\n  class C: x = 2"),
        ("def f(): return [i for i in x]", "def f(): return [i + 1 for i in x]"),
        ("def f(): return [lambda: 1]", "def f(): return [lambda: 2]"),
    ],
)
def test_bodies_of_functions_may_differ(old, new):
    """What only a call can show is in the body, constants of equal value and other type too."""
    assert compared(old, new)[0] == "bodies"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x = 1", "x = 2"),
        ("x = 1", "x = True"),
        ("x = 0.0", "x = -0.0"),
        ("x = (1,)", "x = (1.0,)"),
        ("x = 1", "y = 1"),
        ("x = 1", "x = 1; y = 1"),
        ("'old'", "'new'"),
        ("import a", "import b"),
        ("import a.b", "import a.c"),
        ("def f(): pass", "def g(): pass"),
        ("def f(): pass", "def f(): pass\ndef g(): pass"),
        ("def f(): pass\ndef g(): pass", "def g(): pass\ndef f(): pass"),
        ("def f(x=1): pass", "def f(x=2): pass"),
        ("def f(x: a): pass", "def f(x: b): pass"),
        ("def f(): pass", "@d\ndef f(): pass"),
        ("def f(): pass", "class f: pass"),
        ("class C: pass", "class C(B): pass"),
        ("class C: x = 1", "class C: x = 2"),
        ("class C: x = 1", "class C: x = True"),
        ("class C: 'old'", "class C: 'new'"),
        ("class C: pass", "class C:\n  def m(self): pass"),
        ("class C:\n  class D: x = 1", "class C:\n  class D: x = 2"),
        ("x = [i for i in y]", "x = [i + 1 for i in y]"),
        ("x = {i for i in y}", "x = {i + 1 for i in y}"),
        ("x = list(i for i in y)", "x = list(-i for i in y)"),
        ("class C: x = [i for i in y]", "class C: x = [i + 1 for i in y]"),
    ],
)
def test_what_runs_at_import_must_be_equal(old, new):
    """Module, class bodies, comprehensions, decorators and defaults run where they stand."""
    assert compared(old, new)[0] == "more"


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        ("class C:\n  __slots__ = ('a',)\n  def m(self): self.a = 1",
         "class C:\n  __slots__ = ('b',)\n  def m(self): self.a = 1", "more"),
        ("class C:\n  __slots__ = ('a',)\n  def m(self): self.a = 1",
         "class C:\n  __slots__ = ('a',)\n  def m(self): self.b = 1", "bodies"),
        ("class C:\n  def m(self): self.a = 1",
         "class C:\n  def m(self): self.a = self.b = 1", "bodies"),
        ("class C:\n  x = 2\n  def m(self): pass",
         "\nclass C:\n  x = 2\n  def m(self): pass", "nothing"),
        ("class C:\n  x = 1", "\nclass C:\n  x = 2", "more"),
    ],
)  # fmt: skip
def test_books_that_the_compiler_keeps_in_class_bodies_do_not_count(old, new, outcome):
    """`__static_attributes__` and `__firstlineno__` may share their constant with a real value."""
    assert compared(old, new)[0] == outcome


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of 3.12")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("type A = int", "type A = str"),
        ("type A[T] = list[T]", "type A[T] = set[T]"),
        ("class C[T: int]: pass", "class C[T: str]: pass"),
        ("def f[T: (int, str)](): pass", "def f[T: (int, bytes)](): pass"),
    ],
)
def test_what_gives_a_type_is_no_body(old, new):
    """It is asked for it once, and whoever asked has the answer."""
    assert compared(old, new)[0] == "more"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of 3.12")
@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        ("def f[T](x: T): return 1", "def f[T](x: T): return 2", "bodies"),
        ("def f[T](x: T): pass", "def f[T: int](x: T): pass", "more"),
        ("class C[T]:\n  def m(self): return 1", "class C[T]:\n  def m(self): return 2", "bodies"),
        ("class C[T]: x = 1", "class C[T]: x = 2", "more"),
    ],
)
def test_generic_parameters_run_at_definition(old, new, outcome):
    """The hidden scope around a definition runs with it."""
    assert compared(old, new)[0] == outcome


@pytest.mark.parametrize(
    ("old", "new", "outside"),
    [
        ("def f(): return 1", "def f(): return 2", False),
        ("def f(): x = 1", "def f(): y = 1", False),
        ("def f(): 'old'", "def f(): 'new'", True),
        ("def f(x): pass", "def f(y): pass", True),
        ("def f(x): pass", "def f(x, y): pass", True),
        ("def f(x): pass", "def f(x, /): pass", True),
        ("def f(x): pass", "def f(*x): pass", True),
        ("def f(**x): pass", "def f(**y): pass", True),
        ("def f(): pass", "def f(): yield", True),
        ("def f(): pass", "async def f(): pass", True),
    ],
)
def test_what_shows_without_a_call_is_noted(old, new, outside):
    """Decorators may have looked at parameters, kind and docstring."""
    (pair,) = compared(old, new)[1]
    assert (pair.differs, pair.outside) == (True, outside)


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        ("def f(): pass\ndef g(): pass", "def g(): 1\ndef f(): pass", "f-f g-g"),
        ("def f(): pass\ndef f(): return 1", "def f(): pass\ndef f(): return 2", "f-f f-f"),
        ("def f(): pass", "def g(): pass", ""),
        ("def f():\n  def g(): pass\n  def h(): pass", "def f():\n  def h(): pass", "f-f h-h"),
        ("class C:\n  def m(self): pass", "class C:\n  x = 1\n  def m(self): pass", "m-m"),
        ("class C:\n  def m(self): pass", "class D:\n  def m(self): pass", ""),
        (
            "x = lambda: 1, lambda: 2",
            "x = lambda: 3, lambda: 4",
            "<lambda>-<lambda> <lambda>-<lambda>",
        ),
    ],
)
def test_functions_pair_up_by_name_and_ordinal(old, new, pairs):
    """Where scopes differ, the n-th function of a name is the n-th of that name."""
    found: list[Pair] = []
    functions = [
        [one for one in module(text).co_consts if hasattr(one, "co_code")] for text in (old, new)
    ]
    pair_by_name(*functions, found)
    assert " ".join(f"{pair.old.co_name}-{pair.new.co_name}" for pair in found) == pairs


SOURCE = """
def f(x=[i for i in y]):
    'says'
    return [lambda: 1]
class C:
    class D: 'not'
    def m(self): pass
"""


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        ("1 2 3", "9 1 2 3", "1-1 2-2 3-3"),
        ("1 2 3", "2 3", "2-2 3-3"),
        ("1 2 3", "1 5 3 4", "1-1 2-5 3-3"),
        ("1 2", "2 1", "1-1"),
        ("1 2", "3 4", "1-3 2-4"),
        ("1 1", "1 2 1", "1-1 1-1"),
    ],
)
def test_of_one_name_those_that_are_equal_pair_up_first(old, new, pairs):
    """A lambda that comes or goes does not give its neighbours each other's code."""
    found: list[Pair] = []
    functions = [
        [module(f"lambda: ({value}, x)").co_consts[0] for value in text.split()]
        for text in (old, new)
    ]
    pair_by_name(*functions, found)
    shown = [(pair.old.co_consts, pair.new.co_consts) for pair in found]
    numbers = [[next(filter(None, consts)) for consts in row] for row in shown]
    assert " ".join(f"{old}-{new}" for old, new in numbers) == pairs


def test_walk_reaches_every_scope():
    """A code object, and all inside of it."""
    names = {code.co_name for code in walk(module(SOURCE))}
    assert names >= {"<module>", "f", "<lambda>", "C", "D", "m"}


def test_definition_scopes_are_those_that_run_at_import():
    """Class bodies do, functions do not."""
    names = [code.co_name for code in definition_scopes(module(SOURCE))]
    assert [name for name in names if name != "<listcomp>"] == ["<module>", "C", "D"]


@pytest.mark.parametrize(
    ("name", "runs"), [("<module>", True), ("C", True), ("D", True), ("f", False), ("m", False)]
)
def test_whether_a_scope_runs_at_definition(name, runs):
    """A scope that is entered by being called does not."""
    (code,) = [code for code in walk(module(SOURCE)) if code.co_name == name]
    assert runs_at_definition(code) is runs


@pytest.mark.parametrize(
    ("name", "text"), [("f", "says"), ("m", None), ("D", None), ("<lambda>", None)]
)
def test_docstring_is_that_of_a_function(name, text):
    """The first constant of a function; a class keeps its docstring elsewhere."""
    (code,) = [code for code in walk(module(SOURCE)) if code.co_name == name]
    assert docstring(code) == text
