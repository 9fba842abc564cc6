"""What looked at functions and classes, otherwise than by calling them, looks again."""

from __future__ import annotations

import sys

import pytest

SOURCE = """
class C:
    "the class"
    def f(self, x: int = 1):
        "the method"
        return x

def f(x: int, y=2):
    "the function"
    z = x + 10
    return z
"""
LOOK = """
from operator import attrgetter
WORDS = ("__doc__", "__defaults__")
DOC = attrgetter("__doc__")
def at(f): return f.__doc__
def words(f): return {one: getattr(f, one) for one in WORDS}
def members(cls): return sorted(vars(cls))
def public(cls): return [one for one in dir(cls) if one[:1] != "_"]
def copy(cls): return {name: one for name, one in cls.__dict__.items() if type(one) is int}
"""
LOOKS = {
    "signature": "str(inspect.signature(f))",
    "of a method": "str(inspect.signature(C.f))",
    "docstring": "f.__doc__",
    "of a method, too": "a.C.f.__doc__",
    "of several": "[one.__doc__ for one in (f, C.f)]",
    "cleaned": "inspect.getdoc(f)",
    "of a class": "C.__doc__",
    "defaults": "f.__defaults__",
    "annotations": "str(C.f.__annotations__)",
    "hints": "str(typing.get_type_hints(f))",
    "kind": "inspect.iscoroutinefunction(f)",
    "variables": "f.__code__.co_varnames",
    "constants": "f.__code__.co_consts[1:]",
    "source": "inspect.getsource(f)",
    "by a function": "look.at(f)",
    "words in a tuple": "[getattr(f, one) for one in ('__doc__', '__name__', '__defaults__')]",
    "words that have a name": "[getattr(f, one) for one in look.WORDS]",
    "such words in a function": "look.words(f)",
    "attrgetter": "look.DOC(f)",
    "of all": "{name: one.__doc__ for name, one in vars(C).items() if callable(one)}",
    "of what is in the module": "[one.__doc__ for _, one in inspect.getmembers(a, callable)]",
    "members": "look.members(C)",
    "public members": "look.public(C)",
}
EDITS = {
    "body": ("z = x + 10", "z = x + 11"),
    "variable": ("z = x + 10\n    return z", "w = x + 10\n    return w"),
    "docstring": ("the function", "what it does"),
    "docstring of a method": ("the method", "what it does"),
    "docstring of a class": ("the class", "what it is"),
    "parameter": ("y=2", "y=2, z=3"),
    "default": ("y=2", "y=3"),
    "default of a method": ("x: int = 1", "x: int = 2"),
    "annotation": ("def f(x: int", "def f(x: str"),
    "another method": ("        return x\n", "        return x\n    def g(self): pass\n"),
    "annotation of a method": ("x: int = 1", "x: str = 1"),
    "coroutine": ("def f(x: int, y", "async def f(x: int, y"),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
@pytest.mark.parametrize(("old", "new"), EDITS.values(), ids=EDITS)
def test_who_looked_looks_again(project, look, old, new):
    """What is found is what a fresh start finds."""
    project.write("a", SOURCE)
    project.write("look", LOOK)
    project.write("m", f"import inspect, typing, look, a\nfrom a import C, f\nV = {look}\n")
    module = project.load("m")
    project.edit("a", old, new)
    assert project.reload().applied
    here = project.picture("m")["m"]["V"]
    assert here == project.fresh_here("m")["m"]["V"], module.V


LINES = {
    "line": "f.__code__.co_firstlineno",
    "lines": "inspect.getsourcelines(C)",
    "of several": "sorted(one.__code__.co_firstlineno for one in (f, C.f))",
    "source": "inspect.getsource(f)",
    "source of a class": "inspect.getsource(C)",
    "source of a module": "inspect.getsource(a)",
    "line of a class": "getattr(C, '__firstlineno__', 0)",
    "a copy of a class": "{name: one for name, one in vars(C).items() if type(one) is int}",
    "such a copy by a function": "look.copy(C)",
}
TEXTS = {
    "a comment above": ("class C:", "# so be it\nclass C:"),
    "a line above": ("class C:", "X = 1\nclass C:"),
    "a comment within": ("z = x + 10", "z = x + 10  # ten"),
    "a comment in a class": ("def f(self, x: int", "# of C\n    def f(self, x: int"),
    "another way to write it": ("z = x + 10", "z = (x + 10)"),
    "what it does": ("z = x + 10", "z = x + 11"),
}


@pytest.mark.parametrize("look", LINES.values(), ids=LINES)
@pytest.mark.parametrize(("old", "new"), TEXTS.values(), ids=TEXTS)
def test_who_looked_at_a_text_or_a_line_looks_again(project, look, old, new):
    """Also where nothing is done otherwise."""
    project.write("a", SOURCE)
    project.write("look", LOOK)
    project.write("m", f"import inspect, look, a\nfrom a import C, f\nV = {look}\n")
    project.load("m")
    project.edit("a", old, new)
    assert project.reload().applied
    assert project.picture("m")["m"]["V"] == project.fresh_here("m")["m"]["V"]


OVERLOADED = """
import typing
@typing.overload
def f(x: int) -> int: ...
@typing.overload
def f(x: str) -> str: ...
def f(x): return x
class C:
    @typing.overload
    def g(self, x: int) -> int: ...
    @typing.overload
    def g(self, x: str) -> str: ...
    def g(self, x): return x
"""
OVERLOADS = {
    "one less": ("@typing.overload\ndef f(x: str) -> str: ...\n", ""),
    "the first less": ("@typing.overload\ndef f(x: int) -> int: ...\n", ""),
    "not marked": ("@typing.overload\ndef f(x: str)", "def f(x: str)"),
    "another": ("def f(x: str) -> str", "def f(x: bytes) -> bytes"),
    "one more": ("def f(x):", "@typing.overload\ndef f(x: bytes) -> bytes: ...\ndef f(x):"),
    "of a method": ("    @typing.overload\n    def g(self, x: str) -> str: ...\n", ""),
    "a method not marked": ("@typing.overload\n    def g(self, x: str)", "def g(self, x: str)"),
}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="nobody can look at overloads")
@pytest.mark.parametrize(("old", "new"), OVERLOADS.values(), ids=OVERLOADS)
def test_who_looked_at_overloads_looks_again(project, old, new):
    """What implements them is as it was."""
    look = "[[str(one.__annotations__) for one in get_overloads(each)] for each in (f, C.g)]"
    project.write("a", f"{OVERLOADED}from typing import get_overloads\nV = {look}\n")
    project.write("m", f"from typing import get_overloads\nfrom a import f, C\nV = {look}\n")
    project.load("m")
    project.edit("a", old, new)
    assert project.reload().applied
    assert project.picture("m", "a") == project.fresh_here("m", "a")


