"""Which files are asked for while modules execute, through Python or of the system itself?"""

from __future__ import annotations

import gc
import os
import sys
from functools import partial
from types import CellType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

LOOKS = {
    **dict.fromkeys(("exists", "lexists", "isfile", "isdir", "islink", "stat"), False),
    **dict.fromkeys(("getsize", "getmtime", "getctime"), True),
}
"""Python's functions that ask for a file, each with whether it tells more than if it is there."""
LOOKING = frozenset({"genericpath", "posixpath", "ntpath", "pathlib"})
"""Where they are."""
_SYSTEM = {"stat": True, "access": False}
"""Functions written in C, of which no audit hook hears."""
_PASSED = frozenset({__package__, "importlib", "linecache"})
"""Whose looks are nothing to the program."""
_OURS = 2
"""References to a proxy that nobody has taken, as it is asked how many there are."""


def top(space: dict[str, Any]) -> str:
    """The package that a function belongs to, by its globals."""
    name: str = space.get("__name__", "")
    return name.partition(".")[0]


class Asked:
    """
    Hears of those who ask.

    While modules execute, something stands before the functions that are written in C.

    Args:
        looked: Is told the path of a file that was asked for, and whether more was than if it
            is there.
    """

    def __init__(self, looked: Callable[[str, bool], None]) -> None:
        self._looked = looked
        self._before: dict[str, Any] = {}

    def heard(self, frame: FrameType, code: CodeType) -> None:
        """One of Python's functions starts."""
        asking, path = frame.f_back, frame.f_locals.get(code.co_varnames[0])
        if asking is not None:
            more = LOOKS[code.co_name]
            if code.co_name == "stat":  # which `Path.exists` and its like call, too
                more = top(asking.f_globals) not in LOOKING
            self._note(asking.f_globals, path, more=more)

    def _note(self, asking: dict[str, Any], path: object, *, more: bool) -> None:
        if isinstance(path, (str, os.PathLike)) and top(asking) not in _PASSED:
            self._looked(os.path.abspath(path), more)

    def hear(self) -> None:
        """From now on, in all threads."""
        for name in _SYSTEM:
            self._before[name] = getattr(os, name)
            setattr(os, name, _Before(self._before[name], self._called))

    def rest(self) -> None:
        """No longer; whoever has taken one of them meanwhile has the system's own."""
        befores, self._before = self._before, {}
        for name, before in befores.items():
            proxy = getattr(os, name)
            if getattr(proxy, "__wrapped__", None) is before:  # else somebody stands before us
                setattr(os, name, before)
                if sys.getrefcount(proxy) > _OURS:
                    _put_back(proxy, before)

    def _called(self, name: str, asking: dict[str, Any], path: object) -> None:
        if self._before and top(asking) not in LOOKING:  # they are heard themselves
            self._note(asking, path, more=_SYSTEM[name])


class _Before:
    """What is asked in place of a function, and equal to it, as in `os.stat in os.supports_fd`."""

    __slots__ = ("__wrapped__", "_called")

    def __init__(
        self, function: Any, called: Callable[[str, dict[str, Any], object], None]
    ) -> None:
        self.__wrapped__, self._called = function, called

    @property
    def __doc__(self) -> Any:  # type: ignore[override]
        return self.__wrapped__.__doc__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        path = args[0] if args else kwargs.get("path")
        self._called(self.__wrapped__.__name__, sys._getframe(1).f_globals, path)
        return self.__wrapped__(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__wrapped__, name)

    def __eq__(self, other: object) -> bool:
        return other is self or self.__wrapped__ == other

    def __hash__(self) -> int:
        return hash(self.__wrapped__)


_Before.__module__ = property(lambda self: self.__wrapped__.__module__)  # type: ignore[assignment]


def _put_back(proxy: Any, before: Any) -> None:
    """Not in a class, which remembers what it has. No cell here may have the proxy itself."""
    for holder in gc.get_referrers(proxy):
        if type(holder) is CellType:
            holder.cell_contents = before
        elif type(holder) is partial and holder.func is proxy:
            state = (before, holder.args, holder.keywords, vars(holder))
            holder.__setstate__(state)  # type: ignore[attr-defined]
        elif type(holder) is dict and ("__wrapped__" in holder or _is_of_module(holder)):
            for name, value in list(holder.items()):
                if value is proxy:
                    holder[name] = before


def _is_of_module(space: dict[str, Any]) -> bool:
    module = sys.modules.get(str(space.get("__name__")))
    return module is not None and vars(module) is space
