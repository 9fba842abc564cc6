"""Inside programs that run: real processes, their sockets, and who types at them."""

import contextlib
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from hotswap.channel import Channel

LIMIT = 60.0

PRICES = "VAT = 0.19\ndef gross(net): return net * (1 + VAT)\n"

THREADS = """
import threading, time
import prices

CACHE = {"a": 1}
_ = "translated"
stop = threading.Event()

def work():
    while not stop.wait(0.01):
        print("working", flush=True)

print("serves", flush=True)
work()
"""

LOOP = """
import asyncio
import prices

beats = 0

async def double(x):
    await asyncio.sleep(0)
    print("doubling", x)
    return x * 2

async def busy():
    while True:
        pass

async def main():
    global beats, loop
    loop = asyncio.get_running_loop()
    print("serves", flush=True)
    while True:
        await asyncio.sleep(0.01)
        beats += 1

asyncio.run(main())
"""


class Attached:
    """A program in a folder, and its sockets in another one."""

    def __init__(self, folder, runtime, start):
        self.folder, self.runtime, self._start = folder, runtime, start
        self.environment = {"XDG_RUNTIME_DIR": str(runtime)}
        (folder / "prices.py").write_text(PRICES)
        (folder / "threads.py").write_text(THREADS)
        (folder / "loop.py").write_text(LOOP)

    def run(self, name, *options):
        """Start a program that can be attached to; returns once its edits are noticed."""
        options = options or ("--attach",)
        command = ("-m", "hotswap", "run", *options, f"{name}.py")
        program = self._start(self.folder, *command, **self.environment)
        program.wait_for("serves")
        program.wait_for("following")
        return program

    def attach(self, *arguments, typed=None):
        """Status, stdout and stderr of `hotswap attach`."""
        done = subprocess.run(
            [sys.executable, "-m", "hotswap", "attach", *map(str, arguments)],
            env={**os.environ, **self.environment},
            input=typed,
            stdin=None if typed is not None else subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            timeout=LIMIT,
        )
        return done.returncode, done.stdout, done.stderr

    def said(self, code, *arguments):
        """What a command writes to stdout."""
        status, output, error = self.attach(*arguments, "-c", code)
        assert (status, error) == (0, "")
        return output

    @contextlib.contextmanager
    def connection(self, name):
        """The line to a program, without anything around it."""
        (path,) = (self.runtime / "hotswap").glob(f"{name}.*")
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(LIMIT)
            connection.connect(str(path))
            yield Channel(connection)

    @property
    def sockets(self):
        """The names in the folder of sockets."""
        return sorted(path.name for path in (self.runtime / "hotswap").glob("*"))


@pytest.fixture(scope="module")
def common(tmp_path_factory, start_for_all):
    """Programs that no test ends: `threads` and `loop`."""
    with tempfile.TemporaryDirectory(prefix="hs") as runtime:
        made = Attached(tmp_path_factory.mktemp("attached"), Path(runtime), start_for_all)
        for name in ("threads", "loop"):
            made.run(name)
        yield made


@pytest.fixture
def attached(tmp_path, start):
    """Sockets in a folder of the test's own; their paths have to be short."""
    with tempfile.TemporaryDirectory(prefix="hs") as runtime:
        yield Attached(tmp_path, Path(runtime), start)