FRAMES = {
    "its own line": "traceback.extract_stack(limit=1)[0].lineno",
    "the line of who called it": "traceback.extract_stack(limit=2)[0].lineno",
    "of a frame": "sys._getframe().f_lineno",
}


@pytest.mark.parametrize("look", FRAMES.values(), ids=FRAMES)
def test_who_was_told_at_which_line_it_ran_asks_again(project, look):
    """The function has moved, and nothing else has changed."""
    project.write("a", f"import sys, traceback\ndef here():\n    return {look}\nHERE = here()\n")
    project.write("m", "from a import here\nV = here()\n")
    project.load("m")
    project.edit("a", "def here", "# one line more\ndef here")
    assert project.reload().applied
    assert project.picture("m", "a") == project.fresh_here("m", "a")


def test_a_hook_that_goes_through_a_class_is_not_asked_again_as_it_moves(project):
    """It found the same; only who has a copy of all knows the line of the class (3.13)."""
    hook = (
        "class B:\n    def __init_subclass__(cls): cls.all = [n for n in vars(cls) if n[0] != '_']"
    )
    project.write("b", hook)
    project.write("a", "import b\ndef f(): return 1\nclass C(b.B): x = 1\n")
    project.load("a")
    project.edit("a", "return 1", "return 1 + \\\n        1")
    assert project.reload().outcome == "swapped"


def test_who_looked_at_another_definition_does_not_look_again(project):
    """What stands above the one that has changed is as it was."""
    project.write("a", SOURCE)
    project.write("m", "import inspect, a\nSTATE = []\nV = inspect.getsource(a.C), STATE\n")
    project.load("m")
    project.edit("a", "z = x + 10", "z = x + 10  # ten")
    assert project.reload().outcome == "unchanged"


@pytest.mark.parametrize(
    "look",
    ["f.__doc__", "str(inspect.signature(f))", "f.__code__.co_argcount", "f.__name__", "help(f)"],
)
def test_who_sees_nothing_else_does_not_look_again(project, look):
    """The body of a function is not to be seen in these; neither is another function."""
    project.write("a", SOURCE.replace("help", "") + "def help(f): return f.__doc__\n")
    project.write("m", f"import inspect\nfrom a import f, help\nSTATE = []\nV = {look}, STATE\n")
    project.load("m")
    project.edit("a", "z = x + 10", "z = x + 11")
    assert project.reload().outcome == "swapped"


HEIRS = {
    "named": "[one.__name__ for one in Base.__subclasses__()]",
    "counted": "len(Base.__subclasses__())",
    "looked at": "[one.kind for one in Base.__subclasses__()]",
    "by a function": "b.all_of_them()",
}
CHANGES = {
    "another one": ("class One(b.Base): kind = 1\n", "class Two(b.Base): kind = 2\n"),
    "an attribute": ("kind = 1", "kind = 2"),
    "an heir by now": ("class No: kind = 0", "class No(b.Base): kind = 0"),
    "one of its own": ("class No: kind = 0", "class No(One): kind = 0"),
    "no more": ("class One(b.Base): kind = 1\n", ""),
}


