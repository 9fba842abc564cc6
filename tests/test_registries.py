"""What a statement enters in registries when it runs again is there once, in its place."""

from __future__ import annotations

import sys
from types import FunctionType, ModuleType

import pytest

from hotswap.effects import NeedsRestart
from hotswap.journal import Journal
from hotswap.made import Made
from hotswap.registries import Watch
from hotswap.source import Unit


def old():
    pass


def new():
    pass


def watched(container):
    """A watch over a module with this container, and its journal."""
    module, journal = ModuleType("m"), Journal()
    module.rows = container
    one = Unit("m", "m.py", module, None, b"", None)
    return Watch.over([one], lambda _: False, journal), journal


@pytest.mark.parametrize(
    ("before", "after", "settled"),
    [
        ([old], [old], [old]),
        ([old], [old, old], [old]),
        ([1, old], [1, old, 1], [1, old]),
        ([old], [new], [old]),
        ({"a": old}, {"a": new}, {"a": old}),
        ({"a": old}, {"b": old}, {"b": old}),
        ({"a": old}, {"a": old, "b": old}, {"b": old}),
        ({old}, {old}, {old}),
    ],
)
def test_what_is_there_twice_goes(before, after, settled):
    """A repeated statement that enters something again leaves one of it."""
    container = before.copy()
    watch, _ = watched(container)
    container.clear()
    container.extend(after) if isinstance(container, list) else container.update(after)
    watch.settle(Made({id(new): old}))
    assert container == settled


@pytest.mark.parametrize(
    ("before", "after"), [([old], [old, new]), ({"a": old}, {"b": new}), ({old}, {old, new})]
)
def test_what_a_fresh_start_would_not_have_needs_a_restart(before, after):
    """Something was entered again under another name, or is another object each time."""
    container = before.copy()
    watch, _ = watched(container)
    container.extend(after[1:]) if isinstance(container, list) else container.update(after)
    with pytest.raises(NeedsRestart, match=r"^m\.rows would "):
        watch.settle(Made())


@pytest.mark.parametrize("after", [[old, new], [old, old]])
def test_what_a_new_statement_enters_is_right(after):
    """It ran for the first time."""
    container = [old]
    watch, _ = watched(container)
    container[:] = after
    watch.settle(Made(new=True))
    assert container == after


@pytest.mark.parametrize("container", [[old, new], {"a": old, "b": new}, {old, new}])
def test_what_a_removed_statement_entered_is_taken_out(container):
    """And comes back if the transaction fails."""
    before = container.copy()
    watch, journal = watched(container)
    assert watch.drop(old)
    assert len(container) == 1
    assert not watch.drop(old)
    journal.roll_back()
    assert container == before


def test_a_counter_would_count_again():
    """A plain value of a module that a repeated statement changes is a side effect."""
    module = ModuleType("m")
    module.count = 1
    one = Unit("m", "m.py", module, None, b"", None)
    watch = Watch.over([one], lambda _: False, Journal())
    module.count = 2
    with pytest.raises(NeedsRestart, match=r"m\.count would be changed once more"):
        watch.settle(Made())


def test_what_a_statement_binds_is_its_own():
    """It may change what it binds, and what that holds."""
    module = ModuleType("m")
    module.count, module.rows = 1, []
    one = Unit("m", "m.py", module, None, b"", None)
    watch = Watch.over([one], lambda _: False, Journal())
    watch.rebound.ignore(one, {"count"})
    module.count = 2
    watch.settle(Made())
    assert isinstance(old, FunctionType)


# -- as a user sees it ----------------------------------------------------------------------------

REGISTRY = """
    rows, by_name = [], {}
    def add(f):
        rows.append(f)
        by_name[f.__name__] = f
        return f
    class Plugins:
        seen = []
        def __init_subclass__(cls, **kwargs):
            Plugins.seen.append(cls)
"""
USES = """
    import registry
    LIMIT = 1
    @registry.add
    def one(x=LIMIT): return 1
    @registry.add
    def two(): return 1
    class Plugin(registry.Plugins):
        limit = LIMIT
"""


@pytest.mark.parametrize(
    "edit",
    [
        ("LIMIT = 1", "LIMIT = 2"),
        ("def two(): return 1", "def two(): return 2"),
        ("def two(): return 1", "def two(x=3): return 2"),
        ("def two(): return 1", "def two(): return 1\n@registry.add\ndef three(): pass"),
        ("@registry.add\ndef two(): return 1\n", ""),
        ("    limit = LIMIT", "    limit = 3"),
        ("    limit = LIMIT", "    limit = LIMIT\n    def more(self): pass"),
        ("@registry.add\ndef two", "def two"),
    ],
)
def test_registries_are_as_after_a_fresh_start(project, edit):
    """Entered once, by the function that is there now; what is gone is taken out."""
    project.write("registry", REGISTRY)
    project.write("uses", USES)
    project.load("uses")
    project.edit("uses", *edit)
    if project.reload().applied:
        assert project.picture("uses", "registry") == project.fresh("uses", "registry")


