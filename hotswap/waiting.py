"""What is known of one module in this reload, and what is left to do there?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hotswap.graph import Key
    from hotswap.source import Unit
    from hotswap.steps import Change


@dataclass(eq=False)
class Module:
    """What is known of one module in this reload."""

    unit: Unit
    keys: dict[Key, tuple[Change, str]] = field(default_factory=dict)
    marks: dict[int, tuple[str, str]] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    again: set[int] = field(default_factory=set)
    rebuilt: set[str] = field(default_factory=set)
    written: bool = False
    """Names that were bound through the namespace itself were taken out."""
    anew: set[str] = field(default_factory=set)
    """Names that hold another object than before."""
    queued: bool = False

    @property
    def waits(self) -> bool:
        """Whether there is something left to do."""
        return bool(self.keys) or not self.marks.keys() <= self.done
