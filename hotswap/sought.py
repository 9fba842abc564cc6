"""Which lines looked, as they executed, for something that is different now?"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from hotswap import finds, source

if TYPE_CHECKING:
    from hotswap.running import Site
    from hotswap.seen import Seen
    from hotswap.tracking import Tracker


def awakened(tracker: Tracker, seen: Seen, wanted: frozenset[str] | None) -> list[Site]:
    """
    Lines that had looked in vain for a module, or had read a file that has changed; such files
    are entered as seen.
    """
    sites: list[Site] = []
    for name, failed in list(tracker.failed.items()):
        if _may_succeed(name, failed):
            sites += failed.sites
    for path, known in [*tracker.data_files.items(), *tracker.sought.items()]:
        if wanted is not None and not _concerns(wanted, path):
            continue
        if not _is_own(tracker, path) or (wanted is None and known.stamp.holds(path)):
            continue
        if known.look(path) != known.digest:
            sites += known.sites
            seen.data.append(path)
    return sites


def _is_own(tracker: Tracker, path: str) -> bool:
    """Whether a file or folder is the project's; its top folder, too."""
    return tracker.own(path) or tracker.own(os.path.join(path, "_"))


def _concerns(wanted: frozenset[str], path: str) -> bool:
    """Whether one of these paths is a file or folder that was read, or lies in it."""
    folders = {os.path.dirname(one) for one in wanted}
    return path in wanted or os.path.dirname(path) in wanted or path in folders


def _may_succeed(name: str, failed: finds.Failed) -> bool:
    """Whether an import that failed might not fail now."""
    if failed.path is not None:
        try:
            return source.read(failed.path)[0] != failed.data
        except OSError:
            return False
    parent = name.rpartition(".")[0]
    if parent and parent not in sys.modules:
        return False
    if parent and getattr(sys.modules[parent], "__path__", None) is None:
        return False
    try:
        return source.found_at(name) is not None
    except (ImportError, ValueError):
        return False
