"""Modules that a fresh start does not come to any more, or comes to earlier or later."""

from __future__ import annotations

import pytest

REG = "R = []\ndef add(f):\n    R.append(f.__name__)\n    return f\n"
ENTERS = "import reg\n@reg.add\ndef fa(): pass\n"
ROWS = {
    "a branch is no longer taken": (
        {"use": "U = True\nif U:\n    import a\n"},
        ("U = True", "U = False"),
        "nobody imports a any more",
    ),
    "by a name of it": (
        {"use": "U = True\nif U:\n    from a import fa\n"},
        ("U = True", "U = False"),
        "nobody imports a any more",
    ),
    "a condition that another module has": (
        {"cfg": "U = 1", "use": "import cfg\nif cfg.U:\n    import a\n"},
        ("cfg", "U = 1", "U = 0"),
        "nobody imports a any more",
    ),
    "one of several that are named by strings": (
        {"use": "for n in ['a', 'reg']:\n    __import__(n)\n"},
        ("'a', ", ""),
        "nobody imports a any more",
    ),
    "in a function that runs": (
        {"use": "def load():\n    import a\n    return 1\nN = load()\n"},
        ("    import a\n", ""),
        "nobody imports a any more",
    ),
    "a branch of a function that runs": (
        {"use": "U = 1\ndef load():\n    if U:\n        import a\nN = load()\n"},
        ("U = 1", "U = 0"),
        "nobody imports a any more",
    ),
    "a function of another module is no longer called": (
        {"lib": "def load():\n    import a\n", "use": "import lib\nN = lib.load()\n"},
        ("lib.load()", "2"),
        "nobody imports a any more",
    ),
    "in a class": (
        {"use": "class C:\n    import a\n"},
        ("import a", "b = 1"),
        "nobody imports a any more",
    ),
    "an earlier import in a function": (
        {"b": f"def f(): return 1\nN = f()\n{ENTERS}", "use": "import b\nimport a\n"},
        ("b", "return 1", "import a"),
        "a:2 comes before b:4 in a fresh start",
    ),
    "a later import, since a branch is no longer taken": (
        {"b": ENTERS, "use": "U = 1\nif U:\n    import a\nimport b\nimport a\n"},
        ("U = 1", "U = 0"),
        "b:2 comes before a:2 in a fresh start",
    ),
    "a submodule that somebody takes from its package": (
        {
            "pkg.__init__": "",
            "pkg.sub": "Y = 1\n",
            "use": "import pkg\nimport pkg.sub\ndef f(): return pkg.sub.Y\n",
        },
        ("import pkg.sub\n", ""),
        "nobody imports pkg.sub any more, and use may find it",
    ),
    "a submodule that its package looks for": (
        {
            "pkg.__init__": "from . import sub, two\nX = sorted(dir())\n",
            "pkg.sub": "Y = 1\n",
            "pkg.two": "Y = 1\n",
            "use": "import pkg\n",
        },
        ("pkg.__init__", "sub, two", "two"),
        "nobody imports pkg.sub any more, and pkg may find it",
    ),
    "a submodule that nobody asks for": (
        {
            "pkg.__init__": "",
            "pkg.sub": "Y = 1\n",
            "use": "import pkg\nfrom pkg.sub import Y\ndef f():\n    from pkg import sub\n",
        },
        ("from pkg.sub import Y\n", ""),
        "",
    ),
    "somebody else imports it": (
        {"b": "import a\n", "use": "U = 1\nif U:\n    import a\nimport b\n"},
        ("U = 1", "U = 0"),
        "",
    ),
    "the same as before, by a function": (
        {"use": "U = 1\ndef load():\n    import a\n    return U\nN = load()\n"},
        ("U = 1", "U = 2"),
        "",
    ),
    "the same as before, in a branch": (
        {"use": "U = 1\nif U:\n    import a\n"},
        ("U = 1", "U = 2"),
        "",
    ),
    "it did nothing to others": (
        {"a": "X = 1\n", "use": "U = 1\nif U:\n    import a\n"},
        ("U = 1", "U = 0"),
        "",
    ),
}


@pytest.mark.parametrize(("files", "edit", "reason"), ROWS.values(), ids=ROWS)
def test_what_is_no_longer_imported(project, files, edit, reason):
    """It has left nothing behind where somebody could find it, or there is a restart."""
    files = {"reg": REG, "a": ENTERS} | files
    for name, text in files.items():
        project.write(name, text)
    project.load("use", "reg")
    *name, old, new = edit
    project.edit(*(name or ["use"]), old, new)
    report = project.reload()
    assert (report.outcome == "restart") == bool(reason), report
    assert reason in report.reason
    if not reason:
        assert project.picture("use", "reg") == project.fresh_here("use", "reg")


def test_a_module_is_left_later_than_its_first_import(project):
    """Whoever imported it first does so no longer since an earlier edit."""
    for name, text in {"reg": REG, "a": ENTERS, "b": "import a\n"}.items():
        project.write(name, text)
    project.write("use", "import a\nimport b\n")
    project.load("use")
    project.edit("use", "import a\n", "")
    assert project.reload().outcome == "reloaded"
    project.edit("b", "import a\n", "")
    assert "nobody imports a any more" in project.reload().reason


def test_imports_are_heard_of_as_long_as_a_statement_executes(project):
    """What Python imports with is its own again."""
    before = __import__
    project.write("a", "U = 1\nif U:\n    import b\n")
    project.write("b", "X = 1\n")
    project.load("a")
    project.edit("a", "U = 1", "U = 2")
    assert project.reload().outcome == "reloaded"
    assert __builtins__["__import__"] is before
