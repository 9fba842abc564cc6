"""A process that is reloaded from one release of a real package to the next equals a fresh one."""

from __future__ import annotations

import pytest

from .comparison import compare
from .releases import RELEASES, SHORT, fetch, pairs


def pytest_generate_tests(metafunc):
    """A test for each pair of releases."""
    packages = tuple(RELEASES) if metafunc.config.getoption("all", default=False) else SHORT
    rows = pairs(packages)
    metafunc.parametrize("pair", rows, ids=map("-".join, rows))


@pytest.fixture(scope="session")
def cache(pytestconfig):
    """Where releases are kept between runs; no test runs if pip reaches no index."""
    folder = pytestconfig.cache.mkdir("releases")
    try:
        fetch(*pairs(SHORT)[0][:2], folder)
    except OSError as error:
        pytest.skip(str(error))
    return folder


def test_equal_or_refused(pair, cache, tally, tmp_path):
    """Nothing is silently unlike a fresh start, in the modules and as held from outside."""
    package, *versions = pair
    folders = [fetch(package, version, cache) for version in versions]
    result = compare(*folders, tmp_path / "live")
    tally[package][result.verdict] += 1
    assert result.verdict != "wrong", result.why