KIT = """
    from collections import defaultdict
    rows, pairs, named, events, names, numbers = [], [], {}, defaultdict(list), [], []
    def row(f):
        rows.append(f)
        return f
    def number(f):
        numbers.append((len(numbers), f))
        return f
    def pair(key, **options):
        def enter(f):
            pairs.append((key, f, options))
            return f
        return enter
    def name(key):
        def enter(f):
            if key in named: raise ValueError(key)
            named[key] = [f, key]
            return f
        return enter
    def on(*keys):
        def enter(f):
            for key in keys: events[key].append(f)
            return f
        return enter
    def spell(f):
        names.append(f.__name__)
        return f
    class Route:
        def __init__(self, path, handler): self.path, self.handler = path, handler
    class Router:
        def __init__(self): self.routes = []
        def add(self, path, handler): self.routes.append(Route(path, handler))
    class App:
        def __init__(self, title=""): self.router, self.title = Router(), title
        def get(self, path):
            def enter(f):
                self.router.add(path, f)
                return f
            return enter
    app = App()
"""
TABLE = """
from kit import *
{}
def a(): return 1
{}
def b(): return 2
{}
def c(): return 3
"""
ENTERED = {
    "rows": ("@row", "@row", "@row"),
    "tuples": ("@pair('x')", "@pair('y', z=1)", "@pair('z')"),
    "keys that may not be there twice": ("@name('x')", "@name('y')", "@name('z')"),
    "lists in a dict": ("@on('x')", "@on('x', 'y')", "@on('x')"),
    "objects of an object": ("@app.get('/x')", "@app.get('/y')", "@app.get('/z')"),
    "several": ("@row\n@on('x')", "@on('x')\n@row", "@name('c')\n@row"),
}
EDITS = {
    "a default": ("def b()", "def b(x=1)"),
    "a body": ("return 2", "return 4"),
    "a key": ("'y'", "'w'"),
    "an option": ("z=1", "z=2"),
    "one more": ("def b(): return 2", "def b(): return 2\n@pair(1)\ndef d(): return 4"),
    "one at the top": ("from kit import *", "from kit import *\n@on('x')\n@row\ndef o(): pass"),
    "one less": ("DECORATED def b(): return 2", ""),
    "a name": ("def b()", "def bb()"),
    "no decorator": ("DECORATED def b()", "def b()"),
    "another decorator": ("DECORATED def b()", "@pair(2)\ndef b()"),
    "two decorators": ("DECORATED def b()", "@pair(2)\n@on('y')\ndef b()"),
}


@pytest.mark.parametrize("entered", ENTERED.values(), ids=ENTERED)
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_definitions_are_entered_as_by_a_fresh_start(project, entered, edit):
    """Each once, as it is now, in the order of a fresh start; without a restart."""
    source = TABLE.format(*entered)
    old, new = edit[0].replace("DECORATED ", f"{entered[1]}\n"), edit[1]
    project.write("kit", KIT)
    project.write("m", source)
    project.load("m")
    project.write("m", source.replace(old, new))
    assert project.reload().applied
    assert project.picture("kit", "m") == project.fresh_here("kit", "m")
    project.write("m", source)
    assert project.reload().applied
    assert project.picture("kit", "m") == project.fresh_here("kit", "m")


