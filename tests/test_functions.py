"""Living functions are found, and get new code in place."""

from __future__ import annotations

import gc
import inspect
import itertools
import weakref

import pytest

from hotswap.compare import same_definitions
from hotswap.functions import become, by_name, forward, living, reaches, swap
from hotswap.journal import Journal
from hotswap.lineage import Lineage, recognise, register


@pytest.fixture
def journal():
    return Journal()


class Module:
    """A namespace, and the pairs of functions that an edit of its source makes."""

    def __init__(self, source: str) -> None:
        self.code = compile(source, "m.py", "exec", dont_inherit=True)
        self.space: dict = {"__name__": "m"}
        exec(self.code, self.space)

    def edited(self, source: str) -> list:
        """Pairs of old and new code; the new one is the module's from now on."""
        pairs: list = []
        old, self.code = self.code, compile(source, "m.py", "exec", dont_inherit=True)
        assert same_definitions(old, self.code, pairs)
        return pairs

    def swap(self, source: str, journal: Journal, lineage: Lineage | None = None) -> list[str]:
        """Give what lives the code of another source."""
        lineage = lineage or Lineage()
        register(self.edited(source), lineage, journal)
        return swap(living([self.space]), lineage, journal)


def plain():
    pass


def calling(function):
    return lambda: (function(), 1)


class Holder:
    def __init__(self, function):
        self.function = function

    def __call__(self):
        return self.function()


# -- finding --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "def f(): pass",
        "class C:\n  def f(self): pass",
        "class C:\n  @staticmethod\n  def f(): pass",
        "class C:\n  @property\n  def f(self): pass",
        "f = lambda: 1",
        "def make():\n  def f(): pass\n  return f\nmade = make()\ndel make",
        "import functools\n@functools.cache\ndef f(): pass",
        "def generate():\n  def f(): pass\n  yield f\nholder = next(generate())\ndel generate",
        "[f] = [lambda: 1 for _ in '1']",
        "class C:\n  class D:\n    def f(self): pass",
    ],
)
def test_living_functions_are_found(source):
    """Wherever they are held: in classes, wrappers, closures."""
    assert len(living([Module(source).space])) == 1


def test_functions_of_other_modules_are_left_out():
    """It is the namespace that tells."""
    one, other = Module("def f(): pass"), Module("def g(): pass")
    assert living([one.space]) == [one.space["f"]]
    assert set(living([one.space, other.space])) == {one.space["f"], other.space["g"]}
    assert living([]) == []


def test_frozen_objects_are_found_too():
    """`gc.freeze` hides objects from a pass over the heap."""
    module = Module("def f(): pass")
    gc.freeze()
    try:
        assert living([module.space]) == [module.space["f"]]
    finally:
        gc.unfreeze()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f(): return 1", True),
        ("class C:\n def f(self): return 1", True),
        ("class C:\n @property\n def f(self): return 1", True),
        ("import functools\n@functools.lru_cache\ndef f(): return 1", True),
        ("def f(): return 1\ng = f", True),
        ("def f(): return 1\nd = [f]\ndel f", False),
        ("def f():\n def g(): return 1\n return g", True),
        ("def f():\n def g(): return 1\n return g\nh = f()", False),
        ("def f(): yield 1\ng = f()", False),
    ],
)
def test_names_lead_to_all_functions_or_it_is_known_that_they_do_not(source, found):
    """Each function holds its code once: what is left over when all others are counted."""
    code = compile(source, "m.py", "exec")
    space = {"__name__": "m"}
    exec(code, space)
    pairs = []
    same_definitions(code, compile(source.replace("1", "2"), "m.py", "exec"), pairs)
    functions = by_name(space, code, pairs, lambda _: 0)
    assert (functions is not None) == found
    assert found is False or set(functions) == {
        one for one in living([space]) if one.__name__ in "fg"
    }


# -- swapping -------------------------------------------------------------------------------------


def test_code_is_exchanged_in_place(journal):
    """The function is the same, and does something else."""
    module = Module("def f(): return 1")
    f = module.space["f"]
    assert module.swap("def f(): return 2", journal) == []
    assert (module.space["f"], f()) == (f, 2)
    journal.roll_back()
    assert f() == 1


@pytest.mark.parametrize(
    ("now", "after"), [("'old'", "new"), ("'set by hand'", "set by hand"), ("None", None)]
)
def test_a_docstring_follows_if_it_was_the_codes(journal, now, after):
    """One that the program has set stays."""
    module = Module("def f(): 'old'")
    module.space["f"].__doc__ = eval(now)
    module.swap("def f(): 'new'", journal)
    assert module.space["f"].__doc__ == after


