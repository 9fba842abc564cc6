"""What does not come up takes nothing down; what has ended is mended by a save."""

from __future__ import annotations

import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ports are shared on Linux only")

ANY = "127.0.0.1:0"
WAITS = "the next save starts it again"


def told(program, text):
    """The lines so far that have it."""
    return [line for line in program.lines if text in line]


def test_a_start_that_fails_leaves_the_old_process_serving(site, ask):
    """File and line are named; once they are mended, the next one takes over."""
    program = site.run("grpc_sync.py", ANY)
    old = ask.worker(program)
    site.edit("shape.py", '"a",', '"a", 1 / 0,')
    said = program.wait_for("rejected")
    assert "shape.py:2 " in said
    assert "ZeroDivisionError: division by zero" in said
    with ask.grpc(f"127.0.0.1:{program.wait_for('port').split()[1]}") as answering:
        assert answering() == old
        site.edit("shape.py", "1 / 0", '"b"')
        ask.until(lambda: answering() != old)
    assert ask.pids(program.wait_for("serving"))[0] == old


def test_a_layout_that_no_start_survives_is_told_with_its_place(site, ask):
    """The restart was begun; the report is that of the process that did not come up."""
    program = site.run("grpc_sync.py", ANY)
    site.edit("shape.py", '"a",', '"a", "b",')
    site.write("handler.py", "1 / 0\n")
    program.wait_for("serving")
    site.edit("shape.py", '"b",', '"c",')
    site.edit("grpc_sync.py", "import shape", "import handler\nimport shape")
    said = program.wait_for("a fresh start fails: ZeroDivisionError")
    assert "handler.py:1 " in said
    goes_on = ask.pids(program.wait_for("serving"))[1]
    ask.until(lambda: ask.children(program) == [goes_on])


def test_a_fresh_process_that_comes_up_takes_over(site, ask):
    """Only the running process cannot execute the edit."""
    site.write("once.py", "import sys\nassert not hasattr(sys, 'told')\nsys.told = 1\n")
    site.edit("grpc_sync.py", "import shape", "import once\nimport shape")
    program = site.run("grpc_sync.py", ANY)
    site.edit("once.py", "assert not hasattr(sys, 'told')", "assert not hasattr(sys, 'told'), 2")
    assert ask.pids(program.wait_for("serving"))[0] == ask.worker(program)
    assert told(program, "rejected") == []


def test_a_fresh_process_that_fails_as_well_confirms_the_report(site, ask):
    """The process that told it goes on."""
    program = site.run("grpc_sync.py", ANY)
    site.edit("shape.py", 'return "one"', 'return "one"\n\n\nNAME = nowhere')
    assert "shape.py:13 " in program.wait_for("rejected")
    assert ask.children(program)[0] == ask.worker(program)
    assert told(program, "serving") == []


@pytest.mark.parametrize("inner", ["1 / 0", "("])
@pytest.mark.parametrize("options", [("-m", "hotswap", "run"), ()])
def test_a_first_start_that_fails_waits_for_a_save(site, options, inner):
    """The error is shown as python shows it."""
    site.write("inner.py", inner)
    program = site.start(*options, "calls_inner.py")
    assert "it ended with status 1" in program.wait_for(WAITS)
    assert told(program, "Error: ")
    site.write("inner.py", "print('mended', flush=True)")
    program.wait_for("mended")


def test_a_main_function_that_returns_waits_for_a_save(site):
    """It may have been meant to run on."""
    site.write("inner.py", "")
    program = site.start("calls_inner.py")
    assert "it returned" in program.wait_for(WAITS)
    site.write("inner.py", "print('again', flush=True)")
    program.wait_for("again")


