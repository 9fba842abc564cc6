"""What an edit of one module came to: bodies, statements, names that are gone, lines that moved."""

from __future__ import annotations

from types import ModuleType

import pytest

from hotswap.detect import Edit, compare
from hotswap.source import Unit


def edited(old: str, new: str) -> Edit:
    """The edit of a module from one source to another."""
    before, after = (compile(text, "m.py", "exec", dont_inherit=True) for text in (old, new))
    unit = Unit("m", "m.py", ModuleType("m"), None, old.encode(), before)
    return compare(unit, before, new.encode(), after)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a = 1", "# why\na = 1"),
        ("def f(): return 1", "def f(): return 2"),
        ("def f(x): return x", "def f(y): return y"),
        ("def f(): 'old'", "def f(): 'new'"),
        ("@d\ndef f(): return 1", "@d\ndef f(): return 2"),
        ("class C:\n  def m(self): return 1", "class C:\n  def m(self): return 2"),
        ("if a:\n  def f(): return 1", "if a:\n  def f(): return 2"),
    ],
)
def test_nothing_that_runs_at_import_differs(old, new):
    """Then no statement is looked at."""
    assert edited(old, new).alignment is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a = 1", "a = 2"),
        ("def f(): pass", "def g(): pass"),
        ("@d\ndef f(x): pass", "@d\ndef f(y): pass"),
        ("@d\ndef f(): 'old'", "@d\ndef f(): 'new'"),
        ("@d\ndef f(): pass", "@d\ndef f(): yield"),
        ("class C:\n  @d\n  def m(self): 'old'", "class C:\n  @d\n  def m(self): 'new'"),
    ],
)
def test_something_that_runs_at_import_differs(old, new):
    """Also what a decorator may have seen of a function."""
    assert edited(old, new).alignment is not None


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("def f(): return 1\ndef g(): return 1", "def f(): return 2\ndef g(): return 1", "f"),
        ("a = 1\ndef f(): return 1", "a = 2\ndef f(): return 1", ""),
        ("a = 1\ndef f(): return 1", "a = 2\ndef f(): return 2", "f"),
        ("def f(): return 1\ndef g(): return 1", "def g(): return 1\ndef f(): return 2", "f"),
        ("def f(): return 1\na = 1", "def f(): return 2", "f"),
        ("class C:\n  def m(self): return 1", "class C:\n  x = 1\n  def m(self): return 2", "m"),
        ("def f(): return 1", "def g(): return 1", ""),
        ("def f():\n  def g(): return 1", "def f():\n  def g(): return 2", "f g"),
        ("a = lambda: 1", "a = lambda: 2", "<lambda>"),
    ],
)
def test_functions_that_do_something_else(old, new, names):
    """Wherever they have moved in the module."""
    assert [pair.new.co_name for pair in edited(old, new).bodies] == names.split()


def test_functions_that_only_moved_are_paired():
    """Their line numbers have to be brought up to date."""
    (pair,) = edited("def f(): return 1", "\n\ndef f(): return 1").pairs
    assert (pair.old.co_firstlineno, pair.new.co_firstlineno, pair.differs) == (1, 3, False)


@pytest.mark.parametrize(
    ("old", "new", "gone"),
    [
        ("a = 1\nb = 2", "a = 1", "b"),
        ("a = 1\nb = 2", "a = 2\nb = 2", ""),
        ("a = 1\na = 2", "a = 2", ""),
        ("a, b = 1, 2", "a = 1", "b"),
        ("import a, b", "import a", "b"),
        ("from a import b as c", "from a import b", "c"),
        ("def f(): pass", "class f: pass", ""),
        ("def f(): pass", "def g(): pass", "f"),
        ("'says'\na = 1", "a = 1", "__doc__"),
        ("a = 1", "def f():\n  global a\n  a = 1", "a"),
        ("a = 1\ndef f():\n  global a\n  a = 1", "def f():\n  global a\n  a = 1", ""),
        ("a = 1", "a: int", "a"),
        ("if x: a = 1", "if x: b = 1", "a"),
        ("class C: a = 1", "class C: b = 1", ""),
        ("import a", "if TYPE_CHECKING: import a", "a"),
        ("a = 1", "if __name__ == '__main__': a = 1", "a"),
    ],
)
def test_names_that_the_module_no_longer_binds(old, new, gone):
    """A function that declares one global, and did so before, may have bound it."""
    assert edited(old, new).gone == set(gone.split())


@pytest.mark.parametrize(
    ("old", "new", "unsure"),
    [
        ("a = 1\nif x: a = 2", "if x: a = 2", "a"),
        ("a = 1\ntry: import a\nexcept E: pass", "try: import a\nexcept E: pass", "a"),
        ("a = 1\na = 2", "a = 2", ""),
        ("if x: a = 2\na = 1", "if x: a = 2", "a"),
        ("a = b = 1\nif x: a = 2", "b = 1\nif x: a = 2", "a"),
        ("a = 1", "b = 1", ""),
        ("a = 1\nif x: a = 2", "a = 3\nif x: a = 2", ""),
    ],
)
def test_names_that_a_block_may_bind(old, new, unsure):
    """Whether the name is there now, only the block that is left can tell."""
    assert edited(old, new).unsure == set(unsure.split())


OLD = """\
a = 1
b = 2

def f():
    return 1

c = [
    3,
]
d = 4
"""


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (("a = 1", "a = 9"), [1, 2, 4, 7, 10]),
        (("a = 1", "# why\na = 1"), [2, 3, 5, 8, 11]),
        (("b = 2\n", ""), [1, 0, 3, 6, 9]),
        (("return 1", "x = 1\n    return x"), [1, 2, 4, 8, 11]),
        (("d = 4\n", ""), [1, 2, 4, 7, 0]),
    ],
)
def test_where_a_line_is_now(change, lines):
    """Top-level lines are followed; 0 is a line that is gone."""
    edit = edited(OLD, OLD.replace(*change))
    assert [edit.new_line(line) for line in (1, 2, 4, 7, 10)] == lines


def test_equal_decorators_are_not_confused():
    """A new definition may begin with the line that the one below it begins with."""
    edit = edited("@d\n\ndef f(): pass", "@d\n\ndef g(): pass\n@d\n\ndef f(): pass")
    assert edit.new_line(1) == 4


def test_where_a_line_is_now_if_both_ends_changed():
    """The statement that it belongs to tells."""
    edit = edited("a = 1\nb = 2\nc = 3", "# why\na = 9\nb = 2\nc = 8\nd = 1")
    assert [edit.new_line(line) for line in (1, 2, 3)] == [2, 3, 4]
