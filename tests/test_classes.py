"""A class statement that runs again keeps the class it had."""

from __future__ import annotations

import re
import sys
import textwrap
import typing
from collections.abc import Iterable, Sized

import pytest

from hotswap.degrees import degree, picture, same_value
from hotswap.dotted import find, former


def changed(project, old, new, *, then=""):
    """The module before and after an edit, the class C that it had, and the report."""
    project.write("m", textwrap.dedent(old) + then)
    module = project.load("m")
    cls = module.C
    project.write("m", textwrap.dedent(new) + then)
    return module, cls, project.reload()


KINDS = {
    "plain": ("", "class C:"),
    "of a base": ("class B: pass", "class C(B):"),
    "abstract": ("import abc", "class C(abc.ABC):"),
    "a protocol": ("import typing", "class C(typing.Protocol):"),
    "generic": ("import typing\nT = typing.TypeVar('T')", "class C(typing.Generic[T]):"),
    "of a generic": ("import typing", "class C(typing.List[int]):"),
    "an exception": ("", "class C(Exception):"),
    "a dict": ("", "class C(dict):"),
    "decorated": ("def d(c): return c", "@d\nclass C:"),
    "a dataclass": ("import dataclasses", "@dataclasses.dataclass\nclass C:"),
    "a frozen dataclass": ("import dataclasses", "@dataclasses.dataclass(frozen=True)\nclass C:"),
    "with slots": ("", "class C:\n    __slots__ = ('a',)"),
    "with its hash in a slot": ("", "class C:\n    __slots__ = ('__hash__',)"),
    "a metaclass": ("class M(type): pass", "class C(metaclass=M):"),
    "a metaclass that makes": (
        "class M(type):\n    def __new__(m, n, b, d): return super().__new__(m, n, b, d)",
        "class C(metaclass=M):",
    ),
    "in a class": ("class Outer:\n    pass", "class C:\n    class D: y = 1"),
    "hooked": (
        "class B:\n    names = []\n    def __init_subclass__(cls): cls.shown = cls.__name__",
        "class C(B):",
    ),
}
MEMBERS = {
    "a method": ("def m(self): return 1", "def m(self, x=2): return x"),
    "a method more": ("def m(self): return 1", "def m(self): return 1\n    def n(self): pass"),
    "a method less": ("def m(self): return 1\n    def n(self): pass", "def m(self): return 1"),
    "a value": ("X = 1", "X = 2"),
    "a value more": ("X = 1", "X = 1\n    Y = 1"),
    "a value less": ("X = 1\n    Y = 1", "X = 1"),
    "a property": ("p = property(lambda s: 1)", "p = property(lambda s: 1, lambda s, v: 1)"),
    "equality": (
        "def __eq__(self, other): return True",
        "def __eq__(self, other, *more): return True",
    ),
    "super": (
        "def __repr__(self): return super().__repr__()[:1]",
        "def __repr__(self, x=1): return super().__repr__()[:2]",
    ),
    "a name of another kind": ("m = 1", "def m(self): return 1"),
    "an annotation": ("X: int = 1", "X: str = 'x'"),
    "equality that comes": ("X = 1", "X = 1\n    def __eq__(self, other): return True"),
}


@pytest.mark.parametrize(("before", "after"), MEMBERS.values(), ids=MEMBERS)
@pytest.mark.parametrize(("first", "head"), KINDS.values(), ids=KINDS)
def test_kinds_of_classes(project, first, head, before, after):
    """Whatever it is made by: the same class, as a fresh start makes it."""
    sources = [f"{first}\n{head}\n    {body}\n" for body in (before, after)]
    module, cls, report = changed(project, *sources)
    assert report.outcome in {"reloaded", "swapped"}, report
    assert module.C is cls
    assert project.picture("m") == project.fresh_here("m")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("class C: __slots__ = 'a'", "class C: __slots__ = 'a', 'b'", "the layout of C changed"),
        ("class C: pass", "class C: __slots__ = ()", "the layout of C changed"),
        ("class C: pass", "class C(dict): pass", "C"),
        ("class C: pass", "import abc\nclass C(abc.ABC): pass", "C has another metaclass"),
        ("import typing\nclass C(typing.NamedTuple): a: int",
         "import typing\nclass C(typing.NamedTuple): b: int",
         "the fields of C changed"),
    ],
)  # fmt: skip
def test_what_a_living_class_cannot_take(project, old, new, reason):
    """Then a restart is needed, and the class is as it was."""
    module, cls, report = changed(project, old, new, then="\nliving = [C]\n")
    assert report.outcome == "restart"
    assert reason in report.reason
    assert module.C is module.living[0] is cls
    assert report.location == (str(project.path("m")), new.count("\n") + 1)


