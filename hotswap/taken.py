"""Who holds a method as it was bound before: a static one, that of a class, a plain one?"""

from __future__ import annotations

import functools
import gc
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from hotswap import dotted, functions, holders
from hotswap.effects import NeedsRestart

if TYPE_CHECKING:
    from hotswap.statements import Statement


def check(statement: Statement, old: Any, new: Any) -> None:
    """
    Whoever took a method from its class, or an instance, took it as it was bound then.

    Raises:
        NeedsRestart: Somebody has it so, and it is bound in another way by now.
    """
    made = list(functions.reached_from(new))
    paths = [(one.__globals__, one.__qualname__.rpartition(".")[0]) for one in made]
    owners = [dotted.find(space, path) for space, path in paths]
    if not _refuses(statement, old, new):
        return
    got = [old, *_bound_as(old)]
    if holders.are_held(got, among=[new, *made, *owners]):
        kind = "plain method" if type(old) is FunctionType else type(old).__name__
        name = made[0].__qualname__ if made else statement.title
        reason = f"{name} was a {kind}, and is held as such"
        raise NeedsRestart(reason, (statement.path, statement.first))


def _refuses(statement: Statement, old: Any, new: Any) -> bool:
    """Not if it can still be called as before, or was no method that a class body defined."""
    calls = type(old) is FunctionType and isinstance(new, (property, functools.cached_property))
    former = [one for one in functions.reached_from(old) if "<locals>" not in one.__qualname__]
    return not calls and any(one.__code__.co_filename == statement.path for one in former)


def _bound_as(old: Any) -> list[Any]:
    """What taking a method from its class, or an instance, gave: nobody else has that."""
    if type(old) is staticmethod:
        return [old.__func__]
    found = gc.get_referrers(old.__func__) if type(old) is classmethod else []
    return [one for one in found if type(one) is MethodType]
