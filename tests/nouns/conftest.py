"""After each edit a program answers as one that starts now."""

from __future__ import annotations

import re
import textwrap

import pytest


def run(program):
    """The names that a program binds, which is no module: they stay what they are."""
    space = {"__name__": "program"}
    exec(textwrap.dedent(program), space)
    return space


def answer(space, expression):
    """What an expression shows, or raises."""
    try:
        shown = repr(eval(expression, space))
    except Exception as error:  # noqa: BLE001 - whatever it raises
        shown = f"{type(error).__name__}: {error}"
    return re.sub("0x[0-9a-f]+", "0x", shown)


@pytest.fixture
def answers(project):
    """
    Run a row: the modules, a program that imports them and holds what it got, and steps.

    A step is an edit, and expressions that then have to give in this program what they give in
    one that is run now; those that are given with a value have to be equal to that, since they
    ask for state. Instead of expressions: why there is a restart, the end of the row.
    """

    def check(files, program, *steps):
        project.save(files)
        space = run(program)
        for edit, expressions in steps:
            project.save(edit)
            report = project.reload()
            if isinstance(expressions, str):
                assert (report.outcome, expressions in report.reason) == ("restart", True), report
                return
            assert report.applied, report.reason
            asked = [one for one in expressions if isinstance(one, str)]
            shown = {one: answer(space, one) for one in asked}
            with project.anew():
                started = run(program)
                assert shown == {one: answer(started, one) for one in asked}
            state = [one for one in expressions if not isinstance(one, str)]
            assert [(one, eval(one, space)) for one, _ in state] == state

    return check
