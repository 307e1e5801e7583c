"""What every act has: subject, reason, the roles that may do it, checks of its own fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final

import msgspec

from incasso.domain.acts import attachments
from incasso.domain.acts.attachments import Attachment
from incasso.domain.acts.permission import IN_THE_OFFICE
from incasso.domain.office.actor import Role

MOST_LETTERS: Final = 2000
"""Of a reason, an outcome or a note."""

MOST_DAYS: Final = 3650
"""Nothing is agreed for a day further away: ten years."""

BUSINESS_YEARS: Final = range(2000, 2101)
"""Years in which an office can work; days around any other overflow somewhere."""


class MistakeKind(StrEnum):
    """Faults of an act that show before anything is looked up."""

    NO_REASON = "no_reason"
    PAST_DAY = "past_day"
    FAR_DAY = "far_day"
    """A day that no office can mean."""
    FAR_BUSINESS_DAY = "far_business_day"
    NO_PAYMENTS = "no_payments"
    PAYMENTS_OUT_OF_ORDER = "payments_out_of_order"
    DAYS_OR_DAY = "days_or_day"
    """Either a number of days or a day is needed."""
    TOO_MANY_DAYS = "too_many_days"
    GRACE_TOO_LONG = "grace_too_long"
    NO_CHARGES = "no_charges"
    """An amount that no bank takes for a returned bill."""
    NO_ANSWER = "no_answer"
    """A dispute was answered without words."""
    NOT_RELEASABLE = "not_releasable"
    NO_CONTAINER_NAME = "no_container_name"
    NOTHING_TO_CHANGE = "nothing_to_change"
    UNFIT_WORDS = "unfit_words"
    """A subject or text that is empty, too long or holds a control character."""
    BARE_WITHOUT_TEXT = "bare_without_text"
    TEXT_OR_PARTS = "text_or_parts"
    """All words, or an opening and a closing; not both."""
    UNKNOWN_MEDIUM = "unknown_medium"
    PROMISE_OF_NOBODY = "promise_of_nobody"
    """A promise was recorded although nobody was reached."""
    AMOUNT_WITHOUT_DAY = "amount_without_day"
    """An amount was promised, but no day."""
    AGAIN_AFTER_ALL = "again_after_all"
    """A day for one more attempt, although the step was done."""
    NOBODY_NAMED = "nobody_named"
    UNKNOWN_ACTION = "unknown_action"
    NO_TEMPLATE = "no_template"
    TOO_LONG = "too_long"
    UNKNOWN_CONTACT = "unknown_contact"
    TOO_MANY_MINUTES = "too_many_minutes"
    NOTHING_CORRECTED = "nothing_corrected"
    TOO_MANY_FILES = "too_many_files"
    TOO_LARGE_A_FILE = "too_large_a_file"
    EMPTY_FILE = "empty_file"
    NO_ORIGIN = "no_origin"
    """Nobody said where a corrected address comes from."""
    UNFIT_ROLE = "unfit_role"
    NO_SUCH_LANGUAGE = "no_such_language"
    """No name that an iter could have for a contact."""
    NO_MEDIUM = "no_medium"
    NOT_REFUSABLE = "not_refusable"
    DAY_AHEAD = "day_ahead"
    """Something that was said cannot have been said on a later day."""
    STAGE_WITHOUT_MOVE = "stage_without_move"
    UNTIL_OR_SKIP = "until_or_skip"
    """Asked again on a day, or skipped: not both."""


class Mistake(msgspec.Struct, frozen=True, kw_only=True):
    """One mistake, with the values its sentence needs."""

    kind: MistakeKind
    values: Mapping[str, Any] = {}


class About(StrEnum):
    """The kinds of subject of an act."""

    ANYTHING = "anything"
    """A client, installment, case or step."""
    STEP = "step"
    """A step, whose number alone is enough."""
    CLIENT = "client"
    DELIVERY = "delivery"
    REPLY = "reply"
    """A message that came in, by its number."""
    WRITE_BACK = "write_back"
    EVENT = "event"
    """An event of the journal, by its number, or `last`."""


class UndoBy(StrEnum):
    """What undoing an act needs."""

    VALUES = "values"
    """The values it changed, which its journal event keeps."""
    ANOTHER_ACT = "another_act"
    """Another act: an order block is released, a release is blocked again."""
    NOTHING = "nothing"
    """It cannot be undone: it had an effect outside the hub."""


class Act(msgspec.Struct, frozen=True, kw_only=True, tag_field="act"):
    """Something a person does; the tag of each kind is its name on the command line."""

    subject: str
    """As a person types it: `C001`, `acme/C001`, an installment's key, `case:12`, `step:34`."""
    why: str = ""
    attach: tuple[Attachment, ...] = ()

    about: ClassVar[About] = About.ANYTHING
    allowed: ClassVar[frozenset[Role]] = IN_THE_OFFICE
    needs_why: ClassVar[bool] = False
    undo_by: ClassVar[UndoBy] = UndoBy.VALUES

    @classmethod
    def name(cls) -> str:
        """The command word of the act."""
        return str(cls.__struct_config__.tag)

    def reason(self) -> str:
        """The reason, as the journal keeps it."""
        return self.why

    def who_may(self) -> frozenset[Role]:
        """The roles that may do it, by its fields; looked-up facts may narrow them further."""
        return self.allowed

    def mistakes(self, on: date) -> Iterator[Mistake]:
        """What is wrong with it on that business date, worst first."""
        if on.year not in BUSINESS_YEARS:
            yield Mistake(kind=MistakeKind.FAR_BUSINESS_DAY, values={"day": on})
            return
        if self.needs_why and not self.why.strip():
            yield Mistake(kind=MistakeKind.NO_REASON)
        yield from (far(day, on) for day in _days_in(self) if day > last_day(on))
        yield from too_long("why", self.why)
        yield from _unfit_files(self.attach)
        yield from self.own_mistakes(on)

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """The faults of its own fields; overridden by acts that can have any."""
        yield from ()


