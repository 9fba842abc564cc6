"""What does `hotswap repl` do, before there is a prompt and when there is?"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from hotswap import session
from hotswap.console import Console
from hotswap.failures import describe


def command(modules: Sequence[str]) -> list[str]:
    """What has to run in place of this process: IPython if there is one, or Python's own prompt."""
    code = f"__import__('hotswap.repl.start').repl.start.begin({list(modules)!r}, globals())"
    if importlib.util.find_spec("IPython") is None:
        return [sys.executable, "-i", "-c", code]
    return [sys.executable, "-m", "IPython", "--no-banner", "-i", "-c", code]


def begin(modules: Iterable[str], namespace: dict[str, Any]) -> None:
    """
    Follow this process, and import modules, and hotswap, into the namespace of its prompt.

    One that cannot be imported is told in a line, and the prompt comes all the same.
    """
    reloader = session.watch()
    namespace["hotswap"] = sys.modules["hotswap"]
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - whatever the code of others raises
            reason, location, _ = describe(error, reloader.tracker.own)
            place = "{}:{}: ".format(*location) if location else ""
            print(f"hotswap: cannot import {name}: {place}{reason}", file=sys.stderr)  # noqa: T201
        else:
            top = name.partition(".")[0]
            namespace[top] = sys.modules[top]
    if reloader.modules:
        Console(lambda: reloader.modules).banner(reloader.watching)
