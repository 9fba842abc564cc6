"""Edits that look like what they are not: as undoing an effect, or as failing."""

from __future__ import annotations

import textwrap

import pytest

EDITS = {
    "filters of warnings for one block": (
        """
        import warnings
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            X = 1
        """,
        "X = 2\n",
    ),
    "a warning under a name of its own": (
        "from warnings import warn\nX = 1\nif X > 3:\n    warn('X')\n",
        "from warnings import warn\nX = 2\nif X > 4:\n    warn('X')\n",
    ),
    "a call with other arguments, of a function that enters nothing": (
        "def check(x): assert x\ntry:\n    check(1)\nexcept AssertionError:\n    print(1)\n",
        "def check(x): assert x\ntry:\n    check(2)\nexcept AssertionError:\n    print(2)\n",
    ),
    "a call of one of Python's classes that is gone": (
        "X = 1\ntry:\n    zip(strict=True)\nexcept TypeError:\n    X = 2\n",
        "X = 1\n",
    ),
    "a class of a branch, to which a registry has a weak reference": (
        """
        import weakref
        KNOWN = weakref.WeakValueDictionary()
        LIMIT = 1
        class Base:
            def __init_subclass__(cls): KNOWN[cls.__name__] = cls
        class A(Base): pass
        if LIMIT:
            class B(Base):
                x = LIMIT
        """,
        """
        import weakref
        KNOWN = weakref.WeakValueDictionary()
        LIMIT = 2
        class Base:
            def __init_subclass__(cls): KNOWN[cls.__name__] = cls
        class A(Base): pass
        if LIMIT:
            class B(Base):
                x = LIMIT
        """,
    ),
    "an attribute of a function that is gone, too": (
        "if True:\n    def pairs(): pass\n    pairs.__doc__ = 'x'\n",
        "from itertools import pairwise as pairs\n",
    ),
    "a dispatching function that is none any more": (
        """
        import functools
        @functools.singledispatch
        def shown(value): return "one"
        @shown.register
        def _(value: str): return "text"
        """,
        """
        import functools
        def shown(value): return "two"
        """,
    ),
    "a list of what a decorator made, which lines below fill": (
        """
        def command(f): return Command(f)
        class Command:
            def __init__(self, f): self.call, self.params = f, ["name"]
        @command
        def run(): return 1
        run.params.insert(0, "debug")
        """,
        """
        def command(f): return Command(f)
        class Command:
            def __init__(self, f): self.call, self.params = f, ["name"]
        @command
        def run(count=1): return count
        run.params.insert(0, "debug")
        """,
    ),
    "one more key for a class, below a base that enters nothing": (
        """
        TABLE = {}
        class Base:
            names = []
            def __init_subclass__(cls):
                for name in cls.names:
                    TABLE[name] = cls
        class Middle(Base): x = 1
        class A(Base): names = ["a"]
        class B(Middle): names = ["b", "d"]
        class C(Middle): names = ["e"]
        """,
        """
        TABLE = {}
        class Base:
            names = []
            def __init_subclass__(cls):
                for name in cls.names:
                    TABLE[name] = cls
        class Middle(Base): x = 1
        class A(Base): names = ["a"]
        class B(Middle): names = ["b", "c", "d"]
        class C(Middle): names = ["e"]
        """,
    ),
    "a block that imports something, and fills what it makes": (
        """
        if True:
            from functools import wraps
            KINDS = {}
            KINDS["a"] = wraps
            X = 1
        """,
        """
        if True:
            from functools import wraps
            KINDS = {}
            KINDS["a"] = wraps
            X = 2
        """,
    ),
    "a name that is bound by a function only, which has not run": (
        "X = 1\ndef f(): return X\n",
        "X: int\ndef f():\n    global X\n    X = 2\n",
    ),
    "an order of its own in what is made anew with the class": (
        """
        class Meta(type):
            def __new__(mcls, name, bases, space):
                rows = {}
                for value in list(space.values()):
                    if callable(value):
                        rows.setdefault("all", []).insert(0, value)
                space["rows"] = rows
                return super().__new__(mcls, name, bases, space)
        class A(metaclass=Meta):
            x = 1
            def one(self): return 1
            def two(self): return 2
        """,
        """
        class Meta(type):
            def __new__(mcls, name, bases, space):
                rows = {}
                for value in list(space.values()):
                    if callable(value):
                        rows.setdefault("all", []).insert(0, value)
                space["rows"] = rows
                return super().__new__(mcls, name, bases, space)
        class A(metaclass=Meta):
            x = 2
            def one(self): return 1
            def new(self): return 3
            def two(self): return 2
        """,
    ),
    "what another object enters as it is made": (
        """
        def command(f): return Command(f)
        class Command:
            def __init__(self, f): self.call = f
        class Group:
            def __init__(self):
                self.commands = {}
                self.commands["run"] = run
                self.commands["show"] = show
        @command
        def show(): return 1
        @command
        def run(): return 1
        group = Group()
        """,
        """
        def command(f): return Command(f)
        class Command:
            def __init__(self, f): self.call, self.count = f, 1
        class Group:
            def __init__(self):
                self.commands = {}
                self.commands["run"] = run
                self.commands["show"] = show
        @command
        def show(): return 1
        @command
        def run(): return 1
        group = Group()
        """,
    ),
    "a part of what a decorator made": (
        """
        from functools import partial
        @partial
        def run(): pass
        OPTION = 1
        run.keywords.update(option=OPTION)
        """,
        """
        from functools import partial
        @partial
        def run(): pass
        OPTION = 2
        run.keywords.update(option=OPTION)
        """,
    ),
    "an attribute of a function that a block defines": (
        "X = 1\nif X:\n    def f(x=X): return x\nelse:\n    def f(): pass\nf.text = 'a'\n",
        "X = 2\nif X:\n    def f(x=X): return x\nelse:\n    def f(): pass\nf.text = 'a'\n",
    ),
    "an attribute of an object that a block makes": (
        """
        import types
        X = 1
        if X:
            box = types.SimpleNamespace()
            box.a = X
            def f(x=X): return x
        """,
        """
        import types
        X = 2
        if X:
            box = types.SimpleNamespace()
            box.a = X
            def f(x=X): return x
        """,
    ),
    "what a class body fills, a line more": (
        "class C:\n    names = []\n    names.append('a')\n    size = 1\n",
        "class C:\n    names = []\n    names.append('a')\n    names.append('b')\n    size = 2\n",
    ),
    "what a class body fills, a line less": (
        "class C:\n    names = {}\n    names.update(a=1)\n    more = names\n",
        "class C:\n    names = {}\n    more = names\n",
    ),
    "a table of what Python itself calls": (
        """
        import builtins
        TABLE = {}
        X, known = 1, builtins.__import__
        def fill(x):
            for name in ("abs", "__build_class__", "__import__"):
                TABLE[getattr(builtins, name)] = TABLE[name] = getattr(builtins, name)
        fill(X)
        """,
        """
        import builtins
        TABLE = {}
        X, known = 2, builtins.__import__
        def fill(x):
            for name in ("abs", "__build_class__", "__import__"):
                TABLE[getattr(builtins, name)] = TABLE[name] = getattr(builtins, name)
        fill(X)
        """,
    ),
    "a name of its instances that a class still has": (
        """
        class C:
            __slots__ = ("a",)
            @property
            def __name__(self): return "name"
            size = 1
        """,
        """
        class C:
            __slots__ = ("a",)
            @property
            def __name__(self): return "another name"
            size = 2
        """,
    ),
    "what knows that it is what a decorator made": (
        """
        class Part:
            def __init__(self, whole): self.whole = whole
        class Command:
            def __init__(self, f):
                self.f, self.run, self.parts = f, self.call, [Part(self)]
                self.table = {"me": self, "both": (1, self.call)}
                self.again = lambda: self
            def call(self): return self.f()
        def command(f): return Command(f)
        X = 1
        @command
        def c(x=X): return x
        """,
        """
        class Part:
            def __init__(self, whole): self.whole = whole
        class Command:
            def __init__(self, f):
                self.f, self.run, self.parts = f, self.call, [Part(self)]
                self.table = {"me": self, "both": (1, self.call)}
                self.again = lambda: self
            def call(self): return self.f()
        def command(f): return Command(f)
        X = 2
        @command
        def c(x=X): return x
        """,
    ),
    "what a class body calls, and then acts on": (
        """
        class Element:
            def __init__(self): self.checks = []
            def __call__(self, *args): return args
            def check(self, x): self.checks.append(x)
        class Common:
            word = Element()
            word.check(1)
            size = 1
        """,
        """
        class Element:
            def __init__(self): self.checks = []
            def __call__(self, *args): return args
            def check(self, x): self.checks.append(x)
        class Common:
            word = Element()
            word.check(1)
            size = 2
        """,
    ),
}


