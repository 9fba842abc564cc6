"""Which modules must not be reloaded, and what happens instead?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

NEVER = "never"
"""An edit of the module is rejected, and it never executes again."""
RESTART = "restart"
"""An edit of the module is taken up by another process; so is what would make it execute again."""
KNOWN = (NEVER, RESTART)
ATTRIBUTE = "__hotswap__"


class Policies:
    """
    What the project says of its modules.

    Args:
        never, restart: Patterns (as of `fnmatch`) of names of modules.
    """

    def __init__(self, never: Iterable[str] = (), restart: Iterable[str] = ()) -> None:
        self._patterns = [
            *((each, NEVER) for each in never),
            *((each, RESTART) for each in restart),
        ]

    def of(self, name: str) -> str:
        """The policy for a module; empty for most."""
        if not self._patterns:
            return ""
        from fnmatch import fnmatchcase  # noqa: PLC0415 - most programs have none

        found = [policy for pattern, policy in self._patterns if fnmatchcase(name, pattern)]
        return found[0] if found else ""


def said(namespace: dict[str, Any], default: str) -> str:
    """The policy that a module states itself, or the one that the project has for it."""
    own = namespace.get(ATTRIBUTE, default)
    return own if isinstance(own, str) else repr(own)
