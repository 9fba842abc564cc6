"""An enumeration has the members of its source; those that stay are the same objects."""

from __future__ import annotations

import sys

import pytest

SOURCE = """
import enum
class C(enum.{kind}):
    {members}
    def shown(self): return self.name, self.value
ALL = [(one.name, one.value) for one in C]
FIRST = C.A
"""
EDITS = {
    "one more": ("A = 1; B = 2", "A = 1; B = 2; D = 3"),
    "one in front": ("A = 1; B = 2", "D = 0; A = 1; B = 2"),
    "another order": ("A = 1; B = 2", "B = 2; A = 1"),
    "an alias": ("A = 1; B = 2", "A = 1; B = 2; D = 1"),
    "no alias": ("A = 1; B = 2; D = 1", "A = 1; B = 2"),
    "an alias that is one of its own": ("A = 1; B = 2; D = 1", "A = 1; B = 2; D = 3"),
    "one less": ("A = 1; B = 2; D = 3", "A = 1; D = 3"),
    "another name": ("A = 1; B = 2", "A = 1; D = 2"),
    "another value": ("A = 1; B = 2", "A = 1; B = 3"),
    "values exchanged": ("A = 1; B = 2; D = 3", "A = 1; B = 3; D = 2"),
}
ASKED = "[(one.shown(), C(one.value) is one, C[one.name] is one, one in C) for one in C]"


@pytest.mark.parametrize(("before", "after"), EDITS.values(), ids=EDITS)
@pytest.mark.parametrize("kind", ["Enum", "IntEnum"])
def test_members_come_and_go(project, kind, before, after):
    """There and back; whoever holds the first one has it still."""
    project.write("m", SOURCE.format(kind=kind, members=before))
    m = project.load("m")
    cls, first, names = m.C, m.C.A, {m.C.A: "it"}
    for members in (after, before):
        project.write("m", SOURCE.format(kind=kind, members=members))
        assert project.reload().outcome == "reloaded"
        assert (m.C, m.FIRST, m.C.A, names[m.C.A]) == (cls, first, first, "it")
        assert first is m.C.A
        expected = [(one, True, True, True) for one in m.ALL]
        assert eval(ASKED, vars(m)) == expected
        assert project_fresh(project) == m.ALL


def project_fresh(project):
    """What a process that starts now lists."""
    space = {"__name__": "fresh"}
    exec(project.path("m").read_text(), space)
    return space["ALL"]


@pytest.mark.parametrize("value", ["'x'", "(1, 2)", "[]", "None", "1.0", "True"])
def test_a_member_takes_another_value(project, value):
    """Whatever it is: it is the same member."""
    source = (
        "import enum\nclass C(enum.Enum):\n  A = 1\n  def __init__(self, *args): self.args = args\n"
    )
    project.write("m", source)
    m = project.load("m")
    held = m.C.A
    project.edit("m", "A = 1", f"A = {value}")
    assert project.reload().outcome == "reloaded"
    assert held is m.C.A is m.C(eval(value))
    assert (repr(held.value), m.C.__members__["A"]) == (value, held)
    args = eval(value)
    assert held.args == (args if isinstance(args, tuple) else (args,))


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("Enum", "A = 1; B = 2", "A = 1"),
        ("IntEnum", "A = 1; B = 2", "A = 1; B = 3"),
        ("Flag", "A = 1; B = 2", "A = 1; B = 4"),
        ("Flag", "A = 1; B = 2", "A = 1"),
    ],
)
def test_a_member_that_is_gone_must_not_be_in_use(project, kind, before, after):
    """Then only a restart will do, and all is as it was."""
    project.write("m", SOURCE.format(kind=kind, members=before))
    m = project.load("m")
    held = [m.C.B]
    project.write("m", SOURCE.format(kind=kind, members=after))
    report = project.reload()
    assert (report.outcome, report.reason) == (
        "restart",
        "C.B is gone or another one, and is in use",
    )
    assert (list(m.C), held) == ([m.C.A, m.C.B], [m.C.B])


def test_what_raised_gives_the_members_back(project):
    """Values, names and their order."""
    source = "import enum\nclass C(enum.Enum):\n  A = 1\n  B = 2\nX = 1"
    project.write("m", source)
    m = project.load("m")
    held = m.C.A, m.C.B
    project.write("m", source.replace("A = 1", "D = 3\n  A = 4").replace("X = 1", "X = 1 / 0"))
    assert project.reload().outcome == "rejected"
    assert tuple(m.C) == held
    assert [one.value for one in held] == [1, 2]
    assert m.C(1) is held[0]
    assert sorted(m.C.__members__) == ["A", "B"]


def test_members_have_what_others_set_on_them(project):
    """That stays as they are made again; what they gave themselves goes with the line."""
    source = (
        "import enum\nclass C(enum.Enum):\n  A = 1\n"
        "  def __init__(self, value):\n    self.text = value\n"
    )
    project.write("m", source)
    module = project.load("m")
    module.C.A.colour = "red"
    project.edit("m", "self.text", "self.other")
    assert project.reload().outcome == "reloaded"
    assert (module.C.A.colour, module.C.A.other) == ("red", 1)
    assert not hasattr(module.C.A, "text")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="nobody can go through flags before")
def test_flags_in_another_order_than_their_values(project):
    """Then the metaclass sets a method on the class that goes through its members."""
    project.write("m", "import enum\nclass C(enum.IntFlag):\n    B = 2\n    A = 1\n")
    m = project.load("m")
    project.edit("m", "A = 1", "A = 1\n    D = 4")
    assert project.reload().applied
    assert list(m.C(7)) == [m.C.B, m.C.A, m.C.D]


GIVEN = """
import enum
KNOWN, ROWS = {{}}, []
def given(cls):
    for one in cls:
        KNOWN[one.name] = one
        ROWS.append((one.name, one))
        globals()[one.name] = one
    return cls
@given
class C(str, enum.Enum):
    A = 1
    replace = 2  # which texts have as a method
    {}
OTHERS = {{one: name for name, one in KNOWN.items()}}, C.replace
"""
HELD = "(C.A, C.replace), (KNOWN['A'], KNOWN['replace']), (A, replace), (ROWS[0][1], ROWS[1][1])"


@pytest.mark.parametrize("more", ["B = 3", "def method(self): pass", "B = 3; D = 4"])
def test_who_was_given_members_has_those_that_stay(project, more):
    """Not those of a class that was made meanwhile, and vanishes."""
    project.write("m", GIVEN.format("pass"))
    m = project.load("m")
    held = m.C.A, m.C.replace
    project.write("m", GIVEN.format(more))
    assert project.reload().outcome == "reloaded"
    assert eval(HELD, vars(m)) == (held,) * 4
    assert all(one is held[at] for each in eval(HELD, vars(m)) for at, one in enumerate(each))
    assert project.picture("m") == project.fresh("m")


SHOWN = "import enum\n@enum.global_enum\nclass C(enum.IntEnum):\n  A = 1\n"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="there is no `global_enum` before")
def test_members_that_are_shown_in_their_module(project):
    """They are those of the class; if nobody shows them any more, a restart is due."""
    project.write("m", SHOWN)
    project.write("reader", "import m\nfound = getattr(m, 'B', None)\n")
    m, reader = project.load("m"), project.load("reader")
    project.write("m", SHOWN + "  B = 2\n")
    assert project.reload().outcome == "reloaded"
    assert (m.A is m.C.A, m.B is m.C.B, reader.found is m.B) == (True, True, True)
    project.edit("m", "@enum.global_enum\n", "")
    assert project.reload().reason == "A may be what a decorator of C has set"