ENUM = """
    import enum
    class C(enum.Enum):
        RED = 1
        GREEN = 2
        def shown(self): return 1
"""


@pytest.mark.parametrize(
    ("old", "new", "expression"),
    [
        ("return 1", "return 2", "C.RED.shown() == 2"),
        (
            "GREEN = 2",
            "GREEN = 2\n        BLUE = 3",
            "[one.name for one in C] == ['RED', 'GREEN', 'BLUE']",
        ),
        (
            "GREEN = 2",
            "GREEN = 2\n        BLUE = 3",
            "type(C.BLUE) is C and C(3) is C.BLUE is C['BLUE']",
        ),
        ("GREEN = 2", "GREEN = 2\n        LIME = 2", "C.LIME is C.GREEN and len(C) == 2"),
        (
            "def shown",
            "@property\n        def value_(self): return 1\n        def shown",
            "C.RED.value_ == 1",
        ),
    ],
)
def test_enumerations(project, old, new, expression):
    """Members keep identity; new ones may be appended."""
    held = "\n    held = C.RED, {C.GREEN: 1}\n"
    module, cls, report = changed(project, ENUM, ENUM.replace(old, new), then=textwrap.dedent(held))
    assert report.outcome in {"reloaded", "swapped"}
    assert module.C is cls
    assert eval(expression, {"C": cls})
    assert module.held[0] is cls.RED is cls(1)
    assert module.held[1][cls.GREEN] == 1


@pytest.mark.parametrize(
    ("old", "new", "expression"),
    [
        ("class C:\n  def m(self): return 1", "class C:\n  def m(self): return 2", "o.m() == 2"),
        ("class C:\n  x = 1", "class C:\n  x = 2", "o.x == 2"),
        ("class C:\n  x = 1", "class C:\n  y = 2", "not hasattr(o, 'x') and o.y == 2"),
        ("class C:\n  def __len__(self): return 1", "class C: pass", "not hasattr(o, '__len__')"),
        ("class C: pass", "class C:\n  def __call__(self): return 2", "o() == 2"),
        ("class C: pass", "class C:\n  def __getattr__(self, name): return name", "o.z == 'z'"),
        ("class A: pass\nclass B:\n  x = 2\nclass C(A): pass",
         "class A: pass\nclass B:\n  x = 2\nclass C(B): pass",
         "o.x == 2 and isinstance(o, B)"),
    ],
)  # fmt: skip
def test_living_instances(project, old, new, expression):
    """An instance made before the edit is one of the class as it is now."""
    project.write("m", old)
    module = project.load("m")
    instance = module.C()
    project.write("m", new)
    assert project.reload().applied
    assert eval(expression, {"o": instance, **vars(module)})


def test_state_of_a_class_stays(project):
    """What the body makes from literals, by a line that did not change, is not emptied."""
    old = "class C:\n    rows = []\n    count = 0\n    def m(self): pass"
    _, cls, _ = changed(project, old, old)
    cls.rows.append(1)
    cls.count = 5
    project.edit("m", "def m", "def n(self): pass\n    def m")
    project.reload()
    assert (cls.rows, cls.count, hasattr(cls, "n")) == ([1], 5, True)


def test_attributes_that_were_set_from_outside_stay(project):
    """They are not the body's to take away."""
    old = "class C:\n    x = 1"
    _, cls, _ = changed(project, old, old)
    cls.set_by_hand = 1
    project.edit("m", "x = 1", "x = 2")
    project.reload()
    assert (cls.x, cls.set_by_hand) == (2, 1)


def test_abstract_methods_are_renewed(project):
    """What may be instantiated follows the body."""
    old = "import abc\nclass C(abc.ABC):\n    @abc.abstractmethod\n    def m(self): pass"
    _, cls, _ = changed(project, old, old.replace("    @abc.abstractmethod\n", ""))
    assert isinstance(cls(), cls)
    project.edit("m", "    def m", "    @abc.abstractmethod\n    def m")
    project.reload()
    with pytest.raises(TypeError, match="abstract"):
        cls()


def test_answers_of_issubclass_are_forgotten(project):
    """ABCs remember them; a hook may answer differently now."""
    old = """
    import abc
    class C(abc.ABC):
        @classmethod
        def __subclasshook__(cls, other): return hasattr(other, 'one')
    """
    project.write("m", old)
    cls, mine = project.load("m").C, type("T", (), {"two": 2})
    assert not issubclass(mine, cls)
    project.edit("m", "'one'", "'two'")
    assert issubclass(type("T", (), {"one": 1}), cls)
    project.edit("m", "import abc", "import abc\nX = 1")
    project.reload()
    assert issubclass(mine, cls)
    project.edit("m", "'two'", "'three'")
    project.reload()
    assert not issubclass(mine, cls)