@pytest.mark.parametrize(
    ("code", "output"),
    [
        ("1 + 1", "2\n"),
        ("None", ""),
        ("CACHE['a']; CACHE['a'] + 1", "1\n2\n"),
        ("x = 5\nx * 2", "10\n"),
        ("for i in range(2): i", "0\n1\n"),
        ("def f():\n    return 7\nf()", "7\n"),
        ("import sys; n = sys.stdout.buffer.write(b'a\\n')", "a\n"),
        ("import sys; sys.stdout.isatty()", "False\n"),
        ("from __future__ import annotations\ndef f(x: nowhere): ...\nf.__annotations__", "{'x': 'nowhere'}\n"),
        ("import threading; threading.current_thread() is threading.main_thread()", "False\n"),
        ("__name__, gross.__name__ if 'gross' in dir() else None", "('__main__', None)\n"),
        ("'\\ud800'", "'\\ud800'\n"),
        ("print('\\ud800')", "\\ud800\n"),
        ("# nothing", ""),
        ("%in prices", ""),
        ("%hotswap why prices", "prices runs as it was imported\n"),
        ("%hotswap undo twice", "%hotswap undo does not take twice; nothing was done\n"),
    ],
)  # fmt: skip
def test_what_a_command_writes(common, code, output):
    """It comes to who asked for it: values of expressions, and stdout."""
    assert common.said(code, "threads") == output


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("1 / 0", 1, "ZeroDivisionError: division by zero"),
        ("def f(:", 1, "SyntaxError: "),
        ("x = 1; return x", 1, "SyntaxError: 'return' outside function"),
        ("nowhere", 1, "NameError: name 'nowhere' is not defined"),
        ("import sys; sys.exit(4)", 4, ""),
        ("exit()", 0, ""),
        ("raise SystemExit('goodbye')", 1, "goodbye"),
        ("input()", 1, "EOFError"),
        ("await 1", 1, "RuntimeError: no event loop runs in this process: nothing can be awaited"),
        ("%in prices x", 1, "hotswap: prices x was never imported in this process"),
        ("%in nowhere", 1, "hotswap: nowhere was never imported in this process"),
        ("'\0'", 1, "null byte"),
        ("import sys; print('warned', file=sys.stderr)", 0, "warned"),
    ],
)
def test_what_goes_wrong_in_a_command(common, code, status, said):
    """Is told to who asked for it, as Python does, and in the exit status; the program goes on."""
    got, output, error = common.attach("threads", typed=code)
    assert (got, output) == (status, "")
    assert said in error
    assert common.said("stop.is_set()", "threads") == "False\n"


def test_a_traceback_shows_what_was_typed(common):
    """And no frame of ours."""
    _, _, error = common.attach("threads", "-c", "def f():\n    return 1 / 0\nf()")
    lines = [
        re.sub(r"<attached[^>]*>", "<>", line)
        for line in error.splitlines()
        if "^" not in line and "~" not in line
    ]
    assert lines == [
        "Traceback (most recent call last):",
        '  File "<>", line 3, in <module>',
        "    f()",
        '  File "<>", line 2, in f',
        "    return 1 / 0",
        "ZeroDivisionError: division by zero",
    ]


def test_nothing_runs_if_something_does_not_compile(common):
    """Of a text that is given as one."""
    assert common.attach("threads", "-c", "CACHE['b'] = 1; return")[0] == 1
    assert common.said("'b' in CACHE", "threads") == "False\n"


def test_the_module_that_commands_run_in(common):
    """Is any that was imported."""
    assert common.said("__name__, VAT", "threads", "--in", "prices") == "('prices', 0.19)\n"
    status, output, error = common.attach("threads", "--in", "nowhere", "-c", "print(1)")
    assert (status, output) == (1, "")
    assert error == "hotswap: nowhere was never imported in this process\n"


def test_what_is_awaited_runs_on_the_loop_of_the_program(common):
    """And what it writes there comes to who asked for it."""
    assert common.said("await double(4); _ + 1", "loop") == "doubling 4\n8\n9\n"
    assert common.said("asyncio.get_running_loop() is loop if await double(1) else 0", "loop") == (
        "doubling 1\nTrue\n"
    )
    assert common.attach("loop", "-c", "async def f(): raise SystemExit(3)\nawait f()")[0] == 3
    assert (
        common.said("before = beats; await asyncio.sleep(0.1); beats > before", "loop") == "True\n"
    )


def test_the_output_of_others_stays_theirs(common):
    """However much the program's own threads write meanwhile."""
    code = "import time\nfor i in range(3): print('mine'); x = time.sleep(0.05)"
    assert common.said(code, "threads") == "mine\n" * 3


def test_the_last_value_does_not_take_the_place_of_another(common):
    """A program may have `_` for itself, as a function that translates."""
    assert common.said("1; _", "threads") == "1\n'translated'\n"
    assert common.said("1; (lambda: _)()", "loop") == "1\n1\n"
    assert common.said("1; [_ for _ in range(2)]", "loop") == "1\n[0, 1]\n"


@pytest.mark.parametrize("target", ["nowhere", "1", "999999999999999", str(os.getpid())])
def test_what_cannot_be_attached_to(common, target):
    """Is told in one line."""
    status, output, error = common.attach(target, "-c", "1")
    assert (status, output) == (1, "")
    assert re.fullmatch(
        r"hotswap: .*(was not started with|is not there|no program called).*\n", error
    )


def test_several_are_listed(common):
    """If none was chosen."""
    status, output, error = common.attach("-c", "1")
    assert status == 1
    assert re.findall(r"^ +\d+  (\w+) +.*\.py  \(in /", output, re.MULTILINE) == ["loop", "threads"]
    assert error == "hotswap: which one of these? Give a PID, or a name that only one has\n"


