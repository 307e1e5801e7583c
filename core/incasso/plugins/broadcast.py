"""Call every plugin package, one at a time: a failure does not stop the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Any, TypeVar

from incasso.contract.general import GeneralSpec, HubEvent, Objection, PlannedStep
from incasso.contract.text import text
from incasso.plugins.discovery import Package
from incasso.plugins.fields import misfits, shown, wrong_fields
from incasso.plugins.masking import error_line
from incasso.plugins.records import strange
from incasso.plugins.specs import declarations
from incasso.plugins.unheard import unheard
from incasso.plugins.worker_pool import BusyError, DeadlineError, RaisedError, WorkerPool

T = TypeVar("T")

_DECLARED = declarations(GeneralSpec)

logger = logging.getLogger(__name__)


def _note(package: str, hook: str, reason: str) -> None:
    """To the log each time; for the screen once."""
    logger.warning("plugin package %s failed in %s: %s", package, hook, reason)
    unheard.setdefault((package, hook), reason)


class Broadcast:
    """The module-level hooks of all packages. No method raises because of a plugin."""

    def __init__(self, packages: Iterable[Package], patience: float = 1.0) -> None:
        self._packages = tuple(packages)
        self._pools = {package.name: WorkerPool(package.name, 1) for package in self._packages}
        # Who only waits for another channel's question must not count as a plugin without answer:
        # its objection would be missing.
        self._turns = {package.name: Lock() for package in self._packages}
        self._patience = patience

    @property
    def asks_about_steps(self) -> bool:
        """Whether any package has a hook for steps."""
        hooks = ("hub_step_objections", "hub_placeholders")
        return any(package.manager.has(hook) for package in self._packages for hook in hooks)

    def tell(self, event: HubEvent) -> None:
        """Reports a committed event to every package; a failing one is logged and named once."""
        for package in self._with("hub_event"):
            self._ask(package, "hub_event", lambda _: None, event=event)

    def objections(self, step: PlannedStep) -> tuple[Objection, ...]:
        """Every reason not to carry out a step, in the order of the packages' names.

        The options `tryfirst` and `trylast` of a hook come before the names.
        """
        found: list[Objection] = []
        for package in self._with("hub_step_objections"):
            given = self._ask(package, "hub_step_objections", _objections, step=step)
            found += [_readable(each, package) for each in given]
        return tuple(found)

    def placeholders(self, step: PlannedStep) -> dict[str, str]:
        """Extra words for templates. A key must begin with its package's name, or it is dropped."""
        words: dict[str, str] = {}
        for package in self._with("hub_placeholders"):
            given = self._ask(package, "hub_placeholders", _texts, step=step)
            words |= {key: word for key, word in given.items() if _belongs(key, package)}
        return words

    def close(self) -> None:
        """Ends the worker threads."""
        for pool in self._pools.values():
            pool.close()

    def _with(self, hook: str) -> Iterable[Package]:
        """The packages that have the hook: `tryfirst` ones before, `trylast` ones behind."""
        found = [package for package in self._packages if package.manager.has(hook)]
        return sorted(found, key=lambda package: package.manager.turn(hook))

    def _ask(self, package: Package, hook: str, read: Callable[[Any], T], **given: Any) -> T:
        """The package's answer, or an empty one of the same form if it has none."""
        seconds = _DECLARED[hook].deadline_s

        def ask() -> T:  # on the package's own thread, so that a generator's code runs there too
            return read(getattr(package.manager.hook, hook)(**given))

        try:
            with self._turns[package.name]:
                answer: T = self._pools[package.name].run(ask, seconds * self._patience)
        except BusyError:
            reason: str = text("still busy with an earlier call")
        except DeadlineError:
            reason = text("no answer within {seconds} s", seconds=f"{seconds:g}")
        except RaisedError as raised:
            reason = f"{type(raised.error).__name__}: {error_line(raised.error)}"
        else:
            return answer
        _note(package.name, hook, reason)
        return read(())


def _objections(answers: Iterable[Any]) -> tuple[Any, ...]:
    """What each hook said; what is no objection stays as it is, for `_readable`."""
    items: list[Any] = []
    for answer in answers:
        if answer is None:
            continue
        is_several = isinstance(answer, Iterable) and not isinstance(answer, str | bytes | Mapping)
        items += answer if is_several else (answer,)
    return tuple(items)


def _readable(objection: Any, package: Package) -> Objection:
    """The objection; one that cannot be read still holds the step, for a person to look."""
    if isinstance(objection, Objection):
        if not (wrong := wrong_fields(objection)):
            return objection
        words = wrong[0].words
    else:
        words = strange(objection, (Objection,)).words
    _note(package.name, "hub_step_objections", words)
    reason = text(
        "the plugin {plugin} objects in a form that cannot be read: {problem}",
        plugin=package.name,
        problem=words,
    )
    return Objection(reason=reason)


def _texts(answers: Iterable[Mapping[Any, Any] | None]) -> dict[str, str]:
    words: dict[Any, Any] = {}
    for answer in answers:
        words |= dict(answer or {})
    if list(misfits(words, Mapping[str, str])):
        raise TypeError(text("placeholders are texts"))
    return words


def _belongs(key: str, package: Package) -> bool:
    if key.startswith(f"{package.name}_"):
        return True
    _note(
        package.name,
        "hub_placeholders",
        text(
            "the name of {key} does not begin with {package}_", key=shown(key), package=package.name
        ),
    )
    return False
