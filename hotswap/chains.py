"""Where does a chain of attributes lead, as `package.module.name`, and what does a star take?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import ModuleType
from typing import Any

from hotswap.values import attributes, is_a


def leads_to(value: object, chain: tuple[str, ...], names: Mapping[str, Collection[str]]) -> bool:
    """
    Whether attributes, taken one from the other, meet a name of a module or end with all of it.

    Args:
        value: What the first of the chain holds.
        names: By module, those that matter.
    """
    for attribute in chain[1:]:
        if attribute in names.get(named(value), ()):
            return True
        value = _attribute(value, attribute)
        if value is None:
            return False
    return named(value) in names


def named(value: object) -> str:
    """The name of a module, whatever class it has; empty if it is none."""
    kind = type(value)
    if kind is not ModuleType and not issubclass(kind, ModuleType):
        return ""
    return str(attributes(value).get("__name__"))


def _attribute(value: object, name: str) -> object:
    if is_a(value, type):
        return next((vars(one)[name] for one in value.__mro__ if name in vars(one)), None)
    return attributes(value).get(name)


def public_names(space: dict[str, Any]) -> list[str]:
    """What a star-import of a module with this namespace takes."""
    names = space.get("__all__")
    if isinstance(names, (list, tuple)):
        return [name for name in names if name in space]
    return [name for name in space if not name.startswith("_")]
