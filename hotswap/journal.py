"""How is each write of a transaction taken back?"""

from __future__ import annotations

import types
import warnings
from collections import deque
from collections.abc import Callable, MutableMapping
from typing import Any

from hotswap.values import base_of

_GONE: Any = object()

FUNCTION_STATE = ("__code__", "__defaults__", "__kwdefaults__", "__annotations__", "__doc__")
FUNCTION_NAMES = ("__name__", "__qualname__", "__module__")


_KIND = 0x20 | 0x80 | 0x200  # generator, coroutine, asynchronous generator


def assign_code(function: types.FunctionType, code: types.CodeType) -> None:
    """Set `__code__`; to another kind of function too, which 3.13 warns of."""
    if (function.__code__.co_flags ^ code.co_flags) & _KIND:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            function.__code__ = code
    else:
        function.__code__ = code


class Journal:
    """The undo of every write, in the order of the writes; rolling back runs them in reverse."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], object]] = []
        self.copies: list[Any] = []
        """Containers that hold what was there, for the undo: nothing may be exchanged in them."""

    def note(self, undo: Callable[[], object]) -> None:
        """Remember `undo`, which takes back what is about to be done."""
        self._undo.append(undo)

    def cells(self) -> set[int]:
        """By id, those that the undos close over."""
        closures = (getattr(undo, "__closure__", None) or () for undo in self._undo)
        return {id(cell) for closure in closures for cell in closure}

    def set_item(self, mapping: MutableMapping[Any, Any], key: object, value: object) -> None:
        """`mapping[key] = value`."""
        old = mapping.get(key, _GONE)
        if old is _GONE:
            self.note(lambda: mapping.pop(key, None))
        else:
            self.note(lambda: mapping.__setitem__(key, old))
        mapping[key] = value

    def del_item(self, mapping: MutableMapping[Any, Any], key: object) -> None:
        """`del mapping[key]`, if it is there."""
        old = mapping.pop(key, _GONE)
        if old is not _GONE:
            self.note(lambda: mapping.__setitem__(key, old))

    def set_class_attr(self, cls: type, name: str, value: object) -> None:
        """Set an attribute of a class past its metaclass (that of `Enum` refuses)."""
        old = cls.__dict__.get(name, _GONE)
        if old is value:
            return
        self.note(lambda: _restore_class_attr(cls, name, old))
        type.__setattr__(cls, name, value)

    def del_class_attr(self, cls: type, name: str) -> None:
        """Delete an attribute that is in the class's own namespace."""
        old = cls.__dict__[name]
        self.note(lambda: _restore_class_attr(cls, name, old))
        type.__delattr__(cls, name)

    def keep_class(self, cls: type) -> None:
        """Remember all attributes of a class: its metaclass is about to set some."""
        old = dict(cls.__dict__)

        def undo() -> None:
            for name in cls.__dict__.keys() | old.keys():
                if cls.__dict__.get(name, _GONE) is not old.get(name, _GONE):
                    _restore_class_attr(cls, name, old.get(name, _GONE))

        self.note(undo)

    def set_module(self, cls: type, module: str) -> None:
        """Let a class be a module's. Python takes away the line that it knows (3.13): it stays."""
        line = cls.__dict__.get("__firstlineno__", _GONE)
        self.note(lambda: _restore_class_attr(cls, "__firstlineno__", line))
        self.set_class_attr(cls, "__module__", module)
        _restore_class_attr(cls, "__firstlineno__", line)

    def set_bases(self, cls: type, bases: tuple[type, ...]) -> None:
        """Let a class have other bases; raises a TypeError where it cannot."""
        old = cls.__bases__
        cls.__bases__ = bases
        self.note(lambda: setattr(cls, "__bases__", old))

    def set_class(self, instance: object, cls: type) -> None:
        """Let an object be another class's; raises a TypeError where it cannot."""
        old = type(instance)
        object.__setattr__(instance, "__class__", cls)
        self.note(lambda: object.__setattr__(instance, "__class__", old))

    def set_name(self, cls: type, qualname: str) -> None:
        """Let a class have this dotted name."""
        before = (cls.__name__, cls.__qualname__)

        def rename(name: str, qualname: str) -> None:
            cls.__name__, cls.__qualname__ = name, qualname

        self.note(lambda: rename(*before))
        rename(qualname.rpartition(".")[2], qualname)

    def set_code(self, function: types.FunctionType, code: types.CodeType) -> None:
        """Give a living function other code; frames that run go on with the old one."""
        old = function.__code__
        self.note(lambda: assign_code(function, old))
        assign_code(function, code)

    def keep_function(self, function: types.FunctionType) -> None:
        """Remember the whole state of a function: code, defaults, names, attributes."""
        state = {name: getattr(function, name) for name in FUNCTION_STATE + FUNCTION_NAMES}
        kwdefaults, attributes = dict(function.__kwdefaults__ or {}), dict(function.__dict__)
        self.copies += [kwdefaults, attributes]

        def undo() -> None:
            assign_code(function, state["__code__"])
            for name, value in state.items():
                if name != "__code__":
                    setattr(function, name, value)
            function.__kwdefaults__ = kwdefaults or None
            function.__dict__.clear()
            function.__dict__.update(attributes)

        self.note(undo)

    def set_cell(self, cell: types.CellType, value: object) -> None:
        """Let a cell hold `value`."""
        try:
            old = cell.cell_contents
        except ValueError:  # an empty cell
            self.note(lambda: delattr(cell, "cell_contents"))
        else:
            self.note(lambda: setattr(cell, "cell_contents", old))
        cell.cell_contents = value

    def keep_attribute(self, holder: Any, name: str) -> None:
        """Remember an attribute that somebody is about to set."""
        old = getattr(holder, "__dict__", {}).get(name, _GONE)
        setter = type.__setattr__ if isinstance(holder, type) else setattr
        if old is _GONE:
            self.note(lambda: _delete_attribute(holder, name))
        else:
            self.note(lambda: setter(holder, name, old))

    def keep_dict(self, mapping: dict[Any, Any]) -> None:
        """
        Remember a whole dict. It is restored without ever being empty: threads that look
        names up meanwhile find them.
        """
        old = dict(mapping)
        self.copies.append(old)

        def undo() -> None:
            mapping.update(old)
            for key in [key for key in mapping if key not in old]:
                del mapping[key]

        self.note(undo)

    def keep_container(self, container: Any) -> None:
        """Remember the members of a list, dict or set."""
        if type(container) is dict:
            keys = list(container)
            self.note(lambda: reorder(container, keys))  # the last to be done
            self.keep_dict(container)
            return
        base = base_of(container)
        old: Any = dict(base.items(container)) if issubclass(base, dict) else [*container]
        self.copies.append(old)
        self.note(lambda: refill(container, old))

    def commit(self) -> None:
        """What was done stays; what it takes to undo it is let go."""
        self._undo.clear()
        self.copies.clear()

    def roll_back(self) -> list[str]:
        """Take everything back, latest first; returns what could not be, one sentence each."""
        failures = []
        while self._undo:
            try:
                self._undo.pop()()
            except Exception as error:  # noqa: BLE001 - every other undo must still run
                failures.append(f"could not be taken back: {error}")
        return failures


