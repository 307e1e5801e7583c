"""All input of a decision, and nothing else: no ids, so that equal facts decide equally.

Planning meets a million installments but only some thousand different Facts: a residual, for
example, matters only by which thresholds of the published iters it passes (`amount_bands`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final, NamedTuple, TypeAlias

import msgspec

from incasso.domain.calendar import Calendar
from incasso.domain.ledger.overdue import BANK_GRACE_DAYS
from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.money import decimals
from incasso.domain.recovery.agreements import NOTHING_AGREED, Agreed, Blocking
from incasso.domain.recovery.contact_policy import (
    DEFAULT_POLICY,
    NONE_YET,
    ContactPolicy,
    Contacts,
)
from incasso.domain.recovery.exclusions import NOTHING_EXCLUDED, Exclusions
from incasso.domain.recovery.iters import Iter, Stage
from incasso.domain.recovery.states import CaseState, Finished, StepStatus
from incasso.domain.sending.client_contacts import Reaches

Netted: TypeAlias = tuple[tuple[int, Blocking], ...]
"""A tolerance in minor units, and how long open credits cover a debt with it."""


class Version(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One version of an iter, as published."""

    id: int
    number: int
    iter: Iter


class Rulebook(msgspec.Struct, frozen=True, kw_only=True, eq=False, omit_defaults=True):
    """What the office published: iters by priority, exclusions, contact policy."""

    iters: tuple[Version, ...] = ()
    exclusions: Exclusions = NOTHING_EXCLUDED
    policy: ContactPolicy = DEFAULT_POLICY

    def published(self, key: str) -> Version | None:
        """The published version of an iter, None if there is none."""
        return next((version for version in self.iters if version.iter.key == key), None)


WRONG: Final = "wrong"
REFUSED: Final = "refused"
"""Why the address of a step is not used again."""


class StepFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The step a case is in now."""

    status: StepStatus
    stage: str
    medium: str = ""
    proof_until: date | None = None
    address_closed: str = ""
    """Why the address it went to is not used again: `wrong` or `refused`; empty: it is."""


class CaseFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A running case: its state and the changes by a person."""

    version: Version
    opened_on: date
    state: CaseState = CaseState.OPEN
    unpaid: bool = False
    """Opened for a bill that came back."""
    stage: str = ""
    """The last stage that counted; empty: none yet."""
    counted_on: date | None = None
    next_stage: str = ""
    moved_to: date | None = None
    private: tuple[Stage, ...] | None = None
    in_review: bool = False
    """Waits for a person to choose the stage (`catch_up = "review"`)."""
    container: str = ""
    step: StepFacts | None = None


class Placement(msgspec.Struct, frozen=True, omit_defaults=True):
    """The lot that an installment is in."""

    lot: str
    """Its code."""
    provider: str
    out: bool = False
    """Whether the provider has it; else the lot has not left."""
    until: date | None = None
    """The last day of the mandate."""


