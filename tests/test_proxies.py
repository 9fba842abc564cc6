"""What is held elsewhere comes to the current objects, or back to the old ones."""

from __future__ import annotations

import types

import pytest

import hotswap
from hotswap import proxies


@pytest.fixture(autouse=True)
def callbacks(monkeypatch):
    registered = []
    monkeypatch.setattr(proxies, "_callbacks", registered)
    return registered


@pytest.fixture
def module(monkeypatch):
    """A module that is imported already."""
    found = types.ModuleType("shop")
    monkeypatch.setitem(hotswap.proxies.sys.modules, "shop", found)
    return found


def test_refresh_calls_each_callback_once():
    """Asking twice changes nothing."""
    calls = []

    def callback():
        calls.append("called")

    proxies.on_refresh(callback)
    proxies.on_refresh(callback)
    proxies.refresh()
    assert calls == ["called"]


def test_undo_takes_back_in_reverse_order():
    """What was refreshed last is taken back first."""
    undone = []
    for name in ("a", "b"):
        proxies.on_refresh(lambda name=name: lambda: undone.append(name))
    proxies.refresh()()
    assert undone == ["b", "a"]


def test_failed_refresh_leaves_all_as_it_was():
    """If one cannot be refreshed, those before it are taken back, and the error is passed on."""
    undone = []
    proxies.on_refresh(lambda: lambda: undone.append("a"))
    proxies.on_refresh(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        proxies.refresh()
    assert undone == ["a"]


def test_live_is_the_current_object(module):
    """A name bound anew is seen at the next use."""
    price = hotswap.live("shop:price")
    module.price = 1
    before = price + 1
    module.price = 2
    assert (before, price + 1) == (2, 3)


def test_live_function_is_called_as_it_is_now(module):
    """A held function is the one the module has at the time of the call."""
    total = hotswap.live("shop:total")
    module.total = lambda *prices: sum(prices)
    assert total(1, 2) == 3
    module.total = max
    assert total(1, 2) == 2


def test_live_class_is_a_class(module):
    """Instances are made by, and belong to, the current class."""
    user = hotswap.live("shop:User")
    module.User = type("User", (), {"name": "Ada"})
    assert user().name == "Ada"
    assert isinstance(module.User(), user)


def test_live_follows_dotted_names(module):
    """What stands in a class can be named too."""
    module.User = type("User", (), {"names": ["Ada"]})
    names = hotswap.live("shop:User.names")
    assert list(names) == ["Ada"]
    names.append("Bob")
    assert module.User.names == ["Ada", "Bob"]


def test_live_imports_at_the_first_use():
    """Naming a module does not import it."""
    module = hotswap.live("there_is_no:module")
    assert repr(module) == "<live there_is_no:module>"
    with pytest.raises(ModuleNotFoundError, match="there_is_no"):
        module()


@pytest.mark.parametrize("use", [repr, str, len, list])
def test_live_says_what_is_missing(module, use):
    """A name that is gone is an AttributeError that says which."""
    module.prices = types.SimpleNamespace()
    price = hotswap.live("shop:prices.latest")
    if use is repr:
        assert use(price) == "<live shop:prices.latest>"
        return
    with pytest.raises(
        AttributeError, match=r"'shop:prices\.latest'\): .* has no attribute 'latest'"
    ):
        use(price)


@pytest.mark.parametrize("target", ["shop", "shop:", ":name", "shop.name:", "shop:a b", ""])
def test_live_refuses_what_is_no_target(target):
    """A target that cannot be meant is refused where it is written."""
    with pytest.raises(ValueError, match="is not of the form"):
        hotswap.live(target)