def test_answers_of_issubclass_about_a_class_are_forgotten(project):
    """Of ABCs elsewhere, too: whether it has this method is what their hooks ask for."""
    project.write("m", "class C:\n    def __len__(self): return 1")
    cls = project.load("m").C
    assert issubclass(cls, Sized)
    assert not issubclass(cls, Iterable)
    project.edit("m", "__len__", "__iter__")
    project.reload()
    assert not issubclass(cls, Sized)
    assert issubclass(cls, Iterable)


def test_zero_argument_super_of_a_class_that_was_built_anew(project):
    """Its cell holds the kept class, so that `super()` finds the way."""
    old = """
    class B:
        def m(self): return 1
    class C(B):
        __slots__ = "x"
        def m(self): return super().m() + 1
    """
    _, cls, report = changed(project, old, old.replace("+ 1", "+ 2\n        def n(self): pass"))
    assert report.outcome == "reloaded"
    assert cls().m() == 3


def test_a_failing_body_leaves_the_class_alone(project):
    """Also what the body had done to it by then."""
    old = "class C:\n    x = 1\n    def m(self): return 1"
    new = "class C:\n    x = 2\n    def m(self): return 2\n    y = 1 / 0"
    _, cls, report = changed(project, old, new)
    assert report.outcome == "rejected"
    assert (cls.x, cls().m(), hasattr(cls, "y")) == (1, 1, False)


@pytest.mark.parametrize("then", ["X = 1 / 0", "class D(C): pass\nX = 1 / 0"])
def test_what_was_noted_down_on_the_class_is_taken_back(project, then):
    """By a base that is told of it, when something raises below."""
    base = "class B:\n    def __init_subclass__(cls): cls.told = True"
    module, cls, report = changed(
        project,
        f"{base}\nclass A: pass\nclass C(A): pass",
        f"{base}\nclass A: pass\nclass C(A, B): pass\n{then}",
    )
    assert (report.outcome, hasattr(cls, "told"), module.C is cls) == ("rejected", False, True)


HOOKED = "class Hooked:\n    def __init_subclass__(cls): cls.told = 5\nclass Root: pass\n"
KEYWORD = "class B:\n    def __init_subclass__(cls, told=0):\n        if told: cls.told = told\n"
MAKES = "class M(type):\n    def __init__(c, *a):\n        c.told = 5\nclass B(metaclass=M): pass\n"
NAMED = "class F:\n    def __set_name__(self, owner, name): owner.told = name\n"
OF_ITSELF = "class F:\n    def __init__(self): self.state = 1\n"
SET_BY_OTHERS = {
    "another base": (f"{HOOKED}class C(Hooked): pass", ("C(Hooked)", "C(Root)"), {"state"}),
    "another base of its base": (
        f"{HOOKED}class B(Hooked): pass\nclass C(B): pass",
        ("B(Hooked)", "B(Root)"),
        {"state"},
    ),
    "the hook is gone": (
        f"{HOOKED}class C(Hooked): pass",
        ("def __init_subclass__(cls): cls.told = 5", "pass"),
        {"state"},
    ),
    "the hook does something else": (
        f"{HOOKED}class C(Hooked): pass",
        ("cls.told", "cls.named"),
        {"named", "state"},
    ),
    "a name as a text": (
        HOOKED.replace("cls.told = 5", "setattr(cls, 'told', 5)") + "class C(Hooked): pass",
        ("C(Hooked)", "C(Root)"),
        {"state"},
    ),
    "a keyword less": (f"{KEYWORD}class C(B, told=1): pass", (", told=1", ""), {"state"}),
    "a metaclass does something else": (
        f"{MAKES}class C(B): pass",
        ("c.told", "c.named"),
        {"named", "state"},
    ),
    "a descriptor less": (f"{NAMED}class C:\n    x = F()", ("x = F()", "pass"), {"state"}),
    "on others": (f"{OF_ITSELF}class C:\n    x = F()", ("x = F()", "pass"), {"state"}),
    "again": (
        f"{HOOKED}class C(Hooked): pass",
        ("C(Hooked): pass", "C(Hooked): x = 1"),
        {"told", "state"},
    ),
}


@pytest.mark.parametrize(("source", "edit", "left"), SET_BY_OTHERS.values(), ids=SET_BY_OTHERS)
def test_what_others_set_on_a_class_as_it_was_made(project, source, edit, left):
    """It goes if they do not set it this time; what the program has set later stays."""
    project.write("m", source)
    cls = project.load("m").C
    cls.state = 1
    project.write("m", source.replace(*edit))
    report = project.reload()
    assert (report.outcome, project.load("m").C is cls) == ("reloaded", True), report
    assert {name for name in vars(cls) if name in {"told", "named", "state"}} == left


