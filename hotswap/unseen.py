"""Who asks for the frame that has called it: how does it find the module's there, none of ours?"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from types import FunctionType
from typing import Any

from hotswap import dotted

_build_class = builtins.__build_class__

Place = tuple[str, int]
"""File and line."""


def _calling(function: Callable[..., Any], given: Any, keywords: Any) -> Any:
    return function(*given, **keywords)


def call_from(
    space: dict[str, Any],
    place: Place,
    function: Callable[..., Any],
    *given: Any,
    **keywords: Any,
) -> Any:
    """
    Call a function as if a module did so, at a place in its file.

    Who runs then, as a metaclass or a hook of a base, sees the name of the module, its file and its
    namespace one frame above.
    """
    path, line = place
    first = line - 1  # the call is on the second line
    code = _calling.__code__.replace(co_name="<module>", co_filename=path, co_firstlineno=first)
    return FunctionType(code, space)(function, given, keywords)


def build(body: FunctionType, name: str, /, *bases: Any, **keywords: Any) -> Any:
    """`__build_class__` itself; a metaclass of a class of a module finds the module above."""
    if "." in dotted.qualname_of(body):
        return _build_class(body, name, *bases, **keywords)
    place = (body.__code__.co_filename, body.__code__.co_firstlineno)
    return call_from(body.__globals__, place, _build_class, body, name, *bases, **keywords)
