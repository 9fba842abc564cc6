"""`%load_ext hotswap` in a real IPython, and in a real kernel of Jupyter."""

import pytest


@pytest.fixture(scope="module")
def shell(terminals):
    """IPython in a folder of modules, with the extension."""
    terminal = terminals("ipython")
    terminal.type("%load_ext hotswap")
    terminal.save("m.py", "X = 1\ndef f(): return X\n")
    terminal.save("n.py", "import m\nY = 1\n")
    terminal.do("import m, n", "get_ipython().Completer.use_jedi = False")
    return terminal


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("%hotswap", "on (inotify), 2 modules, generation "),
        ("%hotswap status", "on (inotify), 2 modules, generation "),
        ("%hotswap now", "nothing has changed"),
        ("%hotswap plan", "unchanged"),
        ("%hotswap why n", "n runs as it was imported"),
        ("%hotswap why os", "os is not followed: it was never imported, or is not the project's own"),
        ("%hotswap why", "which module? %hotswap why MODULE"),
        ("%hotswap nonsense", "%hotswap has no 'nonsense'; there are: on, off, now, undo, status, plan, why"),
        ("%hotswap off now", "%hotswap off does not take now; nothing was done"),
        ("%hotswap on alone", "%hotswap on does not take alone; nothing was done"),
        ("%hotswap undo 2", "%hotswap undo does not take 2; nothing was done"),
        ("%hotswap plan 'm.py", "%hotswap plan 'm.py: No closing quotation"),
        ("%hotswap plan m n.py", "unchanged"),
        ("%hotswap plan 'no such.py'", "/no such.py is not followed: nothing was imported from it"),
        ("%hotswap?", "Keep imported modules as their files are."),
    ],
)  # fmt: skip
def test_what_the_magic_says(shell, line, answer):
    """Each of its words has an answer."""
    assert answer in shell.type(line)


def test_why_a_module_was_reloaded(shell):
    """The statements that executed, and why; a module that was spared is told so."""
    shell.save("m.py", "X = 2\ndef f(): return X\n")
    assert shell.ask("m.f()") == "2"
    assert "m:1: execute X (changed)" in shell.type("%hotswap why m")
    assert "n was spared: it uses nothing that changed" in shell.type("%hotswap why n")


def test_off_and_on_again(shell):
    """While it is off nothing is applied, unless by hand; afterwards all is."""
    shell.type("%hotswap off")
    shell.save("n.py", "import m\nY = 2\n")
    assert shell.ask("n.Y") == "1"
    assert "off, 2 modules" in shell.type("%hotswap status")
    shell.type("%hotswap now")
    assert shell.ask("n.Y") == "2"
    shell.save("n.py", "import m\nY = 3\n")
    assert shell.ask("n.Y") == "2"
    shell.type("%hotswap on")
    assert shell.ask("n.Y") == "3"


def test_what_is_refused_is_told_until_it_is_mended(shell):
    """By `status`, which names the file, and by `why`, which names the line."""
    shell.save("n.py", "import m\nY = 1 / 0\n")
    assert shell.ask("n.Y") == "3"
    assert "n.py:2" in shell.screen
    assert "(behind) In [" in shell.screen
    assert f"differs from what runs: {shell.folder}/n.py" in shell.type("%hotswap status")
    assert "n.py:2: ZeroDivisionError: division by zero" in shell.type("%hotswap why n")
    shell.save("n.py", "import m\nY = 3\n")
    assert shell.ask("n.Y") == "3"
    assert "differs" not in shell.type("%hotswap status")
    assert "(behind)" not in shell.screen


@pytest.mark.parametrize("way", ["script.py", "-i script.py", "-m script"])
def test_a_script_that_is_run_at_the_prompt(terminals, tmp_path, way):
    """What was imported is current before it, in it and after it; the script is nobody's module."""
    shell = terminals("ipython", folder=tmp_path)
    shell.save("m.py", "X = 1\n")
    shell.save("script.py", "import m\nfound = m.X\n")
    shell.do("import m, hotswap", "from m import X as mine")
    shell.type(f"%run {way}")
    shell.type("%load_ext hotswap")
    for number in (2, 3):
        shell.save("m.py", f"X = {number}\n")
        shell.type(f"%run {way}")
        assert shell.ask("(mine, found, *hotswap.watch().modules)") == f"({number}, {number}, 'm')"
    shell.save("m.py", "X = 4\n")
    shell.save("script.py", "mine = found = 5\n")
    assert shell.ask("(mine, found)") == "(4, 3)"


