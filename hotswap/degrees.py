"""In which degree did a class change, for those who read it?"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from enum import EnumMeta
from types import CodeType, FunctionType
from typing import Any

from hotswap.arranging import arranged
from hotswap.functions import defaults, reached_from
from hotswap.values import PLAIN, is_a

_BOOKS = frozenset(
    {"__static_attributes__", "__firstlineno__", "__doc__", "__qualname__", " inner"}
)
_METHODS = (FunctionType, staticmethod, classmethod, property, functools.cached_property)
Codes = dict[str, list[CodeType]]
_WAYS = frozenset(_METHODS)
_ABSENT: Any = object()


def picture(cls: type) -> dict[str, Any]:
    """What `degree` compares: the class's own attributes, its bases, and the classes in it."""
    members = getattr(cls, "_member_map_", None) if is_a(cls, EnumMeta) else None
    listed = tuple((name, one._value_) for name, one in (members or {}).items())
    inner = {name: picture(one) for name, one in inner_classes(cls).items()}
    return {**cls.__dict__, " bases": cls.__bases__, " members": listed, " inner": inner}


def codes(space: Mapping[str, Any]) -> Codes:
    """By name, what the methods of a class do."""
    methods = [(name, one) for name, one in space.items() if is_a(one, _METHODS)]
    return {name: [inner.__code__ for inner in reached_from(one)] for name, one in methods}


def inner_classes(cls: type) -> dict[str, type]:
    """The classes that are defined in the body of a class."""
    return {
        name: value
        for name, value in cls.__dict__.items()
        if is_a(value, type)
        and value.__module__ == cls.__module__
        and value.__qualname__ == f"{cls.__qualname__}.{value.__name__}"
    }


def degree(before: dict[str, Any], cls: type) -> str:
    """How a class changed between a picture and now: "value", "methods" or "" (not at all)."""
    after = picture(cls)
    changed = _degree_within(before[" inner"], cls)
    if changed == "value":
        return changed
    changed = "methods" if _in_another_order(before, after) else changed
    for name in before.keys() | after.keys():
        old, new = before.get(name, _ABSENT), after.get(name, _ABSENT)
        if old is new or name in _BOOKS:
            continue
        if _is_of_others(name, old, new, cls):
            return "value"
        if _is_method(name, old, new) or _is_added(name, before, cls):
            changed = changed or "methods"
        elif not (same_value(old, new) or _same_description(name, old, new)):
            return "value"
    return changed


def _is_method(name: str, old: Any, new: Any) -> bool:
    if name == "__abstractmethods__":  # who had an instance may not have one, or now may
        return (old is not _ABSENT and bool(old)) == (new is not _ABSENT and bool(new))
    both = (old, new)
    return name == "__hash__" or all(one is _ABSENT or is_a(one, _METHODS) for one in both)


