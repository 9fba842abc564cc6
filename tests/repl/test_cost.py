"""What is done before a command does not depend on the size of the program."""

import sys

import pytest

from hotswap.repl.plain import Prompt

TYPED = compile("1\n", "<stdin>", "single")


def calls(function):
    """How many functions start in this thread."""
    count = 0

    def note(_, event, __):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("modules", [0, 300])
def test_no_module_is_looked_at_if_nothing_changed(project, modules):
    """A few calls, whatever is followed."""
    names = [f"m{number}" for number in range(modules)]
    for name in names:
        project.write(name, "X = 1\n")
    for name in names:
        project.load(name)
    with project.reloader as reloader:
        prompt = Prompt(reloader)
        prompt.before(TYPED)
        assert calls(lambda: prompt.before(TYPED)) < 150