def test_a_crash_waits_for_a_save(site):
    """It is said which signal it was."""
    site.write("main.py", "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    program = site.start("-m", "hotswap", "run", "main.py")
    assert "it was ended by SIGSEGV" in program.wait_for(WAITS)
    site.write("main.py", "import loop")
    program.wait_for("loop")


def test_a_program_elsewhere_is_started_by_a_save_there(site, tmp_path_factory):
    """Whatever the working folder is."""
    site.write("main.py", "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    run = ("-m", "hotswap", "run", str(site.folder / "main.py"))
    program = site._start(elsewhere, *run)
    program.wait_for(WAITS)
    site.write("main.py", "import loop")
    program.wait_for("loop")


def test_a_save_before_the_supervisor_looks_is_not_lost(site):
    """The program ends after its file was saved, and nothing is saved any more."""
    site.write(
        "main.py",
        "open(__file__, 'w').write('print(1 + 1, flush=True)')\n1 / 0\n",
    )
    program = site.start("-m", "hotswap", "run", "main.py")
    program.wait_for("2")
    assert program.ended() == 0


def test_a_process_that_pauses_leaves_the_old_one_until_all_is_imported(site, ask, port):
    """If it fails before, nothing is stopped."""
    program = site.start("drop_in.py", port)
    program.wait_for("following")
    site.edit("shape.py", '"a",', '"a", 1 / 0,')
    program.wait_for("rejected")
    assert ask.http(port) == ask.worker(program)
    assert told(program, "stopping") == []


def test_a_paused_process_that_fails_shows_why(site, ask, port):
    """The one before it has ended by then, and cannot show it any more."""
    program = site.start("drop_in.py", port)
    program.wait_for("following")
    site.edit("drop_in.py", "def serve():", "def serve(*, missing):")
    site.need_restart()
    program.wait_for("required keyword-only argument: 'missing'")
    program.wait_for(WAITS)
    site.edit("drop_in.py", "(*, missing)", "()")
    assert ask.until(lambda: ask.http(port)) not in {None, ask.worker(program)}


def test_a_process_without_servers_is_ready_once_all_is_imported(site, ask):
    """Nothing is stopped for one that fails while it imports."""
    site.write("inner.py", "import loop\n")
    program = site.start("calls_inner.py")
    program.wait_for("following")
    site.edit("calls_inner.py", "run_with_reloader(main)", "1 / 0\nrun_with_reloader(main)")
    assert "ZeroDivisionError" in program.wait_for("rejected")
    assert ask.children(program)[0] == ask.worker(program)
    assert told(program, "stopping") == []


def test_a_process_that_never_comes_up_is_given_up_for_the_next_request(site, ask):
    """What is saved then may be what mends it."""
    site.write(
        "slow.py",
        "import os, threading\n"
        "if os.path.exists('hang'):\n"
        "    print('hangs', flush=True)\n"
        "    threading.Event().wait()\n",
    )
    site.edit("grpc_sync.py", "import shape", "import shape\nimport slow")
    hasty = "import hotswap.processes as p; p._LONG_START = 0; from hotswap.cli import main; main()"
    program = site.start("-c", hasty, "run", "grpc_sync.py", ANY)
    program.wait_for("following")
    site.write("hang", "")
    site.need_restart()
    program.wait_for("hangs")
    (site.folder / "hang").unlink()
    site.edit("shape.py", '"b",', '"c",')
    program.wait_for("it did not serve within 0 s")
    assert ask.pids(program.wait_for("serving"))[0] == ask.worker(program)


def test_a_machine_without_another_process_leaves_the_old_one_serving(site, ask):
    """Once it has one, the next save takes effect."""
    full = (
        "import os\n"
        "fork = os.fork\n"
        "def fails():\n"
        "    if os.path.exists('full'):\n"
        "        raise BlockingIOError(11, 'no process is left')\n"
        "    return fork()\n"
        "os.fork = fails\n"
        "from hotswap.cli import main; main()"
    )
    program = site.start("-c", full, "run", "grpc_sync.py", ANY)
    program.wait_for("following")
    site.write("full", "")
    site.need_restart()
    program.wait_for("a fresh start fails: [Errno 11] no process is left")
    (site.folder / "full").unlink()
    site.edit("shape.py", '"b",', '"b", "c",')
    assert ask.pids(program.wait_for("serving"))[0] == ask.worker(program)
