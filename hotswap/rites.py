"""When are a module's own hooks called, and its instances brought to their new shape?"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterable, Iterator
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any

from hotswap import degrees, state
from hotswap.values import attributes, is_a

if TYPE_CHECKING:
    from hotswap.journal import Journal

MIGRATE = "__hotswap_migrate__"


class HookFailed(Exception):  # noqa: N818 - carries the user's error
    """A hook of the program raised; the cause is what it raised."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


class Rites:
    """The hooks of one transaction, each called once."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._begun: dict[str, bool] = {}
        self._reshaped: dict[int, tuple[type, dict[str, Any]]] = {}

    def begin(self, module: str) -> None:
        """Statements of a module are about to execute again."""
        if module not in self._begun:
            self._begun[module] = False
            with _of_the_program():
                self._begun[module] = state.run_before_reload(module)

    def note(self, pictures: Iterable[tuple[type, dict[str, Any]]]) -> None:
        """Classes that were made again, as they were before."""
        for cls, before in pictures:
            self._reshaped.setdefault(id(cls), (cls, before))

    def end(self) -> None:
        """All is up to date: instances follow their classes, and modules hear of it."""
        with _of_the_program():
            for cls, before in self._reshaped.values():
                if hasattr(cls, MIGRATE) and degrees.degree(before, cls):
                    self._migrate(cls, before)
            for module in self._begun:
                state.run_after_reload(module)

    def _migrate(self, cls: type, before: dict[str, Any]) -> None:
        for instance in list(_instances(cls)):
            self._journal.keep_dict(attributes(instance))
            for name in _slots(type(instance)):
                self._journal.keep_attribute(instance, name)
            getattr(instance, MIGRATE)(dict(before))

    def take_back(self) -> list[str]:
        """The edit is not applied after all; returns what the hooks themselves raise."""
        failed = []
        for module, had_hooks in self._begun.items():
            try:
                if had_hooks:
                    state.run_after_reload(module)
            except Exception as error:  # noqa: BLE001 - the rest has to be taken back too
                failed.append(f"after_reload of {module} raised {error!r}")
        return failed


@contextlib.contextmanager
def _of_the_program() -> Iterator[None]:
    """What is raised inside is the program's."""
    try:
        yield
    except BaseException as error:
        raise HookFailed(error) from error


def _slots(cls: type) -> Iterator[str]:
    for base in cls.__mro__:
        for name, value in base.__dict__.items():
            if is_a(value, MemberDescriptorType):
                yield name


def _instances(cls: type) -> Iterator[Any]:
    yield from (holder for holder in gc.get_referrers(cls) if type(holder) is cls)
    heirs: list[type] = type.__subclasses__(cls)
    for heir in heirs:
        yield from _instances(heir)
