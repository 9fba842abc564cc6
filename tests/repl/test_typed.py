"""What a command binds, and how a report looks in a notebook."""

import sys
from types import SimpleNamespace

import pytest

from hotswap.repl.pictures import html
from hotswap.repl.typed import note, settle


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("from m import x", {"x": ("m", "x")}),
        ("from a.b import x as y, z", {"y": ("a.b", "x"), "z": ("a.b", "z")}),
        ("import m; import a.b", {"m": None, "a": None}),
        ("from m import x; x = 1", {"x": None}),
        ("x = 1; from m import x", {"x": ("m", "x")}),
        ("def f():\n    from m import x", {"f": None}),
        ("if 1:\n    from m import x\n    y = x", {"x": ("m", "x"), "y": None}),
        ("for i in ():\n    from m import x", {"i": None, "x": ("m", "x")}),
        ("from this_star import *", {"x": ("this_star", "x"), "y": ("this_star", "y")}),
        ("from nowhere import *", {}),
        ("await x; from m import x", {"x": ("m", "x")}),
        ("print(x)", {}),
        ("def f(:", {}),
    ],
)  # fmt: skip
def test_what_a_command_binds(monkeypatch, command, found):
    """The last binding of a name counts; a star has names as soon as the module is there."""
    origins = {}
    note(origins, command)
    monkeypatch.setitem(sys.modules, "this_star", SimpleNamespace(x=1, y=2, _z=3))
    settle(origins)
    assert origins == found


@pytest.mark.parametrize(
    ("text", "is_open", "part"),
    [
        ("one <line>\n", True, ">one &lt;line&gt;</pre>"),
        ("one\ntwo\n", False, "<details><summary>one</summary>two</details></pre>"),
        ("one\ntwo\n", True, "<details open><summary>one</summary>two</details></pre>"),
    ],
)
def test_a_picture(text, is_open, part):
    """One line, and what is beneath it can be unfolded."""
    assert html("swapped", text, is_open=is_open).endswith(part)
