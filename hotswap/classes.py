"""
How does a class statement that runs again keep the class that it had?

The body runs into the old class, so that no second class ever exists: instances, `isinstance`,
registrations and dict keys made anywhere go on working. Where a metaclass or slots forbid that,
a temporary class is built for real and the old one is patched from it after the statement.
"""

from __future__ import annotations

import abc
import sys
import types
import typing
from collections.abc import Callable, Iterator
from enum import EnumMeta
from types import FunctionType
from typing import TYPE_CHECKING, Any

from hotswap import dotted, told
from hotswap.arranging import arrange, arranged, keep_order
from hotswap.bodies import (
    OURS,
    bound_by_body,
    is_as_written,
    is_slot,
    second_names,
    stable_attributes,
)
from hotswap.effects import NeedsRestart
from hotswap.enums import take_members
from hotswap.remembered import forget_other, renew_abstract
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.journal import Journal
    from hotswap.statements import Statement

_IMPLICIT = {
    "__new__": staticmethod,
    "__init_subclass__": classmethod,
    "__class_getitem__": classmethod,
}


def build_into(  # noqa: PLR0913, PLR0917 - the signature of `__build_class__`, and what is needed
    cls: type,
    body: FunctionType,
    name: str,
    bases: tuple[Any, ...],
    keywords: dict[str, Any],
    statement: Statement,
    settle: Callable[[Any, Any], Any],
    journal: Journal,
) -> bool:
    """
    Run a class body into the class that it made before.

    Returns False, with nothing done, where only a real build is right.
    """
    resolved = types.resolve_bases(bases)
    meta, namespace, keywords = types.prepare_class(name, resolved, keywords)
    if not _fits(cls, body, meta, namespace) or not _take_bases(cls, resolved, journal):
        return False
    if resolved is not bases:
        namespace["__orig_bases__"] = bases
    exec(body.__code__, body.__globals__, namespace)  # noqa: S102
    take(cls, resolved, namespace, keywords, statement, settle, journal)
    return True


def take(  # noqa: PLR0913, PLR0917 - what `type` is given, and what is needed for it
    cls: type,
    bases: tuple[Any, ...],
    namespace: dict[str, Any],
    keywords: dict[str, Any],
    statement: Statement,
    settle: Callable[[Any, Any], Any],
    journal: Journal,
) -> None:
    """
    Do to a class what `type` would do to a new one.

    Raises:
        NeedsRestart: It cannot have other bases.
    """
    if not _take_bases(cls, bases, journal):
        place = (statement.path, statement.first)
        raise NeedsRestart(f"the bases of {cls.__qualname__} changed", place)
    install(cls, namespace, statement, settle, journal, raw=True)
    told.of_a_class(cls, namespace, keywords, statement, journal)
    if not issubclass(cls, typing.Generic):
        _parametrise(cls, None, journal)
    renew_abstract(cls, journal)


def _fits(cls: type, body: FunctionType, meta: type, namespace: Any) -> bool:
    plain = (
        meta.__new__ in (type.__new__, abc.ABCMeta.__new__)
        and meta.__init__ is type.__init__  # type: ignore[misc]
        and type(namespace) is dict
    )
    return (
        plain
        and type(cls) is meta
        and body.__closure__ is None
        and "__slots__" not in cls.__dict__
        and "__slots__" not in body.__code__.co_names
    )


def _take_bases(cls: type, bases: tuple[Any, ...], journal: Journal) -> bool:
    wanted = tuple(bases) or (object,)
    if wanted == cls.__bases__:
        return True
    try:
        journal.set_bases(cls, wanted)
    except TypeError:
        return False
    return True


def install(  # noqa: PLR0913 - what a metaclass would do, and what is needed for it
    cls: type,
    namespace: dict[str, Any],
    statement: Statement,
    settle: Callable[[Any, Any], Any],
    journal: Journal,
    *,
    raw: bool,
) -> None:
    """
    Let a class have the attributes that its body gave; those that the old body gave go.

    Args:
        raw: The namespace is as the body left it, not as a metaclass did.
    """
    keep_order(cls, journal)
    cell = namespace.pop("__classcell__", None)
    if cell is not None:
        journal.set_cell(cell, cls)
    if raw and "__eq__" in namespace and "__hash__" not in namespace:
        namespace["__hash__"] = None
    for name in list(cls.__dict__):
        if name not in namespace and not stays(cls, name, statement):
            forget_other(cls, name, None, journal)
            if name == "__doc__":
                journal.set_class_attr(cls, name, None)
            else:
                journal.del_class_attr(cls, name)
    for name, value in arriving(cls, namespace, statement, settle, raw=raw):
        if name == "__name__" and value is not cls.__dict__.get(name):
            # which `type` takes for that of the class
            raise NeedsRestart(f"{cls.__qualname__} defines another __name__")
        namespace[name] = value
        forget_other(cls, name, value, journal)
        journal.set_class_attr(cls, name, value)
    arrange(cls, arranged(namespace))


def stays(cls: type, name: str, statement: Statement) -> bool:
    """Whether an attribute that a class body does not give any more was not given by one."""
    if name in OURS or is_slot(cls.__dict__[name]):
        return True
    before = statement.former
    decorated = statement.decorated or (before is not None and before.decorated)
    if name == "__doc__" or decorated or not (statement.is_class or statement.is_compound):
        return False  # a call that makes a class gives it all that it has
    return not bound_by_body(statement, cls, name)