@pytest.mark.parametrize(("old", "new"), EDITS.values(), ids=EDITS)
def test_what_leaves_nothing_behind(project, old, new):
    """A fresh start has nothing else."""
    project.write("m", textwrap.dedent(old))
    module = project.load("m")
    project.write("m", textwrap.dedent(new))
    assert project.reload().outcome == "reloaded"
    assert project.picture("m") == project.fresh_here("m"), vars(module)


def test_who_holds_a_function_that_gains_another_decorator_calls_what_that_made(project):
    """Even if the decorators that it had before gave back what they got."""
    source = (
        "def same(f): return f\ndef other(f): return lambda: ('other', f())\n{}def f(): return 1\n"
    )
    project.write("m", source.format("@same\n"))
    held = project.load("m").f
    project.write("m", source.format("@other\n@same\n"))
    assert project.reload().outcome == "reloaded"
    assert held() == project.load("m").f() == ("other", 1)


def test_what_each_run_makes_anew_is_not_entered_twice(project):
    """Classes that a function makes are no definitions of the module."""
    project.write(
        "m",
        "N = 1\nTABLE = []\ndef fill(n):\n    class One: size = n\n    TABLE.append(One)\nfill(N)\n",
    )
    module = project.load("m")
    project.edit("m", "N = 1", "N = 2")
    report = project.reload()
    sizes = [one.size for one in module.TABLE]
    assert sizes == ([2] if report.outcome == "reloaded" else [1])