def _in_another_order(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether attributes that were there, and still are, have changed places."""
    both = before.keys() & after.keys()
    one, other = ([name for name in arranged(each) if name in both] for each in (before, after))
    return one != other


def _degree_within(before: dict[str, dict[str, Any]], cls: type) -> str:
    """How the classes changed that a class has and had; others are attributes as any other."""
    both = [(before[name], one) for name, one in inner_classes(cls).items() if name in before]
    degrees = {degree(old, one) for old, one in both}
    return next((one for one in ("value", "methods") if one in degrees), "")


def _is_of_others(name: str, old: Any, new: Any, cls: type) -> bool:
    """Whether who asked for an attribute got, or gets, the one of a base, or of somebody else."""
    if (old is _ABSENT or new is _ABSENT) and _falls_back(name, cls):
        return True
    return old is not _ABSENT and (_is_borrowed(old, cls) or _is_borrowed(new, cls))


def _is_borrowed(value: Any, cls: type) -> bool:
    """Whether a method is a function from elsewhere: who takes it takes that, under its name."""
    function = value.__func__ if type(value) in (staticmethod, classmethod) else value
    known = function is not value or is_a(function, FunctionType)
    name = str(getattr(function, "__qualname__", "<locals>")) if known else "<locals>"
    return "<locals>" not in name and name.rpartition(".")[0] != cls.__qualname__


def _falls_back(name: str, cls: type) -> bool:
    return name in ("__init__", "__new__") or any(name in vars(base) for base in cls.__mro__[1:-1])


def _is_added(name: str, before: dict[str, Any], cls: type) -> bool:
    """Whether an attribute is new altogether, so that nobody can have read it yet."""
    if isinstance(cls, EnumMeta):
        return False  # whoever goes through the members reads it
    inherited = any(name in vars(base) for base in cls.__mro__[1:])
    return name not in before and not name.startswith("__") and not inherited


def _same_description(name: str, old: Any, new: Any) -> bool:
    """Books of annotations, generics and dataclasses are made anew by each run."""
    if name in ("__annotations__", "__orig_bases__", "__parameters__"):
        return bool(old == new)
    return name in ("__dataclass_fields__", "__dataclass_params__") and repr(old) == repr(new)


def holds(value: Any, changed: Callable[[Any], bool]) -> bool:
    """
    Whether a class, by its metaclass, in an attribute or as what a field of a dataclass begins
    with, or a tuple has something that is the same object and `changed`.
    """
    if type(value) is tuple:
        return any(changed(one) or holds(one, changed) for one in value)
    if not is_a(value, type):
        return False
    fields = vars(value).get("__dataclass_fields__") or {}
    parts = [part for one in fields.values() for part in (one.default, one.default_factory)]
    return any(
        changed(one) or (type(one) is tuple and holds(one, changed))
        for one in (type(value), *vars(value).values(), *parts)
    )


def given(value: Any, changed: Callable[[Any], bool]) -> list[CodeType]:
    """What functions do, a class's methods too, that take something `changed` if given nothing."""
    found = [value, *(vars(value).values() if is_a(value, type) else ())]
    functions = [one for each in found if is_a(each, _METHODS) for one in reached_from(each)]
    both = [(one, defaults(one)) for one in functions]
    return [
        one.__code__
        for one, rows in both
        if any(changed(row) or holds(row, changed) for row in rows)
    ]


def is_bound_otherwise(old: Any, new: Any) -> bool:
    """Whether a method is bound to an instance, to its class, or to nothing, and was not so."""
    return type(old) is not type(new) and {type(old), type(new)} <= _WAYS


def bound_otherwise(before: dict[str, Any], cls: type) -> list[str]:
    """
    The methods of a class that are bound in another way than in a picture, and what it says of
    them all, if that is another thing.
    """
    space = vars(cls)
    both = ((name, old) for name, old in before.items() if name in space)
    found = [name for name, old in both if is_bound_otherwise(old, space[name])]
    abstract = "__abstractmethods__"
    return found + [abstract] * (before.get(abstract) != space.get(abstract))


def set_otherwise(before: dict[str, Any], cls: type) -> frozenset[str]:
    """The attributes of a class that it has not as in a picture, and no more than other methods."""
    after = picture(cls)
    names = [name for name in before.keys() | after.keys() if name[:2] != "__" and name[0] != " "]
    both = [(name, before.get(name, _ABSENT), after.get(name, _ABSENT)) for name in names]
    return frozenset(
        name
        for name, old, new in both
        if (old is _ABSENT) != (new is _ABSENT)
        or not (_is_method(name, old, new) or same_value(old, new))
    )


def is_hashed_otherwise(before: dict[str, Any], cls: type) -> bool:
    """Whether a class has another function for that than in a picture, or one for other fields."""
    space, fields = vars(cls), "__dataclass_fields__"
    return before.get("__hash__") is not space.get("__hash__") or not (
        _same_description(fields, before.get(fields), space.get(fields))
    )


def face(function: FunctionType) -> dict[str, Any]:
    """What somebody has set on a function."""
    names = ("__name__", "__doc__", "__type_params__")
    return {**vars(function), **{name: getattr(function, name, ()) for name in names}}


def shown_otherwise(before: dict[str, Any], function: FunctionType) -> list[str]:
    """The attributes of a function that are others than in a face of it."""
    now = face(function)
    return [
        name
        for name in before.keys() | now.keys()
        if not same_value(before.get(name, _ABSENT), now.get(name, _ABSENT))
    ]


def same_value(old: Any, new: Any) -> bool:
    """Whether two values are equal and can never differ: plain constants, and tuples of them."""
    if type(old) is not type(new):
        return False
    if isinstance(old, (tuple, frozenset)) and type(old) in (tuple, frozenset):
        if type(old) is frozenset:
            return bool(old == new) and all(type(item) in PLAIN for item in old)
        return len(old) == len(new) and all(map(same_value, old, new))
    if type(old) not in PLAIN:
        return old is new
    return bool(old == new) and repr(old) == repr(new)


def same_defaults(one: Any, other: Any) -> bool:
    """Whether parameters have the same defaults: positional ones, and those by keyword."""
    (args, kwargs), (other_args, other_kwargs) = one, other
    return same_value(args or (), other_args or ()) and (
        (kwargs or {}).keys() == (other_kwargs or {}).keys()
        and all(same_value(kwargs[name], other_kwargs[name]) for name in kwargs or {})
    )
