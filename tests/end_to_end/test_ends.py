"""How does it all end? As the program does, with everything that belongs to it."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at in /proc")

LIMIT = 30.0
ANY = "127.0.0.1:0"
RUN = ("-m", "hotswap", "run")
WAITS_LONG = "import shape, threading\nprint('on', flush=True)\nthreading.Event().wait()\n"
DEAF = (
    "import shape, signal, time\n"
    "for number in (signal.SIGINT, signal.SIGTERM):\n"
    "    signal.signal(number, signal.SIG_IGN)\n"
    "print('on', flush=True)\n"
    "while True:\n"
    "    time.sleep(9)\n"
)


@pytest.fixture
def main(site):
    """Write a program that stands in main.py, and start it."""

    def start(text, *options, ready="on"):
        site.write("main.py", text)
        program = site.start(*RUN, *options, "main.py")
        if ready:
            program.wait_for(ready)
        return program

    return start


# -- as the program ends ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "options", "status"),
    [
        ("raise SystemExit(5)", (), 5),
        ("pass", (), 0),
        ("raise SystemExit(3)", (), 3),
        ("1 / 0", ("--once",), 1),
        ("import os; os.abort()", ("--once",), 128 + signal.SIGABRT),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", (), -signal.SIGTERM),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", (), -signal.SIGKILL),
    ],
)
def test_the_status_is_that_of_the_program(main, text, options, status):
    """A program that has ended as it wanted to is not started again."""
    assert main(text, *options, ready="").ended() == status


def test_a_status_of_3_after_run_with_reloader_starts_it_again(site):
    """As with werkzeug's."""
    site.write(
        "main.py",
        "import os, sys\n"
        "from hotswap import run_with_reloader\n"
        "def main():\n"
        "    if not os.path.exists('seen'):\n"
        "        open('seen', 'w').close()\n"
        "        sys.exit(3)\n"
        "    sys.exit(7)\n"
        "run_with_reloader(main)\n",
    )
    assert site.start("main.py").ended() == 7


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_both(site, ask, number):
    """The supervisor passes it on, and ends by it too."""
    program = site.run("grpc_sync.py", ANY)
    program.process.send_signal(number)
    assert program.ended() == -number
    assert ask.is_gone(ask.worker(program))


HASTY = "import hotswap.processes as p; p.AFTER_GRACE = 0.1; from hotswap.cli import main; main()"


def test_a_signal_that_the_program_takes_for_something_else(site):
    """It runs on, and its edits are taken up."""
    site.write(
        "main.py",
        "import shape, signal, time\n"
        "signal.signal(signal.SIGHUP, lambda *_: print('heard', flush=True))\n"
        "signal.signal(signal.SIGUSR1, lambda *_: print('one', flush=True))\n"
        "print('on', flush=True)\n"
        "while True:\n"
        "    time.sleep(0.05)\n",
    )
    program = site.start("-c", HASTY, "run", "--grace", "0.1", "main.py")
    program.wait_for("following")
    program.process.send_signal(signal.SIGUSR1)
    program.wait_for("one")
    program.process.send_signal(signal.SIGHUP)
    program.wait_for("heard")
    site.need_restart()
    program.wait_for("on", 2)


def test_a_signal_ends_it_while_it_waits_for_a_save(main):
    """There is no program then that it could be meant for."""
    program = main("1 / 0", ready="the next save")
    program.process.send_signal(signal.SIGINT)
    assert program.ended() == -signal.SIGINT


def test_a_signal_during_a_restart_ends_both_processes(site, ask):
    """The one that leaves and the one that comes."""
    site.write("slow.py", "import time\nprint('slow', flush=True)\ntime.sleep(0.3)\n")
    site.edit("grpc_sync.py", "import shape", "import shape\nimport slow")
    program = site.run("grpc_sync.py", ANY)
    site.need_restart()
    program.wait_for("slow", 2)
    children = ask.children(program)
    program.process.send_signal(signal.SIGTERM)
    assert program.ended() == -signal.SIGTERM
    assert len(children) == 2
    assert all(ask.is_gone(pid) for pid in children)


