"""Which edits are made to the project, and what shows that they are served?"""

from __future__ import annotations

import difflib
from dataclasses import dataclass


@dataclass(frozen=True)
class Scene:
    """One edit."""

    title: str
    file: str
    old: str
    new: str
    outcome: str
    reply: str
    """What the client gets after it."""

    def edited(self, text: str) -> str:
        """The file's text after the edit."""
        if text.count(self.old) != 1:
            raise ValueError(f"{self.file} has no single place that reads {self.old!r}")
        return text.replace(self.old, self.new)

    def diff(self, text: str) -> list[str]:
        """The lines that the edit takes away and puts in."""
        lines = difflib.unified_diff(
            text.splitlines(), self.edited(text).splitlines(), lineterm="", n=0
        )
        return [line for line in lines if line[:2] not in {"--", "++", "@@"}]


FIRST_REPLY = "Hello, you"

SCENES = (
    Scene(
        "The body of an RPC",
        "service.py",
        "text = OPENING + request.value\n",
        "text = OPENING + request.value.upper() + '!'\n",
        "swapped",
        "Hello, YOU!",
    ),
    Scene(
        "A constant in another module, from which service.py derives one of its own",
        "wording.py",
        'GREETING = "Hello"',
        'GREETING = "Good evening"',
        "reloaded",
        "Good evening, YOU!",
    ),
    Scene(
        "A typing error: the last good code goes on serving",
        "service.py",
        "request.value.upper() + '!'\n",
        "request.value.title( + '.'\n",
        "rejected",
        "Good evening, YOU!",
    ),
    Scene(
        "The error mended",
        "service.py",
        "request.value.title( + '.'\n",
        "request.value.title() + '.'\n",
        "swapped",
        "Good evening, You.",
    ),
)
