"""The demo is the real thing, so it is a test of everything at once."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from hotswap.demo.scenes import SCENES


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    """What `hotswap demo` writes, to its last line."""
    done = subprocess.run(
        [sys.executable, "-m", "hotswap", "demo", "--fast"],
        cwd=tmp_path_factory.mktemp("demo"),
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
        timeout=100,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


def test_each_edit_is_shown_as_it_is_made(output):
    """The lines that go and those that come."""
    assert re.findall(r"^   (\S+\.py)  -", output, re.MULTILINE) == [s.file for s in SCENES]
    assert "service.py  +        text = OPENING + request.value.title( + '.'" in output


def test_the_server_tells_of_each_edit(output):
    """In the lines that `hotswap run` itself writes."""
    assert re.findall(r"│ [\d:]{8}  (\w+)", output) == [scene.outcome for scene in SCENES]
    assert "SyntaxError: '(' was never closed" in output


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.title.split()[0])
def test_the_client_sees_each_edit(output, scene):
    """The reply that follows from all the edits so far."""
    assert f"“{scene.reply}”" in output


def test_no_call_fails(output):
    """While the code changed under hundreds of them."""
    made, failed = (
        int(re.search(rf"^calls {word} +(\d+)", output, re.MULTILINE)[1])
        for word in ("made", "failed")
    )
    assert made > 50
    assert failed == 0