def arriving(
    cls: type,
    namespace: dict[str, Any],
    statement: Statement,
    settle: Callable[[Any, Any], Any],
    *,
    raw: bool,
) -> Iterator[tuple[str, Any]]:
    """What a class is to have from what its body gave: state stays, and so does what is held."""
    kept = stable_attributes(statement, cls.__qualname__)
    second, settled = second_names(dict(vars(cls)), namespace), dict[int, Any]()
    for name, value in list(namespace.items()):
        if name in ("__dict__", "__weakref__", "__qualname__", "__module__"):
            continue  # a package may have given its classes its own name as `__module__`
        if name == "__firstlineno__" and name not in cls.__dict__:
            continue  # which takes this away
        old = cls.__dict__.get(name)
        state = name[:2] != "__" or old == value  # `__slots__` says what lines below change
        if state and name in kept and name in cls.__dict__ and is_as_written(value, kept[name]):
            namespace[name] = old
            continue
        wrap = _IMPLICIT.get(name) if raw else None
        new = wrap(value) if wrap and is_a(value, FunctionType) else value
        if name in second or has_another_place(old, cls, name):
            yield name, settled.get(id(new), new)
            continue
        if id(new) not in settled:
            settled[id(new)] = settle(old, new)
        yield name, settled[id(new)]


def has_another_place(value: Any, cls: type, name: str) -> bool:
    """Whether an attribute is, or calls, somebody else's function: one of a module, or a base."""
    function = value.__func__ if type(value) in (staticmethod, classmethod) else value
    if not is_a(function, FunctionType) or function.__qualname__ == f"{cls.__qualname__}.{name}":
        return False
    module = sys.modules.get(function.__module__)
    found = dotted.find(vars(module), function.__qualname__) if module is not None else None
    return getattr(found, "__func__", found) is function


def obstacle(old: type, new: type, journal: Journal) -> str:
    """Why a class cannot be patched from one that was built anew, if so; else it has its bases."""
    if type(old) is not type(new):
        return f"{old.__qualname__} has another metaclass"
    if _layout(old) != _layout(new):
        return f"the layout of {old.__qualname__} changed (slots or bases)"
    if hasattr(old, "_fields") and getattr(new, "_fields", None) != old._fields:
        return f"the fields of {old.__qualname__} changed"
    if old.__bases__ != new.__bases__ and not _take_bases(old, new.__bases__, journal):
        return f"the bases of {old.__qualname__} changed"
    return ""


def given(cls: type) -> dict[str, Any]:
    """What the body of a class, and what stands around it, gave to a class that was built."""
    space = vars(cls)
    return {name: value for name, value in space.items() if name not in OURS and not is_slot(value)}


def adopt(
    old: type,
    new: type,
    statement: Statement,
    settle: Callable[[Any, Any], Any],
    journal: Journal,
) -> dict[int, tuple[Any, Any]]:
    """
    Patch a class from one that was built anew, so that it can stay: gives, by id, the members that
    vanish with that one, and what stays for each.

    Raises:
        NeedsRestart: Its members differ in a way that a living class cannot take.
    """
    place = (statement.path, statement.first)
    namespace = {name: _bound_to(old, value, new) for name, value in given(new).items()}
    members: dict[int, tuple[Any, Any]] = {}
    try:
        if isinstance(old, EnumMeta):
            members = take_members(old, new, namespace, journal, place)
        install(old, namespace, statement, settle, journal, raw=False)
    except (TypeError, AttributeError) as error:
        raise NeedsRestart(f"{old.__qualname__} cannot be changed: {error}", place) from error
    _parametrise(old, vars(new).get("__parameters__"), journal)
    renew_abstract(old, journal)
    return members


def _bound_to(cls: type, value: Any, made: type) -> Any:
    """A metaclass may have set a method of the class itself on it, as that of flags does."""
    if is_a(value, types.MethodType) and value.__self__ is made:
        return types.MethodType(value.__func__, cls)
    return value


def _parametrise(cls: type, parameters: Any, journal: Journal) -> None:
    """`Generic` writes them into whatever is derived from it, and only into that."""
    if parameters is not None:
        journal.set_class_attr(cls, "__parameters__", parameters)
    elif "__parameters__" in vars(cls):
        journal.del_class_attr(cls, "__parameters__")


def inherit(old: type, new: type, statement: Statement, settle: Callable[[Any, Any], Any]) -> None:
    """Let a class that takes the place of another one have what stays of that."""
    namespace = given(new)
    if _has_members(old) or _has_members(new):
        return
    for name, value in arriving(old, namespace, statement, settle, raw=False):
        namespace[name] = value
    for name, value in vars(old).items():
        if name not in namespace and name not in OURS and stays(old, name, statement):
            namespace[name] = value
    for name, value in namespace.items():
        if vars(new).get(name, namespace) is not value and not is_slot(value):
            type.__setattr__(new, name, value)


def _has_members(cls: type) -> bool:
    """Whether what the body writes are members, or fields of a tuple: no state of the class."""
    return is_a(cls, EnumMeta) or "_fields" in vars(cls)


def _layout(cls: type) -> tuple[Any, ...]:
    slots = sorted(
        name
        for name, value in cls.__dict__.items()
        if isinstance(value, types.MemberDescriptorType)
    )
    return cls.__basicsize__, cls.__itemsize__, cls.__dictoffset__, cls.__weakrefoffset__, slots
