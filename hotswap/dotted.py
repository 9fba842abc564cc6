"""What does a dotted name mean in a module, and whose is what it means?"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import FunctionType
from typing import Any

from hotswap.values import is_a

_BOUND = (staticmethod, classmethod)


def find(namespace: Mapping[str, Any], qualname: str) -> Any:
    """What a dotted name means in a module's namespace; None if there is no such thing."""
    if "<" in qualname:
        return None
    first, *rest = qualname.split(".")
    value = namespace.get(first)
    for name in rest:
        value = value.__dict__.get(name) if is_a(value, type) else None
    return value


def find_function(namespace: dict[str, Any], qualname: str) -> Any:
    """As `find`; of a static or class method, what it calls."""
    found = find(namespace, qualname)
    return getattr(found, "__func__", found) if type(found) in _BOUND else found


def qualname_of(body: FunctionType) -> str:
    """The dotted name of the class that a body makes."""
    if sys.version_info >= (3, 11):
        return body.__qualname__
    first = body.__code__.co_consts[0]  # which the body stores; the function has the bare name
    return first if type(first) is str else body.__qualname__


def former(
    namespace: dict[str, Any], qualname: str, held: Mapping[str, Any] | None = None
) -> type | None:
    """
    The class that an earlier run of the same statement made.

    Args:
        held: What names held that may hold something else by now, as that statement is reached.
    """
    first = qualname.partition(".")[0]
    found = find(held if held and first in held else namespace, qualname)
    if not is_a(found, type) or found.__qualname__ != qualname:
        return None
    if is_of(found.__module__, namespace.get("__name__")) or any(
        is_a(value, FunctionType) and value.__globals__ is namespace
        for value in found.__dict__.values()
    ):
        return found
    return None  # imported, or assigned


def is_of(shown: Any, module: Any) -> bool:
    """Whether something shows a module as its own; a package may show its own name instead."""
    return shown == module or f"{module}.".startswith(f"{shown}.")
