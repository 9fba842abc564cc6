"""What would saving these files do? Asked of the files alone, without a running program."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator

from hotswap import detect, source
from hotswap.ahead import look_ahead
from hotswap.console import describe
from hotswap.detect import Edit
from hotswap.source import Unit
from hotswap.steps import Plan
from hotswap.survey import Survey


class CannotCompare(Exception):  # noqa: N818 - said to the user, and that is all
    """There is nothing to compare a file with; the message says why."""


def preview(
    files: Iterable[str], folder: str, against: str = "HEAD", exclude: Iterable[str] = ()
) -> Plan:
    """
    The plan for files as they are on disk, for a program that runs their former version.

    Args:
        files: Their paths.
        folder: Where the program is started.
        against: The former version: a revision that git knows, or a file.
        exclude: Patterns of paths that are not followed.

    Raises:
        CannotCompare: There is no former version.
    """
    paths = [os.path.abspath(file) for file in files]
    former = {path: _former(path, against) for path in paths}
    survey = Survey(folder, former, exclude)
    edits: dict[str, Edit] = {}
    for path in paths:
        unit = _main_or_module(survey, path)
        data, _ = source.read(path)
        if data == unit.data:
            continue
        try:
            code = source.compile_source(unit, data)
        except SyntaxError as error:
            return Plan("rejected", (), (), f"{path}:{error.lineno}: {describe(error)}")
        edits[unit.name] = detect.compare(unit, survey.graph.code(unit), data, code)
    return look_ahead(survey.units, survey.calls, edits, survey.own)


def _main_or_module(survey: Survey, path: str) -> Unit:
    """A file with a main block that nobody imports is taken for the program that runs."""
    unit = survey.at(path)
    if unit is None:
        raise CannotCompare(f"{path} did not compile before: it cannot run")
    outline = survey.graph.outline(unit)
    is_main = any(statement.is_guard for statement in outline.statements)
    if not is_main or "__main__" in survey.units or survey.graph.importers(unit.name):
        return unit
    del survey.units[unit.name]
    main = unit.replaced(name="__main__", script=True)
    survey.units["__main__"] = main
    return main


def _former(path: str, against: str) -> bytes:
    if os.path.isfile(against):
        return source.read(against)[0]
    folder, name = os.path.split(path)
    command = ["git", "-C", folder, "show", f"{against}:./{name}"]
    try:
        return subprocess.run(command, capture_output=True, check=True).stdout
    except OSError as error:
        raise CannotCompare(f"git cannot be run: {error}") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        raise CannotCompare(f"{path}: {said} (--against takes a revision or a file)") from error


def picture(folder: str, files: Iterable[str] = (), exclude: Iterable[str] = ()) -> Iterator[str]:
    """
    The module graph in lines, in topological order: each module and what it imports.

    Args:
        folder: Where the program is started.
        files: If any, only these and what depends on them.
        exclude: Patterns of paths that are not followed.
    """
    survey = Survey(folder, None, exclude)
    shown = set(survey.units)
    chosen = {unit.name for file in files if (unit := survey.at(os.path.abspath(file)))}
    if files:
        shown = chosen | survey.graph.dependents(chosen)
    for unit in sorted(survey.units.values(), key=lambda unit: unit.place):
        if unit.name in shown:
            imported = sorted(survey.imports(unit))
            yield f"{unit.name}  → {'  '.join(imported)}" if imported else unit.name
