"""Where does a chain of attributes lead, as `package.module.name`, and what does a star take?"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from hotswap.values import attributes, is_a


def leads_to(value: object, chain: tuple[str, ...], module: str, name: str) -> bool:
    """
    Whether attributes, taken one from the other, meet a name of a module or end with all of it.

    Args:
        value: What the first of the chain holds.
    """
    for attribute in chain[1:]:
        if attribute == name and _is_module(value, module):
            return True
        value = _attribute(value, attribute)
        if value is None:
            return False
    return _is_module(value, module)


def _is_module(value: object, name: str) -> bool:
    return named(value) == name


def named(value: object) -> str:
    """The name of a module, whatever class it has; empty if it is none."""
    return str(attributes(value).get("__name__")) if is_a(value, ModuleType) else ""


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
