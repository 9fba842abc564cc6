"""What is a program called, that somebody attaches to?"""

from __future__ import annotations

import os
import re

_LONGEST = 40
_NAME = re.compile(rf"(?=.*[^0-9])[A-Za-z0-9_][A-Za-z0-9_.-]{{0,{_LONGEST - 1}}}")


def is_name(text: str) -> bool:
    """Whether a program may be called so: it goes into a file name, and is no PID."""
    return _NAME.fullmatch(text) is not None


def name_of(target: str, *, is_module: bool) -> str:
    """What a program is called that was given no name."""
    base = os.path.basename(os.path.abspath(target))
    text = target if is_module else os.path.splitext(base)[0]
    text = re.sub(r"[^A-Za-z0-9_.-]", "-", text).lstrip(".-")[:_LONGEST]
    return text if is_name(text) else f"program-{text}"[:_LONGEST].rstrip("-")
