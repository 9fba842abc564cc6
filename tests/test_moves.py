"""A class that moves from one module to another is the same class."""

from __future__ import annotations

import re

import pytest

KINDS = {
    "plain": ("", "class C:"),
    "of a base": ("class B: pass", "class C(B):"),
    "a dataclass": ("import dataclasses", "@dataclasses.dataclass\nclass C:"),
    "an exception": ("", "class C(Exception):"),
    "abstract": ("import abc", "class C(abc.ABC):"),
    "a metaclass": ("class M(type): pass", "class C(metaclass=M):"),
    "slots": ("", "class C:\n    __slots__ = ('y',)"),
}
BODY = """
    x: int = 1
    left = 2
    class D: pass
    def m(self): return type(self).__module__
    @staticmethod
    def s(): return __name__
    def gone(self): pass
"""


def source(first, head, body=BODY):
    return f"{first}\n{head}\n{body}\n"


@pytest.mark.parametrize("exists", [True, False], ids=["known", "new"])
@pytest.mark.parametrize(("first", "head"), KINDS.values(), ids=KINDS)
def test_kinds_of_classes(project, first, head, exists):
    """Its instances have the new methods, and all is as a fresh start makes it."""
    project.write("old", source(first, head))
    project.write("user", "from old import C")
    if exists:
        project.write("new", "")
        project.load("new")
    module = project.load("user")
    cls, instance, inner = module.C, module.C(), module.C.D
    project.write("old", "from new import C")
    project.write("new", source(first, head, BODY.replace("gone", "come").replace("left", "right")))
    assert project.reload().outcome == "reloaded"
    assert module.C is cls
    assert (instance.m(), instance.s(), instance.come()) == ("new", "new", None)
    assert not hasattr(instance, "gone")
    assert not hasattr(instance, "left")
    assert cls.D is inner
    assert project.picture("user", "old", "new") == project.fresh_here("user", "old", "new")


def test_what_wraps_its_methods_shows_the_new_module(project):
    """As `__repr__` of a dataclass; nobody else had given that to the old one."""
    made = "import dataclasses\n@dataclasses.dataclass(slots=True)\nclass C:\n    x: int = 1"
    project.write("old", made)
    project.write("new", "")
    project.write("user", "from old import C")
    project.load("new")
    module = project.load("user")
    cls, shown = module.C, module.C.__repr__
    project.write("old", "from new import C")
    project.write("new", made)
    assert project.reload().outcome == "reloaded"
    assert module.C is cls
    assert module.C.__repr__ is shown
    assert shown.__module__ == "new"


@pytest.mark.parametrize("exists", [True, False], ids=["known", "new"])
def test_it_is_imported_from_there(project, exists):
    """Not by way of the module where it was; what is made of it again is as well."""
    project.write("old", "class B: pass\nclass C:\n    def m(self): return 1")
    project.write("user", "from old import B, C\nlist_of = [C()]\nbase = C\nclass S(C): pass")
    if exists:
        project.write("new", "")
        project.load("new")
    module = project.load("user")
    cls, instance, derived = module.C, module.C(), module.S()
    project.write("old", "class B: pass")
    project.write("new", "class C:\n    def m(self): return 2")
    project.edit("user", "from old import B, C", "from old import B\nfrom new import C")
    assert project.reload().outcome == "reloaded"
    assert module.C is module.base is cls
    assert (instance.m(), derived.m(), module.list_of[0].m()) == (2, 2, 2)
    assert project.picture("user", "old", "new") == project.fresh_here("user", "old", "new")


def test_its_module_has_another_name(project):
    """A renamed file."""
    project.write("old", "class C:\n    def m(self): return 1")
    project.write("user", "from old import C")
    module = project.load("user")
    instance = module.C()
    project.delete("old")
    project.write("new", "class C:\n    def m(self): return 2")
    project.write("user", "from new import C")
    assert project.reload().outcome == "reloaded"
    assert isinstance(instance, module.C)
    assert instance.m() == 2


def test_an_edit_after_it_moved(project):
    """It is one of the new module for good, and may move back."""
    project.write("old", "class C:\n    def m(self): return 1")
    project.write("new", "")
    old, new = project.load("old", "new"), project.load("new")
    cls, instance, method = old.C, old.C(), old.C().m
    for number, (where, other) in enumerate([("new", "old"), ("new", "old"), ("old", "new")]):
        project.write(where, f"class C:\n    def m(self): return {number}")
        project.write(other, f"from {where} import C")
        assert project.reload().outcome in {"reloaded", "swapped"}
        assert old.C is new.C is cls
        assert (instance.m(), method()) == (number, number)


@pytest.mark.parametrize("exists", [True, False], ids=["known", "new"])
def test_an_enum(project, exists):
    """Its members are the same."""
    project.write("old", "import enum\nclass C(enum.Enum):\n    A = 1")
    if exists:
        project.write("new", "")
        project.load("new")
    old = project.load("old")
    member = old.C.A
    project.write("old", "from new import C")
    project.write("new", "import enum\nclass C(enum.Enum):\n    A = 1\n    B = 2")
    assert project.reload().outcome == "reloaded"
    assert project.load("new").C.A is old.C.A is member
    assert (old.C.B.value, old.C.__module__) == (2, "new")


@pytest.mark.parametrize(
    ("files", "known", "reason"),
    [
        ({"new": "class C: pass", "also": "class C: pass"}, "new also", "C moved from old to"),
        ({"new": "class C: pass", "also": "class C: pass"}, "", "C moved from old to also"),
    ],
)
def test_what_cannot_be_the_same_and_is_in_use(project, files, known, reason):
    """Then a restart is needed, and the class is as it was."""
    project.write("old", files["new"])
    for name in known.split():
        project.write(name, "")
        project.load(name)
    old = project.load("old")
    cls, instance = old.C, getattr(old.C, "A", None) or old.C()
    before = dict(vars(cls))
    project.write("old", "".join(f"import {name}\n" for name in files) + "D = new.C")
    for name, text in files.items():
        project.write(name, text)
    report = project.reload()
    assert report.outcome == "restart"
    assert reason in report.reason
    assert old.C is cls is type(instance)
    assert dict(vars(cls)) == before


