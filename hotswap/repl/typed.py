"""Where does somebody type, and which names does a command bind there, by an import or not?"""

from __future__ import annotations

import ast
import os
import sys
from opcode import opmap
from types import CodeType, ModuleType
from typing import Any

from hotswap.chains import public_names
from hotswap.scan import instructions, is_star

Origin = tuple[str, str]
"""Module and name, of `from module import name`."""
Origins = dict[str, "Origin | None"]
"""Where the names of a namespace come from; None: from elsewhere than such an import."""
_STAR = "*"


def shell() -> Any:
    """The shell of IPython that runs in this process, if one does."""
    ipython = sys.modules.get("IPython")
    get = getattr(ipython, "get_ipython", None)  # not there while it is being imported
    return None if get is None else get()


def namespace() -> dict[str, Any] | None:
    """The namespace of a prompt; None where a program runs in its place."""
    main = sys.modules.get("__main__")
    if main is not None and (asks := shell()) is not None:
        space: dict[str, Any] = asks.user_ns  # whatever `%run` has left there
        return space
    if getattr(getattr(main, "__spec__", None), "name", "") == "asyncio.__main__":
        return getattr(main, "repl_locals", None)  # which is a prompt, too
    path = getattr(main, "__file__", None)
    # The new prompt of 3.13 leaves its own file there.
    if main is None or (path is not None and "_pyrepl" not in path.split(os.sep)):
        return None
    return vars(main)


def note(origins: Origins, command: CodeType | str) -> None:
    """A command is about to run, or has run: remember where the names that it binds come from."""
    settle(origins)
    code = _compiled(command) if isinstance(command, str) else command
    if code is not None:
        origins.update(bindings(code))


def holds(origins: Origins, module: ModuleType | None) -> bool:
    """Whether somebody who types has a module, or names of it, from an import."""
    space = namespace()
    if space is None or module is None:
        return False
    taken = {name for name, origin in origins.items() if origin and origin[0] == module.__name__}
    return not taken.isdisjoint(space) or any(value is module for value in list(space.values()))


def _compiled(command: str) -> CodeType | None:
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        code: CodeType = compile(command, "<typed>", "exec", flags, dont_inherit=True)
    except Exception:  # noqa: BLE001 - whoever runs it will say what is wrong with it
        return None
    return code


def settle(origins: Origins) -> None:
    """What was imported by a star has names by now."""
    for star in [name for name in origins if name.startswith(_STAR)]:
        module = star.removeprefix(_STAR)
        del origins[star]
        if module in sys.modules:
            names = public_names(vars(sys.modules[module]))
            origins.update((name, (module, name)) for name in names)


def bindings(code: CodeType) -> Origins:
    """The names that a command binds: where it imports each from at last, or None."""
    found: Origins = {}
    module, origin = "", None
    for op, arg in instructions(code):
        if op == opmap["IMPORT_NAME"]:
            module = code.co_names[arg]
        elif op == opmap["IMPORT_FROM"]:
            origin = (module, code.co_names[arg])
        elif is_star(op, arg):
            found[_STAR + module] = None
        elif op in {opmap["STORE_NAME"], opmap["STORE_GLOBAL"]}:
            found[code.co_names[arg]], origin = origin, None
    return found
