"""
How does a metaclass of somebody else's make a class again, as the class that there is?

Whatever it does around `ABCMeta.__new__` it does as usual; that gives it the class of before, with
the new body in it. So no second class exists that a schema or a registry could get hold of.
"""

from __future__ import annotations

import abc
import contextlib
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import TYPE_CHECKING, Any

from hotswap import classes
from hotswap.bodies import OURS
from hotswap.effects import NeedsRestart
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.journal import Journal
    from hotswap.statements import Statement

Settle = Callable[[Any, Any], Any]


@contextlib.contextmanager
def remaking(
    cls: type, statement: Statement, settle: Settle, journal: Journal
) -> Iterator[list[type]]:
    """Until the end, what would be a second `cls` is `cls`; gives a list in which it then is."""
    made: list[type] = []
    usual = vars(abc.ABCMeta)["__new__"]

    def make_again(
        bases: tuple[type, ...], namespace: dict[str, Any], keywords: dict[str, Any]
    ) -> type:
        made.append(cls)
        journal.keep_class(cls)
        _strip(cls, namespace)
        classes.take(cls, bases, dict(namespace), keywords, statement, settle, journal)
        return cls

    if _fits(cls, type(cls)):
        make = staticmethod(_making(cls, usual.__func__, make_again, made))
        setattr(abc.ABCMeta, "__new__", make)  # noqa: B010 - for the type checker
    try:
        yield made
    finally:
        setattr(abc.ABCMeta, "__new__", usual)  # noqa: B010
    _refuse_parametrised(cls, statement)


def _making(
    cls: type, usual: Callable[..., Any], make_again: Callable[..., type], made: list[type]
) -> Callable[..., Any]:
    """Stands in for `ABCMeta.__new__`; the first time that it is to make `cls`, that is it."""

    def make(
        mcls: type,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        /,
        **keywords: Any,
    ) -> Any:
        again = mcls is type(cls) and namespace.get("__qualname__") == cls.__qualname__
        if made or not again or "__slots__" in namespace:
            return usual(mcls, name, bases, namespace, **keywords)
        return make_again(bases, namespace, keywords)

    return make


def _fits(cls: type, meta: Any) -> bool:
    return (
        issubclass(meta, abc.ABCMeta)
        and is_a(meta.__new__, FunctionType)
        and meta.__new__ is not abc.ABCMeta.__new__
        and meta.__module__ not in ("typing", "typing_extensions")
        and "__slots__" not in vars(cls)
    )


def _strip(cls: type, namespace: dict[str, Any]) -> None:
    """What the metaclass has noted down on the class is no answer for the new body."""
    for name in set(vars(cls)) - namespace.keys() - OURS - {"__doc__"}:
        if name.startswith("__") and name.endswith("__"):
            type.__delattr__(cls, name)


def _refuse_parametrised(cls: type, statement: Statement) -> None:
    """Pydantic's `Model[int]` is a class of its own, made from what `Model` was."""
    todo: list[type] = [base for base in cls.__mro__ if base.__name__ == "BaseModel"]
    while todo:
        heirs: list[type] = type.__subclasses__(todo.pop())
        todo += heirs
        for heir in heirs:
            known = vars(heir).get("__pydantic_generic_metadata__") or {}
            if known.get("origin") is cls or cls in known.get("args", ()):
                place = (statement.path, statement.first)
                raise NeedsRestart(f"{heir.__name__} is made from {cls.__qualname__}", place)
