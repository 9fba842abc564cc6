"""`--all`: every pair of releases; and the table of what became of them."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

TALLY = pytest.StashKey[dict[str, Counter]]()


def pytest_addoption(parser):
    """Known where this folder is named on the command line."""
    parser.addoption("--all", action="store_true", help="replay all releases, not some")


def pytest_configure(config):
    """Start counting."""
    config.stash[TALLY] = defaultdict(Counter)


@pytest.fixture
def tally(request):
    """Counts verdicts: `tally[package][verdict]`."""
    return request.config.stash[TALLY]


def pytest_terminal_summary(terminalreporter, config):
    """A row for each package."""
    rows = dict(sorted(config.stash[TALLY].items()))
    if not rows:
        return
    columns = ("equal", "refused", "wrong")
    terminalreporter.section("reloaded from one release to the next")
    terminalreporter.write_line(f"{'':18} pairs  " + "  ".join(columns))
    for name, row in {**rows, "all": sum(rows.values(), Counter())}.items():
        counts = (f"{row[column]:{len(column)}}" for column in columns)
        terminalreporter.write_line(f"{name:18} {row.total():5}  " + "  ".join(counts))
