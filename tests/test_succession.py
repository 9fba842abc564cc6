"""What cannot become a new class gives way to it, and whoever holds the one holds the other."""

from __future__ import annotations

import gc
import textwrap

import pytest

HEAD = "import abc, enum, typing\nclass A: pass\nclass M(type): pass\nT = typing.TypeVar('T')\n"
PAIRS = {
    "a base": ("class C:", "class C(A):"),
    "a base less": ("class C(A):", "class C:"),
    "abstract": ("class C:", "class C(abc.ABC):"),
    "generic": ("class C:", "class C(typing.Generic[T]):"),
    "a metaclass": ("class C:", "class C(metaclass=M):"),
    "slots": ("class C:", "class C:\n    __slots__ = ('x',)"),
    "slots more": ("class C:\n    __slots__ = ('x',)", "class C:\n    __slots__ = ('x', 'y')"),
    "slots less": ("class C:\n    __slots__ = ('x', 'y')", "class C:\n    __slots__ = ('x',)"),
    "no slots": ("class C:\n    __slots__ = ('x',)", "class C:"),
}
BODY = "    def m(self): return {}\n    def s(self): return super().__repr__()[:1]\n"
HOLDING = """
class Book:
    def __init__(self, *rows): self.rows = rows
def make():
    one = C()
    one.x = 5
    return one
"""
OUTSIDE = """
def fill():
    import m
    one = m.make()
    made.update(by_name={'C': m.C}, by_class={m.C: 1, int: 2}, listed=[1, m.C], one=one,
                both=[one, one], keyed={one: 1}, cell=(lambda kept: lambda: kept)(one))
made = {}
fill()
"""


@pytest.fixture
def outside(project):
    """Something of no module that is followed, with all that it holds."""
    return {"__name__": "outside"}


def succeeded(project, outside, old, new):
    """The module after the class has given way to another, and the report."""
    source = HEAD + "{}\n" + BODY + "class D(C): pass\n" + HOLDING
    project.write("m", source.format(old, 1))
    project.load("m")
    exec(OUTSIDE, outside)
    project.write("m", source.format(new, 2))
    return project.load("m"), project.reload()


@pytest.mark.parametrize(("old", "new"), PAIRS.values(), ids=PAIRS)
def test_whoever_holds_the_class_holds_the_new_one(project, outside, old, new):
    """Also as a key, and where a list, a cell or an attribute has an instance of it."""
    module, report = succeeded(project, outside, old, new)
    made = outside["made"]
    assert report.outcome == "reloaded", report
    assert made["by_name"]["C"] is module.C
    assert list(made["by_class"]) == [module.C, int]
    assert made["listed"] == [1, module.C]
    assert module.D.__bases__ == (module.C,)


@pytest.mark.parametrize(("old", "new"), PAIRS.values(), ids=PAIRS)
def test_instances_are_the_new_ones(project, outside, old, new):
    """One that has another layout is another object, wherever it is held."""
    module, report = succeeded(project, outside, old, new)
    one = outside["made"]["one"]
    assert report.outcome == "reloaded", report
    assert type(one) is module.C
    assert (one.m(), one.x, one.s()) == (2, 5, "<")
    assert outside["made"]["both"][1] is outside["made"]["cell"]() is one
    assert outside["made"]["keyed"] == {one: 1}


@pytest.mark.parametrize(("old", "new"), PAIRS.values(), ids=PAIRS)
def test_nothing_is_left_of_the_old_one(project, outside, old, new):
    """It is not even found among the subclasses of its base."""
    others = object.__subclasses__()  # of the modules of other tests, too
    module, _ = succeeded(project, outside, old, new)
    found = [cls for cls in object.__subclasses__() if cls.__module__ == "m"]
    found = [cls for cls in found if not any(cls is other for other in others)]
    assert len(found) == len({cls.__name__ for cls in found})
    assert project.picture("m") == project.fresh_here("m")
    assert module.C.__mro__[-1] is object


@pytest.mark.parametrize(
    ("held", "why"),
    [
        ("(C(),)", "held where it has to stay"),
        ("weakref.ref(kept)", "it has instances"),
        ("C().m", "held where it has to stay"),
        ("[type('Late', (C,), {})]", "Late is derived from it"),
        ("collections.deque([C])", "held where it has to stay"),
        ("iter([C])", "held where it has to stay"),
    ],
)
def test_what_holds_it_for_good_needs_a_restart(project, held, why):
    """And everything is as it was."""
    source = "class C:\n    __slots__ = ('x', {}'__weakref__')\n    def m(self): pass\n"
    project.write("m", source.format(""))
    module = project.load("m")
    space = {"C": module.C, "kept": module.C(), "weakref": __import__("weakref")}
    space["collections"] = __import__("collections")
    outside = {"held": eval(held, space), "kept": space["kept"]}
    del space
    cls = module.C
    project.write("m", source.format("'y', "))
    report = project.reload()
    assert report.outcome == "restart"
    assert module.C is cls is type(outside["kept"])
    assert report.reason.startswith("the layout of C changed (slots or bases), and ")


def test_a_call_in_progress_keeps_its_instance(project):
    """A generator that waits in a method, or a frame of another thread, has it for good."""
    source = "class C:\n    __slots__ = {}\n    def each(self): yield 1; yield self\n"
    project.write("m", source.format("'x',"))
    module = project.load("m")
    running = [module.C().each()]
    next(running[0])
    project.write("m", source.format("'x', 'y'"))
    assert project.reload().outcome == "restart"
    assert type(next(running[0])) is module.C


