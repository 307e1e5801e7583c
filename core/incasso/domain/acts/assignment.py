"""Acts that assign: container, exclusion, operator and responsible, iter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

from incasso.domain.acts.act import Act, Mistake, MistakeKind, past
from incasso.domain.acts.permission import LEGAL, MANAGERS, who_may_park
from incasso.domain.office.actor import Role

CONTAINERS: Final = {
    "legal": "legal",
    "legale": "legal",
    "uncollectable": "uncollectable",
    "inesigibile": "uncollectable",
    "not_scheduled": "not_scheduled",
    "non_schedulato": "not_scheduled",
    "cod": "cod",
    "contrassegno": "cod",
    "management": "management",
    "direzione": "management",
}
"""The built-in containers; an office may name others."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Park(Act, frozen=True, kw_only=True, tag="park"):
    """Sets running cases aside in a container; `release` takes them out."""

    into: str
    confirm: bool = False
    """Also out of the lawyers' container."""
    review: date | None = None
    """On that day a task asks to look at it again."""
    lawyer: str = ""
    file_number: str = ""
    """The lawyer's."""

    needs_why: ClassVar[bool] = True

    @property
    def container(self) -> str:
        """The container's name as it is stored."""
        name = self.into.strip().lower().replace(" ", "_").replace("-", "_")
        return CONTAINERS.get(name, name)

    def who_may(self) -> frozenset[Role]:
        """The roles depend on the container."""
        return who_may_park(self.container)

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """Faults of the container's name."""
        if not _NAME.fullmatch(self.container):
            yield Mistake(kind=MistakeKind.NO_CONTAINER_NAME, values={"name": self.into})
        yield from past("review", self.review or on, on)


class Exclude(Act, frozen=True, kw_only=True, tag="exclude"):
    """Excludes a client from all dunning."""

    allowed: ClassVar[frozenset[Role]] = MANAGERS
    needs_why: ClassVar[bool] = True


class Include(Act, frozen=True, kw_only=True, tag="include"):
    """Ends the exclusion of a client."""

    allowed: ClassVar[frozenset[Role]] = MANAGERS


class Assign(Act, frozen=True, kw_only=True, tag="assign"):
    """Give a client, case or step to an operator, a client or case to a responsible.

    A client's running cases and waiting steps go with it.
    """

    to: str | None = None
    responsible: str | None = None

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """Faults if nobody is named."""
        if self.to is None and self.responsible is None:
            yield Mistake(kind=MistakeKind.NOBODY_NAMED)


class ChooseIter(Act, frozen=True, kw_only=True, tag="iter"):
    """Sets the iter of a client or installment; None returns to the rules.

    Running cases stay where they are unless `move`: then they close and the new iter begins, never
    below the highest stage that the installment has reached unless `stage` says so.
    """

    key: str | None = None
    move: bool = False
    stage: str = ""
    """Where moved cases enter; empty: by the rules."""
    confirm: bool = False
    """Also back from a stage that was reached, or out of the lawyers' container."""

    allowed: ClassVar[frozenset[Role]] = LEGAL

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """A stage is for cases that move."""
        if self.stage and not self.move:
            yield Mistake(kind=MistakeKind.STAGE_WITHOUT_MOVE)