MAKES_UP = {
    "a descriptor": (
        "class F:\n    def __set_name__(self, owner, name): setattr(owner, 'get_' + name, 5)\n"
        "class C:\n    x = F()\n    y = F()\n"
    ),
    "a base": (
        "class B:\n    def __init_subclass__(cls):\n"
        "        for name in [*vars(cls)]:\n            setattr(cls, f'get_{name}', 5)\n"
        "class C(B):\n    x = 1\n    y = 1\n"
    ),
    "a metaclass": (
        "class M(type):\n    def __init__(cls, name, bases, space):\n"
        "        for name in [*space]:\n            setattr(cls, f'get_{name}', 5)\n"
        "class C(metaclass=M):\n    x = 1\n    y = 1\n"
    ),
}


@pytest.mark.parametrize("source", MAKES_UP.values(), ids=MAKES_UP)
def test_what_others_set_by_names_that_they_made_up(project, source):
    """It goes with what they made it of, unless others do so as well."""
    project.write("m", source)
    cls = project.load("m").C
    project.write("m", re.sub("    y = .*\n", "", source))
    assert project.reload().outcome == "reloaded"
    assert (project.load("m").C is cls, hasattr(cls, "get_x"), hasattr(cls, "get_y")) == (1, 1, 0)


@pytest.mark.parametrize("source", MAKES_UP.values(), ids=MAKES_UP)
def test_what_others_may_have_set_by_names_that_they_made_up(project, source):
    """Nobody knows; but what some code sets by that name is not theirs."""
    project.write("m", f"{source}def count(): C.state = 1\n")
    module = project.load("m")
    module.count()
    project.edit("m", "    x = ", "    one = 1\n    x = ")
    assert (project.reload().outcome, module.C.state) == ("reloaded", 1)
    module.C.other = 1
    project.edit("m", "    one = 1\n", "")
    report = project.reload()
    assert (report.outcome, "C.other may be what was set" in report.reason) == ("restart", True)
    assert module.C.other == 1


@pytest.mark.parametrize("source", MAKES_UP.values(), ids=MAKES_UP)
def test_what_several_may_have_set_by_names_that_they_made_up(project, source):
    """The one does not set it any more; the other may have."""
    project.write("m", f"{source}def give(name): setattr(C, name, 6)\n")
    project.load("m")
    project.write("m", re.sub("    y = .*\n", "", project.path("m").read_text()))
    assert project.reload().outcome == "restart"


def test_descriptors_are_told_their_name_again(project):
    """`__set_name__` is called for what the body makes."""
    old = """
    class D:
        def __set_name__(self, owner, name): self.place = f"{owner.__name__}.{name}"
    class C:
        x = D()
    """
    _, cls, _ = changed(project, old, old.replace("x = D()", "y = D()"))
    assert vars(cls)["y"].place == "C.y"


def test_a_class_that_moves_to_another_module_is_another_class(project):
    """An imported class is not patched by a statement of the same name."""
    project.write("m", "class C: x = 1")
    project.write("n", "from m import C")
    old = project.load("n").C
    project.write("n", "class C: x = 2")
    assert project.reload().outcome == "reloaded"
    assert (project.load("n").C.x, old.x) == (2, 1)
    assert project.load("n").C is not old


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of 3.12")
def test_generic_classes_of_new_syntax(project):
    """`class C[T]` keeps its identity too."""
    module, cls, report = changed(project, "class C[T]:\n    x = 1", "class C[T]:\n    x = 2")
    assert report.outcome == "reloaded"
    assert module.C is cls
    assert cls[int].x == 2


# -- small questions ------------------------------------------------------------------------------


class Outer:
    class Inner:  # noqa: D106
        def method(self):
            pass


SPACE = {"__name__": __name__, "Outer": Outer, "number": 1}


@pytest.mark.parametrize(
    ("qualname", "value"),
    [
        ("Outer", Outer),
        ("Outer.Inner", Outer.Inner),
        ("Outer.Inner.method", Outer.Inner.method),
        ("Outer.missing", None),
        ("missing.Inner", None),
        ("number.real", None),
        ("make.<locals>.C", None),
    ],
)
def test_find(qualname, value):
    """By a dotted name, through classes only."""
    assert find(SPACE, qualname) is value


@pytest.mark.parametrize(
    ("qualname", "space", "found"),
    [
        ("Outer", SPACE, Outer),
        ("Outer.Inner", SPACE, Outer.Inner),
        ("Renamed", {"__name__": __name__, "Renamed": Outer}, None),
        ("number", SPACE, None),
        ("dict", {"__name__": __name__, "dict": dict}, None),
    ],
)
def test_former(qualname, space, found):
    """What an earlier run of the same statement made; nothing that was imported or assigned."""
    assert former(space, qualname) is found


