"""People and offices of a client that are kept here by role, with addresses of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

from incasso.domain.acts.act import About, Act, Mistake, MistakeKind, too_long
from incasso.domain.acts.contacts import WithAddresses
from incasso.domain.acts.permission import WITH_THE_CLIENT
from incasso.domain.office.actor import Role
from incasso.domain.recovery.iters import ROLE
from incasso.domain.sending.language import WRITTEN

_ROLE: Final = re.compile(ROLE)


class SetContact(WithAddresses, frozen=True, kw_only=True, tag="set-contact"):
    """Keeps whom to reach under a role of the client, whatever the ERP says now or later.

    What is not given stays as it was; an empty mail address or number is taken away.
    """

    role: str
    """`solleciti` stands above the ERP for every message; others serve stages that ask for them."""
    from_: str
    """Where it comes from."""
    person: str | None = None
    language: str | None = None
    """Of the messages to it, one of `WRITTEN`; empty: the client's."""

    about: ClassVar[About] = About.CLIENT
    allowed: ClassVar[frozenset[Role]] = WITH_THE_CLIENT

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """The role can be one, something is kept under it, and it is said where it comes from."""
        yield from unfit_role(self.role)
        if not self.addresses and self.person is None and self.language is None:
            yield Mistake(kind=MistakeKind.NOTHING_CORRECTED)
        if not self.from_.strip():
            yield Mistake(kind=MistakeKind.NO_ORIGIN)
        yield from too_long("origin", self.from_, 200)
        yield from too_long("who", self.person or "", 100)
        if self.language and self.language not in WRITTEN:
            values = {"language": self.language, "languages": WRITTEN}
            yield Mistake(kind=MistakeKind.NO_SUCH_LANGUAGE, values=values)


class EndContact(Act, frozen=True, kw_only=True, tag="end-contact"):
    """Takes the contact of a role away: the next in line is reached again."""

    role: str

    about: ClassVar[About] = About.CLIENT
    allowed: ClassVar[frozenset[Role]] = WITH_THE_CLIENT

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """The role can be one."""
        yield from unfit_role(self.role)


def unfit_role(role: str) -> Iterator[Mistake]:
    """The fault of a role that no iter could name."""
    if not _ROLE.fullmatch(role):
        yield Mistake(kind=MistakeKind.UNFIT_ROLE, values={"role": role})
