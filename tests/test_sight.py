"""Whether values lead to what is meant: each object is gone through once for a question."""

from __future__ import annotations

import types

import pytest

from hotswap import sight
from hotswap.sight import Sight


class Base:
    def method(self): ...


class One(Base): ...


class Two(Base): ...


def wrapper(function):
    def call():
        return function()

    return call


LEADS = {
    "itself": (Base.method, Base.method),
    "a class that has it": (Base, Base.method),
    "an heir": (One, Base.method),
    "an instance": (Two(), Base.method),
    "in a list": ([1, One()], Base.method),
    "in a dict": ({"a": Base.method}, Base.method),
    "wrapped": (wrapper(Base.method), Base.method),
    "its class": (Two(), Base),
}


@pytest.mark.parametrize(("value", "wanted"), LEADS.values(), ids=LEADS)
def test_what_leads_there(value, wanted):
    """The answer is the same whenever it is asked for."""
    sight = Sight(lambda one: one is wanted)
    assert [sight.leads_to(value), sight.leads_to(value)] == [True, True]
    sight = Sight.of(wanted)
    assert [sight.leads_to(value), sight.leads_to(value)] == [True, True]
    sight = Sight(lambda one: one is wrapper)
    assert [sight.leads_to(value), sight.leads_to(value)] == [False, False]


def test_what_many_values_lead_to_is_gone_through_once():
    """Values, classes, and those that they are derived from."""
    asked = []
    sight = Sight(lambda one: bool(asked.append(one)))
    module = types.ModuleType("m")
    module.One, module.wrapped = One, wrapper(Base.method)
    one, two = One(), Two()
    for value in (one, [one, two], {"b": two}, One, Two, module, module, one):
        assert not sight.leads_to(value)
    assert asked.count(One) == asked.count(Two) == 1
    assert asked.count(module.wrapped) == 1
    assert asked.count(Base.method) == 2, "as a method, and by way of its wrapper"


def test_who_looks_for_a_class_goes_through_no_functions():
    """None of them is a class."""
    asked = []
    sight = Sight(lambda one: bool(asked.append(one)), functions=False)
    for value in (One(), [Two(), wrapper(Base.method)], Base.method):
        assert not sight.leads_to(value)
    assert {One, Two, Base} <= set(asked)
    assert Base.method not in asked


def test_classes_are_gone_through_once_for_several_questions(monkeypatch):
    """As long as nothing executes between them."""
    asked, methods = [], {}
    monkeypatch.setattr(sight, "reached_from", lambda one, *_: asked.append(one) or iter((one,)))
    kinds = {name: type(name, (), {"f": lambda self: 1, "g": lambda self: 2}) for name in "CD"}
    for cls in kinds.values():
        for function in (cls.f, cls.g):
            found = Sight.of(function, methods)
            assert [found.leads_to(one) for one in kinds.values()] == [
                one is cls for one in kinds.values()
            ]
    assert len([one for one in asked if isinstance(one, types.FunctionType)]) == 4
