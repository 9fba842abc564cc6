"""Which loaded modules would a fresh start find somewhere else, since there is a new file?"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping

from hotswap import source
from hotswap.source import Unit

_FIXED = frozenset({"built-in", "frozen", None})


def hidden(
    own: Callable[[str], bool], wanted: frozenset[str] | None, since: float
) -> tuple[str, str] | None:
    """
    A loaded module that a fresh start would not load, and the file that it would take for it.

    Args:
        own: Path → whether it is the project's.
        wanted: Absolute paths that may be new; None: any may be.
        since: Files that are older hide what they hide from the start.
    """
    folders = [one for one in _searched() if own(os.path.join(one[1], "_.py"))]
    for name, path in (row for one in folders for row in _offered(*one, wanted)):
        new = _is_loaded_from_elsewhere(name, path) and own(path) and _is_new(path, since)
        if new and source.found_at(name) == path:
            return name, path
    return None


def package(
    units: Mapping[str, Unit], own: Callable[[str], bool], wanted: frozenset[str] | None
) -> tuple[str, str] | None:
    """
    A loaded module, or namespace package, that is a regular package by now, and the file of that.

    Args:
        units: The modules that are followed.
        own: Path → whether it is the project's.
        wanted: Absolute paths that may be new; None: any may be.
    """
    if wanted is not None and not any(path.endswith("__init__.py") for path in wanted):
        return None
    for name, folder in _not_packages(units):
        path = os.path.join(folder, "__init__.py")
        if own(path) and os.path.exists(path) and source.found_at(name) == path:
            return name, path
    return None


def _not_packages(units: Mapping[str, Unit]) -> Iterator[tuple[str, str]]:
    """Names, and the folders that would hold regular packages of these names."""
    for unit in list(units.values()):
        if not unit.is_main and not unit.path.endswith("__init__.py"):
            yield unit.name, os.path.splitext(unit.path)[0]
    for name, module in list(sys.modules.items()):
        if getattr(module, "__file__", None) is None and hasattr(module, "__path__"):
            yield from ((name, folder) for folder in list(module.__path__))


def _searched() -> Iterator[tuple[str, str]]:
    """Folders in which modules are looked for, and what stands before their names."""
    for folder in sys.path:
        yield "", os.path.abspath(folder)
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__path__", None)
        folders = [] if path is None else [one for one in path if isinstance(one, str)]
        if len(folders) > 1:
            yield from ((f"{name}.", os.path.abspath(folder)) for folder in folders)


def _offered(prefix: str, folder: str, wanted: frozenset[str] | None) -> Iterator[tuple[str, str]]:
    """The modules that a folder offers: names and files."""
    if wanted is None:
        try:
            entries = os.listdir(folder)
        except OSError:
            return
        paths = [os.path.join(folder, entry) for entry in entries]
        for path in paths:
            stem, suffix = os.path.splitext(os.path.basename(path))
            if suffix == ".py" or (not suffix and prefix + stem in sys.modules):
                yield prefix + stem, path if suffix else os.path.join(path, "__init__.py")
        return
    for path in wanted:
        place, file = os.path.split(path)
        if file == "__init__.py":
            place, file = os.path.split(place)
        if place == folder:
            yield prefix + file.removesuffix(".py"), path


def _is_loaded_from_elsewhere(name: str, path: str) -> bool:
    module = sys.modules.get(name)
    if module is None or name == "__main__" or name in sys.builtin_module_names:
        return False
    spec = getattr(module, "__spec__", None)
    if spec is None or (spec.origin in _FIXED and not hasattr(module, "__path__")):
        return False
    file = getattr(module, "__file__", None)
    return file is None or os.path.realpath(file) != os.path.realpath(path)


def _is_new(path: str, since: float) -> bool:
    try:
        return os.stat(path).st_ctime > since
    except OSError:
        return False
