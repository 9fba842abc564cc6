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
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

PLAIN = (int, float, complex, str, bytes, bool, type(None), type(...))
OF_THE_PROCESS = {"__builtins__", "__cached__", "__file__", "__loader__", "__path__", "__spec__"}
BOOKS = {"__dict__", "__weakref__", "_abc_impl", "__subclasshook__"}
INSIDE = ("__wrapped__", "__func__", "__self__", "fget", "fset", "fdel", "func", "args", "keywords")
FUNCTION = ("__name__", "__qualname__", "__module__", "__doc__", "__defaults__", "__kwdefaults__")


class Painter:
    """
    Turns objects into lists of plain values.

    An object that was seen before is shown as its number, so that pictures tell who holds the
    same object as whom.
    """

    def __init__(self, folder: str) -> None:
        self._folder = os.path.join(os.path.realpath(folder), "")
        self._seen: dict[int, tuple[int, Any]] = {}

    def modules(self, names: list[str]) -> dict[str, Any]:
        """The pictures of imported modules."""
        return {name: self.names(vars(sys.modules[name]), OF_THE_PROCESS) for name in names}

    def names(self, space: Any, without: set[str]) -> dict[str, Any]:
        """The picture of a namespace."""
        return {
            str(name): self.value(space[name])
            for name in sorted(space, key=str)
            if name not in without
        }

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
        if id(value) in self._seen:
            return f"number {self._seen[id(value)][0]}"
        self._seen[id(value)] = (len(self._seen), value)
        return self._object(value)

    def _object(self, value: Any) -> Any:  # noqa: PLR0911 - one kind of object after the other
        kind = type(value)
        if isinstance(value, CodeType):
            return self._code(value)
        if isinstance(value, ModuleType):
            return ["module", value.__name__]
        if kind in (list, set):
            return [
                kind.__name__,
                *map(self.value, value if kind is list else sorted(value, key=repr)),
            ]
        if kind is dict:
            return ["dict", *([self.value(one), self.value(value[one])] for one in value)]
        if not self._is_own(value):
            inside = (
                [] if isinstance(value, type) else [getattr(value, one, None) for one in INSIDE]
            )
            name = getattr(value, "__qualname__", "")
            return ["foreign", kind.__name__, name, *map(self.value, inside)]
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
        return ["object", self.value(kind), self.names(getattr(value, "__dict__", {}), set())]

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