def test_a_metaclass_that_is_sealed_below_needs_a_restart(project):
    """A fresh start would not fail: it is not refused as one that would."""
    project.write(
        "m",
        "class Meta(type):\n"
        "    def __new__(mcs, *args): return type.__new__(mcs, *args)\n"
        "class C(metaclass=Meta):\n    size = 1\n"
        "def refuse(*args): raise TypeError('no more of them')\n"
        "Meta.__new__ = staticmethod(refuse)\n",
    )
    module = project.load("m")
    project.edit("m", "size = 1", "size = 2")
    assert project.reload().outcome == "restart"
    assert module.C.size == 1


def test_a_list_that_was_imported_under_another_name_is_made_anew_for_what_adds_to_it(project):
    """A line of its package adds to it, below what has imported it half-way."""
    project.write("pkg/core", "names = ['core']")
    project.write("pkg/helpers", "names = ['helper']")
    project.write("pkg/testing", "from pkg import core_names\ndef count(): return len(core_names)")
    source = (
        "from .core import names as core_names\nfrom .helpers import names as helper_names\n"
        "from .testing import count\ncore_names += helper_names"
    )
    project.write("pkg/__init__", source)
    module = project.load("pkg")
    project.edit("pkg/helpers", "'helper'", "'helper', 'more'")
    report = project.reload()
    assert report.outcome == "reloaded", report.reason
    assert (module.core_names, module.count()) == (["core", "helper", "more"], 3)
    names = ("pkg", "pkg.core", "pkg.helpers", "pkg.testing")
    assert project.picture(*names) == project.fresh_here(*names)


def test_who_asks_for_names_by_strings_has_not_seen_those_that_are_bound_below(project):
    """The package is half-way when the registry of its names is made."""
    project.write(
        "pkg/registry",
        "from importlib import import_module\nNAMES, FOUND = ['first', 'last'], []\n"
        "def fill():\n    module = import_module('pkg')\n"
        "    FOUND.append([name for name in NAMES if hasattr(module, name)])\n",
    )
    project.write("pkg/__init__", "from pkg import registry\nfirst = 1\nregistry.fill()\nlast = 1")
    project.load("pkg")
    project.edit("pkg/__init__", "last = 1", "last = 2")
    report = project.reload()
    assert report.outcome == "reloaded", report.reason
    assert project.picture("pkg", "pkg.registry") == project.fresh_here("pkg", "pkg.registry")


BASE = "class Base:\n    def __init_subclass__(cls): cls.mark = 1\n"


def test_what_was_entered_in_a_registry_that_is_made_anew_need_not_leave_the_former_one(project):
    """Who has not been told of the new one yet still has that."""
    registry = (
        "class Registry:\n    def __init__(self): self.known = {}\n"
        "    def register(self, one): self.known[one] = 1\nREGISTRY = Registry()\n"
    )
    project.write("pkg/a", BASE + registry)
    project.write("pkg/core", "from .a import REGISTRY")
    project.write(
        "pkg/b",
        "from .a import Base, REGISTRY\nimport pkg\nclass C(Base):\n"
        "    def __init__(self, registry=REGISTRY, call=lambda: 1):\n"
        "        self.call = call\n        registry.register(self)\nONE = C()\n",
    )
    project.write("pkg/__init__", "from . import a\nfrom .b import ONE\nfrom . import core")
    project.load("pkg")
    changed = registry.replace("self.known = {}", "self.known, self.more = {}, 1")
    project.write("pkg/a", BASE.replace("1", "2") + changed)
    report = project.reload()
    assert report.outcome == "reloaded", report.reason
    names = ("pkg", "pkg.a", "pkg.b", "pkg.core")
    assert project.picture(*names) == project.fresh_here(*names)


