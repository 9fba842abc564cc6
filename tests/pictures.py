"""
What do modules hold? A picture that is equal for two processes if they cannot be told apart.

As a program: `pictures.py FOLDER MODULE...` imports the modules in this fresh process and prints
their pictures, or the exception that this raised.
"""

# ruff: noqa: T201 - it prints
from __future__ import annotations

import importlib
import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from types import CodeType, FunctionType, MethodType, ModuleType, UnionType
from typing import Any, ForwardRef, Union, get_args, get_origin

PLAIN = (int, float, complex, str, bytes, bool, type(None), type(...))
OF_THE_PROCESS = {"__builtins__", "__cached__", "__file__", "__loader__", "__path__", "__spec__"}
BOOKS = {"__dict__", "__weakref__", "_abc_impl", "__subclasshook__"}
INSIDE = ("__wrapped__", "__func__", "__self__", "fget", "fset", "fdel", "func", "args", "keywords")
ALIASES = {"typing", "types", "collections.abc"}
UNIONS = (Union, UnionType)
LABELS = {staticmethod, classmethod}  # named only if they were made by a call, as Python makes none
FUNCTION = ("__name__", "__qualname__", "__module__", "__doc__", "__defaults__", "__kwdefaults__")


class Painter:
    """
    Turns objects into lists of plain values.

    An object that was seen before is shown as the place where it was, so that pictures tell who
    holds the same object as whom.
    """

    def __init__(self, folder: str) -> None:
        self._folder = os.path.join(os.path.realpath(folder), "")
        self._place: list[str] = []
        self._at: Counter[str] = Counter()
        self._seen: dict[int, tuple[str, Any]] = {}

    def modules(self, names: list[str]) -> dict[str, Any]:
        """The pictures of imported modules."""
        return self.names({name: vars(sys.modules[name]) for name in names}, set(), self._module)

    def _module(self, space: dict[str, Any]) -> dict[str, Any]:
        return self.names(space, OF_THE_PROCESS)

    def names(
        self, space: Any, without: set[str], paint: Callable[[Any], Any] | None = None
    ) -> dict[str, Any]:
        """The picture of a namespace."""
        shown = {}
        for name in sorted(space, key=str):
            if name not in without:
                self._place.append(str(name))
                shown[str(name)] = (paint or self.value)(space[name])
                self._place.pop()
        return shown

    def _first_seen(self, value: Any) -> None:
        place = ".".join(self._place)
        self._at[place] += 1
        self._seen[id(value)] = (f"{place}, object {self._at[place]}", value)

    def value(self, value: Any) -> Any:
        """The picture of an object."""
        kind = type(value)
        if kind in PLAIN:
            return [kind.__name__, repr(value)]
        if kind in (tuple, frozenset):
            return [
                kind.__name__,
                *map(self.value, value if kind is tuple else sorted(value, key=repr)),
            ]
        if (kind.__module__ in ALIASES and hasattr(value, "__args__")) or kind is ForwardRef:
            return self._alias(value)
        if isinstance(value, (type, ModuleType)) and not self._is_own(value):
            return ["foreign", *(getattr(value, name, "") for name in ("__module__", "__name__"))]
        if id(value) in self._seen:
            return f"as {self._seen[id(value)][0]}"
        self._first_seen(value)
        return self._object(value)

    def _object(self, value: Any) -> Any:  # noqa: PLR0911 - one kind of object after the other
        kind = type(value)
        if isinstance(value, CodeType):
            return self._code(value)
        if kind in (list, set):
            return [
                kind.__name__,
                *map(self.value, value if kind is list else sorted(value, key=repr)),
            ]
        if kind is dict:
            return ["dict", *([self.value(one), self.value(value[one])] for one in value)]
        if not self._is_own(value):
            return self._foreign(value)
        if isinstance(value, type):
            bases = [self.value(base) for base in value.__mro__]
            return [
                "class",
                value.__qualname__,
                value.__module__,
                bases,
                self.names(vars(value), BOOKS),
            ]
        if isinstance(value, FunctionType):
            return self._function(value)
        return [
            "object",
            self.value(kind),
            self.names(attributes(value), set()),
            self._items(value),
        ]

    def _foreign(self, value: Any) -> Any:
        """Where others' objects look like what they are, that is shown; and what they hold."""
        kind, text = type(value), repr(value)
        name = "" if kind in LABELS else getattr(value, "__qualname__", "")
        inside = {one: getattr(value, one, None) for one in INSIDE if hasattr(value, one)}
        shown = ["foreign", kind.__name__, name, "" if " at 0x" in text else text]
        return [*shown, self.names(inside, set()), self._items(value)]

    def _alias(self, value: Any) -> Any:
        """A generic one: `typing` hands out those that are equal in the order that it saw first."""
        if isinstance(value, ForwardRef):
            return ["ForwardRef", value.__forward_arg__]
        origin, arguments = get_origin(value), [self.value(one) for one in get_args(value)]
        shown = sorted(arguments, key=repr) if origin in UNIONS else arguments
        return [type(value).__name__, self.value(origin), *shown]

    def _items(self, value: Any) -> Any:
        """What an object holds that is a container by inheritance."""
        for kind in (dict, list, set, tuple, *PLAIN[:5]):
            if isinstance(value, kind) and kind is not bool:
                return self.value(kind(value)) if type(value) is not kind else None
        return None

    def _is_own(self, value: Any) -> bool:
        if isinstance(value, MethodType):
            return False
        definition = value if isinstance(value, (type, FunctionType)) else type(value)
        name = getattr(definition, "__module__", "")
        path = getattr(sys.modules.get(name), "__file__", None)
        return isinstance(path, str) and os.path.realpath(path).startswith(self._folder)

    def _function(self, function: FunctionType) -> list[Any]:
        cells = [self.value(cell.cell_contents) for cell in function.__closure__ or ()]
        shown = [self.value(getattr(function, name)) for name in FUNCTION]
        rest = [self.value(function.__annotations__), self.names(vars(function), set())]
        return ["function", *shown, *rest, cells, self._code(function.__code__)]

    def _code(self, code: CodeType) -> list[Any]:
        lines = [line for *_, line in code.co_lines()]
        consts = [
            self._code(one) if isinstance(one, CodeType) else self.value(one)
            for one in code.co_consts
        ]
        names = [code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars]
        return [code.co_name, code.co_flags, code.co_code.hex(), *map(list, names), consts, lines]


def attributes(value: Any) -> dict[str, Any]:
    """What an object has of its own, in slots or not."""
    slots = [vars(kind).get("__slots__", ()) for kind in type(value).__mro__]
    names = {name for one in slots for name in ([one] if isinstance(one, str) else one)} - BOOKS
    found = {name: getattr(value, name) for name in names if hasattr(value, name)}
    return {**found, **getattr(value, "__dict__", {})}


def picture(folder: str, modules: list[str]) -> Any:
    """The pictures of modules that are imported, as they come out of JSON."""
    return json.loads(json.dumps(Painter(folder).modules(modules)))


def main(folder: str, *modules: str) -> None:
    """Import, and print the picture."""
    sys.path.insert(0, folder)
    try:
        for name in modules:
            importlib.import_module(name)
    except Exception as error:  # noqa: BLE001 - whatever a module raises
        print(json.dumps(type(error).__name__))
    else:
        print(json.dumps(picture(folder, list(modules))))


if __name__ == "__main__":
    main(*sys.argv[1:])
