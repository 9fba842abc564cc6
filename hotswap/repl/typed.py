"""Where does somebody type, and which names does a command bind there, by an import or not?"""

from __future__ import annotations

import os
import sys
from opcode import opmap
from types import CodeType
from typing import Any

from hotswap.scan import instructions

Origin = tuple[str, str]
"""Module and name, of `from module import name`."""


def namespace() -> dict[str, Any] | None:
    """The namespace of a prompt; None where a program runs in its place."""
    main = sys.modules.get("__main__")
    path = getattr(main, "__file__", None)
    # The new prompt of 3.13 leaves its own file there.
    if main is None or (path is not None and "_pyrepl" not in path.split(os.sep)):
        return None
    return vars(main)


def bindings(code: CodeType) -> dict[str, Origin | None]:
    """The names that a command binds: where it imports each from at last, or None."""
    found: dict[str, Origin | None] = {}
    module, origin = "", None
    for op, arg in instructions(code):
        if op == opmap["IMPORT_NAME"]:
            module = code.co_names[arg]
        elif op == opmap["IMPORT_FROM"]:
            origin = (module, code.co_names[arg])
        elif op in {opmap["STORE_NAME"], opmap["STORE_GLOBAL"]}:
            found[code.co_names[arg]], origin = origin, None
    return found
