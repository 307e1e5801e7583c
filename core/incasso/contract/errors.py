"""Errors sorted by what the hub must do next; the class docstring is the default text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from incasso.contract.text import in_a_row, text
from incasso.contract.values import ExternalId, Problem


class IncassoError(Exception):
    """Something went wrong in Incasso."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip().split("\n")[0])


class PluginError(IncassoError):
    """A plugin could not do what was asked."""


class ConfigurationError(PluginError):
    """The settings are wrong; nothing is tried again until the file changes."""

    def __init__(self, problems: Sequence[Problem] | str = ()) -> None:
        if isinstance(problems, str):
            problems = (Problem(code="configuration", message=problems),)
        self.problems = tuple(problems)
        super().__init__(in_a_row(map(_told, self.problems)) if self.problems else None)

    @property
    def hint(self) -> str:
        """The cures that the problems bring, each once; empty if they bring none."""
        cures = tuple(dict.fromkeys(problem.hint for problem in self.problems if problem.hint))
        return in_a_row(cures) if cures else ""


def _told(problem: Problem) -> str:
    if not problem.field:
        return problem.message
    return text("{field}: {problem}", field=problem.field, problem=problem.message)


class AuthenticationError(PluginError):
    """The other side refused the credentials; the instance pauses until a person checks it."""


class TemporaryError(PluginError):
    """Nothing happened; the same call may work later."""

    def __init__(self, message: str | None = None, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RateLimitedError(TemporaryError):
    """Too fast for the other side; slow down and try again."""


class RejectedError(PluginError):
    """The other side refuses this item for good; the other items go on."""

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str = "rejected",
        problems: Sequence[Problem] = (),
        bad_address: bool = False,
        sender_refused: bool = False,
        opted_out: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.problems = tuple(problems)
        self.bad_address = bad_address
        """True if the address itself is wrong, so that it is not used again."""
        self.sender_refused = sender_refused
        """True if the cause is who sends (a block list, our server, our domain)."""
        self.opted_out = opted_out
        """True if the recipient wants no messages by this medium: it is not used for them again."""


class OutcomeUnknownError(PluginError):
    """The effect may have happened; it is never repeated blindly."""

    def __init__(self, message: str | None = None, *, ref: ExternalId | None = None) -> None:
        super().__init__(message)
        self.ref = ref


class CursorExpiredError(PluginError):
    """The cursor is no longer understood; a full pull follows."""


class UnsupportedError(PluginError):
    """This plugin does not offer that."""


class PluginCrashError(PluginError):
    """The plugin broke its contract; made by the guard, never raised by a plugin."""
