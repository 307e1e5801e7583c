"""Tell a fake what to do at its next calls: fail, be silent, lie, hang, or behave."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from threading import Lock
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="Scripted")

Reaction: TypeAlias = Callable[[Callable[[], Any]], Any]
"""What happens at one call; it gets the honest behaviour and may use it."""

Script: TypeAlias = Mapping[str, Iterable["Reaction | BaseException | None"]]
"""Per hook, what its next calls do: an exception to raise, an act, None for honest work."""


def behaves(honest: Callable[[], Any]) -> Any:
    """Honest work."""
    return honest()


def raises(error: BaseException) -> Reaction:
    """Raise it, and do nothing."""

    def act(honest: Callable[[], Any]) -> Any:
        raise error

    return act


def after(error: BaseException) -> Reaction:
    """Do the work, then raise: the message left, but the answer was lost."""

    def act(honest: Callable[[], Any]) -> Any:
        honest()
        raise error

    return act


def gives(value: Any) -> Reaction:
    """Return this, whatever it is."""
    return lambda honest: value


def sleeps(seconds: float) -> Reaction:
    """Hang for a while, then work."""

    def act(honest: Callable[[], Any]) -> Any:
        time.sleep(seconds)
        return honest()

    return act


def exits(honest: Callable[[], Any]) -> Any:
    """Try to end the process."""
    sys.exit("a plugin wanted to end the hub")


def for_ever(act: Reaction) -> Iterable[Reaction]:
    """The same at every call."""
    while True:
        yield act


class Scripted:
    """A fake with a script; when the script of a hook is over, it works honestly."""

    def __init__(self, script: Script) -> None:
        self._acts = {hook: iter(acts) for hook, acts in script.items()}
        self._lock = Lock()
        self.calls: deque[str] = deque(maxlen=10_000)
        """The names of the hooks that were called, oldest first."""

    def then(self, hook: str, *acts: Reaction | BaseException | None) -> None:
        """Replace what the next calls of a hook do."""
        with self._lock:
            self._acts[hook] = iter(acts)

    def always(self, hook: str, act: Reaction) -> None:
        """What every further call of a hook does."""
        with self._lock:
            self._acts[hook] = iter(for_ever(act))

    def _act(self, hook: str) -> Reaction:
        with self._lock:
            self.calls.append(hook)
            act = next(self._acts.get(hook, iter(())), None)
        if isinstance(act, BaseException):
            return raises(act)
        return act or behaves


def scripted(hook: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Put a hook of a fake under its script."""

    @wraps(hook)
    def played(self: S, *arguments: P.args, **named: P.kwargs) -> R:
        act = self._act(hook.__name__)
        result: R = act(lambda: hook(self, *arguments, **named))
        return result

    return cast("Callable[Concatenate[S, P], R]", played)