def method(self):
    pass


def other(self):
    pass


method.__qualname__ = other.__qualname__ = "C.m"  # as if the body of the class had made them


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ({"x": 1}, {"x": 1}, ""),
        ({"x": 1}, {"x": 2}, "value"),
        ({"x": 1}, {"x": True}, "value"),
        ({}, {"__hash__": None}, "methods"),
        ({"m": method}, {"m": other}, "methods"),
        ({}, {"m": method}, "methods"),
        ({}, {"m": staticmethod(method)}, "methods"),
        ({"m": method}, {"m": 1}, "value"),
        ({"m": method, "x": 1}, {"m": other, "x": 2}, "value"),
        ({"m": method}, {"m": picture}, "value"),
        ({"m": staticmethod(picture)}, {"m": staticmethod(former)}, "value"),
        ({}, {"m": picture}, "methods"),
        ({"__doc__": "old"}, {"__doc__": "new"}, ""),
        ({"__annotations__": {"x": int}}, {"__annotations__": {"x": int}}, ""),
        ({"__annotations__": {"x": int}}, {"__annotations__": {"x": str}}, "value"),
        ({"x": []}, {"x": []}, "value"),
        ({"Inner": Outer.Inner}, {"Inner": Outer.Inner}, ""),
    ],
)
def test_degree(before, after, change):
    """How a class changed, for those who read it: not, in methods, or in values."""
    cls = type("C", (), before)
    seen = picture(cls)
    for name, value in after.items():
        setattr(cls, name, value)
    assert degree(seen, cls) == change


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("x = 1", "x = 2", "value"),
        ("def m(self)", "def n(self)", "methods"),
        ("m(self)", "m(self)", ""),
    ],
)
def test_degree_within(old, new, change, project):
    """A class changes with the classes in it."""
    source = (
        "class C:\n    class D:\n        class E:\n            x = 1\n            def m(self): pass"
    )
    project.write("m", source)
    cls = project.load("m").C
    seen = picture(cls)
    project.edit("m", old, new)
    project.reload()
    assert degree(seen, cls) == change


def test_what_was_derived_from_an_inner_class(project):
    """Settings in classes in classes."""
    project.write("settings", "class All:\n    class Db:\n        port = 1")
    project.write("user", "from settings import All\nPORT = All.Db.port")
    user = project.load("user")
    project.edit("settings", "1", "2")
    project.reload()
    assert user.PORT == 2


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        (1, 1, True),
        (1, True, False),
        (1, 1.0, False),
        (0.0, -0.0, False),
        ("a", "a", True),
        ((1, "a"), (1, "a"), True),
        ((1, (2,)), (1, (2.0,)), False),
        (frozenset({1}), frozenset({1}), True),
        ([1], [1], False),
        (([],), ([],), False),
        (None, None, True),
        (float("nan"), float("nan"), False),
        (int, int, True),
    ],
)
def test_same_value(old, new, same):
    """Equal now and for ever: constants, and tuples of them."""
    assert same_value(old, new) is same


def test_a_name_of_its_instances_that_a_class_defines_anew_needs_a_restart(project):
    """Python sets the name of the class itself, where one that lives is given it."""
    project.write(
        "m",
        """
        def shown(function): return function
        class C:
            @property
            @shown
            def __name__(self):
                return "one"

        c = C()
        """,
    )
    module = project.load("m")
    project.edit("m", "return function", "return lambda self: function(self) * 2")
    report = project.reload()
    assert (report.outcome, report.reason) == ("restart", "C defines another __name__")
    assert module.c.__name__ == "one"


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("collections.abc.Iterable", "__iter__"),
        ("collections.abc.Sized", "__len__"),
        ("typing.SupportsInt", "__int__"),
        ("Runs", "run"),
    ],
)
@pytest.mark.parametrize("meta", ["type", "M"])
def test_what_asks_for_methods_sees_those_that_come_and_go(project, kind, method, meta):
    """Though it had answered before, and remembers that."""
    project.write(
        "m",
        f"""
        import collections.abc, typing
        @typing.runtime_checkable
        class Runs(typing.Protocol):
            def run(self): ...
        class M(type):
            def __new__(mcs, *args): return super().__new__(mcs, *args)
        class C(metaclass={meta}):
            def other(self): pass
        """,
    )
    module = project.load("m")
    held, seen = module.C(), []
    for old, new in [("other", method), (method, "other"), ("other", method)]:
        seen.append(isinstance(held, eval(kind, vars(module))))
        project.edit("m", f"def {old}(self): pass", f"def {new}(self): pass")
        assert project.reload().outcome == "reloaded"
    assert [*seen, isinstance(held, eval(kind, vars(module)))] == [False, True, False, True]