def test_members_of_an_enumeration_are_those_of_the_new_one(project):
    """Of a plain one that becomes one of numbers."""
    source = "import enum\nclass C(enum.{}):\n    RED = 1\n    GREEN = 2\n"
    project.write("m", source.format("Enum"))
    module = project.load("m")
    held = {"red": module.C.RED, module.C.GREEN: 1}
    project.write("m", source.format("IntEnum"))
    assert project.reload().outcome == "reloaded"
    assert held["red"] is module.C.RED
    assert held[module.C.GREEN] == 1
    assert module.C.RED < module.C.GREEN


def test_a_registry_of_subclasses_has_each_once(project):
    """In the place where the old one was."""
    project.write(
        "m",
        textwrap.dedent("""
        class Base:
            known = []
            def __init_subclass__(cls): Base.known.append(cls)
        class Mixin: pass
        class C(Base): pass
        class D(Base): pass
    """),
    )
    module = project.load("m")
    project.edit("m", "C(Base)", "C(Base):\n    __slots__ = ('x',)\n    def m(self)")
    project.reload()
    assert [cls.__name__ for cls in module.Base.known] == ["C", "D"]
    assert module.Base.known[0] is module.C
    assert set(module.Base.__subclasses__()) == {module.C, module.D}


def test_it_is_taken_back(project):
    """If something fails further down: the class, its instances and who holds them."""
    project.write("m", "class C: pass\nclass D(C): pass\nLAST = 1\n")
    module = project.load("m")
    held, before = {"cls": module.C, "one": module.C(), "heir": module.D()}, project.picture("m")
    project.edit("m", "class C:", "class C:\n    __slots__ = ('x',)\n    def m(self):")
    project.edit("m", "LAST = 1", "LAST = 1 / 0")
    assert project.reload().outcome == "rejected"
    assert held["cls"] is module.C is type(held["one"])
    assert type(held["heir"]) is module.D
    assert project.picture("m") == before


def test_no_instance_is_asked_anything(project):
    """A bare one may not be able to answer."""
    asked = "    def __getattr__(self, name): return getattr(self.inner, name)\n"
    project.write("m", f"class C:\n    __slots__ = ('inner',)\n{asked}")
    module = project.load("m")
    held = [module.C()]
    project.edit("m", "('inner',)", "('inner', 'more')")
    assert project.reload().outcome == "reloaded"
    assert type(held[0]) is module.C


def test_methods_that_a_decorator_made_have_the_class_that_it_got(project):
    """One with slots is a second class, also if what there was had none."""
    source = "import dataclasses\n@dataclasses.dataclass(frozen=True{})\nclass C:\n    y: int = 1\n"
    project.write("m", source.format(""))
    module = project.load("m")
    held = {"one": module.C(2), "cls": module.C}
    project.write("m", source.format(", slots=True"))
    assert project.reload().outcome == "reloaded"
    assert held["cls"] is module.C is type(held["one"])
    assert held["one"].y == 2
    inside = [cell.cell_contents for cell in module.C.__setattr__.__closure__]
    assert [value is module.C for value in inside if value.__name__ == "C"] == [False]


def test_methods_that_come_back_find_the_class_that_there_is(project):
    """Also where they had had the one that a decorator made another of."""
    source = "import dataclasses\n@dataclasses.dataclass{}\nclass C:\n    y: int = 1\n"
    source += "    def m(self): return super().__repr__()[:1]\n"
    project.write("m", source.format("(slots=True)"))
    module = project.load("m")
    held = {"method": module.C.m, "one": module.C()}
    project.write("m", source.format(""))
    assert project.reload().outcome == "reloaded"
    assert held["method"] is module.C.m
    assert held["one"].m() == module.C().m() == "<"


AGAIN = """
def same(cls): return cls
def again(cls):
    space = {name: value for name, value in vars(cls).items() if name not in BUILT}
    return type(cls)("C", cls.__bases__, {**space, "__slots__": ("x",), "who": lambda self: cls})
BUILT = ("__dict__", "__weakref__")
"""


def test_what_a_decorator_got_is_not_taken_for_what_it_made(project):
    """If methods close over it; whether a second class is made cannot be known before."""
    project.write("m", AGAIN + "@same\nclass C: pass\n")
    module = project.load("m")
    held = module.C
    project.edit("m", "@same", "@again")
    report = project.reload()
    assert report.outcome == "restart"
    assert report.reason.startswith("the layout of C changed (slots or bases), and its methods")
    assert module.C is held


def looks(project, monkeypatch, count):
    """How often all objects are looked at while so many classes give way to others."""
    source = "class A: pass\n" + "".join(f"class C{at}({{}}): pass\n" for at in range(count))
    project.write(f"m{count}", source.format(*[""] * count))
    project.load(f"m{count}")
    project.write(f"m{count}", source.format(*["A"] * count))
    found, done = gc.get_referrers, []
    monkeypatch.setattr(gc, "get_referrers", lambda *held: done.append(1) or found(*held))
    assert project.reload().outcome == "reloaded"
    monkeypatch.undo()
    return len(done)


def test_all_objects_are_looked_at_a_few_times_for_each_class(project, monkeypatch):
    """Not for each of all that gave way before: there are many objects."""
    few, many = looks(project, monkeypatch, 2), looks(project, monkeypatch, 12)
    assert many - few <= 10 * 2
