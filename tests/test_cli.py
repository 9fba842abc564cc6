import gc
import re
import signal
import subprocess
import sys
import zipfile

import pytest

from hotswap import cli
from hotswap.arguments import parse
from hotswap.repl.names import is_name, name_of

LIMIT = 60.0

SHOW = """
import sys
for name, value in sorted(globals().copy().items()):
    print(name, re.sub(" at 0x[0-9a-f]+", "", repr(value))) if (re := __import__("re")) else 0
print(sys.argv, sys.path[0], sys.modules["__main__"].__dict__ is globals())
"""

PROGRAM = {
    "show.py": SHOW,
    "package/__init__.py": "print('package imported')",
    "package/__main__.py": SHOW,
    "package/module.py": SHOW,
    "package/plain/__init__.py": "",
    "folder/__main__.py": SHOW + "import beside",
    "folder/beside.py": "print(__name__)",
    "empty/readme": "",
    "fails.py": "def f():\n    return 1 / 0\n\nf()",
    "imports_fails.py": "import fails",
    "chain.py": "try:\n    import fails\nexcept Exception as e:\n    raise KeyError(1) from e",
    "broken.py": "def f(:\n    pass",
    "imports_broken.py": "import broken",
    "status.py": "import sys\nsys.exit(3)",
    "message.py": "raise SystemExit('goodbye')",
    "hook.py": "import sys\nsys.excepthook = lambda *a: print('mine', a[1])\nimport fails",
    "ends.py": (
        "import atexit, threading\n"
        "main, late = threading.main_thread(), threading.Event()\n"
        "atexit.register(print, 'atexit')\n"
        "threading.Thread(target=lambda: (main.join(), print('thread'))).start()\n"
        "print('main', threading.current_thread() is main)"
    ),
    "latin.py": b"# coding: latin-1\nprint(ascii('\xe9'))",
    "future.py": "def f(x: nowhere): ...\n",
    "annotated.py": "x: int = 1\nprint(__annotations__)",
    "again.py": "import __main__, sys\nprint(__main__.__file__, sys.modules[__name__] is __main__)",
}


@pytest.fixture
def folder(tmp_path):
    """A folder of programs of all kinds."""
    for name, text in PROGRAM.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("__main__.py", SHOW)
    (tmp_path / "link.py").symlink_to(tmp_path / "folder" / "__main__.py")
    return tmp_path


def ran(folder, *command):
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
        timeout=LIMIT,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "command",
    [
        "show.py -v --help -m x",
        "./show.py",
        "folder/../show.py",
        "link.py",
        "-m package x -q",
        "-m package.module",
        "-m package.plain",
        "-m package.nowhere",
        "-m nowhere",
        "folder a b",
        "archive.zip a b",
        "empty",
        "nowhere.py",
        "fails.py",
        "imports_fails.py",
        "chain.py",
        "broken.py",
        "imports_broken.py",
        "status.py",
        "message.py",
        "hook.py",
        "ends.py",
        "latin.py",
        "future.py",
        "annotated.py",
        "again.py",
    ],
)
def test_a_program_runs_as_under_python(folder, command):
    """Arguments, `sys.path`, `__main__`, output, tracebacks and exit status are the same."""
    expected = ran(folder, *command.split())
    assert ran(folder, "-m", "hotswap", "run", "-q", "--once", *command.split()) == expected


@pytest.mark.parametrize("command", ["show.py -v --help -m x", "status.py", "folder a b"])
def test_a_program_without_options_before_it(folder, command):
    """What follows it is its own."""
    assert ran(folder, "-m", "hotswap", "run", *command.split()) == ran(folder, *command.split())


def test_a_program_does_not_wait_for_what_only_an_edit_needs(folder):
    """It would start later."""
    (folder / "loaded.py").write_text("import sys\nprint(*sys.modules)")
    run = "from hotswap import cli, runner; runner._follow = lambda *_: None; cli.main()"
    modules = set(ran(folder, "-c", run, "run", "loaded.py")[1].split())
    assert "hotswap.tracking" in modules
    edits = {"ast", "argparse", "dataclasses", "difflib", "inspect", "pathlib", "sysconfig"}
    assert not (edits | {"asyncio", "grpc", "rich", "traceback", "watchdog", "wrapt"}) & modules


