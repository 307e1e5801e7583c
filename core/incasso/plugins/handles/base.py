"""What handles of all families share: state, capabilities, guarded calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any, TypeVar, cast

from incasso.contract.capabilities import Capability, Limits, PluginKind
from incasso.contract.context import CallbackAnswer
from incasso.contract.errors import PluginCrashError, UnsupportedError
from incasso.contract.later import UnknownMemberError, as_known
from incasso.contract.ledger import Unreadable
from incasso.contract.text import text
from incasso.contract.values import CheckReport, Page
from incasso.plugins.calls import CallDetails
from incasso.plugins.guard import Guard
from incasso.plugins.health import Health
from incasso.plugins.rules import RULES, HookRule
from incasso.plugins.states import InstanceView, State, refusal
from incasso.plugins.steps import Steps

R = TypeVar("R")
T = TypeVar("T")


class Handle:
    """One configured instance, whatever its family and whatever its state."""

    def __init__(self, health: Health, guard: Guard | None, kind: PluginKind | None) -> None:
        """Without a guard (broken, disabled, retired) every call raises the error of its state."""
        self._health = health
        self._guard = guard
        self.kind = kind
        self.limits = kind.limits if kind else Limits()

    @property
    def id(self) -> str:
        """Name of the instance's table in plugins.toml."""
        return self._health.view.id

    @property
    def view(self) -> InstanceView:
        """Its state now."""
        return self._health.view

    @property
    def ready(self) -> bool:
        """Whether a call would be tried."""
        return self.view.state is State.READY

    @property
    def media(self) -> tuple[str, ...]:
        """Channels: the media it carries, in the order of the file."""
        return self.view.media

    def serves(self, source: str) -> bool:
        """Whether it works for this source."""
        return not self.view.sources or source in self.view.sources

    def can(self, capability: Capability) -> bool:
        """Whether the plugin declares it as usable."""
        declared = self.kind.capabilities.get(capability) if self.kind else None
        return declared is not None and declared.support.usable

    def check(self, on: date, steps: Steps | None = None, *, starts: bool = True) -> CheckReport:
        """Checks the settings and sets the state by the outcome; raises what the check raised.

        A success ends a pause if it `starts` it again.
        """
        if self._guard is None:
            raise refusal(self.view)
        return self._guard.check(on, steps, starts=starts)

    def pause(self, since: datetime, reason: str, hint: str = "") -> None:
        """Pauses a ready instance until a check, as an earlier process did."""
        if self._guard is not None and self.ready:
            self._health.pause(since, reason, hint)

    def halt(self, reason: str, hint: str) -> None:
        """Pauses it now, until a person has followed the hint and checked it."""
        self._health.halt(reason, hint)

    def resume(self) -> None:
        """Ends a pause that another process has ended."""
        if self._guard is not None and self.view.state is State.PAUSED:
            self._health.resume()

    @property
    def changed(self) -> bool:
        """Whether its state was set in this process since it was last saved or read."""
        return self._health.changed

    def saved(self) -> None:
        """Its state is written down now."""
        self._health.changed = False

    def count(self, calls: Iterable[datetime]) -> None:
        """Count an earlier process's calls, oldest first, against the limits."""
        if self._guard is not None:
            self._guard.rate.remember(calls)

    def close(self) -> None:
        """Releases what the plugin holds; may be called twice."""
        if self._guard is not None:
            guard, self._guard = self._guard, None
            guard.close()

    def _call(
        self,
        hook: Callable[..., R],
        on: date,
        *,
        key: str = "",
        attempt: int = 1,
        dry_run: bool = False,
        **given: Any,
    ) -> R:
        """One guarded call of a declared hook. Raises UnsupportedError without its capability."""
        rule = RULES[hook.__name__]
        about = CallDetails(on=on, key=short_key(key), attempt=attempt, dry_run=dry_run)
        answer: R = self._allowed(rule).call(rule, self._as_known(given), about)
        return answer

    def _as_known(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """The arguments as the plugin knows them: members added later become older ones."""
        minor = self.kind.api_minor if self.kind else 0
        try:
            return {name: as_known(value, minor) for name, value in given.items()}
        except UnknownMemberError as error:
            raise UnsupportedError(
                text(
                    "{id} was written before “{member}” came into the contract and has nothing "
                    "like it: use a newer version of the plugin",
                    id=self.id,
                    member=error.member.value,
                )
            ) from None

    def _stream(
        self, hook: Callable[..., Iterator[Page[T]]], on: date, **given: Any
    ) -> Iterator[Page[T | Unreadable]]:
        """The pages of a declared pull; none where the plugin does not implement it.

        A record that breaks the contract comes as Unreadable.
        """
        rule = RULES[hook.__name__]
        guard = self._allowed(rule)
        return guard.stream(rule, given, on) if guard.implements(rule.name) else iter(())

    def _allowed(self, rule: HookRule) -> Guard:
        if self._guard is None:
            raise refusal(self.view)
        if rule.needs is not None and not self.can(rule.needs):
            raise UnsupportedError(
                text("{id} does not offer {what}", id=self.id, what=rule.needs.value)
            )
        return self._guard


def with_answer(
    given: tuple[T, ...] | CallbackAnswer[T],
) -> CallbackAnswer[T | Unreadable]:
    """News of a callback with its web answer: 204 where the plugin gives only the news."""
    if isinstance(given, tuple):
        return CallbackAnswer(updates=given, status=204)
    return cast("CallbackAnswer[T | Unreadable]", given)  # the border put some in


def whole(items: tuple[T | Unreadable, ...]) -> tuple[T, ...]:
    """An answer that is used as a whole or not at all. Raises PluginCrashError."""
    for each in items:
        if isinstance(each, Unreadable):
            raise PluginCrashError(each.problems[0].message)
    return tuple(each for each in items if not isinstance(each, Unreadable))


def short_key(key: str) -> str:
    """An idempotency key as the contract defines it: ASCII, at most 64 characters, repeatable."""
    if len(key) <= 64 and key.isascii():
        return key
    return sha256(key.encode()).hexdigest()