@pytest.mark.parametrize(
    ("source", "edit"),
    [
        ("app = App('x')\n@app.get('/')\ndef f(): pass", ("App('x')", "App('y')")),
        ("K = 1\n@pair(K)\ndef f(): pass\n@pair(K)\ndef g(): pass", ("K = 1", "K = 2")),
        ("@name('f')\nclass A:\n  x = 1\n@name('g')\nclass B(A): pass", ("x = 1", "x = 2")),
        ("class A:\n  @row\n  def f(self): pass", ("def f(self)", "def g(self)")),
        ("class A:\n  @row\n  def f(self): pass", ("  @row\n  def f", "  def f")),
        (
            "class A:\n  t = {}\n  on = lambda k, t=t: lambda f: t.setdefault(k, f)\n  @on('a')\n  def f(): pass",
            ("'a'", "'b'"),
        ),
        ("@on('x')\ndef f(): pass\nTABLE = {'f': f}", ("'x'", "'y'")),
        (
            "@on('x')\n@on('y')\ndef f(): 1\n@on('x')\ndef g(): 2",
            ("@on('x')\n@on('y')", "@on('y')"),
        ),
        ("@on('x', 'y')\ndef f(): 1\n@on('x')\n@on('y')\ndef g(): 2", ("'x', 'y'", "'x',")),
        ("class A:\n  @row\n  def f(self): pass\na = A()", ("  @row\n  def f", "  def f")),
    ],
)
def test_registries_of_all_kinds(project, source, edit):
    """An edit, and back."""
    project.write("kit", KIT)
    project.write("m", f"from kit import *\n{source}")
    project.load("m")
    for old, new in (edit, edit[::-1]):
        project.edit("m", old, new)
        assert project.reload().applied
        assert project.picture("kit", "m") == project.fresh_here("kit", "m")


@pytest.mark.parametrize(
    ("source", "edit", "reason"),
    [
        ("@spell\ndef f(): pass", ("@spell\ndef f(): pass", ""), "names still has 'f'"),
        (
            "class A:\n  def __init_subclass__(c): rows.append(f'{c.__module__}.{c.__name__}')\nclass B(A): pass",
            ("class B(A): pass", ""),
            "rows still has 'm.B'",
        ),
        (
            "@row\ndef f(): pass\nrows.append(f)",
            ("@row\n", ""),
            "what a decorator had registered stays registered",
        ),
        (
            "@name('f')\ndef f(): pass",
            ("@name('f')\ndef f(): pass", "f = 1"),
            "what a decorator had registered stays registered",
        ),
        (
            "import abc\nclass A(abc.ABC): pass\n@A.register\nclass B: pass",
            ("@A.register\nclass", "class"),
            "what A.register did cannot be undone in process",
        ),
        (
            "@number\ndef f(): pass\n@number\ndef g(): pass",
            ("@number\ndef f(): pass\n", ""),
            "numbers counts what is gone",
        ),
        (
            "@number\ndef f(): pass\n@number\ndef g(): pass",
            ("@number\ndef f(", "@number\ndef e(): pass\n@number\ndef f("),
            "numbers numbers what is entered, and others have moved",
        ),
    ],
)
def test_what_says_not_who_entered_it_needs_a_restart(project, source, edit, reason):
    """A mere name, or what two may have entered."""
    project.write("kit", KIT)
    project.write("m", f"from kit import *\n{source}")
    project.load("m")
    project.edit("m", *edit)
    report = project.reload()
    assert (report.outcome, reason in report.reason) == ("restart", True)


@pytest.mark.parametrize(
    "body",
    [
        "h = make(FORMAT)\nlog.addHandler(h)",
        "if not log.handlers:\n  h = make(FORMAT)\n  log.addHandler(h)",
    ],
)
def test_a_handler_of_a_logger_is_there_once(project, body):
    """It is another one, and the logger is the same."""
    name = project.folder.name
    source = f"""
import logging
FORMAT = '%(message)s a'
log = logging.getLogger({name!r})
def make(form):
    handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter(form))
    return handler
{body}
"""
    project.write("logs", source)
    m = project.load("logs")
    for old, new in ((" a'", " b'"), ("Formatter(form)", "Formatter(str(form))"), (" b'", " c'")):
        project.write("logs", source := source.replace(old, new))
        assert project.reload().outcome in {"reloaded", "swapped"}
        assert m.log.handlers == [m.h]
    assert m.h.formatter._fmt == "%(message)s c"


