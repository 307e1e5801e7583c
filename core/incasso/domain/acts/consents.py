"""What a client says about being contacted: by which medium not any more, and by which again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

from incasso.contract.media import Medium
from incasso.domain.acts.act import About, Act, Mistake, MistakeKind, past, too_long
from incasso.domain.acts.permission import MANAGERS, WITH_THE_CLIENT
from incasso.domain.office.actor import Role
from incasso.domain.recovery.actions import CONVERSATIONS

REFUSABLE: Final = (*(medium.value for medium in Medium), *CONVERSATIONS)
"""What a client may refuse: media, and ways to talk."""


class AboutMedia(Act, frozen=True, kw_only=True):
    """What was said of some media, when, and where the office has it from."""

    from_: str
    """A call, a letter, a form: where it comes from."""
    medium: tuple[str, ...] = ()
    """One of `REFUSABLE` each."""
    address: str = ""
    """Only there; empty: everywhere."""
    since: date | None = None
    """The day it was said; null: the day of the act."""

    about: ClassVar[About] = About.CLIENT
    allowed: ClassVar[frozenset[Role]] = WITH_THE_CLIENT

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """Media are named and known, the origin is said, the day is not ahead."""
        if not self.medium:
            yield Mistake(kind=MistakeKind.NO_MEDIUM)
        for medium in self.medium:
            if medium not in REFUSABLE:
                values = {"medium": medium, "media": REFUSABLE}
                yield Mistake(kind=MistakeKind.NOT_REFUSABLE, values=values)
        if not self.from_.strip():
            yield Mistake(kind=MistakeKind.NO_ORIGIN)
        yield from too_long("origin", self.from_, 200)
        yield from too_long("address", self.address, 300)
        if self.since is not None and self.since > on:
            yield Mistake(kind=MistakeKind.DAY_AHEAD, values={"day": self.since, "on": on})


class Refuse(AboutMedia, frozen=True, kw_only=True, tag="refuse"):
    """The client does not want to be contacted by these media, or at one address.

    Other media go on; formal notices leave all the same, unless a manager stops these too.
    """

    until: date | None = None
    """The last day; null: until it is taken back."""
    formal: bool = False
    """Formal notices neither."""

    def who_may(self) -> frozenset[Role]:
        """Giving up the notices that the law asks for is for managers."""
        return MANAGERS if self.formal else self.allowed

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """As of every such act, and it has not ended before it begins."""
        yield from super().own_mistakes(on)
        if self.until is not None:
            yield from past("end", self.until, on)


class Agree(AboutMedia, frozen=True, kw_only=True, tag="consent"):
    """The client agrees to be contacted by these media; refusals of them are over."""
