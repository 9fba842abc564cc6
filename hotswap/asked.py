"""Which files is the system itself asked for, without Python's own functions between?"""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_TELLS = {"stat": True, "access": False}
"""Functions written in C, of which no audit hook hears; whether each tells more than if a file
is there."""
_OURS = 2
"""References to a proxy that nobody has taken, as it is asked how many there are."""


class Asked:
    """
    Stands before these functions while modules execute.

    A proxy of wrapt's is equal to what it wraps, so `os.stat in os.supports_fd` stays true.

    Args:
        looked: Is told who asked, the path, and whether for more than if it is there.
    """

    def __init__(self, looked: Callable[[dict[str, Any], object, bool], None]) -> None:
        self._looked = looked
        self._before: dict[str, Any] = {}

    def hear(self) -> None:
        """From now on, in all threads."""
        from wrapt import FunctionWrapper  # noqa: PLC0415 - not before something is followed

        for name in _TELLS:
            self._before[name] = getattr(os, name)
            setattr(os, name, FunctionWrapper(self._before[name], self._called))

    def rest(self) -> None:
        """No longer; whoever has taken one of them meanwhile has the system's own."""
        befores, self._before = self._before, {}
        for name, before in befores.items():
            proxy = getattr(os, name)
            if getattr(proxy, "__wrapped__", None) is before:  # else somebody stands before us
                setattr(os, name, before)
                if sys.getrefcount(proxy) > _OURS:
                    _put_back(proxy, before)

    def _called(self, called: Any, _instance: object, args: Any, kwargs: Any) -> Any:
        if self._before:
            path = args[0] if args else kwargs.get("path")
            self._looked(sys._getframe(1).f_globals, path, _TELLS[called.__name__])
        return called(*args, **kwargs)


def _put_back(proxy: Any, before: Any) -> None:
    """Not in a class, which remembers what it has."""
    for space in gc.get_referrers(proxy):
        module = sys.modules.get(str(space.get("__name__"))) if type(space) is dict else None
        if module is not None and vars(module) is space:
            for name in [name for name, value in list(space.items()) if value is proxy]:
                space[name] = before
