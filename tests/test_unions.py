"""Is a union of types written in another order than before?"""

from __future__ import annotations

import subprocess
import sys

import pytest

from hotswap import unions
from hotswap.outlines import outline

HEAD = "from typing import Dict, List, Optional, Union\n"


def written(text):
    (statement,) = outline(text.encode(), "m.py", is_main=False).statements
    return set(unions.written(statement))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x: Union[int, str]", {("Union", "int", "str")}),
        ("x: typing.Optional[int]", {("Union", "int", "None")}),
        (
            "x: Optional[Union[a.B, str]]",
            {("Union", "a.B", "str", "None"), ("Union", "a.B", "str")},
        ),
        ("x: int | str | None", {("|", "int", "str", "None"), ("|", "int", "str")}),
        ("def f(x: List[Union[int]]) -> Dict[str, int]: pass", set()),
    ],
)
def test_what_is_written(text, found):
    assert written(text) == found


SHOW = """
import first, m
made = [value for one in (first, m) for name, value in vars(one).items() if len(name) == 1]
shown = [repr(one.__annotations__) for one in made]
"""
REWRITTEN = {
    "one line": {"m": "def f(x: Optional[Union[str, int]]): pass\n"},
    "the first of two": {
        "first": "def e(x: Optional[Union[str, int]]): pass\n",
        "m": "def f(x: Optional[Union[int, str]] = 1): pass\n",
    },
    "by another sign": {"m": "def f(x: Dict[str, str | int]): pass\n"},
    "one that another line has written first": {
        "m": "def f(x: List[Optional[Union[int, str]]], y: Optional[Union[str, int]]): pass\n",
    },
    "in another line": {"m": "def g(x: Optional[Union[str, int]]): pass\n"},
}


@pytest.mark.parametrize("case", REWRITTEN)
def test_unions_are_shown_as_in_a_fresh_start(project, case):
    project.write("first", f"{HEAD}def e(x: bytes): pass\n")
    text = "def f(x: Optional[Union[int, str]], y: Dict[str, Union[int, str]] = {}): pass\n"
    project.write("m", f"import first\n{HEAD}{text}")
    project.load("m")
    for name, line in REWRITTEN[case].items():
        project.write(name, f"{'import first' if name == 'm' else ''}\n{HEAD}{line}")
    assert project.reload().outcome == "reloaded"
    run = [sys.executable, "-c", f"{SHOW}\nprint(*shown, sep='\\n')"]
    fresh = subprocess.run(run, cwd=project.folder, check=True, capture_output=True, text=True)
    here = {}
    exec(SHOW, here)
    assert here["shown"] == fresh.stdout.splitlines()
