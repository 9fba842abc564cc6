"""Which dicts and sets have keys that are hashed in another way by now?"""

from __future__ import annotations

import gc
from types import FunctionType
from typing import Any

from hotswap.containers import CONTAINERS
from hotswap.values import instances_of, is_a


class Hashes:
    """The classes of one transaction whose instances may be hashed in another way."""

    def __init__(self) -> None:
        self._classes: dict[int, type] = {}
        self._renewed: list[Any] = []

    def changed(self, cls: Any) -> None:
        """A class does something else by now; what is not its own to hash is not looked at."""
        if (
            is_a(cls, type)
            and type(cls.__hash__) is FunctionType
            and not hasattr(cls, "__members__")
        ):
            self._classes[id(cls)] = cls

    def renew(self) -> None:
        """Let those who have such instances as keys find them."""
        for cls in self._classes.values():
            for container in _with_keys_among(instances_of(cls)):
                self._renewed.append(container)
                _fill_again(container)

    def take_back(self) -> None:
        """The classes are as they were."""
        for container in self._renewed:
            _fill_again(container)


def _with_keys_among(instances: list[Any]) -> list[Any]:
    ids = set(map(id, instances))
    found = gc.get_referrers(*instances) if instances else []
    hashed = [one for one in found if type(one) in CONTAINERS and not is_a(one, list)]
    return [one for one in hashed if any(id(key) in ids for key in list(one))]


def _fill_again(container: Any) -> None:
    rows = list(container.items() if is_a(container, dict) else container)
    try:
        for key in container:
            hash(key)
    except Exception:  # noqa: BLE001 - an old instance may lack what is hashed
        return
    container.clear()
    container.update(rows)