@pytest.mark.parametrize("look", HEIRS.values(), ids=HEIRS)
@pytest.mark.parametrize(("old", "new"), CHANGES.values(), ids=CHANGES)
def test_who_looked_for_subclasses_looks_again(project, look, old, new):
    """A class that is gone is still found as one: then only a restart is right."""
    project.write(
        "b",
        "class Base: pass\ndef all_of_them(): return [one.kind for one in Base.__subclasses__()]\n",
    )
    project.write("a", "import b\nclass One(b.Base): kind = 1\nclass No: kind = 0\n")
    project.write("m", f"import a, b\nfrom b import Base\nV = {look}\n")
    project.load("m")
    project.edit("a", old, new)
    report = project.reload()
    if report.outcome == "restart":
        assert "is gone" in report.reason
    else:
        assert project.picture("m") == project.fresh("m")


def test_who_looked_too_early_for_a_subclass_does_not_look_again(project):
    """It was not there yet, and is not in a fresh start."""
    project.write("b", "class Base: pass\nSTATE = [Base.__subclasses__()]\n")
    project.write("a", "import b\nclass One(b.Base): kind = 1\n")
    project.load("a", "b")
    project.edit("a", "kind = 1\n", "kind = 1\nclass Two(b.Base): pass\n")
    assert project.reload().outcome == "reloaded"
    assert project.load("b").STATE == [[]]


def test_what_is_gone_is_not_found_as_a_subclass(project):
    """By who asks when it runs."""
    project.write("b", "class Base:\n    def all(self): return Base.__subclasses__()\n")
    project.write("a", "import b\nclass One(b.Base): pass\nclass Two(b.Base): pass\n")
    module = project.load("a")
    project.edit("a", "class Two(b.Base): pass\n", "")
    assert project.reload().outcome == "reloaded"
    assert module.b.Base().all() == [module.One]


TABLE = """
ALL, BY = [], {}
def enter(cls):
    ALL.append(cls)
    BY[cls.__name__] = cls
    return cls
"""
LOOKED = """
import table, m
WORDS = [one.word for one in table.ALL]
BY = {key: one.word for key, one in table.BY.items()}
def words(): return [one.word for one in table.ALL]
SAME = words()
GOES = [hasattr(one, "go") for one in table.ALL]
SIZE = [len(table.ALL)]
"""


@pytest.mark.parametrize("edit", [("WORD = 1", "WORD = 2"), ("word = 3", "word = 4; go = 5")])
def test_attributes_of_classes_that_are_found_in_a_container(project, edit):
    """Who looked at one of them looks again; who looked at something else does not."""
    project.write("table", TABLE)
    project.write(
        "m",
        "from table import enter\nWORD = 1\n@enter\nclass A: word = WORD\n"
        "@enter\nclass B: word = 3\n",
    )
    project.write("use", LOOKED)
    size = project.load("use").SIZE
    project.edit("m", *edit)
    assert project.reload().applied
    assert project.picture("use") == project.fresh_here("use")
    assert project.load("use").SIZE is size


def test_attributes_of_classes_that_are_the_keys_of_a_container(project):
    """A function is entered for each of some classes."""
    table = (
        "BY = {}\ndef handles(kind):\n    def enter(f): BY[kind] = f; return f\n    return enter\n"
    )
    project.save({"e": "class E(Exception): code = 1\nclass F(E): code = 2\n", "table": table})
    use = "@table.handles(e.{0})\ndef {1}(x): pass\n"
    project.write("m", f"import e, table\n{use.format('E', 'f')}{use.format('F', 'g')}")
    project.write("n", "import table, m\nCODES = {one.__name__: one.code for one in table.BY}\n")
    project.load("n")
    project.edit("e", "code = 2", "code = 3")
    assert project.reload().applied
    assert project.load("n").CODES == {"E": 1, "F": 3}


def test_who_sets_an_attribute_does_not_look_at_it(project):
    """Both lines go by a name that changed, and the decorator sets it on what each has made."""
    web = (
        "from functools import wraps\nROUTES = {}\n"
        "def route(path):\n    def made(f):\n        @wraps(f)\n"
        "        def called(): return path, f()\n        called.path, ROUTES[path] = path, called\n"
        "        return called\n    return made\n"
    )
    views = "TOP = '/a'\n@route(TOP + '/f')\ndef f(): pass\n@route(TOP + '/g')\ndef g(): pass\n"
    project.write("web", web)
    project.write("m", f"from web import ROUTES, route\n{views}PATHS = f.path, [*ROUTES]\n")
    project.load("m")
    project.edit("m", "'/a'", "'/b'")
    assert project.reload().outcome == "reloaded"
    assert project.picture("m", "web") == project.fresh_here("m", "web")
