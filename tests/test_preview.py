"""What saving a file would do is told from the files alone."""

from __future__ import annotations

import subprocess

import pytest

from hotswap import cli
from hotswap.preview import CannotCompare, picture, preview

#       server
#      /      \
#  greeter    clock        upper imports lower
#      \      /
#       words
FILES = {
    "words.py": "HELLO = 'Hello'\n\ndef polite(text):\n    return text\n",
    "app/__init__.py": "",
    "app/clock.py": "import words\n\nLIMIT = 3\n\ndef now():\n    return words.polite('')\n",
    "app/greeter.py": (
        "from words import HELLO, polite\n\nOPENING = polite(HELLO) + ', '\n\n"
        "def greet(name):\n    return OPENING + name\n"
    ),
    "server.py": (
        "from app import clock, greeter\n\n"
        "def main():\n    print(greeter.greet('you'))\n\n"
        "if __name__ == '__main__':\n    main()\n"
    ),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The project above; its first versions are beside it, under `before`."""
    for root in (tmp_path / "project", tmp_path / "before"):
        for name, text in FILES.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def edited(folder, name, old, new):
    """Make an edit; what does it do?"""
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new))
    before = folder.parent / "before" / name
    return str(preview([name], str(folder), str(before))).splitlines()


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("words.py", "return text", "return  text", ["unchanged"]),
        ("app/greeter.py", "+ name", "+ name * 2", ["swapped", "app.greeter: greet"]),
        ("app/clock.py", "3", "4", ["reloaded", "app.clock: changed"]),
        (
            "words.py",
            "'Hello'",
            "'Hi'",
            [
                "reloaded",
                "words: changed",
                "app.greeter: HELLO of words changed",
                "app.greeter: OPENING",
            ],
        ),
        (
            "words.py",
            "return text",
            "return text.upper()",
            ["reloaded", "words: polite", "app.greeter: polite changed"],
        ),
        ("server.py", "'you'", "'me'", ["swapped", "__main__: main"]),
    ],
)
def test_a_plan_has_what_follows_from_an_edit(folder, name, old, new, told):
    """In the order in which it would be done, each with its reason."""
    lines = [line for line in edited(folder, name, old, new) if "  spare " not in line]
    assert [lines[0], len(lines)] == [told[0], len(told)]
    parts = [expected.split(": ") for expected in told]
    found = zip(parts, lines, strict=True)
    assert [[part for part in wanted if part in line] for wanted, line in found] == parts


def test_a_plan_shows_places_and_reasons(folder):
    """Of all three: what executes, what is only swapped, and what is spared."""
    assert edited(folder, "words.py", "'Hello'", "'Hi'") == [
        "reloaded",
        "  execute  words:1: execute HELLO (changed)",
        "  execute  app.greeter:1: execute HELLO, polite (HELLO of words changed)",
        "  execute  app.greeter:3: execute OPENING (HELLO of app.greeter changed)",
        "  spare    app.clock: reads nothing that changes",
        "  spare    server: reads nothing that changes",
    ]
    assert edited(folder, "app/greeter.py", "+ name", "+ name * 2") == [
        "swapped",
        "  swap     app.greeter:5: greet (its body changed)",
    ]


def test_the_main_block_needs_a_restart(folder):
    """The place is named."""
    (line,) = edited(folder, "server.py", "    main()\n", "    main(1)\n")
    assert line.startswith(f"restart  {folder}/server.py:6: the main block")


def test_what_does_not_compile_is_rejected(folder):
    """As it would be by a running program."""
    (line,) = edited(folder, "words.py", "(text)", "(text")
    assert line.startswith("rejected  ")
    assert line.endswith("words.py:3: SyntaxError: '(' was never closed")


def test_without_a_former_version_there_is_no_plan(folder):
    """It is said what is missing."""
    with pytest.raises(CannotCompare, match="--against takes a revision or a file"):
        preview(["words.py"], str(folder), "nowhere")


def test_files_are_compared_with_the_last_commit(folder, capsys):
    """Unless another version is asked for."""
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "a"],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)
    (folder / "app" / "greeter.py").write_text(FILES["app/greeter.py"].replace("+ name", "+ '!'"))
    assert cli.main(["plan", "app/greeter.py", "words.py"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "swapped"
    (folder / "words.py").write_text("def f(")
    assert cli.main(["plan", "words.py"]) == 1
    assert cli.main(["plan", "--against", "nowhere", "words.py"]) == 2
    assert "hotswap: " in capsys.readouterr().err


def test_the_graph_has_each_module_after_what_it_imports(folder):
    """With what that is."""
    assert list(picture(str(folder))) == [
        "app",
        "words",
        "app.clock  → words",
        "app.greeter  → words",
        "server  → app  app.clock  app.greeter",
    ]


def test_the_graph_of_a_file_is_what_depends_on_it(folder, capsys):
    """An edit of it may reach that far."""
    assert cli.main(["graph", "app/clock.py"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        "app.clock",
        "server",
    ]


def test_modules_that_import_each_other_are_listed_too(folder):
    """By their names, as there is no better order."""
    (folder / "words.py").write_text("from app import clock\n")
    assert [line.split()[0] for line in picture(str(folder))] == [
        "app",
        "words",
        "app.clock",
        "app.greeter",
        "server",
    ]