def test_the_only_one_needs_no_name(attached):
    """By the PID of the program, or of `hotswap run`, it can be chosen, too."""
    assert attached.attach("-c", "1")[2].startswith("hotswap: no program runs that was started")
    program = attached.run("threads", "--attach=mine")
    (name,) = attached.sockets
    _, supervisor, pid = name.split(".")
    assert int(supervisor) == program.process.pid
    for chosen in ([], ["mine"], [pid], [supervisor]):
        assert attached.said("import os; os.getpid()", *chosen) == f"{pid}\n"


def test_who_may_reach_the_socket(attached):
    """Its user alone."""
    attached.run("threads")
    folder = attached.runtime / "hotswap"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / attached.sockets[0]).stat().st_mode) == 0o600
    folder.chmod(0o755)
    status, _, error = attached.attach("-c", "1")
    assert (status, error.count("\n")) == (1, 1)
    assert "is open to others (mode 755)" in error


@pytest.mark.parametrize("what", ["open", "link", "file"])
def test_a_folder_that_is_not_safe_is_not_used(attached, what):
    """The program runs all the same, and nobody can attach."""
    folder = attached.runtime / "hotswap"
    if what == "open":
        folder.mkdir(0o755)
    elif what == "link":
        (attached.runtime / "elsewhere").mkdir(0o700)
        folder.symlink_to("elsewhere")
    else:
        folder.write_text("")
    program = attached.run("threads")
    assert program.wait_for("hotswap: nobody can attach: ")
    assert not [*attached.runtime.glob("**/threads*")]


def test_a_runtime_folder_that_is_too_deep(attached):
    """The path of a socket is bounded: another folder takes it, if there is one."""
    deep = attached.runtime / ("d" * 90)
    deep.mkdir()
    attached.environment |= {"XDG_RUNTIME_DIR": str(deep), "TMPDIR": str(attached.runtime)}
    attached.run("threads", f"--attach={'n' * 40}")
    assert attached.said("CACHE['a']", "n" * 40) == "1\n"
    assert not [*deep.iterdir()]
    attached.environment["TMPDIR"] = str(deep)
    program = attached.run("threads", "--attach=other")
    assert program.wait_for("hotswap: nobody can attach: the path of a socket would be too long")


def test_nobody_waits_for_a_command_any_more(attached):
    """It is interrupted when who has asked for it is killed."""
    attached.run("threads")
    client = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "hotswap",
            "attach",
            "-c",
            "print('on')\nwhile True: CACHE['b'] = 0",
        ],
        env={**os.environ, **attached.environment},
        stdout=subprocess.PIPE,
    )
    with client:
        assert client.stdout.readline() == b"on\n"
        client.kill()
    threads = "[t.name for t in threading.enumerate()].count('hotswap-attached')"
    assert ask_until(lambda: attached.said(threads) == "2\n")
    assert attached.said("CACHE['b'] = 1; stop.wait(0.1); CACHE['b']") == "False\n1\n"


def test_nothing_listens_unless_asked_for(attached, start):
    """No socket, and no code for it."""
    (attached.folder / "shown.py").write_text(
        "import sys\nprint([name for name in sys.modules if name.startswith('hotswap.repl.')])"
    )
    program = start(
        attached.folder, "-m", "hotswap", "run", "--once", "shown.py", **attached.environment
    )
    assert program.ended() == 0
    assert program.lines == ["[]"]
    assert not [*attached.runtime.iterdir()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_socket_goes_with_the_program(attached, number):
    """Also if a signal ends it."""
    program = attached.run("threads")
    assert len(attached.sockets) == 1
    program.process.send_signal(number)
    program.ended()
    assert attached.sockets == []


def test_the_socket_goes_with_a_program_that_is_killed(attached):
    """What runs under `hotswap run` cannot do so itself then."""
    program = attached.run("threads", "--attach", "--once")
    os.kill(int(attached.sockets[0].split(".")[2]), signal.SIGKILL)
    program.ended()
    assert attached.sockets == []


def test_a_socket_that_was_left_over_is_taken_away(attached):
    """By who finds nobody there."""
    folder = attached.runtime / "hotswap"
    folder.mkdir(0o700)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(folder / "gone.1.2"))
    assert attached.attach("gone", "-c", "1")[0] == 1
    assert attached.sockets == []


def test_after_a_restart_the_next_process_has_the_name(attached):
    """Only that one, though the other may still be there."""
    program = attached.run("threads")
    before = attached.said("import os; os.getpid()", "threads")
    with (attached.folder / "threads.py").open("a") as file:
        file.write("CACHE[1] = 2\n")
    program.wait_for("restart")
    program.wait_for("following", 2)
    after = ask_until(lambda: attached.attach("threads", "-c", "import os; os.getpid()")[1])
    assert after != before
    assert len(attached.sockets) == 1


