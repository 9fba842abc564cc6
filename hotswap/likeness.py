"""Do two objects do the same that one line has made, the one after the other?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import Parameter, Signature
from types import CellType, FunctionType
from typing import Any

from hotswap import degrees
from hotswap import functions as living
from hotswap.values import is_a

_DEPTH = 4


def do_same(one: Any, other: Any, same: Callable[[Any, Any], bool], depth: int = _DEPTH) -> bool:
    """
    Whether functions do the same, so that it makes no difference which of them was called.

    Args:
        same: Whether two functions have the same code, or a class has become the other one.
    """
    if not (depth and is_a(one, FunctionType) and is_a(other, FunctionType) and same(one, other)):
        return False
    defaults = [(each.__defaults__, each.__kwdefaults__) for each in (one, other)]
    mine, theirs = (list(map(_content, each.__closure__ or ())) for each in (one, other))
    shown = vars(one).keys() == vars(other).keys() and all(
        _shows_same(value, vars(other)[name]) for name, value in vars(one).items()
    )
    alike = shown and len(mine) == len(theirs) and degrees.same_defaults(*defaults)
    return alike and all(
        degrees.same_value(*pair)
        or (same(*pair) if is_a(pair[0], type) else do_same(*pair, same, depth - 1))
        for pair in zip(mine, theirs, strict=True)
    )


def likest(new: FunctionType, others: Sequence[FunctionType]) -> int:
    """Which of several that one piece of code has made has most of what a new one was given."""
    if len(others) == 1:
        return 0
    mine = _given(new)
    scores = [
        sum(
            name in mine and degrees.same_value(mine[name], value)
            for name, value in _given(one).items()
        )
        for one in others
    ]
    return scores.index(max(scores))


def _given(function: FunctionType) -> dict[str, Any]:
    """By name, its defaults, and what it closes over."""
    cells = map(_content, function.__closure__ or ())
    found = {**living.positional_defaults(function), **(function.__kwdefaults__ or {})}
    return found | dict(zip(function.__code__.co_freevars, cells, strict=True))


def _shows_same(one: Any, other: Any) -> bool:
    """Whether an attribute is the same, or says the same of the parameters."""
    if not type(one) is type(other) is Signature:
        return degrees.same_value(one, other)
    mine, theirs = (list(map(_parts, each.parameters.values())) for each in (one, other))
    mine.append((one.return_annotation,))
    theirs.append((other.return_annotation,))
    return len(mine) == len(theirs) and all(map(_are_same, mine, theirs))


def _parts(parameter: Parameter) -> tuple[Any, ...]:
    return parameter.name, int(parameter.kind), parameter.default, parameter.annotation


def _are_same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return all(map(degrees.same_value, one, other))


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return _UNBOUND


_UNBOUND = object()


def is_wrapped_by(one: Any, other: Any) -> bool:
    """Whether the other function calls this one."""
    functions = type(one) is type(other) is FunctionType
    return functions and one is not other and living.reaches(other, one)


def is_same_property(one: Any, other: Any) -> bool:
    """Whether both are properties, of the same functions."""
    if type(one) is not property or type(other) is not property:
        return False
    parts = ((part.fget, part.fset, part.fdel) for part in (one, other))
    same = all(mine is theirs for mine, theirs in zip(*parts, strict=True))
    return same and one.__doc__ == other.__doc__


def is_filled_alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two objects have the same attributes."""
    return one.keys() == other.keys() and all(
        degrees.same_value(one[name], other[name]) for name in one
    )
