"""
What does a process hold that imported a release, or one that was reloaded to be the next?

As a program: `replay.py FOLDER [NEXT]` imports all modules of FOLDER in this process. Given NEXT,
a reloader follows them, FOLDER's files become those of NEXT, and the reloader takes them up.
Prints what it came to: the outcome, what is held from outside and stale, the pictures.
"""

# ruff: noqa: T201 - it prints
from __future__ import annotations

import importlib
import inspect
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

sys.path[0] = str(Path(__file__).parents[1])
import pictures  # noqa: E402 - of the folder above

LEFT_OUT = {"__main__", "tests", "test", "conftest"}


def modules_of(folder: Path) -> list[str]:
    """The modules in a folder, packages before what is in them."""
    names = {path.relative_to(folder).with_suffix("").parts for path in folder.rglob("*.py")}
    plain = {name[:-1] if name[-1] == "__init__" else name for name in names}
    return sorted(".".join(name) for name in plain if name and not LEFT_OUT & set(name))


def load(names: list[str]) -> dict[str, str]:
    """Import modules; those that cannot be, with their error's name."""
    failed = {}
    for name in names:
        try:
            importlib.import_module(name)
        except BaseException as error:  # noqa: BLE001 - whatever a module raises
            failed[name] = type(error).__name__
    return failed


def become(folder: Path, after: Path) -> None:
    """Let a folder hold the files of another one: added, edited and deleted ones."""
    files = {path.relative_to(after): path for path in after.rglob("*") if path.is_file()}
    for old in [path for path in folder.rglob("*") if path.is_file()]:
        if old.relative_to(folder) not in files:
            old.unlink()
    for name, path in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(path.read_bytes())


def hold(names: list[str]) -> dict[tuple[str, str], tuple[Any, Any]]:
    """Public classes and functions by module and name, with instances of plain classes."""
    return {
        (module, name): (value, instance(value))
        for module in names
        if module in sys.modules
        for name, value in vars(sys.modules[module]).items()
        if isinstance(value, (type, FunctionType))
        if not name.startswith("_") and value.__module__ == module
    }


def instance(value: Any) -> Any:
    """A bare instance of a class that has nothing to say about how it is made."""
    plain = type(value) is type and value.__new__ is object.__new__
    return object.__new__(value) if plain else None


def stale(held: dict[tuple[str, str], tuple[Any, Any]]) -> Iterator[str]:
    """What is held and is not what its module has under that name by now."""
    for (module, name), (value, alive) in held.items():
        current = vars(sys.modules[module]).get(name) if module in sys.modules else None
        if getattr(current, "__module__", module) != module:
            continue  # something else has taken the name
        if isinstance(value, FunctionType) and isinstance(current, FunctionType):
            if inspect.unwrap(value).__code__ is not inspect.unwrap(current).__code__:
                yield f"{module}.{name} runs old code"
        elif isinstance(value, type) and isinstance(current, type):
            if value is not current:
                yield f"{module}.{name} is another class"
            if alive is not None and type(alive) is not current:
                yield f"an instance of {module}.{name} is of another class"


def paint(folder: Path) -> dict[str, Any]:
    """The pictures of all modules, those included that are imported and have no file."""
    names = modules_of(folder)
    roots = {name.split(".")[0] for name in names}
    failed = load([name for name in names if name not in sys.modules])
    there = [name for name in sys.modules if name.split(".")[0] in roots]
    gone = sorted(name for name in there if name not in names and not LEFT_OUT & {*name.split(".")})
    painted = pictures.picture(str(folder), [name for name in names if name in sys.modules])
    return {"failed": failed, "gone": gone, "modules": painted}


def main(folder: Path, after: Path | None = None) -> None:
    """Import, reload if there is an `after`, and print."""
    sys.path[0] = str(folder)
    said: dict[str, Any] = {}
    if after is None:
        load(modules_of(folder))
    else:
        from hotswap import Reloader  # noqa: PLC0415 - a fresh process has no reloader

        reloader = Reloader(paths=[folder])
        load(modules_of(folder))
        held = hold(modules_of(folder))
        become(folder, after)
        importlib.invalidate_caches()
        report = reloader.reload()
        said = {"outcome": report.outcome, "reason": report.reason, "stale": list(stale(held))}
        reloader.close()
    print(json.dumps({**said, **paint(folder)}))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
    sys.stdout.flush()
    os._exit(0)  # whatever the modules left running