def test_the_program_may_print_while_commands_come_and_go(attached):
    """From any thread, at any moment: what stands in for its streams is never freed under it."""
    (attached.folder / "noisy.py").write_text(
        "import sys, threading\nsys.setswitchinterval(1e-5)\nprint('serves', flush=True)\n"
        "def work():\n    while True: print('working')\n"
        "sys.stdout = open('/dev/null', 'w')\n"
        "for _ in range(3): threading.Thread(target=work, daemon=True).start()\nwork()\n"
    )
    attached.environment["PYTHONMALLOC"] = "debug"
    attached.run("noisy", "--attach", "--once")
    with attached.connection("noisy") as channel:
        for number in range(1, 50):
            channel.send("run", number=number, text="for i in range(999): 0", tells=False)
        ends = []
        while len(ends) < 49:
            received = channel.receive()
            assert received is not None, "the program has crashed"
            ends += [received[0]["failed"]] if received[0]["say"] == "done" else []
    assert set(ends) == {False}


def test_a_forked_process_has_no_part_in_it(attached):
    """It neither takes the socket away nor keeps who has attached from seeing the end."""
    attached.run("threads")
    code = "import os; pid = os.fork(); os._exit(0) if not pid else os.waitpid(pid, 0)[1]"
    assert attached.attach("-c", code)[:2] == (0, "0\n")
    assert attached.said("1") == "1\n"


def test_a_slow_reader_does_not_hold_up_the_loop(attached):
    """What is written there beyond what may wait is left out, and that is said."""
    attached.run("loop")
    code = "async def f():\n    for _ in range(200): print('x' * 99_999)\nawait f()\nprint('end')"
    status, output, error = attached.attach("-c", code)
    assert status == 0
    assert output.endswith("end\n")
    assert (
        len(output) + int(re.search(r"(\d+) characters were left out", error)[1])
        == 200 * 100_000 + 4
    )


WITHOUT_TOOLKIT = """
import sys
sys.modules["prompt_toolkit"] = None
from hotswap.cli import main
sys.exit(main(["attach", *sys.argv[1:]]))
"""


@pytest.fixture
def sit_down(terminals, tmp_path):
    """Attach at a terminal: with `prompt_toolkit`, or without it."""

    def at(attached, name, way="attach"):
        command = ["attach"] if way == "attach" else ["plain", "-c", WITHOUT_TOOLKIT]
        return terminals(*command, name, folder=tmp_path, **attached.environment)

    return at


@pytest.fixture(params=["attach", "readline"])
def person(request, common, sit_down):
    """Somebody who has attached to `loop`."""
    terminal = sit_down(common, "loop", request.param)
    yield terminal
    terminal.close()


def test_at_a_terminal(person):
    """Values, the last one, a statement of several lines, another module."""
    assert "attached to loop  ·  pid " in person.before
    person.type("20 + 1")
    assert person.ask("_ + 1") == "22"
    person.press("for i in range(3): y = i\r")
    person.shows(r"\.\.\.")
    person.press("\r")
    assert person.ask("y") == "2"
    person.type("%in prices")
    assert person.ask("(VAT, __name__)") == "(0.19, 'prices')"


def test_completion(person):
    """By what the program has."""
    person.press("x = prices.VA\t")
    person.shows("VA.*?T")
    person.press("\r")
    assert person.ask("x") == "0.19"


@pytest.mark.parametrize(
    "endless", ["any(0 for _ in iter(int, 1))", "await busy()", "await asyncio.sleep(99)"]
)
def test_what_does_not_end_is_interrupted(person, endless):
    """In its own thread, or on the event loop, which goes on."""
    person.press(f'print("\\u00abon\\u00bb"); {endless}\r')
    person.shows("\u00abon\u00bb")
    person.interrupt()
    person.shows("KeyboardInterrupt")
    before, _, after = eval(person.ask("(beats, await asyncio.sleep(0.1), beats)"))
    assert after > before


@pytest.mark.parametrize(
    "code",
    ["1; any(0 for _ in iter(int, 1))", "await busy()", "await asyncio.sleep(99)", "x = 1"],
)
def test_an_interrupt_is_for_one_command(common, code):
    """That it was sent for, however early; not for the next one, however late."""
    with common.connection("loop") as channel:
        channel.send("interrupt", number=1)
        for number, text in [(1, code), (2, "'next'")]:
            channel.send("run", number=number, text=text, tells=False)
        channel.send("interrupt", number=1)
        said = [channel.receive()[0] for _ in range(5)]
    ends = [message["failed"] for message in said if message["say"] == "done"]
    assert (ends, said[-2]["text"]) == ([True, False], "'next'\n")


