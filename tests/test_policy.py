"""Modules that are not to be reloaded."""

from __future__ import annotations

import pytest

from hotswap.policy import Policies, said

BODY = ("return 1", "return 2")
CONSTANT = ("LIMIT = 1", "LIMIT = 2")

MODULE = """
    from base import SIZE

    LIMIT = 1
    TWICE = SIZE * 2

    def f():
        return 1
"""


@pytest.fixture
def load(project):
    """Make a module `m` that reads something of `base`."""

    def load():
        project.write("base", "SIZE = 1")
        project.write("m", MODULE)
        return project.load("m")

    return load


@pytest.mark.parametrize(
    ("name", "expected"),
    [("app.models", "restart"), ("app.cache", "never"), ("app", ""), ("models", "")],
)
def test_the_first_pattern_that_matches_counts(name, expected):
    """Patterns are of whole names."""
    assert Policies(never=["app.cache"], restart=["app.*"]).of(name) == expected


@pytest.mark.parametrize(
    ("space", "default", "expected"),
    [({}, "", ""), ({}, "never", "never"), ({"__hotswap__": "restart"}, "never", "restart")],
)
def test_what_the_module_says_counts_more(space, default, expected):
    """It is nearer."""
    assert said(space, default) == expected


@pytest.mark.parametrize("edit", [BODY, CONSTANT])
@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        (Policies(never=["m"]), ("rejected", "m is never reloaded")),
        (Policies(restart=["m"]), ("restart", "m asks for a restart when it changes")),
    ],
)
def test_an_edit_goes_the_way_that_was_set(project, load, edit, policies, expected):
    """Nothing of it is applied."""
    project.reloader.tracker.policies = policies
    module = load()
    project.edit("m", *edit)
    report = project.reload()
    assert (report.outcome, report.reason) == expected
    assert (module.f(), module.LIMIT) == (1, 1)


@pytest.mark.parametrize("policy", ["never", "restart"])
def test_nor_does_it_execute_again_for_another_module(project, load, policy):
    """Then only another process can be right."""
    module = load()
    module.__hotswap__ = policy
    project.write("base", "SIZE = 2")
    report = project.reload()
    assert report.outcome == "restart"
    assert "m must not execute again" in report.reason
    assert module.TWICE == 2


def test_formatting_is_no_edit(project, load):
    """Lines follow, as ever."""
    load().__hotswap__ = "restart"
    project.edit("m", "LIMIT = 1", "LIMIT = 1  # one")
    assert project.reload().outcome == "unchanged"


def test_an_unknown_word_is_told(project, load):
    """With those that there are."""
    load().__hotswap__ = "sometimes"
    project.edit("m", *BODY)
    report = project.reload()
    assert report.outcome == "rejected"
    assert report.reason == "__hotswap__ of m is 'sometimes'; there are 'never' and 'restart'"