@pytest.mark.parametrize(
    ("source", "edit", "outcome"),
    [
        ("p = P(1)\nrows.append(p)\nq = P(2)\nrows.append(q)", ("P(1)", "P(3)"), "reloaded"),
        ("p = P(1)\nput('p', p)\nq = P(2)\nput('q', q)", ("P(1)", "P(3)"), "reloaded"),
        ("p = enter(P(1))\nq = enter(P(2))", ("P(1)", "P(3)"), "reloaded"),
        ("p = shared()\np.append(1)", ("p.append(1)", ""), "restart"),
    ],
)
def test_objects_that_are_made_anew_are_entered_anew(project, source, edit, outcome):
    """In the place of those that they replace; an object that is never another one keeps all."""
    kit = """
        import functools
        rows, keys = [], {}
        class P:
            def __init__(self, n): self.n = n
        def put(key, p):
            if key in keys: raise ValueError("it is already there")
            keys[key] = p
        def enter(p):
            rows.append((p.n, p))
            return p
        @functools.cache
        def shared(): return []
    """
    project.write("kit", kit)
    project.write("m", f"from kit import *\n{source}")
    project.load("m")
    project.edit("m", *edit)
    assert project.reload().outcome == outcome
    if outcome == "reloaded":
        assert project.picture("kit", "m") == project.fresh("kit", "m")


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("it is already there", "restart"), ("it is too large", "rejected")],
)
def test_what_a_library_says_that_was_told_before_is_no_fault(project, tmp_path, text, outcome):
    """Though the definition that it refuses was edited; any other complaint is one."""
    library = ModuleType("library")
    source = f"told = []\ndef tell(x):\n  told.append(x)\n  if len(told) > 1: raise ValueError({text!r})\n"
    exec(compile(source, str(tmp_path / "site-packages" / "library.py"), "exec"), vars(library))
    project.write("m", "from library import tell\nclass C:\n  x = tell(1)\n  y = 1")
    sys.modules["library"] = library
    project.load("m")
    project.edit("m", "y = 1", "y = 2")
    assert project.reload().outcome == outcome
    del sys.modules["library"]


LISTS = """
V = {{}}
def on(*keys):
    def enter(function):
        for key in keys: V.setdefault(key, []).append(function)
        return function
    return enter
@on({})
def f(): pass
@on({})
def g(): pass
@on({})
def h(): pass
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("'a', 'b'", "'a'", "'c'"), ("'b'", "'a'", "'c'")),  # the key is another one's by now
        (("'a', 'b'", "'c'", "'a'"), ("'b'", "'c'", "'a'")),
        (("'a'", "'b'", "'b'"), ("'c'", "'b'", "'b'")),
        (("'a', 'b'", "'a'", "'b'"), ("'a'", "'a'", "'b'")),
        (("'b'", "'a'", "'a', 'c'"), ("'b'", "'c'", "'a', 'c'")),
        (("'a'", "'b'", "'c'"), ("'b'", "'b'", "'c'")),  # another one's entry is not lost
        (("'a'", "'a'", "'c'"), ("'b'", "'a'", "'c'")),
        (("'b'", "'a'", "'a'"), ("'b', 'a'", "'a'", "'a'")),
    ],
)
def test_lists_that_are_made_for_the_first_entry(project, before, after):
    """All entries, and the keys in the order of a fresh start."""
    project.write("m", LISTS.format(*before))
    module = project.load("m")
    project.write("m", LISTS.format(*after))
    assert project.reload().outcome == "reloaded"
    assert list(module.V) == list(dict.fromkeys(eval(f"[{', '.join(after)}]")))
    assert project.picture("m") == project.fresh_here("m")


def test_two_keys_that_one_statement_may_have_made_first(project):
    """Their order cannot be told; nothing is lost."""
    project.write("m", LISTS.format("'a'", "'b'", "'a', 'c'"))
    project.load("m")
    picture = project.picture("m")
    project.write("m", LISTS.format("'b'", "'b'", "'a', 'c'"))
    report = project.reload()
    assert report.outcome == "restart"
    assert report.reason == "the order of the keys around m.V['a'] cannot be told"
    assert project.picture("m") == picture


REGISTRARS = {
    "a decorator": ("def enter(f):\n    {}\n    return f\n", "@a.enter\ndef {}(): pass\n"),
    "a metaclass": (
        "class Meta(type):\n    def __init__(f, *args):\n        {}\n",
        "class {}(metaclass=a.Meta): pass\n",
    ),
    "a base": (
        "class Base:\n    def __init_subclass__(f):\n        {}\n",
        "class {}(a.Base): pass\n",
    ),
}
ENTER = "if f.__name__ not in LEFT_OUT: TABLE[f.__name__] = f"


@pytest.mark.parametrize(("registrar", "entered"), REGISTRARS.values(), ids=REGISTRARS)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"LEFT_OUT = []\n{ENTER}", f"LEFT_OUT = ['one']\n{ENTER}"),
        (f"LEFT_OUT = []\n{ENTER}", f"LEFT_OUT = []\n{ENTER.replace('f.__', 'f is None or f.__')}"),
        (f"LEFT_OUT = []\n{ENTER}", "LEFT_OUT = []\npass"),
        (f"LEFT_OUT = ['one']\n{ENTER}", f"LEFT_OUT = []\n{ENTER}"),
    ],
)
def test_what_is_not_entered_any_more(project, registrar, entered, old, new):
    """The registrar makes a choice, and another one now."""
    for text in (old, new):
        head, body = text.split("\n")
        project.write("a", f"TABLE = {{}}\n{head}\n{registrar.format(body)}")
        project.write("m", "import a\n" + entered.format("one") + entered.format("other"))
        module = project.load("m")
        module.a.TABLE["by the program"] = None
        report = project.reload()
    assert report.outcome in {"restart", "reloaded"}
    if report.outcome == "reloaded":
        del module.a.TABLE["by the program"]
        assert project.picture("a", "m") == project.fresh_here("a", "m")


def test_what_is_entered_by_its_whole_name_stands_where_a_fresh_start_has_it(project):
    """The name leads to the definition, as the definition itself would."""
    told = "class Base:\n  heirs = []\n  def __init_subclass__(c): Base.heirs.append(f'{c.__module__}.{c.__name__}')"
    project.write("kit", told)
    project.write("a", "from kit import Base")
    project.write("b", "from kit import Base\nclass C(Base):\n  def f(self): pass")
    kit = project.load("kit", "a", "b")
    project.edit("a", "import Base", "import Base\nclass A(Base):\n  def f(self): pass")
    project.edit("b", "class C", "class B(Base):\n  def f(self): pass\nclass C")
    assert project.reload().applied
    assert kit.Base.heirs == ["a.A", "b.B", "b.C"]


BOOK = """
ROWS = []
def kept(one):
    ROWS.append(one)
    return one