def test_a_call_into_c_is_interrupted_when_it_returns(person):
    """That is said, and who does not want to wait leaves; the program goes on."""
    person.press('import time; print("\\u00abon\\u00bb"); time.sleep(5)\r')
    person.shows("\u00abon\u00bb")
    person.interrupt()
    person.shows("cannot be interrupted")
    person.interrupt()
    assert person.ended() == 1
    assert "hotswap: left; the command runs on in process " in person.screen


def test_leaving(person):
    """By Ctrl-D."""
    person.press("\x04")
    assert person.ended() == 0


@pytest.mark.parametrize("way", ["attach", "readline"])
def test_the_program_ends(attached, sit_down, way):
    """While somebody types, or waits for a command: it is said in a line."""
    program = attached.run("loop")
    idle, waits = sit_down(attached, "loop", way), sit_down(attached, "loop", way)
    waits.press('print("\\u00abon\\u00bb"); await asyncio.sleep(99)\r')
    waits.shows("\u00abon\u00bb")
    program.process.send_signal(signal.SIGTERM)
    assert [one.ended() for one in (idle, waits)] == [1, 1]
    for one in (idle, waits):
        last = one.screen.strip().splitlines()[-1]
        assert re.fullmatch(
            r".*hotswap: process \d+ has ended; to attach again: hotswap attach loop", last
        )


def test_the_program_is_replaced(attached, sit_down):
    """Who was attached is told so, and attaches to the next one by the same name."""
    restarts = PRICES + "__hotswap__ = 'restart'\n"
    (attached.folder / "prices.py").write_text(restarts)
    attached.run("loop")
    person = sit_down(attached, "loop")
    (attached.folder / "prices.py").write_text(restarts.replace("0.19", "0.07"))
    assert person.ended() == 1
    assert "was replaced by another one; to attach again: hotswap attach loop" in person.screen


def test_several_at_once(common, sit_down):
    """Each has a module and a last value of its own; nobody waits for the command of another."""
    one, other = sit_down(common, "loop"), sit_down(common, "loop")
    one.type("%in prices")
    one.type("1")
    other.type("2")
    assert (one.ask("(__name__, _)"), other.ask("(__name__, _)")) == (
        "('prices', 1)",
        "('__main__', 2)",
    )
    one.press('print("\\u00abon\\u00bb"); any(0 for _ in iter(int, 1))\r')
    one.shows("\u00abon\u00bb")
    assert other.ask("1 + 1") == "2"
    one.interrupt()
    one.shows("KeyboardInterrupt")


def test_an_edit_is_current_in_the_next_command(attached, sit_down):
    """And told before its output; the prompt is marked while one is refused."""
    attached.run("loop")
    person = sit_down(attached, "loop")
    (attached.folder / "prices.py").write_text(PRICES.replace("0.19", "0.07"))
    assert person.ask("(prices.VAT, prices.gross(100))") == "(0.07, 107.0)"
    assert "reloaded  prices.py" in person.screen
    (attached.folder / "prices.py").write_text("VAT = (")
    assert person.ask("prices.VAT") == "0.07"
    assert "prices.py:1 " in person.screen
    assert "(behind) loop>>>" in person.screen


def test_names_that_were_imported_by_a_command_are_current(attached):
    """In whichever module; what was bound in another way is left alone."""
    attached.run("loop")
    typed = "from prices import VAT as tax; from prices import VAT; mine = tax"
    for module in ("__main__", "asyncio.log"):
        attached.said(typed, "--in", module)
    (attached.folder / "prices.py").write_text(PRICES.replace("0.19", "0.07"))
    for module in ("__main__", "asyncio.log"):
        assert attached.said("tax, VAT, mine", "--in", module) == "(0.07, 0.07, 0.19)\n"


def test_a_reload_and_a_command_that_runs(attached):
    """The reload waits a moment for it and is not held up; what it calls from then on is new."""
    attached.run("loop")
    new = PRICES.replace("0.19", "0.07")
    code = f"import hotswap; print(prices.gross(100)); n = open('prices.py', 'w').write({new!r})\n"
    code += "while prices.VAT > 0.1: pass\nprices.gross(100)"
    assert attached.said(code) == "119.0\n107.0\n"


def ask_until(condition):
    """What `condition` returns once that is true."""
    while not (found := condition()):
        pass
    return found
