"""run_with_reloader, in the place of werkzeug's: the command line again, and every parameter."""

from __future__ import annotations

import os
import zipfile

import pytest

from hotswap.drop_in import run_with_reloader, split

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no supervisor")


@pytest.mark.parametrize(
    ("options", "program"),
    [
        ("", "a.py"),
        ("", "a.py -m b -X dev"),
        ("", "-m a b -c d"),
        ("-u", "a.py"),
        ("-u -B", "-m a"),
        ("-X dev", "a.py b"),
        ("-Xdev", "a.py b"),
        ("-uX dev", "a.py"),
        ("-W error", "a.py"),
        ("-Wignore", "a.py"),
        ("-Wc", "a.py"),
        ("-Wm", "-m a"),
        ("-X importtime -W error -I", "-m a -W b"),
        ("--check-hash-based-pycs always", "a.py"),
        ("--check-hash-based-pycs always -O", "-m a"),
        ("-OO -q", "folder"),
        ("-P", "archive.zip -x"),
        ("", "- a"),
        ("", "-c code a"),
        ("-u", ""),
        ("", ""),
    ],
)
def test_options_end_where_python_says(options, program):
    """What follows is the program and its own arguments."""
    given = [*options.split(), *program.split()]
    assert split(given) == (options.split(), program.split())


@pytest.mark.parametrize(
    ("given", "options", "program"),
    [
        ("-Om a b", "-O", "-m a b"),
        ("-Oma b", "-O", "-m a b"),
        ("-ma b", "", "-m a b"),
        ("-uBc code b", "-uB", "-c code b"),
        ("-ccode b", "", "-c code b"),
    ],
)
def test_letters_that_stand_together_are_parted(given, options, program):
    """The last of them may say what is run, with or without a blank."""
    assert split(given.split()) == (options.split(), program.split())


def test_an_unknown_type_is_an_error():
    """Which names those that are known."""
    with pytest.raises(
        ValueError, match="reloader_type is 'magic'; there are: auto, stat, watchdog"
    ):
        run_with_reloader(print, reloader_type="magic")


SERVER = """
import os, sys, threading
from hotswap import run_with_reloader

def main():
    flags = sys.flags.optimize, sys.flags.dev_mode, sys.warnoptions
    print("main", threading.current_thread() is threading.main_thread(), flush=True)
    print("given", sys.argv[1:], flags, __name__, flush=True)
    raise SystemExit(int(sys.argv[1]))

if __name__ == "__main__":
    run_with_reloader(main)
"""