class Base:
    def __init_subclass__(cls): ROWS.append(cls)
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("class D(Base): pass", "D = 1"),
        ("class D(Base): pass", "def D(): pass"),
        ("@kept\ndef D(): pass", "D = 1"),
        ("@kept\ndef D(): pass", "from registry import Base as D"),
    ],
)
def test_what_is_no_definition_any_more_is_entered_nowhere(project, old, new):
    """Not even by the base of a class; or it is said that it is."""
    project.write("registry", BOOK)
    project.write("m", f"from registry import Base, kept\n{old}")
    module = project.load("m")
    project.write("m", f"from registry import Base, kept\n{new}")
    report = project.reload()
    assert report.outcome in ("reloaded", "restart")
    if report.applied:
        assert project.picture("m", "registry") == project.fresh_here("m", "registry")
    else:
        assert project.load("registry").ROWS == [module.D]


@pytest.mark.parametrize("made", ["def x(): pass", "class x: pass"])
def test_where_a_key_stands_that_somebody_else_entered_first_is_not_known(project, made):
    """It is the one that is gone that has put it there."""
    project.write(
        "book",
        """
        TABLE = {}
        def entry(key):
            def enter(one):
                TABLE[key] = one
                return one
            return enter
        """,
    )
    head = "from book import entry\n"
    project.write("one", f"{head}@entry('x')\n{made}\nA = 1")
    project.write("two", f"{head}@entry('y')\ndef y(): pass\n@entry('x')\ndef z(): pass")
    project.load("one", "two")
    project.write("one", "A = 1")
    report = project.reload()
    assert report.outcome == "restart"
    assert "the order of the keys of book.TABLE cannot be told" in report.reason


@pytest.mark.parametrize("made", ["def x(): pass", "class x: pass"])
def test_where_keys_stand_is_no_matter_to_what_enters_nothing(project, made):
    """What has neither a decorator nor a base has not put a key anywhere."""
    project.write("book", "TABLE = {}\ndef entry(key, one): TABLE.setdefault(key, one)")
    entries = "def y(): pass\ndef z(): pass\nfor k, v in (('z', z), ('y', y)): entry(k, v)"
    project.write("m", f"from book import entry\n{made}\n{entries}")
    project.load("m", "book")
    project.write("m", f"from book import entry\n{entries}")
    assert project.reload().outcome == "reloaded"


@pytest.mark.parametrize("values", ["Bash, Fish, Zsh", "kinds.Bash, kinds.Fish, kinds.Zsh"])
def test_where_keys_stand_that_are_written_down_is_known(project, values):
    """Also in a module that is reached by way of its package."""
    project.write(
        "pkg/shells",
        f"""
        from pkg import kinds
        from pkg.kinds import Bash, Fish, Zsh
        def same(one): return one
        KINDS = dict(zip("bfz", [{values}]))
        """,
    )
    project.write("pkg/kinds", "class Bash: pass\nclass Zsh: pass\nclass Fish: pass")
    project.write("pkg/__init__", "from . import shells")
    project.write("m", "import pkg\n@pkg.shells.same\nclass Option: pass\nA = 1")
    project.load("m", "pkg")
    project.write("m", "import pkg\nA = 1")
    assert project.reload().outcome == "reloaded"


