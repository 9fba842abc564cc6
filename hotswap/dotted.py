"""What does a dotted name mean in a module, and whose is what it means?"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from types import FunctionType
from typing import TYPE_CHECKING, Any

from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.outlines import Outline
    from hotswap.statements import Statement

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
    if is_of(found.__module__, namespace.get("__name__")) or _has_methods_of(found, namespace):
        return found
    return None  # imported, or assigned


def _has_methods_of(cls: type, namespace: dict[str, Any]) -> bool:
    methods = [value for value in vars(cls).values() if is_a(value, FunctionType)]
    return any(one.__globals__ is namespace for one in methods)


def derived(namespace: dict[str, Any], qualname: str, bases: Iterable[Any]) -> type | None:
    """The only class with methods that a module made by that name and bases, whoever has it."""
    kinds = [base for base in bases if is_a(base, type)] or [object]
    heirs: list[type] = type.__subclasses__(kinds[0])
    name = (namespace["__name__"], qualname)
    found = [one for one in heirs if (one.__module__, one.__qualname__) == name]
    found = [one for one in found if _has_methods_of(one, namespace)]
    return found[0] if len(found) == 1 else None


def is_shared(outline: Outline, statement: Statement) -> bool:
    """Whether several class statements, of which this is one, make a class of one name."""
    makers = (outline.statements[at] for name in statement.binds for at in outline.binders(name))
    return statement.is_class and any(one.is_class and one is not statement for one in makers)


def is_of(shown: Any, module: Any) -> bool:
    """Whether something shows a module as its own; a package may show its own name instead."""
    return shown == module or f"{module}.".startswith(f"{shown}.")
