import pytest

from hotswap.options import OptionError, Options, read


def settings(folder, text):
    (folder / "pyproject.toml").write_text(text)
    return folder


def test_without_a_file_there_are_the_defaults(tmp_path):
    """A pyproject.toml that does not speak of hotswap changes nothing."""
    assert read(str(settings(tmp_path, "[project]\nname = 'x'"))) == Options()


def test_the_nearest_file_above_sets_them(tmp_path):
    """The folder of a program may be far below that of its settings."""
    settings(tmp_path, "[tool.hotswap]\nverbose = true\ndrain = 20\nexclude = ['gen_*']")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert read(str(inner)) == Options(verbose=True, drain=20, exclude=("gen_*",))


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False), ("'x'", "x")])
def test_a_program_can_be_attached_to(tmp_path, text, value):
    """By its own name, not at all, or by another one."""
    assert read(str(settings(tmp_path, f"[tool.hotswap]\nattach = {text}"))).attach == value


def test_paths_are_relative_to_the_file(tmp_path):
    """They mean the same wherever the program is started."""
    settings(tmp_path, "[tool.hotswap]\npaths = ['app']")
    (tmp_path / "b").mkdir()
    assert read(str(tmp_path / "b")).paths == (str(tmp_path / "app"),)


def test_the_command_line_wins():
    """What is given replaces what was set; what is not given (None) does not."""
    options = Options(drain=20, poll=1.0).overridden({"drain": 0.0, "poll": None})
    assert options == Options(drain=0.0, poll=1.0)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("pathes = []", "unknown key tool.hotswap.pathes (there are: paths, exclude,"),
        ("paths = 'app'", "tool.hotswap.paths must be a list of strings, not 'app'"),
        ("exclude = [1]", "tool.hotswap.exclude must be a list of strings, not [1]"),
        ("poll = 0", "tool.hotswap.poll must be a number of seconds above 0, not 0"),
        ("poll = true", "tool.hotswap.poll must be a number of seconds above 0, not True"),
        ("drain = -1", "tool.hotswap.drain must be a number of milliseconds, not -1"),
        ("drain = false", "tool.hotswap.drain must be a number of milliseconds, not False"),
        ("quiet = 'yes'", "tool.hotswap.quiet must be true or false, not 'yes'"),
        ("attach = '../x'", "tool.hotswap.attach must be true, false or a name"),
        ("attach = 1", "tool.hotswap.attach must be true, false or a name"),
        ("quiet = ", "pyproject.toml: "),
    ],
)
def test_what_cannot_be_taken_is_named(tmp_path, text, complaint):
    """With the file and the key, so that it can be put right."""
    settings(tmp_path, f"[tool.hotswap]\n{text}")
    with pytest.raises(OptionError) as error:
        read(str(tmp_path))
    assert complaint in str(error.value)
    assert str(error.value).startswith(str(tmp_path / "pyproject.toml"))


def test_it_has_to_be_a_table(tmp_path):
    """A value where a table is expected is named too."""
    settings(tmp_path, "[tool]\nhotswap = 1")
    with pytest.raises(OptionError, match=r"tool\.hotswap must be a table"):
        read(str(tmp_path))
