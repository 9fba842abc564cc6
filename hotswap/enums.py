"""
How does an enumeration take other members, while those that it has stay the same objects?

A member that is nothing but its attributes takes another value in place. One that is a number
or a text cannot: it gives way to a new one, unless somebody holds it.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from enum import Enum, Flag
from functools import partial
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

from hotswap.bytecode import attributes_set
from hotswap.effects import NeedsRestart
from hotswap.functions import reached_from
from hotswap.journal import refill
from hotswap.values import attributes, is_a

if TYPE_CHECKING:
    from hotswap.journal import Journal

_MAPS = ("_member_map_", "_value2member_map_")
_BOOKS = frozenset({*_MAPS, "_member_names_", "_new_member_", "_inverted_"})


def take_members(
    old: Any, new: Any, namespace: dict[str, Any], journal: Journal, place: tuple[str, int]
) -> dict[int, tuple[Any, Any]]:
    """
    Give an enumeration the members of one that was built anew. Of these, gives by id those that
    are not needed, each with the one that stays.

    Args:
        namespace: What is going to be installed in `old`; its members are put in.

    Raises:
        NeedsRestart: A member that is gone, or has to be another object, is in use.
    """
    members, made = _members(old, new), dict(new._member_map_)
    _refuse_in_use(old, members, place)
    for name, member in new._member_map_.items():
        if member._name_ == name:
            _become(old, members[name], member, journal)
    _list(old, new, members, journal)
    for name in _BOOKS:
        namespace.pop(name, None)
        if name in vars(old):
            namespace[name] = vars(old)[name]
    for name, member in members.items():
        if is_a(namespace.get(name), Enum):
            namespace[name] = member
    pairs = [(member, members[name]) for name, member in made.items()]
    return {id(member): (member, kept) for member, kept in pairs if member is not kept}


def carry_over(old: Any, new: Any, generations: Callable[[CodeType], list[CodeType]]) -> None:
    """
    Members that are made anew have what somebody else had set on those of that name.

    Args:
        generations: A piece of code → it, and what it was before.
    """
    own: set[str] | None = None
    for name, member in new._member_map_.items():
        former = attributes(old._member_map_.get(name))
        left = former.keys() - attributes(member).keys()
        if left and own is None:
            own = _set_by_class(old, generations)
        attributes(member).update({one: former[one] for one in left - (own or set())})


def _set_by_class(cls: Any, generations: Callable[[CodeType], list[CodeType]]) -> set[str]:
    """The attributes that methods of an enumeration give to its members, or gave."""
    kinds = [base for base in cls.__mro__ if base.__module__ not in ("enum", "builtins")]
    members = [value for base in kinds for value in vars(base).values()]
    functions = [one for value in members for one in reached_from(value, 1)]
    codes = [code for one in functions for code in generations(one.__code__)]
    return {name for code in codes for name in attributes_set(code)}


def _list(old: Any, new: Any, members: dict[str, Any], journal: Journal) -> None:
    """The books of an enumeration: its members by name, by value and in order."""
    values = {value: members[one._name_] for value, one in new._value2member_map_.items()}
    if issubclass(old, Flag):  # combinations, which are made when they are asked for
        values = {**old._value2member_map_, **values}
    for name, mapping in zip(_MAPS, (members, values), strict=True):
        _fill(getattr(old, name), mapping, journal)
        getattr(new, name).clear()  # nobody needs that class, but it may live on
    journal.keep_container(old._member_names_)
    old._member_names_[:] = new._member_names_


def _members(old: Any, new: Any) -> dict[str, Any]:
    """Every name of the new one, with the member that it is to have."""
    found: dict[str, Any] = {}
    for name, member in new._member_map_.items():
        former = old._member_map_.get(name)
        if member._name_ != name:
            found[name] = found[member._name_]
        elif former is not None and former._name_ == name and _can_become(former, member):
            found[name] = former
        else:
            found[name] = member
    return found


def _can_become(former: Any, member: Any) -> bool:
    one, other = former._value_, member._value_
    plain = type(former)._member_type_ is object and not is_a(former, Flag)
    return plain or (type(one) is type(other) and bool(one == other))


def _refuse_in_use(old: Any, members: dict[str, Any], place: tuple[str, int]) -> None:
    kept = {id(member) for member in members.values()}
    gone = [name for name, one in old._member_map_.items() if id(one) not in kept]
    for name in gone:
        if issubclass(old, Flag) or _is_held(old, old._member_map_[name]):
            message = f"{old.__qualname__}.{name} is gone or another one, and is in use"
            raise NeedsRestart(message, place)


def _is_held(cls: Any, member: Any) -> bool:
    """Whether anybody has a member but its class, and modules, whose names are bound anew."""
    free = {id(getattr(cls, name)) for name in _MAPS}
    free |= {id(attributes(module)) for module in list(sys.modules.values())}
    return any(
        not (id(holder) in free or is_a(holder, FrameType) or _is_of_class(holder))
        for holder in gc.get_referrers(member)
    )


def _is_of_class(holder: Any) -> bool:
    return is_a(holder, dict) and "_member_map_" in holder


def _become(old: Any, member: Any, new: Any, journal: Journal) -> None:
    """A member that stays has the attributes of the new one; a new one is of the old class."""
    if member is new:
        cls = type(new)
        journal.note(partial(object.__setattr__, new, "__class__", cls))
        object.__setattr__(new, "__class__", old)
    elif vars(member) != vars(new):
        journal.keep_dict(vars(member))
        refill(vars(member), {**vars(new), "__objclass__": old})


def _fill(mapping: dict[Any, Any], members: dict[Any, Any], journal: Journal) -> None:
    """`__members__` is a live view of the map: it has these from now on, in their order."""
    journal.keep_dict(mapping)
    refill(mapping, members)
    for key in members:
        mapping[key] = mapping.pop(key)