@pytest.mark.parametrize(
    ("source", "old", "new", "expression"),
    [
        ("C = type('C', (), {'x': 1, 'y': 1})", "'x': 1, 'y': 1", "'x': 2", "made.x == 2"),
        ("C = type('C', (), {'x': 1, 'y': 1})", ", 'y': 1", "", "not hasattr(made, 'y')"),
        ("C = namedtuple('C', 'x', defaults=[1])", "[1]", "[2]", "C().x == 2 and made == (1,)"),
        ("C = Enum('C', 'A')", "'A'", "'A B'", "C.A is member and C.B.value == 2"),
    ],
)
def test_a_class_that_a_call_makes_is_the_same_class(project, source, old, new, expression):
    """As one that a statement defines."""
    head = "from collections import namedtuple\nfrom enum import Enum\n"
    project.write("m", head + source)
    m = project.load("m")
    cls = m.C
    made = None if "Enum" in source else cls()
    names = {"made": made, "member": getattr(cls, "A", None)}
    project.edit("m", old, new)
    assert project.reload().outcome == "reloaded"
    assert m.C is cls
    assert eval(expression, {**vars(m), **names})


def test_a_class_that_a_call_makes_with_another_layout_takes_its_place(project):
    """Whoever holds the class holds the new one."""
    project.write("m", "from collections import namedtuple\nC = namedtuple('C', 'x')")
    project.write("user", "from m import C\nheld = [C]")
    user = project.load("user")
    project.edit("m", "'x'", "'x y'")
    assert project.reload().outcome == "reloaded"
    assert user.held[0] is user.C
    assert user.C._fields == ("x", "y")


@pytest.mark.parametrize(
    "line", ["held = helper", "from other import helper as held", "held: object = lambda self: 1"]
)
def test_a_function_of_somebody_elses_goes_with_the_line_that_gave_it(project, line):
    """One that the program set on the class stays."""
    project.write("other", "def helper(self): return 1\ndef patch(self): return 2")
    project.write("m", f"from other import helper\nclass C:\n    {line}\n    def f(self): pass\n")
    module = project.load("m")
    module.C.f = module.C.g = patched = project.load("other").patch
    project.edit("m", f"    {line}\n", "")
    assert project.reload().outcome == "reloaded"
    assert "held" not in vars(module.C)
    assert module.C.g is patched


MAKER = """
def make(text):
    def method(self): return text
    return method
"""
LINES = {  # how a class gets such methods
    "in its body": "class C:\n  a = make('a')\n  b = make('b')\n  c = {}",
    "from a call": "S = {{'a': make('a'), 'b': make('b')}}\nS['c'] = S['{}']\nC = type('C', (), S)",
}


@pytest.mark.parametrize("lines", LINES.values(), ids=LINES)
@pytest.mark.parametrize(("before", "after"), [("a", "b"), ("b", "a")])
def test_a_method_under_two_names_is_the_one_of_its_own_name(project, lines, before, after):
    """The other name leads to another method from now on; whoever holds the first has that."""
    old, new = (MAKER + lines.format(name) for name in (before, after))
    project.write("m", old)
    m = project.load("m")
    held = [m.C().a, m.C().b]
    project.write("m", new)
    assert project.reload().outcome == "reloaded"
    assert [getattr(m.C(), name)() for name in "abc"] == ["a", "b", after]
    assert [one() for one in held] == ["a", "b"]
    assert m.C.c is getattr(m.C, after)


@pytest.mark.parametrize("bases", ["(kit.B)", "(kit.B, kit.Root)", "(kit.Root)"])
def test_a_star_import_above_gives_the_name_to_another_class(project, bases):
    """The one below is made again as what it was, and a base that it loses forgets it."""
    kit = "class Root: pass\nclass B:\n    heirs = []\n    def __init_subclass__(cls):\n"
    project.write("kit", f"{kit}        cls.kind = 1\n        B.heirs.append(cls)\n")
    project.write("p", "A = 1\nclass C: pass\n")
    project.write("m", "import kit\nfrom p import *\nclass C(kit.B, kit.Root): x = 1\n")
    module = project.load("m")
    cls = module.C
    project.edit("p", "A = 1\n", "")
    project.edit("m", "(kit.B, kit.Root): x = 1", f"{bases}: x = 2")
    assert project.reload().applied
    assert module.C is cls
    assert project.picture("m", "p", "kit") == project.fresh("m", "p", "kit")


