"""A file that was asked for, and only that: it appears, or it vanishes."""

from __future__ import annotations

import os
import subprocess

import pytest

LOOKS = {
    "exists": "import os\nIS = os.path.exists('data.txt')",
    "isfile": "from os.path import isfile\nIS = isfile('data.txt')",
    "isdir of its folder": "import os\nIS = os.path.isdir('folder')",
    "lexists": "import os\nIS = os.path.lexists('data.txt')",
    "Path.exists": "from pathlib import Path\nIS = Path('data.txt').exists()",
    "Path.is_file": "from pathlib import Path\nIS = Path('data.txt').is_file()",
    "Path.is_dir": "from pathlib import Path\nIS = Path('folder').is_dir()",
    "beside the module": (
        "import os\nHERE = os.path.dirname(__file__)\n"
        "IS = os.path.isfile(os.path.join(HERE, 'data.txt'))"
    ),
    "access": "import os\nIS = os.access('data.txt', os.R_OK)",
    "stat": (
        "import os\ntry:\n    IS = os.stat('data.txt').st_size\nexcept OSError:\n    IS = None"
    ),
    "stat in a function": (
        "from os import stat\ndef look():\n    try:\n        return stat('data.txt').st_size\n"
        "    except FileNotFoundError:\n        return None\nIS = look()"
    ),
    "by a function": "import os\ndef look(): return os.path.exists('data.txt')\nIS = look()",
    "to read it": (
        "import os\nif os.path.exists('data.txt'):\n"
        "    with open('data.txt') as file: IS = file.read()\nelse:\n    IS = None"
    ),
}


def another_process(*command):
    """What the program itself does to files is no edit."""
    subprocess.run(command, check=True)


@pytest.fixture
def here(project, monkeypatch):
    """A project whose folder is the current one."""
    monkeypatch.chdir(project.folder)
    return project


@pytest.mark.parametrize("source", LOOKS.values(), ids=LOOKS)
def test_who_asked_asks_again(here, source):
    """In both directions, and not without need."""
    here.write("m", source)
    module = here.load("m")
    before = module.IS
    another_process("mkdir", "folder")
    another_process("touch", "data.txt")
    assert here.reload().outcome == "reloaded"
    assert here.picture("m") == here.fresh_here("m")
    assert here.reload().outcome == "unchanged"
    another_process("rm", "-r", "folder", "data.txt")
    assert here.reload().outcome == "reloaded"
    assert before == module.IS


def test_what_is_in_it_does_not_matter(here):
    """Only whether it is there was asked."""
    here.write("m", "import os\nIS = os.path.exists('data.txt')")
    another_process("touch", "data.txt")
    here.load("m")
    another_process("sh", "-c", "echo more > data.txt")
    assert here.reload().outcome == "unchanged"


@pytest.mark.parametrize("look", ["os.path.getsize('data.txt')", "os.path.getmtime('data.txt')"])
def test_how_large_it_is_may_be_asked(here, look):
    """Then what is in it matters."""
    another_process("touch", "data.txt")
    here.write("m", f"import os\nHOW = {look}")
    here.load("m")
    another_process("sh", "-c", "echo more > data.txt")
    assert here.reload().outcome == "reloaded"
    assert here.picture("m") == here.fresh_here("m")


def test_what_the_program_makes_itself_is_no_edit(here):
    """While it is imported, and when it runs."""
    here.write(
        "m",
        """
        import os
        if not os.path.exists("folder"):
            os.mkdir("folder")
        if os.path.exists("lock"):
            os.remove("lock")
        def run():
            open("lock", "w").close()
        """,
    )
    module = here.load("m")
    assert here.reload().outcome == "unchanged"
    module.run()
    assert here.reload().outcome == "unchanged"


def test_what_others_have_made_is_not_looked_at(here, tmp_path):
    """Only the project's own files are."""
    elsewhere = tmp_path / "data.txt"
    here.write("m", f"import os\nIS = os.path.exists({os.fspath(elsewhere)!r})")
    here.load("m")
    another_process("touch", os.fspath(elsewhere))
    assert here.reload().outcome == "unchanged"


def test_python_has_its_own_functions_again(here):
    """Whoever has taken them while it was heard who asks has them, too."""
    before = os.stat, os.access
    here.write("m", "import os\nfrom os import stat\nSAME = os.stat in os.supports_dir_fd")
    module = here.load("m")
    assert (os.stat, os.access) == before
    assert type(os.stat) is type(len)
    assert module.SAME is (os.stat in os.supports_dir_fd)
    assert module.stat is os.stat


WRAPPED = """
import functools, os
def wrap(f):
    @functools.wraps(f)
    def called(*args): return f(*args)
    return called
stat, given, raw = wrap(os.stat), functools.partial(os.stat, "."), [os.stat][0]
"""


def test_what_was_made_of_the_systems_own_is_as_in_a_fresh_start(project):
    """Whoever wraps it while a module executes has nothing of ours in the end."""
    project.write("m", WRAPPED)
    module = project.load("m")
    assert (module.stat.__module__, module.stat.__doc__) == (os.stat.__module__, os.stat.__doc__)
    assert vars(module.stat) == {"__wrapped__": os.stat}
    (cell,) = module.stat.__closure__
    assert [type(one) for one in (cell.cell_contents, module.given.func, module.raw)] == [
        type(os.stat)
    ] * 3