def test_defaults_and_attributes_stay(journal):
    """A body swap touches the body only."""
    module = Module("def f(x=1, *, y=2): return x")
    f = module.space["f"]
    f.mark, f.__defaults__ = "mine", (5,)
    module.swap("def f(x=1, *, y=2): return x + y", journal)
    assert (f(), f.mark) == (7, "mine")


CLOSURE = "def make(a, b):\n  def f(): return {}\n  return f"


@pytest.mark.parametrize(
    ("old", "new", "result"),
    [
        ("a", "a + 1", 2),
        ("a + b", "a - b", -1),
        ("a + b", "a", 1),
        ("a, b", "b, a", (2, 1)),
        ("a + b", "5", 5),
    ],
)
def test_a_closure_keeps_its_cells(journal, old, new, result):
    """Also if it needs fewer of them now."""
    module = Module(CLOSURE.format(old))
    f = module.space["make"](1, 2)
    assert module.swap(CLOSURE.format(new), journal) == []
    assert f() == result


def test_a_closure_that_needs_a_cell_more_keeps_its_code(journal):
    """The value is nowhere to be found, and this is said; new closures have the new code."""
    module = Module(CLOSURE.format("a"))
    f = module.space["make"](1, 2)
    (said,) = module.swap(CLOSURE.format("a + b"), journal)
    assert said.startswith("a living closure of make.<locals>.f keeps its old code")
    assert (f(), module.space["make"](1, 2)()) == (1, 3)


def test_functions_born_by_running_old_code_are_brought_up_to_date(journal):
    """A frame that runs since before an edit makes functions of old code, generations later."""
    module, lineage = Module("def make():\n  yield\n  yield lambda: 1"), Lineage()
    running = module.space["make"]()
    next(running)
    for number in (2, 3):
        module.swap(f"def make():\n  yield\n  yield lambda: {number}", journal, lineage)
    late = next(running)
    assert late() == 1
    swap([late], lineage, journal)
    assert late() == 3


def test_lineage_ends_at_the_latest_generation(journal):
    """Of code that was never edited that is the code itself; a roll-back forgets."""
    codes = [compile(str(number), "m.py", "eval") for number in range(4)]
    lineage = Lineage()
    for old, new in itertools.pairwise(codes):
        lineage.add(old, new, journal)
    assert [lineage.latest(code) for code in codes] == [codes[3]] * 4
    journal.roll_back()
    assert lineage.latest(codes[0]) is codes[0]


def test_lineage_of_what_comes_back(journal):
    """Code may become what it was."""
    one, other = (compile(str(number), "m.py", "eval") for number in range(2))
    lineage = Lineage()
    lineage.add(one, other, journal)
    lineage.add(other, one, journal)
    assert lineage.latest(one) is lineage.latest(other) is one
    journal.roll_back()
    assert (lineage.latest(one), lineage.latest(other)) == (one, other)


def test_lineage_of_what_is_recognised_late(journal):
    """A twin of what is already known to have become something else."""
    one, twin, new = (compile(str(number), "m.py", "eval") for number in range(3))
    lineage = Lineage()
    lineage.add(twin, new, journal)
    lineage.add(one, twin, journal)
    assert lineage.latest(one) is lineage.latest(twin) is new
    journal.roll_back()
    assert lineage.latest(one) is one


def test_lineage_knows_what_lives():
    """Generations that nobody has any more are gone, those between the first and the last too."""
    codes = [compile(str(number), "m.py", "eval") for number in range(4)]
    lineage, journal = Lineage(), Journal()
    for old, new in itertools.pairwise(codes):
        lineage.add(old, new, journal)
    journal.commit()
    del old, new
    between = [weakref.ref(code) for code in codes[1:3]]
    del codes[1:3]
    assert [ref() for ref in between] == [None, None]
    assert lineage.latest(codes[0]) is codes[1]
    assert lineage.holds(codes[1]) == 1
    last = codes.pop()
    del codes
    assert lineage.holds(last) == 0


def test_equal_code_of_two_files_is_not_mixed_up(journal):
    """Code objects are told apart by identity."""
    one, other = Module("def f(): return 1"), Module("def f(): return 1")
    lineage = Lineage()
    one.swap("def f(): return 2", journal, lineage)
    assert swap(living([other.space]), lineage, journal) == []
    assert other.space["f"]() == 1


def test_functions_whose_code_was_never_seen_are_recognised(journal):
    """Their module was imported before it was followed: name and line tell."""
    source = "def f(): return [lambda: 1]\nclass C:\n  def f(self): return 1"
    module, lineage = Module(source), Lineage()
    again = Module(source)
    recognise(living([module.space]), again.code, lineage, journal)
    register(again.edited(source.replace("1", "2")), lineage, journal)
    swap(living([module.space]), lineage, journal)
    assert (module.space["f"]()[0](), module.space["C"]().f()) == (2, 2)


