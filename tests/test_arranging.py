"""Attributes of a class stand as its body gives them, for whoever goes through them."""

from __future__ import annotations

import enum
import sys
import threading

import pytest

from hotswap.arranging import arrange, arranged

ORDERS = {
    "one between": ("a = 1\n  b = 2", "a = 1\n  x = 3\n  b = 2"),
    "one on top": ("a = 1\n  b = 2", "x = 3\n  a = 1\n  b = 2"),
    "other places": ("a = 1\n  b = 2\n  c = 3", "c = 3\n  b = 2\n  a = 1"),
    "a method between": (
        "def a(self): pass\n  b = 2",
        "def a(self): pass\n  def x(self): pass\n  b = 2",
    ),
    "of another kind": ("a = 1\n  b = 2", "def a(self): pass\n  b = 2"),
    "one less": ("a = 1\n  b = 2\n  c = 3", "a = 1\n  c = 3"),
}
LOOKS = ("[*vars(C)]", "[*C.__dict__]", "[n for n, v in C.__dict__.items() if n[0] != '_']")
HEADS = ("class C:", "import abc\nclass C(abc.ABC):", "class M(type): pass\nclass C(metaclass=M):")


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(("old", "new"), ORDERS.values(), ids=ORDERS)
def test_what_goes_through_a_class_finds_the_order_of_its_body(project, old, new, look, head):
    """As a fresh start does; the class is the same."""
    source = head + "\n  {}\nN = [n for n in " + look + " if n[0] != '_']"
    project.write("m", source.format(old))
    module = project.load("m")
    cls = module.C
    project.write("m", source.format(new))
    report = project.reload()
    assert (report.outcome, module.C is cls) == ("reloaded", True), report.reason
    assert project.picture("m")["m"]["N"] == project.fresh_here("m")["m"]["N"]


def test_the_order_is_taken_back(project):
    """With the attributes."""
    project.write("m", "class C:\n  a = 1\n  b = 2\n  c = 3")
    module = project.load("m")
    project.write("m", "class C:\n  c = 3\n  x = 4\n  a = 1\n1 / 0")
    assert project.reload().outcome == "rejected"
    assert arranged(vars(module.C)) == ["a", "b", "c"]


def test_what_was_set_from_outside_stands_behind_what_the_body_gives(project):
    """It was set later."""
    project.write("m", "class C:\n  a = 1")
    module = project.load("m")
    module.C.set = 0
    project.write("m", "class C:\n  a = 1\n  b = 2")
    assert project.reload().outcome == "reloaded"
    assert arranged(vars(module.C)) == ["a", "b", "set"]


def test_members_of_an_enumeration_are_left_alone():
    """Their class refuses that they are deleted."""
    cls = enum.Enum("E", ["A", "B"])
    arrange(cls, ["B", "A"])
    assert [one.name for one in cls] == ["A", "B"]


def test_no_other_thread_finds_an_attribute_missing():
    """Each is taken out and put in again, and calls in threads go on."""

    class Called:
        pass

    names = [f"m{number}" for number in range(30)]
    for name in names:
        setattr(Called, name, name)
    before, done, missed = sys.getswitchinterval(), threading.Event(), []

    def look():
        while not done.is_set():
            missed.extend(name for name in names if not hasattr(Called, name))

    threads = [threading.Thread(target=look) for _ in range(2)]
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for _ in range(1000):
            arrange(Called, list(reversed(arranged(vars(Called)))))
    finally:
        sys.setswitchinterval(before)
        done.set()
    for thread in threads:
        thread.join(20)
    assert missed == []
