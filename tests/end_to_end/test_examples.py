"""Each example does what its README says: the edit that is named there makes the output there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


PROGRAMS = {"hotswap": ["-m", "hotswap"], "python": []}


def readme(folder):
    """The file, the text to replace, its replacement and the line that the client prints then."""
    text = (folder / "README.md").read_text()
    edit = re.search(r"In `(\S+)` replace `(.+?)` by `(.+?)`", text)
    return *edit.groups(), text.splitlines()[-1].strip()


def commands(folder):
    """The commands of the README, one for the server and one for the client."""
    text = (folder / "README.md").read_text()
    return re.findall("^    (hotswap|python) (.*?) +#", text, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.iterdir()))
def test_the_edit_of_the_readme_makes_the_output_of_the_readme(tmp_path, start, name):
    """Started with the commands of the README, on a free port."""
    folder = tmp_path / name
    shutil.copytree(EXAMPLES / name, folder, ignore=shutil.ignore_patterns("__pycache__"))
    file, old, new, printed = readme(folder)
    program, rest = commands(folder)[0]
    server = start(folder, *PROGRAMS[program], *rest.split(), "0")
    port = server.wait_for("port ").split()[-1]
    client = start(folder, "client.py", port)
    server.wait_for("following")
    client.wait_for(" ")
    assert printed not in client.lines

    text = (folder / file).read_text()
    assert text.count(old) == 1
    (folder / file).write_text(text.replace(old, new))

    client.wait_for(printed)
    assert client.lines[-1] == printed
    assert client.process.poll() is None


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.iterdir()))
def test_an_example_is_told_in_ten_lines(name):
    """And the two commands are those of every other example of its kind."""
    assert len((EXAMPLES / name / "README.md").read_text().splitlines()) <= 10
    server = ("python", "server.py") if name == "drop_in" else ("hotswap", "run server.py")
    assert commands(EXAMPLES / name) == [server, ("python", "client.py")]