def _delete_attribute(holder: Any, name: str) -> None:
    if name in getattr(holder, "__dict__", {}):
        delattr(holder, name)


def refill(container: Any, members: Any) -> None:
    """Let a container have exactly these members again; a dict keeps the order of its keys."""
    base = base_of(container)
    if base is list:
        list.__setitem__(container, slice(None), list(members))
    elif issubclass(base, dict):
        _refill_dict(container, dict(members), base)
    else:
        base.clear(container)
        (deque.extend if base is deque else set.update)(container, members)


def _refill_dict(container: Any, members: dict[Any, Any], base: Any) -> None:
    """Never empty meanwhile, if its keys can be found."""
    keys = list(base.__iter__(container))
    if not all(base.__contains__(container, key) for key in keys):
        base.clear(container)
    for key, value in members.items():
        base.__setitem__(container, key, value)
    for key in [key for key in base.__iter__(container) if key not in members]:
        base.__delitem__(container, key)


def reorder(container: Any, keys: list[Any]) -> None:
    """Let a dict have its keys in this order again."""
    base = base_of(container)
    if list(base.__iter__(container)) != keys:
        for key in keys:
            base.__setitem__(container, key, base.pop(container, key))


def _restore_class_attr(cls: type, name: str, old: object) -> None:
    if old is _GONE:
        if name in cls.__dict__:
            type.__delattr__(cls, name)
    else:
        type.__setattr__(cls, name, old)
