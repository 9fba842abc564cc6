"""What an edit leads to: what executes, in which order, or why only a restart will do."""

from __future__ import annotations

import sys

import pytest

#     server      cli
#     /    \     /
# greeter   ledger        upper imports lower
#     \    /
#     clock
MODULES = {
    "clock": """
        import functools
        ZONE = 'UTC'
        TABLE = {}
        def now(): return ZONE
        class Clock:
            ticks = 1
            def tick(self): return self.ticks
    """,
    "greeter": """
        from clock import ZONE, now
        def greet(word='hello'): return word, now()
        GREETING = greet()
    """,
    "ledger": """
        import clock
        class Entry(clock.Clock):
            unit = 'EUR'
        ENTRIES = [Entry()]
        def total(): return clock.ZONE
    """,
    "server": """
        import greeter, ledger
        STATE = {}
        BANNER = greeter.GREETING[0].upper()
        if __name__ == '__main__':
            print(BANNER)
    """,
    "cli": """
        from ledger import Entry as Base, total
        class Command(Base):
            pass
        def main(): return total()
    """,
}

TICK = "Clock.tick" if sys.version_info >= (3, 11) else "tick"
"""As a code object has it."""


@pytest.fixture
def shop(project):
    for name, source in MODULES.items():
        project.write(name, source)
    project.load("server", "cli")
    return project


def steps(plan) -> str:
    """`module:names` execute, `module=name` is imported again, `module-names` go."""
    found = []
    for step in plan.steps:
        sign = {"execute": ":", "rebind": "=", "purge": "-"}[step.action]
        names = sorted(step.statement.binds if step.statement else step.names)
        found.append(f"{step.unit.name}{sign}{','.join(names)}")
    return " ".join(found)


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (("clock", "'UTC'", "'CET'"),
         "clock:ZONE greeter=ZONE greeter:GREETING server:BANNER"),
        (("clock", "ticks = 1", "ticks = 2"),
         "clock:Clock ledger:Entry ledger:ENTRIES cli:Base,total cli:Command"),
        (("greeter", "'hello'", "'hi'"), "greeter:greet greeter:GREETING server:BANNER"),
        (("ledger", "'EUR'", "'USD'"),
         "ledger:Entry ledger:ENTRIES cli:Base,total cli:Command"),
        (("ledger", "[Entry()]", "[Entry(), 1]"), "ledger:ENTRIES"),
        (("ledger", "ENTRIES = [Entry()]\n", ""), "ledger-ENTRIES"),
        (("server", "STATE = {}", "STATE = {}\nMORE = 1"), "server:MORE"),
        (("cli", "    pass", "    more = 1"), "cli:Command"),
        (("clock", "import functools", "import functools, sys"), "clock:functools,sys"),
    ],
    ids=lambda value: " ".join(value[1:]) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_what_executes(shop, edit, expected):
    """A changed statement first, then what reads what it may have changed, dependencies first."""
    shop.edit(*edit)
    plan = shop.reloader.plan()
    assert (plan.outcome, steps(plan)) == ("reloaded", expected)


@pytest.mark.parametrize(
    ("edit", "outcome", "swaps"),
    [
        (
            ("ledger", "return clock.ZONE", "return 1"),
            "swapped",
            ("ledger:5: total (its body changed)",),
        ),
        (
            ("clock", "return self.ticks", "return 0"),
            "swapped",
            (f"clock:7: {TICK} (its body changed)",),
        ),
        (("cli", "def main()", "# why\ndef main()"), "unchanged", ()),
        (("cli", "Command(Base):", "Command (Base) :"), "unchanged", ()),
        (("server", "print(BANNER)", "print(BANNER, 1)"), "unchanged", ()),
    ],
)
def test_what_is_only_swapped(shop, edit, outcome, swaps):
    """Bodies of functions that did not run at import; nothing executes."""
    shop.edit(*edit)
    plan = shop.reloader.plan()
    assert (plan.outcome, plan.swaps, plan.steps) == (outcome, swaps, ())


def test_a_function_that_ran_at_import_wakes_who_ran_it(shop):
    """Through other functions too; it is swapped, and what it made is made again."""
    shop.edit("clock", "return ZONE", "return ZONE.lower()")
    plan = shop.reloader.plan()
    assert plan.swaps == ("clock:4: now (its body changed)",)
    assert steps(plan) == "greeter:GREETING server:BANNER"


@pytest.mark.parametrize(
    ("batch", "expected"),
    [
        ("server clock", "clock:MORE server:MORE"),
        ("cli ledger", "ledger:MORE cli:MORE"),
        ("cli greeter clock", "clock:MORE greeter:MORE cli:MORE"),
    ],
)
def test_a_batch_is_one_plan(shop, batch, expected):
    """Its modules come in the order in which they were imported."""
    for name in batch.split():
        with shop.path(name).open("a") as file:
            file.write("MORE = 1\n")
    assert steps(shop.reloader.plan()) == expected


def test_a_plan_for_some_files_looks_at_no_other(shop):
    """What else has changed is not its affair."""
    shop.edit("cli", "    pass", "    more = 1")
    shop.edit("ledger", "[Entry()]", "[]")
    assert steps(shop.reloader.plan(shop.path("ledger"))) == "ledger:ENTRIES"


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (("ledger", "return clock.ZONE", "return 1"), "ledger:5: total"),
        (("ledger", "[Entry()]", "[]"), "ledger:4: execute ENTRIES (changed)"),
        (("clock", "'UTC'", "'CET'"), "greeter: import ZONE again (ZONE of clock changed)"),
        (("ledger", "ENTRIES = [Entry()]\n", ""), "ledger: delete ENTRIES (deleted)"),
        (("ledger", "ENTRIES", "ENTRIES ="), "invalid syntax"),
    ],
)
def test_a_plan_can_be_printed(shop, edit, text):
    """Each step has its place and its reason."""
    shop.edit(*edit)
    assert text in str(shop.reloader.plan())


def test_a_plan_changes_nothing(shop):
    """It may be made as often as one likes, and the reload does it still."""
    before = shop.picture(*MODULES)
    shop.edit("clock", "'UTC'", "'CET'")
    plans = [str(shop.reloader.plan()) for _ in range(2)]
    assert plans[0] == plans[1]
    assert shop.picture(*MODULES) == before
    assert shop.reload().outcome == "reloaded"


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (("atexit.register(f)\n", ""), "what atexit.register did cannot be undone in process"),
        (("LIMIT = 1", "LIMIT = 2"), "what atexit.register did cannot be repeated in process"),
    ],
)
def test_what_cannot_be_repeated_needs_a_restart(project, edit, reason):
    """An effect on something that is not the project's own, changed, repeated or removed."""
    project.write(
        "a",
        """
        import atexit
        LIMIT = 1
        def f(): pass
        atexit.register(f)
        atexit.register(f, LIMIT)
        """,
    )
    a = project.load("a")
    a.atexit.unregister(a.f)
    project.edit("a", *edit)
    plan = project.reloader.plan()
    assert plan.outcome == "restart"
    assert plan.reason.endswith(reason)
