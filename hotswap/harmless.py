"""Which effects of a statement are known to leave nothing behind, or the same again?"""

from __future__ import annotations

import builtins
import logging
import warnings
from abc import ABCMeta
from types import BuiltinFunctionType, FunctionType, MemberDescriptorType, ModuleType
from typing import TYPE_CHECKING, Any

from hotswap.entries import is_dispatcher, is_plain
from hotswap.values import attributes, is_a

if TYPE_CHECKING:
    from hotswap.syntax import Effect

_LOGGING = frozenset(
    {"debug", "info", "warning", "error", "critical", "exception", "log", "setLevel"}
)
_HARMLESS = frozenset(
    {
        ("print",),
        ("warnings", "warn"),
        ("codecs", "lookup"),
        ("import_module",),  # as an import statement
        ("__import__",),
        ("globals",),  # names that it had bound are taken out before
        ("locals",),
        ("sys", "modules"),
        ("BuildMessageAndEnumDescriptors",),  # of protobuf: they bind names, the same each time
        ("BuildTopDescriptorsAndMessages",),
    }
)
_REGISTERS = ("atexit", "codecs", "signal", "copyreg", "sqlalchemy.event")
"""Modules of libraries whose functions enter what they are given into books of their own."""
_PURE = frozenset(
    {
        "functools",
        "contextlib",
        "hotswap",
        "dataclasses",
        "typing",
        "abc",
        "enum",
        "wrapt",
        "builtins",
        "types",
    }
)


def is_harmless(effect: Effect, namespace: dict[str, Any]) -> bool:
    """What leaves nothing behind: also a call of Python's own classes, which makes an object."""
    chain = effect.chain
    if not chain or chain in _HARMLESS or chain[1:] in _HARMLESS:
        return True
    if len(chain) == 1 and namespace.get(chain[0]) is warnings.warn:
        return True
    builtin = getattr(builtins, chain[0], None) if chain[0] not in namespace else None
    return effect.kind == "call" and len(chain) == 1 and is_a(builtin, type)


def only_enters(effect: Effect, target: Any) -> bool:
    """`register` of an ABC or of `functools.singledispatch`: the same key again gets a value."""
    return effect.chain[-1] == "register" and (is_dispatcher(target) or is_a(target, ABCMeta))


def is_taken_out(effect: Effect, target: Any) -> bool:
    """`@f.register` of `functools.singledispatch`: what is gone is looked for in its registry."""
    return effect.kind == "decorator" and effect.chain[-1] == "register" and is_dispatcher(target)


def is_log_call(effect: Effect, target: Any, *, lost: bool) -> bool:
    """
    Whether it writes to a log, or gives a logger its level.

    Args:
        lost: It is done no more, and by nothing else.
    """
    if lost and effect.chain[-1] == "setLevel":
        return False
    if is_a(target, logging.Logger):
        return effect.chain[-1] in _LOGGING
    module = getattr(target, "__module__", None)
    return module == "logging" and effect.chain[-1] in _LOGGING


def is_free(effect: Effect, target: Any) -> bool:
    """Whether nobody can tell in which order such effects come."""
    harmless = effect.chain in _HARMLESS or effect.chain[1:] in _HARMLESS
    return harmless or is_log_call(effect, target, lost=False) or only_enters(effect, target)


def is_handler(effect: Effect, target: Any) -> bool:
    """A logger's lists are watched: a new handler takes the place of what it was made for."""
    return is_a(target, logging.Logger) and effect.chain[-1] in ("addHandler", "addFilter")


def makes_only(target: Any) -> bool:
    """Whether a decorator of somebody else's most likely just makes a new object."""
    if not is_a(target, (FunctionType, BuiltinFunctionType, type, ModuleType)):
        made_by = type(target).__module__
        return target is None or made_by in ("functools", "wrapt") or _is_only_set_up(target)
    return not is_register(target)


def is_register(target: Any) -> bool:
    """Whether it is of a library that enters what it is given into books of its own."""
    module = str(getattr(target, "__module__", None) or getattr(target, "__name__", ""))
    return f"{module}.".startswith(tuple(f"{name}." for name in _REGISTERS))


def is_pure(effect: Effect, target: Any) -> bool:
    """Whether a decorator is known to leave nothing behind but its result."""
    if target is None:
        return len(effect.chain) == 1 or effect.chain[-1] in ("setter", "getter", "deleter")
    module = str(getattr(target, "__module__", None) or getattr(target, "__name__", ""))
    name = getattr(target, "__name__", "")
    if is_a(target, type) and hasattr(target, "__get__"):
        return True  # such as a `cached_property` of somebody else's
    return name == effect.chain[-1] and module.split(".", maxsplit=1)[0] in _PURE


def _is_only_set_up(target: Any) -> bool:
    """Whether an object has nothing to keep anything in: plain values alone."""
    found = [value for cls in type(target).__mro__ for value in vars(cls).values()]
    slots = [one.__name__ for one in found if is_a(one, MemberDescriptorType)]
    values = [*attributes(target).values(), *(getattr(target, name, None) for name in slots)]
    return bool(values) and all(map(is_plain, values))
