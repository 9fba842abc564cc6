"""What was made when a statement ran, and in which respect is it another thing than before?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from types import CodeType
from typing import TYPE_CHECKING, Any

from hotswap.entries import Place

if TYPE_CHECKING:
    from hotswap.containers import Watched

_SORTING = frozenset({"sort", "sorted", "insort", "insort_left", "insort_right"})
_INSERTING = frozenset({"insert", "reverse", "reversed", "appendleft"})

Places = dict[int, Place]


@dataclass(frozen=True)
class Made:
    """What a statement made when it ran, and in which respect it is another one than before."""

    alias: dict[int, Any] = field(default_factory=dict)
    """id of an object that it made → the object that it had made before, and that stays."""
    own: Collection[int] = frozenset()
    """By id, definitions of its own: entries with them are right."""
    new: bool = False
    """It ran for the first time: all that it entered is right."""
    at: Place | None = None
    """Where it stands."""
    differs: bool = False
    """What enters it is not written as before: decorators, bases."""
    fewer: bool = False
    """And some of that is gone."""
    otherwise: bool = False
    """Functions that ran for it do something else by now: a decorator, a metaclass."""
    ran: Collection[CodeType] = ()
    """Those functions."""
    ordering: str = ""
    """Such functions put something in an order of their own: by "sort", or by "insert"."""
    alike: bool = False
    """What they may order it by is as before."""
    given_otherwise: bool = False
    """It defines nothing, and is another one, or goes by other values than before."""
    by_name: Collection[str] = frozenset()
    """What such functions name, if they may enter what the statement defines."""
    others: Callable[[], bool] = lambda: True
    """Whether other statements may have entered its definitions somewhere."""
    places: Callable[[], Places] = dict
    """By id, module and line of the objects that have a name in its module."""
    named: Callable[[], dict[str, Place]] = dict
    """By name, those of the definitions for which functions ran that ran for it."""
    belongs: Callable[[Any], bool] = lambda _: False
    """Whether another statement made a container, with its definitions in it."""
    fillers: Callable[[Watched], Collection[Place]] = lambda _: ()
    """Where others may enter something in a container."""
    is_overridden: Callable[[Watched, Place | None], bool] = lambda *_: False
    """
    Whether another definition has entered a key, below a place and above this one, and another
    thing stands there by now.
    """
    runs_below: Callable[[CodeType], bool] = lambda _: False
    """Whether a function has run for a later line, too."""
    precedes: Callable[[Place, Place], bool] = lambda one, other: one < other
    """Whether the one definition executes before the other in a fresh start."""


def ordering_of(codes: Iterable[CodeType]) -> str:
    """How functions put something in an order of their own, if they may: by "sort" or "insert"."""
    names = {name for code in codes for name in code.co_names}
    if names & _INSERTING:
        return "insert"
    return "sort" if names & _SORTING else ""
