"""How do references held outside the reloaded modules come to the current objects?"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

# The implementation in Python: the one in C keeps the wrapped object out of reach of a property.
from wrapt.wrappers import CallableObjectProxy

Undo = Callable[[], None]

_callbacks: list[Callable[[], Undo | None]] = []


def on_refresh(callback: Callable[[], Undo | None]) -> None:
    """
    Have `callback` called after every swap, while no call runs, to look up what it holds anew.

    It returns what takes that back, or None. If it raises, the swap is rolled back.
    """
    if callback not in _callbacks:
        _callbacks.append(callback)


def refresh() -> Undo:
    """Call what asked to be; returns what takes all of it back. All is as before if one raises."""
    undos: list[Undo] = []
    try:
        undos.extend(undo for callback in _callbacks if (undo := callback()) is not None)
    except BaseException:
        _take_back(undos)
        raise
    return functools.partial(_take_back, undos)


def _take_back(undos: list[Undo]) -> None:
    while undos:
        undos.pop()()


def live(target: str) -> Any:
    """
    Return a stand-in for "package.module:name" that is the current object at every use.

    The module is imported at the first use. A name may have dots.

    Raises:
        ValueError: the target is not of that form.
        ImportError, AttributeError: at a use, if there is no such module or name now.
    """
    module, _, name = target.partition(":")
    if not all(part.isidentifier() for part in [*module.split("."), *name.split(".")]):
        raise ValueError(f"{target!r} is not of the form 'package.module:name'")
    return _Live(module, name)


class _Live(CallableObjectProxy):  # type: ignore[misc]
    def __init__(self, module: str, name: str) -> None:
        self._self_module, self._self_name = module, name

    @property
    def __wrapped__(self) -> Any:
        return _current(self._self_module, self._self_name)

    def __getattr__(self, name: str) -> Any:
        # An AttributeError in the property above leads here, and would be lost.
        if name == "__wrapped__":
            return _current(self._self_module, self._self_name)
        return getattr(self.__wrapped__, name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.__wrapped__)

    def __repr__(self) -> str:
        return f"<live {self._self_module}:{self._self_name}>"


def _current(module: str, name: str) -> Any:
    found = sys.modules.get(module) or importlib.import_module(module)
    try:
        return functools.reduce(getattr, name.split("."), found)
    except AttributeError as missing:
        raise AttributeError(f"hotswap.live('{module}:{name}'): {missing}") from None
