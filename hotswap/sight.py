"""
Does a value lead to what somebody means: is it that, does it hold it, is it a method of it?

One `Sight` answers for one question. Nothing executes meanwhile, so each object, each class and
each base is gone through once, whatever number of names lead there.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from types import FunctionType, ModuleType
from typing import Any

from hotswap.containers import is_container
from hotswap.functions import reached_from
from hotswap.values import PLAIN, is_a

_MANY = 256

Answers = dict[int, tuple[Any, bool]]
"""By id, objects (so that their ids stay theirs) and what was found."""

Methods = dict[int, tuple[type, list[FunctionType]]]
"""By id, classes and their functions, for questions between which nothing executes."""


class Sight:
    """
    Who looks for one thing.

    Args:
        meant: A function or class → whether it is that.
        methods: What others like it have found, and this one finds.
        functions: Whether it may be a function: else none is gone through.
    """

    def __init__(
        self,
        meant: Callable[[Any], bool],
        methods: Methods | None = None,
        *,
        functions: bool = True,
    ) -> None:
        self._meant, self._functions = meant, functions
        self._methods = {} if methods is None else methods
        self._values: Answers = {}
        self._ones: Answers = {}
        self._kinds: Answers = {}
        self._bases: Answers = {}

    @classmethod
    def of(cls, one: Any, methods: Methods | None = None) -> Sight:
        """Who looks for just this function or class."""
        return cls(partial(operator.is_, one), methods, functions=not is_a(one, type))

    def leads_to(self, value: Any) -> bool:
        """Whether it is what is meant, holds it, or has it as a method."""
        return _once(self._values, value, self._leads_to)

    def _leads_to(self, value: Any) -> bool:
        values = [value]
        if is_container(value) or type(value) in (tuple, frozenset):
            keys = [one for one in value if type(one) not in PLAIN] if is_a(value, dict) else []
            values = [*keys, *(value.values() if is_a(value, dict) else value)][:_MANY]
        elif is_a(value, ModuleType):
            values = [one for one in list(vars(value).values()) if is_a(one, (type, FunctionType))]
        return any(_once(self._ones, one, self._is_or_has) for one in values)

    def _is_or_has(self, value: Any) -> bool:
        kind = value if is_a(value, type) else type(value)
        if _once(self._kinds, kind, self._is_class):
            return True
        return self._functions and any(map(self._meant, reached_from(value)))

    def _is_class(self, kind: type) -> bool:
        return any(map(self._meant, kind.__mro__)) or (
            self._functions
            and kind.__module__ != "builtins"
            and any(_once(self._bases, base, self._defines) for base in kind.__mro__)
        )

    def _defines(self, base: type) -> bool:
        if id(base) not in self._methods:
            found = (each for one in list(vars(base).values()) for each in reached_from(one, 1))
            self._methods[id(base)] = (base, list(found))
        return any(map(self._meant, self._methods[id(base)][1]))


def _once(answers: Answers, value: Any, ask: Callable[[Any], bool]) -> bool:
    known = answers.get(id(value))
    if known is None:
        known = answers[id(value)] = (value, ask(value))
    return known[1]
