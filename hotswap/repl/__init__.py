"""Does somebody type commands to this process? Then edits wait until a command has ended."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hotswap.repl import typed

if TYPE_CHECKING:
    from hotswap.reloader import Reloader


def attend(reloader: Reloader) -> None:
    """Have edits applied between the commands of the prompt, if there is one or will be."""
    shell = typed.shell()
    if shell is not None:
        shell.extension_manager.load_extension("hotswap")
        return
    if _is_interactive():
        from hotswap.repl import plain  # noqa: PLC0415

        plain.attend(reloader)


def _is_interactive() -> bool:
    """Whether the interpreter asks, now or later; programs with a prompt of their own do not."""
    if sys.flags.interactive:
        return True
    if sys.argv[:1] == [""] and sys.stdin is not None and sys.stdin.isatty():
        return True  # maybe in a file that $PYTHONSTARTUP names
    return hasattr(sys, "ps1") and typed.namespace() is vars(sys.modules["__main__"])
