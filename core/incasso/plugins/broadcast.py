"""Ask and tell every plugin package, one at a time: one failure does not silence the rest."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final

from incasso.contract.general import HubEvent, Objection, PlannedStep
from incasso.plugins.discovery import Package
from incasso.plugins.masking import told
from incasso.plugins.worker_pool import BusyError, Cell, DeadlineError, RaisedError

DEADLINE_S: Final = 2.0

logger = logging.getLogger(__name__)


class Broadcast:
    """The module-level hooks of all packages. Nothing here ever raises because of a plugin."""

    def __init__(self, packages: Iterable[Package], patience: float = 1.0) -> None:
        self._packages = tuple(packages)
        self._cells = {package.name: Cell(package.name, 1) for package in self._packages}
        self._seconds = DEADLINE_S * patience

    def tell(self, event: HubEvent) -> None:
        """Something happened and is committed; who fails to hear it is only logged."""
        for package in self._with("hub_event"):
            self._ask(package, "hub_event", None, event=event)

    def objections(self, step: PlannedStep) -> tuple[Objection, ...]:
        """Every reason not to carry out a step, in the order of the packages' names."""
        found: list[Objection] = []
        for package in self._with("hub_step_objections"):
            given = self._ask(package, "hub_step_objections", Objection, step=step)
            found += given
        return tuple(found)

    def placeholders(self, step: PlannedStep) -> dict[str, str]:
        """Extra words for templates. A key must begin with its package's name, or it is dropped."""
        words: dict[str, str] = {}
        for package in self._with("hub_placeholders"):
            given = self._ask(package, "hub_placeholders", str, step=step)
            words |= {key: word for key, word in given.items() if _belongs(key, package)}
        return words

    def close(self) -> None:
        """End the threads."""
        for cell in self._cells.values():
            cell.close()

    def _with(self, hook: str) -> Iterable[Package]:
        for package in self._packages:
            if getattr(package.manager.hook, hook).get_hookimpls():
                yield package

    def _ask(self, package: Package, hook: str, kind: type | None, **given: Any) -> Any:
        """The package's answer, or an empty one of the same form if it has none."""
        wanted = partial(_answer, package, hook, kind, given)
        try:
            return self._cells[package.name].run(wanted, self._seconds)
        except BusyError:
            reason = "still busy with an earlier call"
        except DeadlineError:
            reason = f"no answer within {DEADLINE_S:g} s"
        except RaisedError as raised:
            reason = f"{type(raised.error).__name__}: {told(raised.error)}"
        logger.warning("plugin package %s failed in %s: %s", package.name, hook, reason)
        return {} if kind is str else ()


def _answer(package: Package, hook: str, kind: type | None, given: Mapping[str, Any]) -> Any:
    """Run on the package's own thread, so that a generator's code runs there too."""
    [answer] = getattr(package.manager.hook, hook)(**given) or [None]
    if kind is None:
        return ()
    if kind is str:
        words = dict(answer or {})
        if not all(isinstance(each, str) for pair in words.items() for each in pair):
            raise TypeError("placeholders are texts")
        return words
    items = tuple(answer or ())
    if not all(isinstance(item, kind) for item in items):
        raise TypeError(f"it gave something that is no {kind.__name__}")
    return items


def _belongs(key: str, package: Package) -> bool:
    if key.startswith(f"{package.name}_"):
        return True
    logger.warning("placeholder %s of package %s needs its name in front", key, package.name)
    return False