@pytest.mark.parametrize(
    "command",
    [
        ["-O", "-Wignore", "server.py"],
        ["-X", "dev", "-m", "server"],
        ["-Om", "package"],
        ["folder"],
        ["-u", "archive.zip"],
        ["--check-hash-based-pycs", "always", "./server.py"],
    ],
)
def test_the_program_is_started_as_it_was(tmp_path, start, command):
    """With the interpreter's options and its own arguments; the status is passed on."""
    for name in ("server.py", "package/__init__.py", "package/__main__.py", "folder/__main__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("" if "__init__" in name else SERVER)
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("__main__.py", SERVER)
    program = start(tmp_path, *command, "7", "-x")
    assert program.ended() == 7
    flags = (1 if command[0] in {"-O", "-Om"} else 0, command[:2] == ["-X", "dev"])
    assert "main True" in program.lines
    assert program.wait_for("given").startswith(f"given ['7', '-x'] ({flags[0]}, {flags[1]}, ")


def test_a_program_without_a_file_cannot_be_started_again(tmp_path, start):
    """It says so."""
    program = start(tmp_path, "-c", "import hotswap; hotswap.run_with_reloader(print)")
    assert program.ended() == 1
    assert "needs a program in a file or a module" in program.lines[-1]


WATCHED = """
import os, time
from hotswap import run_with_reloader

def main():
    import followed
    print("loop", os.getpid(), flush=True)
    while True:
        print(followed.text(), flush=True)
        time.sleep(0.02)

run_with_reloader(main, **{arguments})
"""


@pytest.fixture
def watched(tmp_path, start):
    """Start a program with these arguments, and wait until its edits are noticed."""

    def begin(**arguments):
        (tmp_path / "followed.py").write_text("def text(): return 'first'")
        (tmp_path / "server.py").write_text(WATCHED.replace("{arguments}", repr(arguments)))
        program = start(tmp_path, "server.py")
        program.wait_for("following")
        return program

    return begin


@pytest.mark.parametrize("kind", ["auto", "watchdog", "stat"])
def test_each_type_notices_an_edit(tmp_path, watched, kind):
    """With "stat" the files are looked at, every `interval` seconds."""
    program = watched(reloader_type=kind, interval=0.1)
    assert ("polling" in program.wait_for("following")) is (kind == "stat")
    (tmp_path / "followed.py").write_text("def text(): return 'second'")
    program.wait_for("second")


@pytest.mark.parametrize(
    ("extra", "edited"),
    [("settings.ini", "settings.ini"), ("more", "more/inner/new.py"), ("later.ini", "later.ini")],
)
def test_extra_files_need_a_new_process(tmp_path, watched, extra, edited):
    """Files, also one that is not there yet, and folders for the Python files in them."""
    (tmp_path / "settings.ini").write_text("a=1")
    (tmp_path / "more" / "inner").mkdir(parents=True)
    program = watched(extra_files=[extra])
    (tmp_path / edited).write_text("b=2")
    assert f"restart   {edited}" in program.wait_for("restart ")
    program.wait_for("loop", 2)


def test_what_is_excluded_is_not_followed(tmp_path, watched):
    """As werkzeug's patterns, of whole paths."""
    program = watched(exclude_patterns=["*/followed.py"], extra_files=["settings.ini"])
    (tmp_path / "followed.py").write_text("def text(): return 'second'")
    (tmp_path / "settings.ini").write_text("so that there is something to wait for")
    program.wait_for("restart ")
    assert [line for line in program.lines if "swapped" in line] == []


# -- beside werkzeug's own ------------------------------------------------------------------------

BOTH = ["hotswap", "werkzeug._reloader"]
BESIDE = """
import os, sys, time
from {library} import run_with_reloader

def main():
    told = os.environ.get("WERKZEUG_RUN_MAIN"), os.environ.get("HOTSWAP_RUN_MAIN")
    print(f"main {sys.argv[1:]} {sys.flags.optimize} {sys.warnoptions} {told.count('true')}\\n", end="", flush=True)
    if sys.argv[1:]:
        first = not os.path.exists("seen")
        open("seen", "w").close()
        os._exit(int(sys.argv[1 if first else -1]))
    while True:
        time.sleep(0.02)

if __name__ == "__main__":
    run_with_reloader(main, **{arguments})
"""


@pytest.fixture(params=BOTH)
def beside(request, tmp_path, start):
    """Start a program that uses the reloader of either, in the given way."""
    pytest.importorskip(request.param.partition(".")[0])
    begun = []

    def begin(*command, **arguments):
        text = BESIDE.replace("{library}", request.param).replace("{arguments}", repr(arguments))
        (tmp_path / "server.py").write_text(text)
        with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
            archive.writestr("__main__.py", text)
        program = start(tmp_path, *command)
        begun.append(program)
        program.wait_for("main")
        if request.param == "hotswap" and len(command) == 1:
            program.wait_for("following")
        return program

    yield begin
    for program in begun:
        program.process.terminate()  # werkzeug's child outlives a parent that is killed
        program.ended()


@pytest.mark.parametrize(
    ("command", "status", "expected"),
    [
        (["server.py", "7"], 7, "main ['7'] 0 [] 1"),
        (["server.py", "0"], 0, "main ['0'] 0 [] 1"),
        (["server.py", "3", "7"], 7, "main ['3', '7'] 0 [] 1"),
        (["-O", "server.py", "3", "0"], 0, "main ['3', '0'] 1 [] 1"),
        (["-m", "server", "7"], 7, "main ['7'] 0 [] 1"),
        (["-OW", "ignore", "-m", "server", "7"], 7, "main ['7'] 1 ['ignore'] 1"),
        (["archive.zip", "5"], 5, "main ['5'] 0 [] 1"),
    ],
)
def test_command_line_and_status_are_as_with_werkzeugs(beside, command, status, expected):
    """The child knows that it is one, and 3 means that it wants to be started again."""
    program = beside(*command)
    assert program.ended() == status
    mains = [line for line in program.lines if line.startswith("main")]
    assert mains == [expected] * (2 if "3" in command else 1)


@pytest.mark.parametrize(
    ("saved", "arguments", "again"),
    [
        ("settings.ini", {"extra_files": ["settings.ini"]}, True),
        ("settings.ini", {}, False),
        ("more/inner/one.py", {"extra_files": ["more"]}, True),
        ("more/inner/one.txt", {"extra_files": ["more"]}, False),
        ("settings.ini", {"extra_files": ["settings.ini"], "exclude_patterns": ["*.ini"]}, False),
        ("more/inner/one.py", {"extra_files": ["more"], "exclude_patterns": ["*inner*"]}, False),
        ("settings.ini", {"extra_files": ["settings.ini"], "exclude_patterns": ["*.txt"]}, True),
    ],
)
def test_a_new_process_comes_when_one_does_with_werkzeugs(
    tmp_path, beside, saved, arguments, again
):
    """For files, and for the Python files of folders; patterns of what is left out win."""
    (tmp_path / "more" / "inner").mkdir(parents=True)
    for path in {saved, "last"}:
        (tmp_path / path).write_text("a = 1")
    extra = [*arguments.get("extra_files", ()), "last"]
    given = {**arguments, "extra_files": extra, "interval": 0.05, "reloader_type": "stat"}
    program = beside("server.py", **given)
    (tmp_path / saved).write_text("a = 20")
    if again:
        program.wait_for("main", 2)
    else:
        (tmp_path / "last").write_text("so that there is something to wait for")
        program.wait_for("main", 2)
        assert not [line for line in program.lines if saved in line]


def test_it_runs_where_a_reloader_runs_already(tmp_path, start):
    """Under `hotswap run` there is a supervisor: no second one is started."""
    (tmp_path / "server.py").write_text(SERVER)
    assert start(tmp_path, "-m", "hotswap", "run", "server.py", "7").ended() == 7


def test_the_environment_tells_the_worker(tmp_path, start):
    """And so does the function; the process that was started by hand imports nothing twice."""
    (tmp_path / "server.py").write_text(
        "import hotswap, os\n"
        "print(os.environ.get('HOTSWAP_RUN_MAIN'), hotswap.is_running_from_reloader(), flush=True)\n"
        "hotswap.run_with_reloader(lambda: os._exit(0))\n"
    )
    program = start(tmp_path, "server.py")
    assert program.ended() == 0
    assert program.lines[:2] == ["None False", "true True"]
