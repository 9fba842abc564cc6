"""What a command binds, and how a report looks in a notebook."""

import pytest

from hotswap.repl.pictures import html
from hotswap.repl.typed import bindings


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
        ("from m import *", {}),
        ("print(x)", {}),
    ],
)
def test_what_a_command_binds(command, found):
    """The last binding of a name counts."""
    assert bindings(compile(command, "<stdin>", "exec")) == found


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