@pytest.mark.parametrize("exists", [True, False], ids=["known", "new"])
def test_one_that_has_another_layout_there(project, exists):
    """Another class takes its place, also for who holds an instance."""
    project.write("old", "class C:\n    __slots__ = ('a',)\n    def m(self): return 1")
    if exists:
        project.write("new", "")
        project.load("new")
    old = project.load("old")
    rows = [old.C()]
    rows[0].a = 5
    project.write("old", "from new import C")
    project.write("new", "class C:\n    __slots__ = ('a', 'b')\n    def m(self): return 2")
    assert project.reload().outcome == "reloaded"
    assert (type(rows[0]), rows[0].a, rows[0].m()) == (old.C, 5, 2)


def test_what_cannot_be_the_same_and_is_not_in_use(project):
    """Nobody misses a class without instances."""
    project.write("old", "class C: pass")
    project.write("user", "")
    old, _ = project.load("old"), project.load("user")
    project.write("old", "")
    project.write("new", "class C: pass")
    project.write("also", "class C: pass")
    project.write("user", "import new, also")
    assert project.reload().outcome == "reloaded"
    assert not hasattr(old, "C")


def test_what_fails_is_taken_back(project):
    """The class is where it was, and the next one of its name elsewhere is another."""
    project.write("old", "class C:\n    def m(self): return 1")
    project.write("new", "")
    old, new = project.load("old", "new"), project.load("new")
    cls, instance = old.C, old.C()
    project.write("old", "from new import C")
    project.write("new", "class C:\n    def m(self): return 2\n1 / 0")
    before = dict(vars(cls))
    assert project.reload().outcome == "rejected"
    assert dict(vars(cls)) == before
    project.write("old", "class C:\n    def m(self): return 1")
    project.write("new", "class C:\n    def m(self): return 3")
    assert project.reload().outcome == "reloaded"
    assert (instance.m(), new.C().m(), new.C is cls) == (1, 3, False)


def renamed(project, first, head, body=BODY):
    project.write("m", source(first, head, body) + "\nmade = C()\nX = 1\n")
    project.write("user", "import m\nclass S(m.C): pass")
    user = project.load("user")
    cls, derived = user.m.C, user.S()
    project.edit("user", "m.C", "m.N")
    return user, cls, derived


@pytest.mark.parametrize(("first", "head"), KINDS.values())
def test_a_class_with_another_name_is_the_same_class(project, first, head):
    """Its instances have the new methods, its registrations stay."""
    user, cls, derived = renamed(project, first, head)
    text = (
        re.sub(r"\bC\b", "N", project.path("m").read_text())
        .replace("gone", "come")
        .replace("left", "right")
    )
    project.write("m", text)
    assert project.reload().outcome == "reloaded"
    assert user.m.N is cls
    assert not hasattr(user.m, "C")
    assert (derived.come(), isinstance(derived, user.m.N)) == (None, True)
    assert not hasattr(cls, "gone")
    assert not hasattr(cls, "left")
    assert cls.D.__qualname__ == "N.D"
    assert project.picture("user", "m") == project.fresh_here("user", "m")


def test_a_class_with_another_name_beside_the_old_name(project):
    """As for those who have not heard of it."""
    user, cls, _ = renamed(project, "", "class C:")
    project.edit("user", "m.N", "m.C")
    project.edit("m", "class C:", "class N:")
    project.edit("m", "made = C()", "made = N()\nC = N")
    assert project.reload().outcome == "reloaded"
    assert user.m.N is user.m.C is cls
    assert project.picture("user", "m") == project.fresh_here("user", "m")


def test_a_renaming_that_fails_leaves_the_name(project):
    """All is as before."""
    user, cls, _ = renamed(project, "", "class C:")
    project.write("m", source("", "class N:") + "1 / 0")
    assert project.reload().outcome == "rejected"
    assert (cls.__name__, cls.D.__qualname__, user.m.C) == ("C", "C.D", cls)


@pytest.mark.parametrize(
    "other",
    [
        "class N(Exception):\n    def m(self): pass",
        "class N:\n    y = 1\n    def other(self): pass",
    ],
)
def test_another_class_is_another_class(project, other):
    """Whose bases are others, or most of what is in it."""
    project.write("m", "class C:\n    def m(self): pass")
    module = project.load("m")
    cls = module.C
    project.write("m", other)
    assert project.reload().outcome == "reloaded"
    assert module.N is not cls
    assert cls.__name__ == "C"


@pytest.mark.parametrize("exists", [True, False], ids=["known", "new"])
@pytest.mark.parametrize("deleted", [True, False], ids=["deleted", "emptied"])
def test_a_function_that_moves_is_called_where_it_is_now(project, exists, deleted):
    """By whoever holds it."""
    project.write("old", "def f(): return 'old'")
    project.write("user", "from old import f\ndef g(): return f()")
    if exists:
        project.write("new", "")
        project.load("new")
    held = project.load("user").f
    if deleted:
        project.delete("old")
    else:
        project.write("old", "")
    project.write("new", "def f(x=2): return 'new', x")
    project.edit("user", "from old", "from new")
    assert project.reload().outcome == "reloaded"
    assert held() == held(2) == ("new", 2)
    project.edit("new", "'new'", "'newer'")
    project.reload()
    assert held() == ("newer", 2)