def test_ctrl_c_twice_ends_at_once(main, ask):
    """Whatever the program makes of it."""
    program = main(DEAF, ready="following")
    program.process.send_signal(signal.SIGINT)
    program.wait_for("Ctrl-C again ends it at once")
    program.process.send_signal(signal.SIGINT)
    assert program.ended() == -signal.SIGINT
    assert ask.is_gone(ask.worker(program))


def test_a_worker_ends_with_its_supervisor(main, ask):
    """Also when that had no time to say so."""
    program = main(WAITS_LONG, ready="following")
    worker = ask.worker(program)
    program.process.kill()
    ask.until(lambda: ask.is_gone(worker))


def test_a_process_that_does_not_stop_is_killed(site, ask):
    """It is said."""
    site.write("main.py", DEAF)
    program = site.start("-c", HASTY, "run", "--grace", "0.1", "main.py")
    program.wait_for("following")
    site.need_restart()
    old = ask.worker(program)
    assert f"pid {old} " in program.wait_for("it did not end when asked to")
    program.wait_for("on", 2)


# -- in a terminal ----------------------------------------------------------------------------


class Terminal:
    """A program that has a terminal of its own, as in a person's window."""

    def __init__(self, folder, *arguments):
        self._master, slave = pty.openpty()
        self.text = ""
        self.process = subprocess.Popen(
            [sys.executable, "-c", _OWN_TERMINAL, sys.executable, *arguments],
            cwd=folder,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        self._slave = slave

    def type(self, text):
        os.write(self._master, text.encode())

    def wait_for(self, text, count=1):
        end = time.monotonic() + LIMIT
        while self.text.count(text) < count:
            assert select.select([self._master], [], [], end - time.monotonic())[0], self.text
            self.text += os.read(self._master, 4096).decode(errors="replace")

    @property
    def echoes(self):
        return bool(termios.tcgetattr(self._slave)[3] & termios.ECHO)

    def close(self):
        self.process.kill()
        self.process.wait(LIMIT)
        os.close(self._master)
        os.close(self._slave)


_OWN_TERMINAL = (
    "import fcntl, os, sys, termios\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "os.execv(sys.argv[1], sys.argv[1:])\n"
)


@pytest.fixture
def terminal(site):
    opened = []

    def start(*arguments):
        opened.append(Terminal(site.folder, *arguments))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def test_ctrl_c_in_a_terminal_reaches_the_program_once(site, terminal):
    """The terminal has sent it to both."""
    site.write(
        "main.py",
        "import shape, time\n"
        "count = 0\n"
        "while count < 3:\n"
        "    try:\n"
        "        print('ready', flush=True) if not count else None\n"
        "        time.sleep(0.3 if count else 30)\n"
        "        break\n"
        "    except KeyboardInterrupt:\n"
        "        count += 1\n"
        "print('count', count, flush=True)\n",
    )
    window = terminal(*RUN, "main.py")
    window.wait_for("ready")
    window.type("\x03")
    window.wait_for("count 1")
    assert window.process.wait(LIMIT) == 0


def test_ctrl_c_twice_in_a_terminal(site, terminal):
    """Ends what does not listen."""
    site.write("main.py", DEAF)
    window = terminal(*RUN, "main.py")
    window.wait_for("following")
    window.type("\x03")
    window.wait_for("Ctrl-C again")
    window.type("\x03")
    assert window.process.wait(LIMIT) == -signal.SIGINT


def test_the_next_process_finds_a_terminal_that_echoes(site, terminal):
    """A debugger that was interrupted had taken that away."""
    site.write(
        "main.py",
        "import shape, sys, termios\n"
        "mode = termios.tcgetattr(0)\n"
        "print('echo', bool(mode[3] & termios.ECHO), flush=True)\n"
        "mode[3] &= ~termios.ECHO\n"
        "termios.tcsetattr(0, termios.TCSANOW, mode)\n"
        "import loop\n",
    )
    window = terminal(*RUN, "main.py")
    window.wait_for("following")
    assert not window.echoes
    site.need_restart()
    window.wait_for("echo True", 2)


def test_a_terminal_is_as_it_was_after_a_program_that_crashed(site, terminal):
    """With echo, and with Ctrl-C, by which one leaves."""
    site.write(
        "main.py",
        "import os, signal, tty\ntty.setraw(0)\nos.kill(os.getpid(), signal.SIGSEGV)\n",
    )
    window = terminal(*RUN, "main.py")
    window.wait_for("the next save starts it again")
    assert window.echoes
    window.type("\x03")
    assert window.process.wait(LIMIT) == -signal.SIGINT


# -- what stays -------------------------------------------------------------------------------


def test_before_a_restart_the_program_may_save_its_state(site):
    """The next process finds it; a hook that raises is shown, and keeps nobody."""
    site.write(
        "main.py",
        "import hotswap, os, shape\n"
        "print('state', os.path.exists('saved') and open('saved').read(), flush=True)\n"
        "@hotswap.before_restart\n"
        "def fails():\n"
        "    raise LookupError('of no use')\n"
        "@hotswap.before_restart\n"
        "def save():\n"
        "    open('saved', 'w').write('seven')\n"
        "import loop\n",
    )
    program = site.run("main.py")
    site.need_restart()
    program.wait_for("LookupError: of no use")
    program.wait_for("state seven")


def test_a_hook_before_a_restart_is_not_waited_for_without_end(site):
    """It is said which time it was given."""
    site.write(
        "main.py",
        "import hotswap, shape, threading\n"
        "from hotswap import state\n"
        "state.LONGEST = 0.1\n"
        "@hotswap.before_restart\n"
        "def hangs():\n"
        "    threading.Event().wait()\n"
        "import loop\n",
    )
    program = site.run("main.py")
    site.need_restart()
    program.wait_for("took over 0.1 s")
    program.wait_for("loop", 2)


def descriptors(pid):
    """What a process has open, less the sockets' and the pipes' numbers."""
    found = []
    for name in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            found.append(re.sub(r"\[\d+\]", "[]", os.readlink(f"/proc/{pid}/fd/{name}")))
    return sorted(found)


def at_rest(folder, *pids):
    """What processes have open; nothing while one of them reads a file of a project."""
    found = [descriptors(pid) for pid in pids]
    return found if not any(str(folder) in each for one in found for each in one) else None


def test_restarts_leave_nothing_behind(site, ask):
    """Neither in the supervisor nor in the program, whose children inherit nothing either."""
    site.edit(
        "listens.py",
        "server.serve_forever()",
        "import subprocess\n"
        "see = ['ls', '/proc/self/fd']\n"
        "out = subprocess.run(see, close_fds=False, stdin=subprocess.DEVNULL, capture_output=True)\n"
        "print('inherited', *out.stdout.decode().split(), flush=True)\n"
        "server.serve_forever()",
    )
    program = site.run("listens.py", 0)
    found = []
    for number in range(1, 5):
        site.edit("shape.py", '"a",', f'"a", "b{number}",')
        program.wait_for("serving", number)
        ask.until(lambda: len(ask.children(program)) == 1)
        (worker,) = ask.children(program)
        ask.until(lambda worker=worker: "anon_inode:inotify" in descriptors(worker))
        program.wait_for("following", number + 1)
        pids = program.process.pid, worker
        found.append(ask.until(lambda pids=pids: at_rest(site.folder, *pids)))
    assert found[0] == found[-1]
    assert {line for line in program.lines if "inherited" in line} == {"inherited 0 1 2 3"}
    assert len(os.listdir(f"/proc/{program.process.pid}/task")) == 1
