import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from hotswap import arguments
from hotswap.options import read

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_first_example_is_the_one_in_examples():
    """It is that file, and shorter than twenty lines."""
    assert blocks("python")[0] == (ROOT / "examples/greeter/server.py").read_text()
    assert len(blocks("python")[0].splitlines()) < 20


@pytest.mark.parametrize("code", blocks("python")[1:])
def test_the_python_examples_run(code, tmp_path):
    """They are programs, if small ones."""
    (tmp_path / "app").mkdir()
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=60)


@pytest.mark.parametrize("line", re.findall("^hotswap .*", "".join(blocks("sh")), re.MULTILINE))
def test_the_commands_are_ones_that_there_are(line):
    """With options that they take."""
    assert arguments._parser().parse_args(shlex.split(line)[1:]).command


def test_the_settings_are_ones_that_there_are(tmp_path):
    """An unknown key would be an error."""
    (tmp_path / "pyproject.toml").write_text(blocks("toml")[0])
    assert read(str(tmp_path)).exclude == ("*/migrations/*",)