TRACED = """
import functools
class Traced:
    def __init_subclass__(cls):
        for name in [one for one in vars(cls) if one in {}]:
            setattr(cls, name, cls.wrap(vars(cls)[name]))
    @staticmethod
    def wrap(method):
        @functools.wraps(method)
        def wrapper(*args): return ["traced", method(*args)]
        return wrapper
"""


@pytest.mark.parametrize("before", ["('one', 'two')", "('two',)"])
@pytest.mark.parametrize("held", ["C.one", "C().one", "None"])
def test_a_base_wraps_a_method_that_it_had_left_alone(project, before, held):
    """Whoever holds it, or what had wrapped it once, would go on without the base."""
    project.write("kit", TRACED.format(before))
    project.write("m", "from kit import Traced\nclass C(Traced):\n    def one(self): return 1\n")
    module = project.load("m")
    taken = eval(held, vars(module))
    project.write("kit", TRACED.format("('two',)"))
    assert project.reload().applied
    assert module.C().one() == 1
    project.write("kit", TRACED.format("('one', 'more')"))
    report = project.reload()
    if taken is None:
        assert report.applied
        assert module.C().one() == ["traced", 1]
    else:
        assert report.outcome == "restart"
        assert report.reason == "C.one was a plain method, and is held as such"


REGISTER = """
ROWS = []
class Wrapper:
    def __init__(self, cls): self.cls = cls
def nothing(cls): ROWS.append(cls)
def wrapped(cls):
    ROWS.append(cls)
    return Wrapper(cls)
def closed_over(cls):
    ROWS.append(cls)
    return lambda: cls()
"""


@pytest.mark.parametrize("decorator", ["nothing", "wrapped", "closed_over"])
def test_a_class_that_its_name_does_not_hold(project, decorator):
    """It is the one that its decorator has given to others."""
    project.write("book", REGISTER)
    project.write(
        "m", f"import book\n@book.{decorator}\nclass C:\n    x = 1\n    def f(self): pass\n"
    )
    project.load("m")
    (cls,) = project.load("book").ROWS
    for edit in (("x = 1", "x = 2"), ("x = 2", "x = 2; y = 3")):
        project.edit("m", *edit)
        report = project.reload()
        assert report.outcome == "reloaded", report
        assert [cls] == project.load("book").ROWS
    assert (cls.x, cls.y) == (2, 3)
    project.edit("m", "class C", "class C(dict)")
    assert project.reload().outcome == "restart"


GENERIC = "import abc, typing\nT = typing.TypeVar('T')\nclass B(typing.Generic[T]): pass\n"


@pytest.mark.parametrize("body", ["x = 1", "__slots__ = ('x',)"])
@pytest.mark.parametrize("base", ["typing.Sized", "contextlib.AbstractContextManager[T]"])
def test_a_class_is_no_longer_generic(project, base, body):
    """So it has no parameters, as a fresh start says."""
    head = f"{GENERIC}import contextlib\nclass Sized(typing.Sized): pass\n"
    project.write("m", f"{head}class C(typing.ContextManager[T]):\n    {body}\n")
    project.load("m")
    project.edit("m", "class C(typing.ContextManager[T])", f"class C({base})")
    assert project.reload().applied
    assert project.picture("m") == project.fresh("m")


@pytest.mark.parametrize("base", ["typing.Protocol", "P"])
@pytest.mark.parametrize("other", ["object", "B"])
def test_a_class_is_no_longer_a_protocol(project, base, other):
    """What `typing` had set on it is gone, as in a fresh start; and comes back with the base."""
    head = "import typing\nclass B: pass\nclass P(typing.Protocol): pass\n"
    source = f"{head}class C({base}):\n    x = 1\nclass D(C): pass\n"
    project.write("m", source)
    project.load("m")
    for text in (source.replace(f"C({base})", f"C({other})"), source):
        project.write("m", text)
        assert project.reload().applied
        assert project.picture("m") == project.fresh("m")


ITSELF = """
NAME = "me"
class B: pass
class C:
    __slots__ = ("x",)
    def __init_subclass__(cls): setattr(cls, NAME, cls)
class D(C):
    {}
    def number(self): return {}
"""


@pytest.mark.parametrize("slots", ["('y',)", "('y', 'z')"])
def test_a_class_has_itself_as_an_attribute(project, slots):
    """Whether it stays, or gives way to another one."""
    project.write("m", ITSELF.format("__slots__ = ('y',)", 1))
    module = project.load("m")
    project.write("m", ITSELF.format(f"__slots__ = {slots}", 2))
    assert project.reload().applied
    assert module.D.me is module.D
    assert module.D().number() == 2


