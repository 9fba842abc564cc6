"""What is told to forked processes, from the side of the one that they come from."""

from __future__ import annotations

import os

from hotswap.forks import Forks


def test_the_end_may_be_told_twice():
    """No descriptor is closed that has become another's meanwhile."""
    forks = Forks(None, None, None, print, 0)
    forks.end()
    taken = os.open(os.devnull, os.O_RDONLY)
    forks.end()
    os.fstat(taken)
    os.close(taken)
    os.close(forks._alive_in)