@pytest.mark.parametrize("where", ["book", "api"])
@pytest.mark.parametrize("left", ["", "from {} import kept, Base\n"])
@pytest.mark.parametrize("made", ["@kept\ndef x(): pass", "class x(Base): pass"])
def test_what_is_gone_is_taken_out_whatever_led_there(project, where, left, made):
    """The import may be gone with it, and may have led to somebody who passes names on."""
    project.write("book", BOOK)
    project.write("api", "from book import Base, kept")
    project.write("m", f"from {where} import kept, Base\n{made}\nA = 1")
    project.load("m", "book", "api")
    project.write("m", f"{left.format(where)}A = 1")
    assert project.reload().outcome == "reloaded"
    assert project.picture("m", "book") == project.fresh_here("m", "book")


FIRST = "from shelf import TABLE, keep\nA = 1\n"
LAST = "from shelf import TABLE, keep\nB = 2\n"
OWN = "@keep\ndef f(): pass\n"
VALUES = {
    "of a later module": (FIRST, f"{LAST}TABLE['b'] = B\n", "first", "restart"),
    "of a later module, at once": (FIRST, f"{LAST}TABLE.update(b=B)\n", "first", "restart"),
    "of an earlier module": (f"{FIRST}TABLE['a'] = A\n", LAST, "last", "reloaded"),
    "of both": (f"{FIRST}TABLE['a'] = A\n", f"{LAST}TABLE['b'] = B\n", "first", "restart"),
    "that are there from the start": (FIRST, LAST, "first", "reloaded"),
    "below an own one": (f"{FIRST}{OWN}", f"{LAST}TABLE['b'] = B\n", "first", "reloaded"),
    "below both": (f"{FIRST}{OWN}TABLE['a'] = A\n", LAST, "first", "restart"),
    "above an own one": (f"{FIRST}TABLE['a'] = A\n", f"{LAST}{OWN}", "last", "reloaded"),
}


@pytest.mark.parametrize(("first", "last", "where", "outcome"), VALUES.values(), ids=VALUES)
def test_a_definition_stands_above_the_values_that_are_entered_later(
    project, first, last, where, outcome
):
    """A plain value says not who has entered it: only whether somebody else may have."""
    keep = "def keep(f):\n    TABLE[f.__name__] = f\n    return f\n"
    project.write("shelf", f"TABLE = {{'start': 0}}\n{keep}")
    project.write("first", first)
    project.write("last", last)
    project.write("main", "import first, last")
    project.load("main")
    text = first if where == "first" else last
    project.write(where, f"{text}@keep\ndef g(): pass\n")
    assert project.reload().outcome == outcome
    if outcome == "reloaded":
        table = project.picture("shelf")["shelf"]["TABLE"]
        assert table == project.fresh_here("main", "shelf")["shelf"]["TABLE"]


NAMES = """
NAMES, TABLE, ALL, COUNTS = [], {}, (), {}
def plain(f):
    NAMES.append(f.__name__)
    return f
def prefixed(f):
    NAMES.append("the " + f.__name__)
    return f
def with_doc(f):
    TABLE[f.__name__] = f.__doc__
    return f
def in_all(f):
    global ALL
    ALL += (f.__name__,)
    return f
def say(text): NAMES.append(text)
def grow(text):
    global ALL
    ALL += (text,)
class Base:
    names = NAMES
    def __init_subclass__(cls): cls.names.append(cls.__name__)
"""
# What a module adds, and what an edit of the first one comes to; that of the last one is applied.
NAMED = {
    "by name": ("@names.plain\ndef {}(): pass\n", "reloaded"),
    "by the name of a class": ("class {}(names.Base): pass\n", "reloaded"),
    "by a text with the name in it": ("@names.prefixed\ndef {}(): pass\n", "restart"),
    "under its name": ("@names.with_doc\ndef {}(): pass\n", "restart"),
    "in a tuple": ("@names.in_all\ndef {}(): pass\n", "restart"),
    "by a call": ("names.say('{}')\n", "restart"),
    "by a method": ("names.NAMES.append('{}')\n", "restart"),
    "as a key": ("names.TABLE['{}'] = 1\n", "restart"),
    "in a tuple by a call": ("names.grow('{}')\n", "restart"),
}


@pytest.mark.parametrize(("text", "outcome"), NAMED.values(), ids=NAMED)
@pytest.mark.parametrize("edited", ["first", "last"])
def test_names_that_are_entered_stand_where_a_fresh_start_has_them(project, text, outcome, edited):
    """Plain texts, which may be those of definitions that others ran for, too."""
    project.write("names", NAMES)
    for name in ("first", "last"):
        project.write(name, "import names\n" + text.format(f"of_{name}"))
    project.write("main", "import first, last")
    project.load("main")
    project.write(edited, project.path(edited).read_text() + text.format("another"))
    assert project.reload().outcome == (outcome if edited == "first" else "reloaded")
    if outcome == "reloaded":
        assert project.picture("names") == {"names": project.fresh("main", "names")["names"]}


