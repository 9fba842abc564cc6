"""Which transaction decides, just now, what functions and classes are born as?"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hotswap.births import Births

_build_class = builtins.__build_class__
_STOOD_IN_FOR = {"__build_class__": _build_class, "__import__": builtins.__import__}
_current: list[Births] = []


def stand_ins() -> dict[int, Any]:
    """By id, what stands in for functions of Python's just now, and these."""
    return {id(vars(builtins)[name]): one for name, one in _STOOD_IN_FOR.items()}


def born(function: Any) -> Any:
    """Innermost decorator of a function that has no other, and of lambdas."""
    return _current[-1].hand_over(function, decorated=False) if _current else function


def born_decorated(function: Any) -> Any:
    """Innermost decorator of a function that has others."""
    return _current[-1].hand_over(function, decorated=True) if _current else function


def begin(births: Births) -> None:
    """From now on `births` decides what functions and classes are born as."""
    _current.append(births)
    builtins.__build_class__ = births.build_class  # type: ignore[assignment]


def end() -> None:
    """Functions and classes are born as usual again."""
    builtins.__build_class__ = _build_class
    _current.clear()
