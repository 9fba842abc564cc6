"""Is a process that was reloaded what a fresh one is: equal, refused, or wrong?"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
COMPARED = ("failed", "gone", "modules")


class Result(NamedTuple):
    """What became of one pair of releases."""

    verdict: str
    """"equal", "refused" or "wrong"."""
    why: str = ""


def compare(before: Path, after: Path, folder: Path) -> Result:
    """Reload one release to the next in a process of its own, in an empty folder."""
    shutil.copytree(before, folder)
    came_to = run(folder, after)
    if came_to["outcome"] in {"rejected", "restart"}:
        return Result("refused", f"{came_to['outcome']}: {came_to['reason']}")
    wrong = came_to["stale"] + unlike_a_fresh_start(came_to, folder)
    return Result("wrong", "\n".join(wrong[:8])) if wrong else Result("equal")


def unlike_a_fresh_start(came_to: Any, folder: Path) -> list[str]:
    """The places where a process differs from fresh ones, those aside where these differ."""
    fresh = run(folder)
    found = {
        place: said for part in COMPARED for place, said in differences(came_to[part], fresh[part])
    }
    if found:
        again = run(folder)
        for part in COMPARED:
            for place, _ in differences(fresh[part], again[part]):
                found.pop(place, None)
    return [f"{'.'.join(place)}: {said}" for place, said in found.items()]


def run(folder: Path, *after: Path) -> Any:
    """What `replay.py` prints."""
    done = subprocess.run(
        [sys.executable, str(HERE / "replay.py"), str(folder), *map(str, after)],
        env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
        stdout=subprocess.PIPE,
    )
    return json.loads(done.stdout.splitlines()[-1])


def differences(one: Any, two: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[Any, str]]:
    """The places where two pictures differ, and how."""
    if isinstance(one, dict) and isinstance(two, dict):
        for name in sorted({*one, *two}):
            if name in one and name in two:
                yield from differences(one[name], two[name], (*place, name))
            else:
                yield (*place, name), "is left over" if name in one else "is missing"
    elif isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        for number, pair in enumerate(zip(one, two, strict=True)):
            yield from differences(*pair, (*place, str(number)))
    elif one != two:
        yield place, f"{str(one)[:200]} in place of {str(two)[:200]}"