class Facts(msgspec.Struct, frozen=True, kw_only=True, eq=False, omit_defaults=True):
    """One installment with all facts of a decision. Money in minor units of `currency`.

    Compared by identity: the reader of the ledger gives equal rows the same object, so that a
    decision is looked up by one pointer.
    """

    rules: Rulebook
    source: str
    client: str
    due_date: date
    residual: int
    currency: str = "EUR"
    status: InstallmentStatus = InstallmentStatus.OPEN
    document_kind: str = "invoice"
    payment_method: str = "other"
    unpaid_on: date | None = None
    presented_on: date | None = None
    category: str = ""
    area: str = ""
    depot: str = ""
    agent: str = ""
    rating: str = ""
    seasonal: bool = False
    client_excluded: bool = False
    iter_override: str = ""
    """The installment's, else the client's."""
    media: frozenset[str] = frozenset()
    """Media that reach the client."""
    reaches: Reaches | None = None
    """The same where it is the client's own matter: contacts, wrong addresses, refusals."""
    language: str = "it"
    """The language of messages to the client."""
    calendar: Calendar = Calendar()
    agreed: Agreed = NOTHING_AGREED
    netted: Netted = ()
    """Open credits cover what is past due, this installment included, up to that day; for each
    tolerance with which they do."""
    contacts: Contacts = NONE_YET
    replied_on: date | None = None
    """The last day on which something came from the client that nobody has answered yet."""
    source_trusted: bool = True
    finished: Finished | None = None
    """The label a `close` stage gave it."""
    bank_grace_days: int = BANK_GRACE_DAYS
    """The days of grace for bills of its source, where the iter sets none."""
    reminded_on: date | None = None
    """The last reminder that the ERP itself sent."""
    reminders: int = 0
    """How many of them the ERP counts; 0: unknown."""
    erp_hold: str = ""
    """Why it must not be dunned, as the ERP says: legal, blocked, factoring, at_bank, or words."""
    absent: bool = False
    """The last complete read of its source did not bring it: it may be paid."""
    case: CaseFacts | None = None
    placement: Placement | None = None

    @property
    def is_placed(self) -> bool:
        """Whether a provider has it, or may have it."""
        if self.placement is not None and self.placement.out:
            return True
        return self.case is not None and self.case.state is CaseState.PLACED

    @property
    def effective_due(self) -> date:
        """Due date plus extension (rule 1)."""
        if self.agreed.extended_to is None:
            return self.due_date
        return max(self.due_date, self.agreed.extended_to)

    def media_for(self, stage: Stage) -> frozenset[str]:
        """The media by which a message of this stage reaches the client."""
        if self.reaches is None:
            return self.media
        reach = self.reaches.of(stage.contact)
        return reach.formal if stage.is_formal else reach.media

    def language_for(self, stage: Stage, medium: str) -> str:
        """The language of a message of this stage: the reader's own, else the client's."""
        if self.reaches is None or not stage.action.traits.to_client:
            return self.language
        spoken = self.reaches.of(stage.contact).languages
        return next((language for name, language in spoken if name == medium), self.language)

    def refused_for(self, stage: Stage) -> frozenset[str]:
        """The media, and the ways to talk, that only a refusal closes for this stage."""
        if self.reaches is None:
            return frozenset()
        return self.reaches.of(stage.contact).refused - self.media_for(stage)

    @property
    def unpaid(self) -> bool:
        """Returned by the bank and not paid since."""
        return self.unpaid_on is not None

    @property
    def reminded(self) -> date | None:
        """The ERP's last reminder, unless it is older than the return of the bill: it then
        concerned another matter."""
        if self.reminded_on is None or self.unpaid_on is None:
            return self.reminded_on
        return self.reminded_on if self.reminded_on >= self.unpaid_on else None


def netted_within(facts: Facts, procedure: Iter) -> Blocking | None:
    """Until when open credits cover what is past due but for the iter's tolerance."""
    if not procedure.net_credits or not facts.netted:
        return None
    within = at_most(procedure.tolerance, facts.currency)
    return next((found for tolerance, found in facts.netted if tolerance == within), None)


def at_most(amount: Decimal, currency: str) -> int:
    """The largest number of minor units not above an amount."""
    return int(amount.scaleb(decimals(currency)).to_integral_value(ROUND_FLOOR))


def at_least(amount: Decimal, currency: str) -> int:
    """The smallest number of minor units not below an amount."""
    return int(amount.scaleb(decimals(currency)).to_integral_value(ROUND_CEILING))


class Bands(NamedTuple):
    """Reduces residuals in a currency to the lowest amount that every rule would treat alike."""

    floors: Sequence[int]
    """The lowest residual of each band, in minor units, but for the credits below all."""

    def place(self, residual: int) -> int:
        """Which band it is in; the credits are in the first."""
        return bisect_right(self.floors, residual)

    def __call__(self, residual: int) -> int:
        """The residual that stands for its band; all credits become -1."""
        place = bisect_right(self.floors, residual)
        return self.floors[place - 1] if place else -1


def amount_bands(rules: Rulebook, running: Iterable[Version], currency: str) -> Bands:
    """The bands of a currency: every amount that a rule compares with begins one.

    `running` are the versions that open cases still follow.
    """
    bounds = {0, 1}
    for version in (*rules.iters, *running):
        match = version.iter.match
        bounds.add(at_most(version.iter.tolerance, currency) + 1)
        if match.min_amount is not None:
            bounds.add(at_least(match.min_amount, currency))
        if match.max_amount is not None:
            bounds.add(at_most(match.max_amount, currency) + 1)
    if rules.exclusions.min_amount is not None:
        bounds.add(at_least(rules.exclusions.min_amount, currency))
    return Bands(sorted(bounds))
