"""Each write of a transaction can be taken back."""

from __future__ import annotations

import enum
from types import CellType

import pytest

from hotswap.journal import Journal, refill


@pytest.fixture
def journal():
    return Journal()


def fail():
    raise ValueError("cannot be undone")


@pytest.mark.parametrize("before", [{}, {"a": 1}, {"a": None}, {"b": 2}])
def test_set_item_is_taken_back(journal, before):
    """To the value that was there, or to none."""
    mapping = before.copy()
    journal.set_item(mapping, "a", 3)
    assert mapping["a"] == 3
    journal.roll_back()
    assert mapping == before


@pytest.mark.parametrize("before", [{}, {"a": 1}, {"a": None, "b": 2}])
def test_del_item_is_taken_back(journal, before):
    """Also if there was nothing to delete."""
    mapping = before.copy()
    journal.del_item(mapping, "a")
    assert "a" not in mapping
    journal.roll_back()
    assert mapping == before


def test_class_attributes_are_taken_back(journal):
    """What was the class's own comes back, what was inherited is inherited again."""

    class Base:
        inherited = 1

    class C(Base):
        mine = 1

    before = dict(vars(C))
    journal.set_class_attr(C, "mine", 2)
    journal.set_class_attr(C, "inherited", 2)
    journal.set_class_attr(C, "new", 2)
    journal.del_class_attr(C, "mine")
    assert (C.inherited, C.new, hasattr(C, "mine")) == (2, 2, False)
    journal.roll_back()
    assert dict(vars(C)) == before


def test_class_attributes_are_set_past_the_metaclass(journal):
    """An enumeration refuses to have its members replaced."""
    colour = enum.Enum("colour", "RED")
    method = classmethod(lambda cls: "shown")
    journal.set_class_attr(colour, "RED", method)
    assert vars(colour)["RED"] is method
    journal.roll_back()
    assert colour.RED.name == "RED"


def test_a_class_attribute_that_is_the_same_is_no_write(journal):
    """Nothing is noted for it."""
    value = object()
    cls = type("C", (), {"a": value})
    journal.set_class_attr(cls, "a", value)
    assert journal._undo == []


def test_code_is_taken_back(journal):
    """A function gets its old code again."""

    def f():
        return 1

    journal.set_code(f, (lambda: 2).__code__)
    assert f() == 2
    journal.roll_back()
    assert f() == 1


def test_the_whole_state_of_a_function_is_taken_back(journal):
    """Code, defaults, names, documentation and attributes."""

    def f(x=1, *, y: int = 2):
        """Says."""
        return x + y

    f.mark = "old"
    names = ("__doc__", "__name__", "__qualname__", "__module__", "__annotations__", "mark")
    before = [getattr(f, name) for name in names]
    journal.keep_function(f)
    f.__code__, f.__defaults__, f.__kwdefaults__ = (lambda: 3).__code__, None, None
    f.__name__ = f.__qualname__ = f.__doc__ = f.__module__ = f.mark = "new"
    f.__annotations__, f.more = {}, 1
    journal.roll_back()
    assert [getattr(f, name) for name in names] == before
    assert (f(), f(y=5), hasattr(f, "more")) == (3, 6, False)


@pytest.mark.parametrize("cell", [CellType(1), CellType()], ids=["full", "empty"])
def test_cells_are_taken_back(journal, cell):
    """To the value that they held, or to none."""
    before = repr(cell)
    journal.set_cell(cell, 2)
    assert cell.cell_contents == 2
    journal.roll_back()
    assert repr(cell) == before


@pytest.mark.parametrize(
    ("container", "change"),
    [
        ([1, 2], lambda one: one.clear()),
        ([1, 2], lambda one: one.insert(0, 3)),
        ({1, 2}, lambda one: one.add(3)),
        ({1, 2}, lambda one: one.discard(1)),
        ({"a": 1}, lambda one: one.update(a=2, b=3)),
        ({"a": 1}, lambda one: one.clear()),
    ],
)
def test_members_are_taken_back(journal, container, change):
    """Of the same list, set or dict, which others may hold."""
    before = container.copy()
    journal.keep_container(container)
    change(container)
    assert container != before
    journal.roll_back()
    assert container == before


def test_a_dict_is_never_empty_while_it_is_restored(journal):
    """Threads that look names up meanwhile find them."""
    seen = []

    class Names(dict):
        def update(self, *args):
            seen.append(len(self))
            super().update(*args)

        def __delitem__(self, key):
            super().__delitem__(key)
            seen.append(len(self))

    names = Names(a=1)
    journal.keep_dict(names)
    names["b"] = 2
    journal.roll_back()
    assert names == {"a": 1}
    assert seen == [2, 1]


def test_the_latest_write_is_taken_back_first(journal):
    """So each finds what it left."""
    mapping = {"a": 1}
    for value in (2, 3, 4):
        journal.set_item(mapping, "a", value)
    journal.del_item(mapping, "a")
    order = []
    journal.note(lambda: order.append("later"))
    journal.note(lambda: order.append("latest"))
    journal.roll_back()
    assert (mapping, order) == ({"a": 1}, ["latest", "later"])


def test_what_cannot_be_taken_back_is_said_and_the_rest_is(journal):
    """One failure does not keep the others from being undone."""
    mapping = {}
    journal.set_item(mapping, "a", 1)
    journal.note(fail)
    journal.set_item(mapping, "b", 1)
    assert journal.roll_back() == ["could not be taken back: cannot be undone"]
    assert mapping == {}


def test_nothing_is_taken_back_twice(journal):
    """A journal is empty after it was rolled back."""
    journal.note(fail)
    journal.roll_back()
    assert journal.roll_back() == []


@pytest.mark.parametrize(
    ("container", "members"),
    [
        ([1, 2], [3]),
        ({1, 2}, {2, 3}),
        ({"a": 1, "b": 2}, {"b": 3, "c": 4}),
        ([], [1]),
        ({1}, set()),
    ],
)
def test_refill(container, members):
    """Exactly these members, in the same container."""
    refill(container, members)
    assert container == members


def test_what_was_taken_out_of_a_dict_comes_back_to_its_place(journal):
    """Programs see the order of a registry."""
    registry = {"a": 1, "b": 2, "c": 3}
    journal.keep_container(registry)
    registry["a"] = registry.pop("a")
    del registry["b"]
    journal.roll_back()
    assert list(registry.items()) == [("a", 1), ("b", 2), ("c", 3)]


def test_all_attributes_of_a_class_are_taken_back(journal):
    """A metaclass may set any."""

    class C:
        old, gone = 1, 1

    before = dict(vars(C))
    journal.keep_class(C)
    C.old, C.new = 2, 2
    del C.gone
    journal.roll_back()
    assert dict(vars(C)) == before