def test_a_module_that_fails_shows_its_own_frames(folder):
    """Python shows those of `runpy` too; neither they nor ours are the program's."""
    status, _, error = ran(folder, "-m", "hotswap", "run", "-q", "--once", "-m", "fails")
    assert (status, re.findall("File .*", error)) == (
        1,
        [
            f'File "{folder}/fails.py", line 4, in <module>',
            f'File "{folder}/fails.py", line 2, in f',
        ],
    )


def test_the_command_is_the_module(folder):
    """`hotswap` and `python -m hotswap` do the same."""
    script = "import sys; from hotswap.cli import main; sys.exit(main())"
    status, output, error = ran(folder, "-c", script, "run", "-q", "show.py")
    assert (status, output, error) == ran(folder, "show.py")


@pytest.mark.parametrize("own", ["", "gc.set_threshold(123, 4, 5)"])
def test_garbage_is_collected_as_under_python_once_the_imports_are_done(tmp_path, start, own):
    """What the program has set itself stays."""
    (tmp_path / "main.py").write_text(
        f"import gc, threading\n{own}\nsays = gc.get_threshold()\n"
        "while gc.get_threshold() == says != (123, 4, 5):\n    threading.Event().wait(0.01)\n"
        "threading.Event().wait(0.3)\nprint(*gc.get_threshold())\n"
    )
    program = start(tmp_path, "-m", "hotswap", "run", "-q", "main.py")
    assert program.ended() == 0
    assert program.lines == ["123 4 5" if own else " ".join(map(str, gc.get_threshold()))]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("hotswap", [(), ("-m", "hotswap", "run", "-q")])
def test_a_signal_ends_it_as_it_ends_python(tmp_path, start, number, hotswap):
    """Ctrl-C with a traceback and by the signal itself, SIGTERM at once."""
    (tmp_path / "waits.py").write_text(
        "import threading\nprint('on', flush=True)\nthreading.Event().wait()"
    )
    program = start(tmp_path, *hotswap, "waits.py")
    program.wait_for("on")
    program.process.send_signal(number)
    assert program.ended() == -number
    assert any("hotswap" in line for line in program.lines) is False
    assert program.lines[-1] == ("KeyboardInterrupt" if number == signal.SIGINT else "on")


def test_an_edit_is_applied_to_the_running_program(tmp_path, start):
    """The banner comes once the imports are done, then a line for each edit."""
    (tmp_path / "value.py").write_text("def value():\n    return 1")
    (tmp_path / "main.py").write_text(
        "import sys, threading, time, value\n"
        "print('given', sys.argv[1:], flush=True)\n"
        "while value.value() < 2: time.sleep(0.01)\n"
        "print('got', value.value(), flush=True)\n"
        "threading.Event().wait()"
    )
    program = start(tmp_path, "-m", "hotswap", "run", "main.py", "--port", "1")
    program.wait_for("following 2 modules in ./  ·")
    (tmp_path / "value.py").write_text("def value():\n    return 2")
    program.wait_for("got 2")
    assert "given ['--port', '1']" in program.lines
    assert re.search(r"swapped   value\.py +value +[\d.]+ ms", program.wait_for("swapped"))


def test_an_edit_right_after_the_start_is_not_lost(tmp_path):
    """Watching begins only once the imports are done, but nothing is missed for that."""
    (tmp_path / "value.py").write_text("def value():\n    return 1")
    (tmp_path / "main.py").write_text(
        "import time, value\n"
        "open('value.py', 'w').write('def value():\\n    return 2')\n"
        "while value.value() < 2: time.sleep(0.01)\n"
        "print('got', value.value(), flush=True)\n"
    )
    assert ran(tmp_path, "-m", "hotswap", "run", "-q", "main.py") == (0, "got 2\n", "")


