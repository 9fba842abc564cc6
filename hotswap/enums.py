"""How do the members of an enum come to be those of its new body, and stay the same objects?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from hotswap.effects import NeedsRestart

if TYPE_CHECKING:
    from hotswap.journal import Journal

_BOOKS = frozenset(
    {
        "_member_names_",
        "_member_map_",
        "_value2member_map_",
        "_unhashable_values_",
        "_unhashable_values_map_",
        "_hashable_values_",
        "_new_member_",
        "__new__",
        "_inverted_",
    }
)


def take_members(
    old: Any, new: Any, namespace: dict[str, Any], journal: Journal, place: tuple[str, int]
) -> None:
    """Members keep identity: those that were there stay, new ones may only be appended."""
    before, after = list(old._member_map_), list(new._member_map_)
    same = after[: len(before)] == before and all(
        _equal_values(old._member_map_[name].value, new._member_map_[name].value) for name in before
    )
    if not same:
        raise NeedsRestart(f"members of {old.__qualname__} changed or are gone", place)
    for name in _BOOKS | set(before):
        namespace.pop(name, None)
    for mapping in (old._member_map_, old._value2member_map_):
        journal.keep_dict(mapping)
    journal.keep_container(old._member_names_)
    # `__members__` is a live view of the map: take the names first
    for name in after[len(before) :]:
        member = new._member_map_[name]
        if member._name_ != name:  # an alias
            namespace[name] = old._member_map_[name] = old._member_map_[member._name_]
            continue
        journal.note(partial(object.__setattr__, member, "__class__", new))
        object.__setattr__(member, "__class__", old)
        old._member_map_[name] = member
        old._member_names_.append(name)
        old._value2member_map_.setdefault(member._value_, member)
    for name in [name for name in old.__dict__ if name in _BOOKS or name in before]:
        namespace.setdefault(name, old.__dict__[name])


def _equal_values(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)
