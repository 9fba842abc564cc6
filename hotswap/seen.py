"""What did a look at the files find? A value: edits, or the reason why there can be none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hotswap.detect import Edit
    from hotswap.source import Unit


@dataclass(frozen=True)
class Past:
    """A reload that was applied."""

    generation: int
    """Which it made."""
    before: int
    """Which ran until then."""
    sources: Mapping[str, tuple[bytes, bytes]]
    """Module → its source before and after."""
    joined: frozenset[str]
    """Modules that were imported by it for the first time."""
    paths: tuple[str, ...]
    obstacle: str = ""
    """Why former sources alone do not bring the former state back."""


class Refused(Exception):  # noqa: N818 - a decision, not an error
    """The files cannot be applied, found out before anything was touched."""

    def __init__(
        self,
        outcome: str,
        message: str,
        paths: tuple[str, ...],
        location: tuple[str, int] | None = None,
    ) -> None:
        super().__init__(message)
        self.outcome, self.paths, self.location = outcome, paths, location


@dataclass(eq=False)
class Seen:
    """What a look at the files found."""

    batch: frozenset[str] | None
    edits: dict[str, Edit] = field(default_factory=dict)
    gone: list[Unit] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    past: Past | None = None
    """The reload that is to be taken back; None: what the files say is to be applied."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that differ."""
        changed = [one.unit.path for one in self.edits.values() if one.data is not one.old_data]
        return tuple(dict.fromkeys([*changed, *(unit.path for unit in self.gone), *self.data]))

    @property
    def sources(self) -> dict[str, tuple[bytes, bytes]]:
        """Module → its source before and after."""
        changed = [edit for edit in self.edits.values() if edit.data is not edit.old_data]
        return {edit.unit.name: (edit.old_data, edit.data) for edit in changed}

    @property
    def obstacle(self) -> str:
        """Why the sources before do not bring back what was before."""
        for unit in self.gone:
            return f"the file of {unit.name} is gone"
        for path in self.data:
            return f"{path} was read, and is another one now"
        found = [edit.unit.name for edit in self.edits.values() if edit.starts]
        return f"{found[0]} found a module that had not been there" if found else ""

    def __bool__(self) -> bool:
        return bool(self.edits or self.gone)