def test_a_list_that_was_made_later_has_nothing_of_what_a_class_has_entered(project):
    """Others have put it there, whatever may enter classes somewhere by now."""
    project.write("pkg/core", f"import pkg\n{BASE}class C(Base): size = 1\n")
    project.write(
        "pkg/cli",
        "from .core import C\nclass Info:\n    def __init__(self, f, cls): self.cls = cls\n"
        "class App:\n    def __init__(self): self.commands = []\n"
        "    def command(self, cls=C):\n        def enter(f):\n"
        "            self.commands.append(Info(f, cls))\n            return f\n"
        "        return enter\napp = App()\n@app.command()\ndef run(): pass\n",
    )
    project.write("pkg/__init__", "from . import core\nfrom . import cli")
    project.load("pkg")
    project.edit("pkg/core", "mark = 1", "mark = 2")
    report = project.reload()
    assert report.outcome == "reloaded", report.reason
    names = ("pkg", "pkg.core", "pkg.cli")
    assert project.picture(*names) == project.fresh_here(*names)


def test_a_class_that_is_gone_has_entered_nothing_in_what_was_made_later(project):
    """The order of the keys there is that of other lines."""
    project.write("pkg/a", f"import pkg\n{BASE}class Gone(Base): pass\nX = 1\n")
    project.write(
        "pkg/m",
        "class Table:\n    def __init__(self): self.methods = {}\n"
        "    def enter(self, f): self.methods[f.__name__] = f\n"
        "def f(): pass\ndef g(): pass\ntable = Table()\ntable.enter(g)\ntable.enter(f)\n",
    )
    project.write("pkg/__init__", "from . import a\nfrom . import m")
    project.load("pkg")
    project.edit("pkg/a", "class Gone(Base): pass\n", "")
    report = project.reload()
    assert report.outcome == "reloaded", report.reason
    names = ("pkg", "pkg.a", "pkg.m")
    assert project.picture(*names) == project.fresh_here(*names)


WRAPPED = """
def wraps(f):
    def wrapper(*args): return f(*args)
    return wrapper
class A:
    @wraps
    def __init__(self): self.x = 1
FIRST = A()
class B:
    y = {}
    @wraps
    def __init__(self): pass
"""


def test_who_called_another_wrapper_is_spared(project):
    """All that one decorator makes have the same code."""
    project.write("m", WRAPPED.format(1))
    module = project.load("m")
    first = module.FIRST
    project.write("m", WRAPPED.format(2))
    assert project.reload().outcome == "reloaded"
    assert module.FIRST is first
    assert module.B.y == 2


MARKED = """
import inspect
def wrap(f):
    def called(*args): return f(*args) or None
    called.__signature__ = inspect.signature(f)
    return called
def marked(cls):
    cls.__init__ = wrap(cls.__init__)
    return cls
"""


@pytest.mark.parametrize("head", ["class B:\n    def __init__(self): pass", "class B(a.A):"])
def test_who_called_what_another_class_was_given_is_spared(project, head):
    """A decorator wraps a method of the class again, or that of its base: the same as before."""
    project.write("marks", MARKED)
    project.write(
        "a", "import marks\n@marks.marked\nclass A:\n    def __init__(self): self.x = 1\n"
    )
    source = f"import a, marks\nFIRST = a.A()\n@marks.marked\n{head}\n    y = 1\n"
    project.write("m", source)
    module = project.load("m")
    first, held = module.FIRST, module.B.__init__
    project.edit("m", "y = 1", "y = 2")
    assert project.reload().outcome == "reloaded"
    assert module.FIRST is first
    assert module.B.__init__ is held


def test_a_list_that_is_made_of_a_registry(project):
    """It has the name of what is gone only until its own line executes."""
    kit = "class Base:\n    heirs = {}\n    def __init_subclass__(cls): Base.heirs[cls.__name__] = cls\n"
    project.write("kit", kit)
    project.write(
        "m", "from kit import Base\nclass A(Base): pass\nclass B(Base): pass\nL = [*Base.heirs]\n"
    )
    project.load("m")
    project.edit("m", "class B(Base): pass\n", "")
    assert project.reload().outcome == "reloaded"
    assert project.picture("m", "kit") == project.fresh_here("m", "kit")


@pytest.mark.parametrize("enters", ["NAMES.append(f.__name__)", "NAMES.insert(0, len(NAMES))"])
def test_a_function_that_is_decorated_only_now(project, enters):
    """All that is entered for it is right, though nothing says whose it is."""
    kit = f"NAMES = []\ndef keep(f):\n    {enters}\n    return f\n"
    project.save({"kit": kit, "m": "from kit import keep\n@keep\ndef f(): pass\ndef g(): pass\n"})
    project.load("m")
    project.edit("m", "def g", "@keep\ndef g")
    report = project.reload()
    assert (report.outcome == "restart") == ("insert" in enters), report
    if report.applied:
        assert project.picture("m", "kit") == project.fresh_here("m", "kit")
