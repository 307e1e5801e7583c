"""What one dispatch did, in numbers and reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from incasso.contract.media import Medium
from incasso.contract.text import Text, text
from incasso.domain.orders.write_back import WriteBackStatus
from incasso.domain.recovery.actions import Action
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.services.orders.after_sync import UpdatedBlocks
from incasso.services.orders.write_back import WriteBackReport
from incasso.services.sending.answers import Accepted, Answer, Doubtful, Later, Refused
from incasso.services.sending.composed import Leaving


class DispatchReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one run of dispatch did. In a trial run `accepted` are those that would have left."""

    on: date
    really_sent: bool = True
    accepted: Mapping[Medium, int] = {}
    """Messages the other side took, by medium."""
    later: int = 0
    """Certainly not sent; retried automatically."""
    again: Mapping[str, int] = {}
    """Of those the ones that were tried in vain, by reason."""
    failed: int = 0
    """Refused for good: planning takes the next medium, or a person's task."""
    uncertain: int = 0
    """Unknown whether they left: a person must check."""
    left_out: int = 0
    """Installments paid or blocked just before their message left."""
    waiting: Mapping[str, int] = {}
    """Steps that stay ready, by reason."""
    without_documents: Mapping[str, int] = {}
    """Messages that left, or would, without a document their stage asks for, by reason."""
    carried_out: Mapping[Action, int] = {}
    """Steps done in the database, by action."""
    recovered: Mapping[DeliveryStatus, int] = {}
    """Deliveries that a dead process was sending, by new status."""
    orders_released: int = 0
    """Clients who may order again because they paid."""
    written_back: Mapping[WriteBackStatus, int] = {}
    """Order blocks and releases written into the ERPs, by result."""
    resting: Mapping[str, datetime] = {}
    """Channels that were asked to slow down, with messages of theirs waiting, and until when."""
    notices: tuple[str, ...] = ()
    """What a person should know about order blocks, the time stamp of the anchor, the budgets of
    channels, and channels that stopped now."""
    unprotected: tuple[str, ...] = ()
    """Why places took no copy of the journal's anchor: until they do, a machine that is put back
    as a whole would not know what left today."""


class Blocks:
    """What a run did about order blocks."""

    def __init__(self) -> None:
        self.settled = UpdatedBlocks()
        self.written = WriteBackReport()
        self.problems: tuple[str, ...] = ()

    def notices(self) -> tuple[str, ...]:
        """Everything a person should know."""
        written = self.written
        found = [*self.settled.notices]
        found += [
            text("{count} write-backs wait: {why}", count=count, why=why)
            for why, count in written.waiting.items()
        ]
        if written.for_people:
            found.append(
                text(
                    "{for_people} write-backs need a person: `incasso blocks writes`",
                    for_people=written.for_people,
                )
            )
        return (*found, *self.problems)


class DispatchCounts:
    """Counts during a run."""

    def __init__(self) -> None:
        self.blocks = Blocks()
        self.accepted: Counter[Medium] = Counter()
        self.waiting: Counter[str] = Counter()
        self.carried_out: Counter[Action] = Counter()
        self.recovered: Counter[DeliveryStatus] = Counter()
        self.without_documents: Counter[str] = Counter()
        self.again: Counter[str] = Counter()
        self.unstamped: Text | None = None
        self.budgets: list[Text] = []
        self.resting: dict[str, datetime] = {}
        self.halted: list[Text] = []
        self.unprotected: list[Text] = []
        self.later = self.failed = self.uncertain = self.left_out = 0

    def tell(self, answer: Answer) -> None:
        """Count what a channel answered."""
        match answer:
            case Accepted(message):
                self.left(message)
            case Later():
                self.later += 1
                if answer.burned:
                    self.again[answer.reason] += 1
            case Refused():
                self.failed += 1
            case Doubtful():
                self.uncertain += 1

    @property
    def answered(self) -> int:
        """How many messages are settled for now: whether a channel works at all."""
        return self.accepted.total() + self.failed + self.uncertain

    def add(self, other: DispatchCounts) -> None:
        """Count what another channel of the same dispatch did."""
        for mine, theirs in (
            (self.waiting, other.waiting),
            (self.without_documents, other.without_documents),
            (self.again, other.again),
        ):
            mine.update(theirs)
        self.accepted.update(other.accepted)
        self.later += other.later
        self.failed += other.failed
        self.uncertain += other.uncertain
        self.left_out += other.left_out

    def left(self, message: Leaving) -> None:
        """Count a message that the other side took, and what it went without."""
        self.accepted[message.message.medium] += 1
        self.without_documents.update({why for _, why in message.enclosed.missing})

    def report(self, on: date, *, really_sent: bool) -> DispatchReport:
        """The numbers so far."""
        return DispatchReport(
            on=on,
            really_sent=really_sent,
            accepted=dict(sorted(self.accepted.items())),
            later=self.later,
            again=dict(self.again.most_common()),
            failed=self.failed,
            uncertain=self.uncertain,
            left_out=self.left_out,
            waiting=dict(self.waiting.most_common()),
            without_documents=dict(self.without_documents.most_common()),
            carried_out=dict(sorted(self.carried_out.items())),
            recovered=dict(sorted(self.recovered.items())),
            orders_released=self.blocks.settled.released,
            written_back=self.blocks.written.reached,
            resting=dict(sorted(self.resting.items())),
            notices=(
                *self.blocks.notices(),
                *([self.unstamped] if self.unstamped else []),
                *self.budgets,
                *self.halted,
            ),
            unprotected=tuple(self.unprotected),
        )
