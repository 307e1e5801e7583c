"""What a person found out about a message: whether it left, or what came back of it."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from incasso.contract.post import PostalOutcome
from incasso.domain.acts.act import About, Act, UndoBy


class ResolveDelivery(Act, frozen=True, kw_only=True, tag="resolve"):
    """Records whether an uncertain delivery left.

    Left: the step continues as if the channel had accepted it. Not left: the step is ready again
    and leaves with the next dispatch.
    """

    sent: bool

    about: ClassVar[About] = About.DELIVERY
    undo_by: ClassVar[UndoBy] = UndoBy.NOTHING


class JudgeReport(Act, frozen=True, kw_only=True, tag="judge"):
    """Says what the reports mean that wait for a person.

    Bounced: the delivery came back, and its stage takes the next medium. Not bounced: the delivery
    stands, and a stage that was held counts from this day.
    """

    bounced: bool
    bad_address: bool = False
    """The address does not exist: it is not used again."""

    about: ClassVar[About] = About.DELIVERY
    undo_by: ClassVar[UndoBy] = UndoBy.NOTHING


class LetterOutcome(Act, frozen=True, kw_only=True, tag="letter"):
    """Says what became of a letter that people posted, as the card or the envelope shows it.

    Refused and not collected in time count as delivered in law; a letter that came back because of
    its address did not arrive, and its stage takes the next medium.
    """

    outcome: PostalOutcome
    day: date | None = None
    """When it happened; left out: on the business date."""

    about: ClassVar[About] = About.DELIVERY
    undo_by: ClassVar[UndoBy] = UndoBy.NOTHING