LATER = {
    "empty at first": ("", "import {}\n"),
    "within another one": ("", "import outer\n"),
    "with its own": ("from book import keep\n@keep\ndef f0(): pass\n", "import {}\n"),
}


@pytest.mark.parametrize(("text", "line"), LATER.values(), ids=LATER)
def test_a_module_that_an_edit_imports_comes_where_its_line_stands(project, text, line):
    """Also for what is entered later on."""
    keep = "from book import keep\n@keep\ndef {}(): pass\n"
    project.write("book", "ROWS = []\ndef keep(f):\n    ROWS.append(f)\n    return f\n")
    project.write("first", keep.format("a"))
    project.write("last", keep.format("z"))
    project.write("main", "import first\nimport last\n")
    project.load("main")
    project.write("new", "")
    project.write("outer", "import new\n")
    project.edit("main", "import last", line.format("new") + "import last")
    assert project.reload().applied
    for name in ("new", "first"):
        project.write(name, text + keep.format("f") + keep.format("g"))
        assert project.reload().applied
        assert project.picture("book") == {"book": project.fresh("main", "book")["book"]}


def test_what_an_import_binds_again_was_not_made_by_it(project):
    """Though a star-import below may have bound the name, so that nobody knows what it held."""
    keep = (
        "ROWS = []\nclass Root: pass\ndef keep(thing):\n    ROWS.append(thing)\n    return thing\n"
    )
    project.write("kit", keep)
    project.write("own", "from kit import ROWS, Root, keep\n@keep\nclass A(Root): x = 1\n")
    project.write("others", "from kit import ROWS, Root, keep\n")
    project.write(
        "top", "from kit import ROWS, Root, keep\nfrom own import A\nfrom others import *\n"
    )
    project.load("top")
    project.edit("kit", "class Root: pass", "class Root:\n    def f(self): pass")
    assert project.reload().outcome == "reloaded"
    assert project.picture("kit") == {"kit": project.fresh("top", "kit")["kit"]}


OF_ONE_NAME = """
from book import keep
@keep
def _(): return 1
@keep
def _(): return 2
@keep
def _(): return 3
"""


@pytest.mark.parametrize("gone", [(1,), (2,), (3,), (1, 2), (2, 3), (1, 2, 3)])
def test_definitions_of_one_name_are_entered_as_long_as_they_are_there(project, gone):
    """Nobody but the registry has most of them."""
    project.write("book", "ROWS = []\ndef keep(f):\n    ROWS.append(f)\n    return f\n")
    project.write("m", OF_ONE_NAME)
    project.load("m")
    for one in gone:
        project.edit("m", f"@keep\ndef _(): return {one}\n", "")
        assert project.reload().applied
        assert project.picture("book") == {"book": project.fresh("m", "book")["book"]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x = 1", "x = 5"),
        ("@keep\nclass C: x = 1\n", ""),
        ("C: x = 2", "C: x = 7\n@keep\nclass C: x = 2"),
    ],
)
def test_classes_of_one_name_are_not_taken_for_each_other(project, old, new):
    """A name tells only the last of them."""
    project.write("book", "ROWS = []\ndef keep(c):\n    ROWS.append(c)\n    return c\n")
    project.write("m", "from book import keep\n@keep\nclass C: x = 1\n@keep\nclass C: x = 2\n")
    project.load("m")
    project.edit("m", old, new)
    assert project.reload().outcome == "restart"
    assert [one.x for one in project.load("book").ROWS] == [1, 2]


DISPATCH = """
from kit import show
@show.register
def _(x: int): return "int"
@show.register(str)
def text(x): return "text"
@show.register
def _(x: bytes): return "bytes"
"""
DISPATCHED = {
    "another type": ("register(str)", "register(list)"),
    "another annotation": ("x: bytes", "x: list"),
    "no more": ('@show.register(str)\ndef text(x): return "text"\n', ""),
    "one of several": ('@show.register\ndef _(x: int): return "int"\n', ""),
    "the last": ('@show.register\ndef _(x: bytes): return "bytes"\n', ""),
    "one more": ("@show.register(str)", "@show.register(str)\n@show.register(list)"),
    "not registered": ("@show.register(str)\n", ""),
}