def last_day(on: date) -> date:
    """The last day that anything may be agreed or planned for."""
    return on + timedelta(days=MOST_DAYS)


def far(day: date, on: date) -> Mistake:
    """The fault of a day that is a slip of the finger: 2062 for 2026."""
    return Mistake(kind=MistakeKind.FAR_DAY, values={"day": day, "last": last_day(on)})


def _days_in(struct: msgspec.Struct) -> Iterator[date]:
    """Every day that the fields of an act hold, those of its payments included."""
    for name in struct.__struct_fields__:
        found = getattr(struct, name)
        for each in found if isinstance(found, tuple) else (found,):
            if isinstance(each, datetime):
                yield each.date()
            elif isinstance(each, date):
                yield each
            elif isinstance(each, msgspec.Struct):
                yield from _days_in(each)


def past(what: str, day: date, on: date) -> Iterator[Mistake]:
    """The fault of a day that has passed; `what` is the name of its field."""
    if day < on:
        yield Mistake(kind=MistakeKind.PAST_DAY, values={"field": what, "day": day, "on": on})


def too_long(what: str, words: str, most: int = MOST_LETTERS) -> Iterator[Mistake]:
    """The fault of a text longer than people write; `what` is the name of its field."""
    if len(words) > most:
        values = {"field": what, "letters": len(words), "most": most}
        yield Mistake(kind=MistakeKind.TOO_LONG, values=values)


def _unfit_files(files: tuple[Attachment, ...]) -> Iterator[Mistake]:
    if len(files) > attachments.MOST:
        values = {"count": len(files), "most": attachments.MOST}
        yield Mistake(kind=MistakeKind.TOO_MANY_FILES, values=values)
    for one in files:
        if not one.content:
            yield Mistake(kind=MistakeKind.EMPTY_FILE, values={"name": one.name})
        if len(one.content) > attachments.LARGEST:
            largest = {"name": one.name, "most": attachments.LARGEST // 1_000_000}
            yield Mistake(kind=MistakeKind.TOO_LARGE_A_FILE, values=largest)


def acts() -> tuple[type[Act], ...]:
    """Every act there is, in the order of the modules that declare them."""
    from incasso.domain.acts import (  # noqa: F401
        agreements,
        assignment,
        charges,
        client_contacts,
        consents,
        contacts,
        deliveries,
        orders,
        replies,
        stages,
        steps,
        undoing,
    )

    return tuple(_below(Act))


def _below(kind: type[Act]) -> Iterator[type[Act]]:
    """The acts of a kind; one that only others build on has no name of its own."""
    for one in kind.__subclasses__():
        if one.name() != one.__name__:
            yield one
        yield from _below(one)
