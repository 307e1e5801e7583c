"""A contact with a client that no step asked for, and a corrected address of a client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import ClassVar, Final

import msgspec

from incasso.domain.acts.act import About, Act, Mistake, MistakeKind, UndoBy, past, too_long
from incasso.domain.acts.permission import WITH_THE_CLIENT
from incasso.domain.office.actor import Role
from incasso.domain.recovery.contacts import ContactKind

MOST_MINUTES: Final = 24 * 60

ADDRESS_FIELDS: Final = ("email", "pec", "phone", "mobile", "fax")
"""What a client can be written or called by."""

POSTAL_FIELDS: Final = ("address", "zip", "city", "province", "country")


class CallBack(msgspec.Struct, frozen=True, kw_only=True):
    """When a client is to be called again, in the office's own time."""

    on: date
    at: time | None = None
    """Without a time: some time that day."""


class WithAddresses(Act, frozen=True, kw_only=True):
    """An act that may bring a better address; what it names replaces what the ERP says."""

    email: str | None = None
    pec: str | None = None
    phone: str | None = None
    mobile: str | None = None
    fax: str | None = None
    address: str | None = None
    zip: str | None = None
    city: str | None = None
    province: str | None = None
    country: str | None = None

    @property
    def addresses(self) -> Mapping[str, str]:
        """The fields that were given, without the spaces around them."""
        named = ((name, getattr(self, name)) for name in (*ADDRESS_FIELDS, *POSTAL_FIELDS))
        return {name: value.strip() for name, value in named if value is not None}


class Contact(WithAddresses, frozen=True, kw_only=True, tag="contact"):
    """Records a contact without a step: a call, a visit, a mail, a note."""

    kind: str
    who: str = ""
    """With whom."""
    number: str = ""
    """Of the telephone."""
    outcome: str = ""
    """A code of the office's list."""
    minutes: int | None = None
    text: str = ""
    call_back: CallBack | None = None

    allowed: ClassVar[frozenset[Role]] = WITH_THE_CLIENT

    def reason(self) -> str:
        """What was said serves as the reason where none is given."""
        return self.why or self.text

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """The kind is known, the texts fit, the day to call back has not passed."""
        if self.kind not in list(ContactKind):
            yield Mistake(kind=MistakeKind.UNKNOWN_CONTACT, values={"contact": self.kind})
        yield from too_long("who", self.who, 200)
        yield from too_long("number", self.number, 50)
        yield from too_long("text", self.text)
        if self.minutes is not None and not 0 <= self.minutes <= MOST_MINUTES:
            values = {"minutes": self.minutes, "most": MOST_MINUTES}
            yield Mistake(kind=MistakeKind.TOO_MANY_MINUTES, values=values)
        if self.call_back is not None:
            yield from past("call_back", self.call_back.on, on)


class Correct(WithAddresses, frozen=True, kw_only=True, tag="correct"):
    """Corrects an address of a client, until the ERP's own value changes.

    Ten fields may be given; an empty mail address or number takes a wrong one away.
    """

    from_: str
    """Where it comes from, such as a call or a register."""

    allowed: ClassVar[frozenset[Role]] = WITH_THE_CLIENT

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """Something is corrected, and it is said where it comes from."""
        if not self.addresses:
            yield Mistake(kind=MistakeKind.NOTHING_CORRECTED)
        if not self.from_.strip():
            yield Mistake(kind=MistakeKind.NO_ORIGIN)
        yield from too_long("origin", self.from_, 200)


class Unmark(Act, frozen=True, kw_only=True, tag="unmark"):
    """Takes the mark off an address that was held to be wrong: it may be used again."""

    address: str
    medium: str = ""
    """Empty: every medium."""

    about: ClassVar[About] = About.CLIENT
    allowed: ClassVar[frozenset[Role]] = WITH_THE_CLIENT
    needs_why: ClassVar[bool] = True
    undo_by: ClassVar[UndoBy] = UndoBy.NOTHING