@pytest.mark.parametrize(("old", "new"), DISPATCHED.values(), ids=DISPATCHED)
def test_what_functions_are_chosen_by_is_as_the_files_say(project, old, new):
    """The books of `functools.singledispatch`, and who was told before."""
    project.write(
        "kit",
        "import functools\n@functools.singledispatch\ndef show(x): return 'any'\n",
    )
    project.write("m", DISPATCH)
    project.write("top", "import m, kit\nX = [kit.show(one) for one in (1, 'a', b'', [])]\n")
    held = project.load("top").kit.show
    project.edit("m", old, new)
    assert project.reload().applied
    assert [held(one) for one in (1, "a", b"", [])] == project.load("top").X
    assert project.picture("top") == {"top": project.fresh_here("top")["top"]}


def test_who_looked_at_a_list_by_any_of_its_names_looks_again(project):
    """That of the module which has it, and that of one which imports it."""
    project.write("m", "from book import ROWS, keep\n@keep\ndef f(): pass\n")
    project.write("book", "ROWS = []\ndef keep(f):\n    ROWS.append(f)\n    return f\n")
    project.write("top", "import m, book\nX = len(m.ROWS)\nY = len(book.ROWS)\n")
    module = project.load("top")
    project.edit("m", "pass", "pass\n@keep\ndef g(): pass")
    assert project.reload().outcome == "reloaded"
    assert (module.X, module.Y) == (2, 2)


def test_a_class_that_another_one_is_derived_from_by_its_own_name(project):
    """A star-import gives it that name; it was entered by its own module, which does not run."""
    project.write(
        "kit",
        "class Root:\n    heirs = []\n    def __init_subclass__(cls): Root.heirs.append(cls)\n",
    )
    project.write("a", "from kit import Root\nN = 1\nclass C(Root): pass\n")
    project.write("b", "from a import C as D\nclass C(D): n = 1\n")
    project.load("b")
    project.save({"b": "from a import *\nclass C(C): n = 2\n", "a": ("N = 1\n", "")})
    assert project.reload().applied
    assert project.picture("kit", "a", "b") == project.fresh_here("kit", "a", "b")


def test_a_function_whose_name_is_taken_from_a_star_import(project):
    """It was entered by its own module, which does not run."""
    kit = "TABLE = {}\ndef enter(f):\n    TABLE[f.__module__] = f\n    return f\n"
    project.save({"kit": kit, "a": "from kit import enter\n@enter\ndef f(): return 1\n"})
    project.write("b", "from kit import enter\nimport a\n@enter\ndef f(): return 2\n")
    project.load("b")
    project.write("b", "from kit import enter\nfrom a import *\n@enter\ndef f(n=0): return 2\n")
    assert project.reload().applied
    assert project.picture("kit", "a", "b") == project.fresh_here("kit", "a", "b")


OPERATES = {
    "an item": (
        "class Of:\n    def __class_getitem__(cls, key):\n        MADE.setdefault(key, 1)\n",
        "X = Of['a']\n",
        "'a'",
        "'b'",
    ),
    "an operator": (
        "class Chain:\n    def __rshift__(self, one): MADE[one] = 1\nchain = Chain()\n",
        "X = chain >> 'a'\n",
        "'a'",
        "'b'",
    ),
    "what it gives is itself": (
        (
            "class Chain:\n    rows = ()\n    def __rshift__(self, one):\n"
            "        self.rows += (one,)\n        return self\nchain = Chain()\n"
        ),
        "X = chain >> 1\n",
        ">> 1",
        ">> 2",
    ),
    "a property": (
        (
            "class Book:\n    a = property(lambda self: MADE.update(a=1))\n"
            "    b = property(lambda self: MADE.update(b=1))\nbook = Book()\n"
        ),
        "X = book.a\n",
        "X = book.a",
        "X = book.b",
    ),
}


@pytest.mark.parametrize(("above", "line", "old", "new"), OPERATES.values(), ids=OPERATES)
def test_what_enters_something_without_a_call(project, above, line, old, new):
    """Functions run, too, and what they have done stays done."""
    project.write("m", f"MADE = {{}}\n{above}{line}")
    project.load("m")
    project.edit("m", old, new)
    assert project.reload().outcome == "restart"


def test_what_fails_after_something_was_entered_without_a_call(project):
    """It is taken back."""
    above, line, _, new = OPERATES["an item"]
    project.write("m", f"MADE = {{}}\n{above}{line}")
    module = project.load("m")
    project.edit("m", line, f"{line}Y = Of[{new}]\n1 / 0\n")
    assert (project.reload().outcome, module.MADE) == ("rejected", {"a": 1})