def test_the_first_of_equal_unions_is_given_for_all(project):
    """As `typing` does in a fresh start, also if a class executes again."""
    head = "from typing import Optional, Union\n"
    project.write("first", f"{head}def f(x: Optional[Union[int, bytes]]): pass\n")
    project.write("m", f"import first\n{head}class C:\n    x: Optional[Union[bytes, int]] = 1\n")
    module = project.load("m")
    project.edit("m", "= 1", "= 2")
    assert project.reload().outcome == "reloaded"
    assert repr(module.C.__annotations__["x"]) == repr(module.first.f.__annotations__["x"])


OWNED = """
class Owned:
    def __set_name__(self, owner, name): self.owner = owner
class M(type):
    def __new__(mcls, name, bases, space): return super().__new__(mcls, name, bases, space)
class C(metaclass=M):
    one = Owned()
    x = {}
"""


def test_a_descriptor_knows_the_class_that_stays(project):
    """Though it was told of the one that stood in for that."""
    project.write("m", OWNED.format(1))
    module = project.load("m")
    project.write("m", OWNED.format(2))
    assert project.reload().applied
    assert vars(module.C)["one"].owner is module.C


@pytest.mark.parametrize("made", ["def f", "class A:\n    def f"])
def test_an_equal_union_is_as_it_is_written_now(project, made):
    """`typing` remembers what it gave for the former one, which is equal."""
    head = "from typing import Iterable, Union\n"
    project.write("m", f"{head}{made}(x: Iterable[Union[int, str]]): pass")
    project.load("m")
    project.write("m", f"{head}{made}(x: Iterable[int | str]): pass")
    assert project.reload().applied
    assert project.picture("m") == project.fresh("m")


def test_an_equal_union_is_as_it_was_when_it_is_not_written_anew(project):
    """`typing` gave the first of equal ones, and may have forgotten that by now."""
    head = "from typing import Optional, Union\n"
    project.write("first", f"{head}def f(x: Optional[Union[int, str]]): pass\n")
    project.write("m", f"import first\n{head}def g(x: Optional[Union[str, int]] = 1): pass\n")
    module = project.load("m")
    for clear in typing._cleanups:
        clear()
    project.edit("m", "= 1", "= 2")
    assert project.reload().applied
    assert repr(module.g.__annotations__["x"]) == repr(module.first.f.__annotations__["x"])


CALLERS = """
import sys
def above():
    frame = sys._getframe(2)
    names = frame.f_globals["__name__"], frame.f_code.co_name
    return [*names, frame.f_code.co_filename, frame.f_lineno]
class Meta(type):
    def __new__(meta, name, bases, space):
        return super().__new__(meta, name, bases, {**space, "made": above()})
class Base:
    def __init_subclass__(cls):
        cls.told = above()
class Named:
    def __set_name__(self, cls, name):
        self.told = above()
"""


@pytest.mark.parametrize("head", ["metaclass=a.Meta", "a.Base"])
def test_who_makes_a_class_finds_the_module_above(project, head):
    """As in a fresh start: no frame of ours."""
    project.write("a", CALLERS)
    project.write("m", f"import a\nclass C({head}):\n    x = 1\n    named = a.Named()\n")
    module = project.load("m")
    project.edit("m", "class C", "\nclass C")
    project.edit("m", "x = 1", "x = 2")
    assert project.reload().outcome == "reloaded"
    assert project.picture("m") == project.fresh("m")
    assert module.C.__dict__.get("made", module.C.named.told)[-1] == 3


LINES = {
    "again": "x = 2",
    "augmented": "x += 1",
    "by a loop": "for x in (1, 2): pass",
    "in a block": "if x: x = 2",
    "filled": "rows.append(1)",
    "grown": "rows += [1]",
    "by another name": "more = rows; more += [1]",
    "gone": "del x",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_what_other_lines_of_a_body_make_of_an_attribute(project, line):
    """It is as they leave it, and as if they had not been there once they are gone."""
    before = "class C:\n    x = 1\n    rows = []\n    y = 1\nX = vars(C).get('x'), C.rows\n"
    after = before.replace("    y", f"    {line}\n    y")
    project.write("m", before)
    project.load("m")
    for source in (after, before):
        project.write("m", source)
        assert project.reload().applied
        assert project.picture("m") == project.fresh_here("m")


def test_methods_that_a_body_makes_of_texts(project):
    """What one of them had made goes with it."""
    body = "    for n in ('a', 'b'):\n        exec(f'def get_{n}(self): return {n!r}')\n"
    project.write("m", f"class C:\n{body}X = C().get_a()\n")
    held = project.load("m").C()
    project.edit("m", "'b'", "'c'")
    assert project.reload().applied
    assert (hasattr(held, "get_b"), held.get_c()) == (False, "c")
    assert project.picture("m") == project.fresh_here("m")