def test_undo_by_magic(shell):
    """Step by step; status tells which generation runs, and which file is ahead of it."""
    shell.save("u.py", "U = 1\n")
    shell.do("import u")
    for number in (2, 3):
        shell.save("u.py", f"U = {number}\n")
        assert shell.ask("u.U") == str(number)
    assert "undone    u.py" in shell.type("%hotswap undo")
    assert shell.ask("u.U") == "2"
    shell.type("%hotswap undo")
    assert shell.ask("u.U") == "1"
    assert f"differs from what runs: {shell.folder}/u.py" in shell.type("%hotswap status")
    assert "undone, generation " in shell.type("%hotswap why u")
    shell.type("%hotswap now")
    assert shell.ask("u.U") == "3"


def test_autoreload_beside_it(shell):
    """It is told once, and turned off by who asks for it."""
    shell.type("%load_ext autoreload")
    assert "hotswap: %autoreload is on, too" in shell.type("%autoreload 2")
    shell.ask("1")
    assert "autoreload" not in shell.screen
    shell.type("%hotswap on --alone")
    magics = "get_ipython().magics_manager.registry['AutoreloadMagics']"
    assert shell.ask(f"{magics}._reloader.enabled") == "False"


def test_autoreload_leaves_alone_what_is_followed(terminals, tmp_path):
    """Though it comes first; while nothing is followed the modules are its own again."""
    shell = terminals("ipython", folder=tmp_path)
    for line in ("%load_ext autoreload", "%autoreload 2", "%load_ext hotswap"):
        shell.type(line)
    text = "import enum\nX = {0}\nclass E(enum.Enum):\n    A = 1\n    B = {0}\n"
    shell.save("m.py", text.format(10))
    shell.save("left.py", "X = 1\n")
    shell.do("import m, left", "from m import E, X as mine", "a = E.A")
    shell.type("%aimport -left")
    for number in (20, 300):
        shell.save("m.py", text.format(number))
        assert shell.ask("(a is E.A is m.E.A, m.E.B.value, mine)") == f"(True, {number}, {number})"
    shell.type("%hotswap undo")
    assert shell.ask("(m.X, mine)") == "(20, 20)"
    shell.type("%hotswap off")
    skipped = "get_ipython().magics_manager.registry['AutoreloadMagics']._reloader.skip_modules"
    assert shell.ask(f"[name for name in ('m', 'left') if name in {skipped}]") == "['left']"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("%hotswap st", "status"), ("%hotswap why ", "n"), ("%hotswap on --", "--alone")],
)
def test_completion(shell, typed, offered):
    """Of its words, and of the modules that are followed."""
    complete = f"get_ipython().complete(None, {typed!r}, {len(typed)})"
    assert shell.ask(f"{offered!r} in {complete}[1]") == "True"


def test_the_extension_can_be_unloaded(terminals, tmp_path):
    """Then nothing is applied; loaded again, all is."""
    shell = terminals("ipython", folder=tmp_path)
    shell.save("m.py", "X = 1\n")
    shell.do("import m, hotswap", "hotswap.watch()")
    shell.type("%unload_ext hotswap")
    shell.save("m.py", "X = 2\n")
    assert shell.ask("m.X") == "1"
    shell.type("%load_ext hotswap")
    shell.type("%hotswap now")
    assert shell.ask("m.X") == "2"


CELLS = [
    "%load_ext hotswap",
    "from pathlib import Path\nPath('cell.py').write_text('X = 1\\ndef f(): return X\\n')",
    "from cell import X, f\nimport cell",
    "Path('cell.py').write_text('X = 2\\ndef f(): return X\\n')",
    "import asyncio\nawait asyncio.sleep(0)\nprint(X, f(), cell.X)",
    "%hotswap undo",
    "print(X, f(), cell.X)",
    "Path('cell.py').write_text('X = (\\n')",
    "print(X, f(), cell.X)",
]


def test_a_notebook(tmp_path, monkeypatch):
    """Each cell runs with what was saved before it; reports have a picture above its output."""
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed")
    import nbformat  # noqa: PLC0415

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / ".ipython"))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    resources = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(book, timeout=60, resources=resources).execute()
    *_, good, undo, back, _, bad = book.cells
    (picture, printed), (undone,), (again,), (error, still) = (
        cell.outputs for cell in (good, undo, back, bad)
    )
    assert (printed.text, again.text, still.text) == ("2 2 2\n", "1 1 1\n", "1 1 1\n")
    assert "undone    cell.py" in undone.data["text/html"]
    assert picture.data["text/html"].startswith("<pre")
    assert "reloaded  cell.py" in picture.data["text/html"]
    assert "<details open>" in error.data["text/html"]
    assert "SyntaxError" in error.data["text/plain"]
