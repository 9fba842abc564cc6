"""What the comparison sees, so that "equal" means something."""

from __future__ import annotations

import pytest

from .comparison import run, unlike_a_fresh_start

BEFORE = "LIST = []\nSAME = LIST\ndef f(x=1): return x\nclass C:\n    y = 1\nobject_ = C()\n"


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("LIST = []", "LIST = [2]", "m.LIST"),
        ("SAME = LIST", "SAME = []", "m.SAME"),
        ("x=1", "x=2", "m.f.5.1.1"),
        ("return x", "return -x", "m.f.10.2"),
        ("y = 1", "y = 2", "m.C.4.y.1"),
        ("y = 1", "y = 1\n    z = 1", "m.C.4.z"),
        ("def f", "def g", "m.g"),
        ("object_ = C()", "object_ = C()\nobject_.z = 1", "m.object_.2.z"),
        ("LIST = []", "LIST = [", "m"),
    ],
)
def test_a_process_that_did_not_reload_is_unlike_a_fresh_one(tmp_path, old, new, place):
    """Each kind of difference is told, by its place."""
    module = tmp_path / "m.py"
    module.write_text(BEFORE)
    came_to = run(tmp_path)
    assert unlike_a_fresh_start(came_to, tmp_path) == []
    module.write_text(BEFORE.replace(old, new))
    places = [one.partition(": ")[0] for one in unlike_a_fresh_start(came_to, tmp_path)]
    assert place in places
