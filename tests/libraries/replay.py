"""
What does a module that uses a library show, once edited while it runs, and in a fresh process?

As a program: reads [[modules, edit, shown], …] as JSON and prints, for each, the outcome and what
the module showed before the edit, after it, and in a fresh process. The libraries are imported
once; each process is a fork.
"""

# ruff: noqa: T201 - it prints
from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any


def write(folder: Path, name: str, source: str) -> None:
    """Let a module have this source."""
    (folder / f"{name}.py").write_text(source)
    importlib.invalidate_caches()


def shown(expression: str) -> str:
    """What modules by their names show; an exception by its name."""
    try:
        return repr(eval(expression, dict(sys.modules)))
    except Exception as error:  # noqa: BLE001 - whatever a library raises
        return type(error).__name__


def fresh(folder: Path, name: str, expression: str) -> list[str]:
    """What a process shows that imports the module now."""
    sys.path.insert(0, str(folder))
    importlib.import_module(name)
    return [shown(expression)]


def live(folder: Path, name: str, edit: tuple[str, str, str], expression: str) -> list[str]:
    """What a process shows before the edit and after; the outcome."""
    from hotswap import Reloader  # noqa: PLC0415 - a fresh process has no reloader

    sys.path.insert(0, str(folder))
    reloader = Reloader(paths=[folder])
    module = importlib.import_module(name)
    vars(module)["held"] = vars(module).get("HELD", lambda: None)()
    before = shown(expression)
    edited, old, new = edit
    text = (folder / f"{edited}.py").read_text()
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {edited}"
    write(folder, edited, text.replace(old, new))
    report = reloader.reload()
    return [report.outcome, f"{report.reason}", before, shown(expression)]


def forked(function: Callable[..., list[str]], *arguments: Any) -> list[str]:
    """What a function returns in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        with os.fdopen(writing, "w") as pipe:
            try:
                json.dump(function(*arguments), pipe)
            except BaseException as error:  # noqa: BLE001 - told to the test
                json.dump([type(error).__name__, str(error), "", ""], pipe)
            pipe.flush()
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return json.loads(said)


def main() -> None:
    """Replay what stdin says."""
    warnings.simplefilter("ignore")
    libraries, cases = json.load(sys.stdin)
    for library in [*libraries, "hotswap.reloader"]:
        importlib.import_module(library)
    for modules, edit, expression in cases:
        with tempfile.TemporaryDirectory() as path:
            folder, name = Path(path).resolve(), list(modules)[-1]
            for one, source in modules.items():
                write(folder, one, source)
            came_to = forked(live, folder, name, edit, expression)
            print(json.dumps(came_to + forked(fresh, folder, name, expression)), flush=True)


if __name__ == "__main__":
    main()
