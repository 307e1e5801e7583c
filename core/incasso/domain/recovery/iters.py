"""An iter: the named, versioned procedure for an overdue installment.

This module holds only the values; `iter_file` reads and writes them as TOML, `decision` applies
them.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

import msgspec

from incasso.contract.exchange import Service
from incasso.contract.media import Medium
from incasso.contract.settings import Between, Form, Key, OneOf
from incasso.domain.ledger.overdue import LONGEST_BANK_GRACE
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.matching import ANYONE, Match

LONGEST_REPLY_WAIT: Final = 60


class Anchor(StrEnum):
    """What a stage's days are counted from."""

    DUE_DATE = "due_date"
    UNPAID_DATE = "unpaid_date"
    PREVIOUS = "previous"
    """The day the stage before it counted."""


class Mode(StrEnum):
    """Who carries a step out: the hub, the hub after a person's approval, or a person."""

    AUTO = "auto"
    APPROVE = "approve"
    MANUAL = "manual"


class Speaker(StrEnum):
    """In whose name a message is written, in the words of the iter file."""

    DEPOT = "deposito"
    AGENT = "agente"
    OPERATOR = "addetto"
    RESPONSIBLE = "responsabile"


class AdvanceOn(StrEnum):
    """When a stage counts: work recorded, accepted by the channel, proven delivered."""

    DONE = "done"
    SENT = "sent"
    DELIVERED = "delivered"


class Enclosure(StrEnum):
    """What a message carries beside its text."""

    INVOICE = "invoice"
    """The documents of its installments as pages: the supplier's own, else a courtesy copy."""
    INVOICE_XML = "invoice_xml"
    """Their electronic invoices as they were sent; only mails carry them."""


class Otherwise(StrEnum):
    """What happens if the proof does not come in time."""

    FALLBACK = "fallback"
    TASK = "task"
    ADVANCE = "advance"


class CatchUp(StrEnum):
    """Where a case enters when several stages have already passed (rule 3)."""

    FIRST = "first"
    LATEST = "latest"
    LATEST_UNAPPROVED = "latest_unapproved"
    REVIEW = "review"


class Grouping(StrEnum):
    """What is combined into one message."""

    STAGE = "stage"
    CLIENT = "client"
    INSTALLMENT = "installment"


NOTICE_MEDIUM = Medium.EMAIL
"""The medium of an internal notice whose stage names none."""


ROLE = "[a-z0-9][a-z0-9_-]{0,63}"
"""How the roles of a client's contacts are written."""

Name = Annotated[str, Form("[a-z0-9][a-z0-9_-]{0,63}", "primo-sollecito")]
"""A key that people choose."""