# -- becoming and forwarding ----------------------------------------------------------------------


def test_a_function_becomes_another(journal):
    """In every respect but identity; and is itself again after a roll-back."""

    def old(x=1):
        """Old."""
        return x

    def new(y: int = 2, *, z=3):
        """New."""
        return y + z

    old.mark, new.other = 1, 2
    before = inspect.signature(old)
    assert become(old, new, journal)
    shown = (old(), old.__doc__, old.__name__, inspect.signature(old), vars(old))
    assert shown == (5, "New.", "new", inspect.signature(new), {"other": 2})
    journal.roll_back()
    assert (old(), old.__doc__, inspect.signature(old), vars(old)) == (
        1,
        "Old.",
        before,
        {"mark": 1},
    )


def test_a_closure_becomes_another_with_its_cells(journal):
    """Whoever shares the cells sees it."""

    def make(value):
        def f():
            return value

        return f

    old, new = make(1), make(2)
    assert become(old, new, journal)
    assert old() == 2
    journal.roll_back()
    assert old() == 1


def test_other_free_variables_cannot_be_taken_over(journal):
    """Then nothing is done."""
    value = 1
    old, new = (lambda: 1), (lambda: value)
    assert not become(old, new, journal)
    assert journal._undo == []


@pytest.mark.parametrize("target", [lambda: (), tuple, "".split, Holder(tuple)])
def test_a_function_forwards_to_anything_callable(journal, target):
    """A function, a class, a method, an object; and is itself again after a roll-back."""

    def old():
        return 1

    forward(old, target, journal)
    assert old() == target()
    journal.roll_back()
    assert old() == 1


def test_forwarding_passes_arguments_on(journal):
    """Defaults and keyword defaults of the old function no longer count."""
    value = 5

    def old(x=1, *, y=2):
        return value, x, y

    forward(old, lambda *args, **kwargs: (args, kwargs), journal)
    assert old(1, y=3) == ((1,), {"y": 3})
    assert old() == ((), {})
    journal.roll_back()
    assert old() == (5, 1, 2)


@pytest.mark.parametrize("name", ["args", "kwargs", "call", "make", "_", "__", "___"])
def test_a_function_forwards_whatever_its_variables_are_called(journal, name):
    """The names of what it closes over are not those of what takes its place."""
    space = {}
    exec(f"def outer({name}):\n  def old(): return {name}\n  return old\nold = outer(1)", space)
    forward(space["old"], lambda *args, **kwargs: (args, kwargs), journal)
    assert space["old"](1, y=2) == ((1,), {"y": 2})


def test_forwarding_shows_the_signature_of_what_is_called(journal):
    """As a wrapper made by `functools.wraps` does."""

    def old():
        pass

    forward(old, lambda a, b=1: None, journal)
    assert str(inspect.signature(old)) == "(a, b=1)"


@pytest.mark.parametrize(
    ("value", "reached"),
    [
        (plain, True),
        (calling(plain), True),
        (calling(calling(plain)), True),
        (lambda f=plain: f(), True),
        (Holder(plain), True),
        (Holder(Holder(plain)), True),
        (staticmethod(plain), True),
        (property(plain), True),
        ([plain], True),
        (lambda: 1, False),
        (Holder(print), False),
        (len, False),
        (Holder, False),
    ],
)
def test_whether_a_function_is_reached_by_another(value, reached):
    """Through cells, defaults, attributes and wrappers: pointing it there would be a circle."""
    assert reaches(value, plain) is reached


def test_circles_end():
    """What holds itself is looked at a few times only."""
    holder = Holder(None)
    holder.function = holder
    assert not reaches(holder, plain)


def test_an_unfilled_cell_is_passed_over():
    """As of a function that is defined further down."""

    def make():
        def f():
            return later

        found = reaches(f, plain)
        later = plain
        return found, reaches(f, plain), later

    assert make()[:2] == (False, True)


def test_a_function_that_a_branch_defines_or_does_not(project):
    """Whoever holds it follows the name, and who holds the one above it is left alone."""
    project.write("m", "def f(): return 1\nT = [f]\nif True:\n    def f(): return 2\n")
    m = project.load("m")
    above, below = m.T[0], m.f
    project.edit("m", "True", "False")
    project.reload()
    assert (m.f(), above(), below()) == (1, 1, 1)
    project.edit("m", "False", "True")
    project.reload()
    assert (m.f(), above(), below()) == (2, 1, 2)
    project.edit("m", "return 2", "return 3")
    project.reload()
    assert (m.f(), above(), below()) == (3, 1, 3)