def test_a_program_is_told_that_hotswap_runs_it(tmp_path):
    """And gets the one reloader of its process."""
    (tmp_path / "main.py").write_text(
        "import hotswap\n"
        "print(hotswap.is_running_from_reloader(), '__main__' in hotswap.watch().modules)"
    )
    assert ran(tmp_path, "-m", "hotswap", "run", "-q", "main.py") == (0, "True True\n", "")


def test_settings_come_from_pyproject(tmp_path):
    """Those of the command line win; what is wrong is said before anything runs."""
    (tmp_path / "pyproject.toml").write_text("[tool.hotswap]\nspeed = 9")
    status, output, error = ran(tmp_path, "-m", "hotswap", "run", "main.py")
    assert (status, output) == (2, "")
    assert error.startswith(f"hotswap: {tmp_path}/pyproject.toml: unknown key tool.hotswap.speed")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["run"], "what shall be run? Give a script, or -m and a module"),
        (["run", "-m"], "what shall be run? Give a script, or -m and a module"),
        (["run", "-q", "-v", "x.py"], "not allowed with argument"),
        (["run", "--poll", "0", "x.py"], "argument --poll: "),
        (["run", "--drain", "-1", "x.py"], "argument --drain: "),
        (["run", "--attach=../x", "x.py"], "argument --attach: '../x' is no name"),
        (["run", "--attach=12", "x.py"], "argument --attach: '12' is no name"),
        ([], "the following arguments are required: COMMAND"),
    ],
)
def test_what_is_wrong_on_the_command_line_is_said(capsys, arguments, complaint):
    """With the exit status that such errors have everywhere."""
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    assert end.value.code == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "attach", "program"),
    [
        ("--attach x.py --attach", True, ["x.py", "--attach"]),
        ("--attach=n x.py", "n", ["x.py"]),
        ("-v --poll 1 --attach x.py a", True, ["x.py", "a"]),
        ("--poll=1 --excl a -q --attach x.py", True, ["x.py"]),
        ("--exclude --attach x.py", None, []),
        ("x.py --attach a", None, ["x.py", "--attach", "a"]),
        ("-m p.q --attach", None, ["p.q", "--attach"]),
        ("-vm p.q --attach", None, ["p.q", "--attach"]),
        ("--attach -m p.q", True, ["p.q"]),
        ("--once --attach=a-b.c_1 --once x.py", "a-b.c_1", ["x.py"]),
    ],
)
def test_a_name_to_attach_by_is_no_program(given, attach, program):
    """Only what follows `=` is one."""
    try:
        arguments = parse(["run", *given.split()], {"run": None})
    except SystemExit:
        assert program == []
    else:
        assert arguments.attach == attach
        assert (arguments.module or arguments.script) == program


@pytest.mark.parametrize(
    ("target", "is_module", "name"),
    [
        ("app/server.py", False, "server"),
        ("app.server", True, "app.server"),
        ("my folder", False, "my-folder"),
        ("2024.py", False, "program-2024"),
        ("./.hidden.py", False, "hidden"),
        ("/", False, "program"),
        ("\u00e9.py", False, "program"),
        ("a" * 99, False, "a" * 40),
    ],
)
def test_what_a_program_is_called(target, is_module, name):
    """By its file, as far as that can be a name; a number is a process."""
    assert name_of(target, is_module=is_module) == name
    assert is_name(name)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["run", "--help"], ["attach", "--help"], ["demo", "--help"]]
)
def test_help_is_there(capsys, arguments):
    """Each command explains itself."""
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    assert end.value.code == 0
    assert "usage: hotswap" in capsys.readouterr().out


def test_the_version_is_that_of_the_package(capsys):
    """It comes from the metadata."""
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert re.fullmatch(r"hotswap \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_the_demo_says_what_it_needs(capsys, monkeypatch):
    """Without gRPC there is one clear line."""
    monkeypatch.setitem(sys.modules, "grpc", None)
    assert cli.main(["demo"]) == 1
    assert "pip install 'hotswap[grpc]'" in capsys.readouterr().err
