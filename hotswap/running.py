"""What executes right now, and at which line?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from hotswap.source import Unit


class Site:
    """A line of a module's top level; `line` follows it through edits, 0 once it is gone."""

    __slots__ = ("files", "line", "module")

    def __init__(self, module: str, line: int) -> None:
        self.module, self.line = module, line
        self.files: tuple[str, ...] = ()
        """The files with functions that ran on its behalf."""


class Running:
    """A module (or one statement of it) that executes right now."""

    __slots__ = ("code", "frame", "interrupts", "unit", "within")

    def __init__(self, unit: Unit, code: CodeType, within: tuple[Site, ...]) -> None:
        self.unit, self.code, self.within = unit, code, within
        self.frame: FrameType | None = None
        """Where it executes; None until it does."""
        self.interrupts = False
        """Whether functions were heard on behalf of another one just before."""