class Stage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One stage of an iter; the field names are the keys of the iter file."""

    key: Name
    label: str = ""
    colour: Annotated[str, Form("#[0-9a-fA-F]{6}", "#2fb344")] = ""
    anchor: Anchor = Anchor.DUE_DATE
    days: Annotated[int, Between(-365, 3650)] = 0
    working_days: bool = False
    action: Action = Action.SEND
    channels: tuple[Medium, ...] = ()
    template: str = ""
    first_contact: str = ""
    """The text instead, where `template` would speak of earlier messages that never left."""
    mode: Mode = Mode.AUTO
    advance_on: AdvanceOn = AdvanceOn.SENT
    proof_days: Annotated[int, Between(0, 365)] = 3
    otherwise: Otherwise = Otherwise.TASK
    show_coming: Annotated[int, Between(0, 365)] = 0
    """Messages show below the table what falls due in so many days; 0: nothing."""
    interest: bool | None = None
    """Messages state interest row by row and ask for it, with costs of recovery where the law gives
    them; None: as their text says."""
    statement: bool = False
    """Messages show how that interest was worked out, period by period; letters on a page of its
    own. They ask for it then."""
    formal: bool | None = None
    """A formal notice, which no cap on messages holds up; None: as its media say."""
    retry_days: Annotated[int, Between(1, 365)] = 1
    """After an attempt that reached nobody: how many days until the next one."""
    attempts: Annotated[int, Between(1, 100)] = 3
    """After so many attempts that reached nobody, `otherwise` decides."""
    contact: Annotated[str, Form(ROLE, "amministrazione")] = ""
    """The role of the client's contact that it is for; without one it goes the usual way."""
    speaker: Annotated[str, OneOf(Speaker)] = ""
    """Whose name the message carries and who gets the answers; empty: the company."""
    cc: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    """Who gets an internal notice (`notify`)."""
    summary: bool = False
    """Each of them gets one message a day about all clients, not one for each."""
    container: str = ""
    """Where `park` puts the case."""
    service: Annotated[str, OneOf(Service)] = ""
    """What `place` proposes a lot for."""
    while_placed: bool = False
    """Continues although the case is placed with a provider."""
    attach: tuple[Enclosure, ...] = ()
    attach_required: bool = False
    """If documents are missing, the message waits for a person instead of leaving without them."""

    @property
    def before_due(self) -> bool:
        """Whether it is a reminder before the due date."""
        return self.anchor is Anchor.DUE_DATE and self.days < 0

    @property
    def on_due_date(self) -> bool:
        """Whether it may come on the due date itself."""
        return self.anchor is Anchor.DUE_DATE and self.days == 0

    @property
    def is_formal(self) -> bool:
        """Whether it is a formal notice. Unless the office says so: a message after the due date
        of which each medium gives proof that the law accepts."""
        if self.formal is not None:
            return self.formal
        if self.before_due or not self.action.traits.to_client or not self.channels:
            return False
        return all(medium.traits.formal for medium in self.channels)

    def proof_until(self, on: date) -> date | None:
        """The last day on which proof may come of a message that left on that day; None: the
        stage needs none (rule 5)."""
        if self.advance_on is AdvanceOn.DELIVERED:
            return on + timedelta(days=self.proof_days)
        return None

    @property
    def dated(self) -> bool:
        """Anchored to a date of the installment, not to another stage."""
        return self.anchor is not Anchor.PREVIOUS


class Iter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One published procedure; versions never change."""

    key: Name
    label: str = ""
    priority: Annotated[int, Between(-(10**6), 10**6)] = 100
    """Lower first."""
    grouping: Grouping = Grouping.STAGE
    catch_up: CatchUp = CatchUp.FIRST
    min_gap_days: Annotated[int, Between(1, 3650)] = 1
    tolerance: Annotated[Decimal, Between(0)] = Decimal(0)
    """A residual up to this, in the installment's own currency, is not dunned."""
    net_credits: bool = True
    show_credits: bool = True
    """Messages show the client's open credits and ask for what is owed net of them."""
    bank_grace_days: Annotated[int | None, Between(0, LONGEST_BANK_GRACE)] = None
    """How long a presented bill is left to the bank; None: as long as its source says."""
    wait_for_reply_days: Annotated[int, Between(0, LONGEST_REPLY_WAIT)] = 1
    """Automatic stages wait so many days, that of its arrival included, for somebody to answer what
    the client wrote; 0: they do not wait."""
    match: Match = ANYONE
    stages: Annotated[tuple[Stage, ...], Key("stage")] = ()

    def stage(self, key: str) -> Stage | None:
        """The stage of that key."""
        return next((stage for stage in self.stages if stage.key == key), None)


def following(
    stages: tuple[Stage, ...], counted: str, private: tuple[Stage, ...] | None
) -> tuple[Stage, ...]:
    """The stages still ahead of a case whose last counted stage is `counted` ("" for none).

    `private` is the case's own copy of the rest, if a person changed it: it replaces everything
    after the stage at which it was made.
    """
    for line in (private, stages):
        if line is None:
            continue
        for place, stage in enumerate(line):
            if stage.key == counted:
                return line[place + 1 :]
        if line is private:
            return line
    return stages
