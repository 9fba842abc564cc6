"""Functions that share variables change together, or the held one calls the new one."""

from __future__ import annotations

import pytest

DECORATORS = """
    GIVEN = []
    def itself(f):
        def wrapper(*args):
            return wrapper is f.__globals__[f.__name__], f(*args)
        return wrapper
    def counted(f):
        count = 0
        def wrapper(*args):
            nonlocal count
            count += 1
            return count, f(*args)
        wrapper.count = lambda: count
        wrapper.itself = lambda: wrapper
        return wrapper
    def given(f):
        count = 0
        def wrapper(*args):
            return count, f(*args)
        def up():
            nonlocal count
            count += 1
        GIVEN[:] = [up]
        wrapper.up = up
        return wrapper
    def hidden(f):
        count = 0
        def wrapper(*args):
            return count, f(*args)
        def up():
            nonlocal count
            count += 1
        wrapper.ups = [up]
        return wrapper
"""


@pytest.fixture
def load(project):
    """The module `m`, whose `f` has one of these decorators, and a default that changes."""

    def load(decorator):
        project.write("decorators", DECORATORS)
        project.write("m", f"from decorators import *\nX = 1\n@{decorator}\ndef f(x=X): return x\n")
        return project.load("m")

    return load


def test_who_calls_itself_by_its_own_name_is_the_one_that_stays(project, load):
    """The variable that holds the wrapper holds the living one, as in a fresh start."""
    m = load("itself")
    held = m.f
    project.edit("m", "X = 1", "X = 2")
    assert project.reload().outcome == "reloaded"
    assert (held is m.f, m.f()) == (True, (True, 2))


def test_what_counts_and_what_shows_the_count_share_it(project, load):
    """They became the new ones together, and stay what they are for whoever holds them."""
    m = load("counted")
    held, count = m.f, m.f.count
    project.edit("m", "X = 1", "X = 2")
    assert project.reload().outcome == "reloaded"
    assert (m.f is held, held.count is count, m.f.itself() is held) == (True, True, True)
    assert (m.f(), held.count(), count()) == ((1, 2), 1, 1)


@pytest.mark.parametrize(
    ("decorator", "up"),
    [
        ("given", "f.up()"),
        ("given", "GIVEN[0]()"),
        ("hidden", "f.ups[0]()"),
    ],
)
def test_what_others_were_given_counts_for_both(project, load, decorator, up):
    """A function that is found in a container, or under another name, is the living one's, too."""
    m = load(decorator)
    held = m.f
    project.edit("m", "X = 1", "X = 2")
    assert project.reload().outcome == "reloaded"
    exec(up, vars(m))
    assert (m.f(), held()) == ((1, 2), (1, 2))


@pytest.mark.parametrize("decorator", ["itself", "counted", "given"])
def test_all_of_it_is_taken_back(project, load, decorator):
    """With what they closed over."""
    m = load(decorator)
    cells = [cell.cell_contents for cell in m.f.__closure__]
    attributes = dict(vars(m.f))
    project.edit("m", "X = 1", "X = 2\n")
    project.write("m", project.path("m").read_text() + "1 / 0\n")
    assert project.reload().outcome == "rejected"
    assert [cell.cell_contents for cell in m.f.__closure__] == cells
    assert dict(vars(m.f)) == attributes
