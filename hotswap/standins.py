"""Who holds a class, or a member of one, that only stood in for the one that stays?"""

from __future__ import annotations

import gc
from types import CellType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from hotswap.journal import refill
from hotswap.values import attributes, is_a

if TYPE_CHECKING:
    from hotswap.journal import Journal


def replace_everywhere(temporary: dict[int, tuple[Any, Any]], journal: Journal) -> None:
    """
    Let whoever got hold of a temporary class hold the kept one: cells that zero-argument
    `super()` looks at, registries of metaclasses, attributes.

    Args:
        temporary: id of a temporary class, or member → that, and the kept one.
    """
    if not temporary:
        return
    for holder in gc.get_referrers(*(new for new, _ in temporary.values())):
        if is_a(holder, CellType):
            journal.set_cell(holder, temporary[id(holder.cell_contents)][1])
        elif type(holder) in (list, set) or is_a(holder, dict):
            _replace_members(holder, temporary, journal)
        elif not is_a(holder, (type, tuple, FunctionType, ModuleType)):
            space = attributes(holder)  # which Python keeps in the object itself (3.11)
            if any(id(value) in temporary for value in space.values()):
                _replace_members(space, temporary, journal)


def _replace_members(holder: Any, temporary: dict[int, tuple[Any, Any]], journal: Journal) -> None:
    def kept(value: Any) -> Any:
        return temporary[id(value)][1] if id(value) in temporary else value

    if any(holder is pair for pair in temporary.values()) or holder is temporary:
        return
    journal.keep_container(holder)
    if is_a(holder, dict):
        for key, value in list(holder.items()):
            if id(key) in temporary:
                del holder[key]
            if id(key) in temporary or id(value) in temporary:
                holder[kept(key)] = kept(value)
    else:
        refill(holder, [kept(value) for value in holder])
