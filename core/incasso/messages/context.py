"""What a message may speak of: who asks, who owes, which installments, what to quote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import add

from incasso.contract.ledger import DocumentKind, PaymentMethod
from incasso.contract.media import Medium
from incasso.contract.values import CurrencyCode, Money, Value
from incasso.domain.law.terms import Rule, rule_for
from incasso.domain.ledger.personal_names import is_name_of
from incasso.messages.letterhead import PLAIN, Letterhead

_ZERO = Decimal(0)


class Creditor(Value, frozen=True, kw_only=True):
    """The company that asks to be paid, as its letterhead shows it."""

    name: str
    address: tuple[str, ...] = ()
    place: str = ""
    """Where letters are dated from ("Torino, 23 novembre 2026")."""
    vat: str = ""
    iban: str = ""
    bic: str = ""
    phone: str = ""
    email: str = ""
    pec: str = ""
    signature: str = ""
    """Who signs; empty means the operator, else the office."""
    signature_role: str = ""
    """What the one who signs is in the company, in the language of the message."""


class Debtor(Value, frozen=True, kw_only=True):
    """The client the message is about; `address` are the lines of the envelope, name first."""

    name: str
    code: str = ""
    address: tuple[str, ...] = ()
    contact_person: str = ""
    vat: str = ""
    tax_code: str = ""
    is_person: bool = False

    @property
    def is_business(self) -> bool:
        """D.Lgs. 231/2002 speaks of businesses; a person with a VAT number is one."""
        return rule_for(is_person=self.is_person, vat=self.vat) is Rule.COMMERCIAL

    @property
    def by_name(self) -> bool:
        """Addressed by first name and surname, with *Lei*; firms with *Spett.le* and *Voi*.

        A person who trades under another name than their own ("Bar Sport di Rossi Mario") is
        addressed as a firm.
        """
        trades = bool(self.vat) and is_name_of(self.name, self.tax_code) is False
        return self.is_person and not trades


class OfficeContact(Value, frozen=True, kw_only=True):
    """The person of the office to call about this message."""

    name: str = ""
    phone: str = ""
    email: str = ""


class Line(Value, frozen=True, kw_only=True):
    """One installment; `amount` and `residual` are negative for credit notes and advances."""

    document_number: str
    due_date: date
    residual: Money
    amount: Money | None = None
    document_kind: DocumentKind = DocumentKind.INVOICE
    document_date: date | None = None
    installment_number: int = 1
    payment_method: PaymentMethod = PaymentMethod.OTHER
    unpaid_on: date | None = None
    bill_number: str = ""
    extended_to: date | None = None
    """Until when the office put the due date off: lateness and interest begin after it."""

    @property
    def payable_by(self) -> date:
        """The due date, put off where the office did."""
        return max(self.due_date, self.extended_to or self.due_date)


class EarlierMessage(Value, frozen=True, kw_only=True):
    """A message that really left, about installments that were past due then.

    `medium` and `stage` are empty for a reminder of the ERP's own.
    """

    on: date
    medium: Medium | None = None
    stage: str = ""
    """The label of its stage, in the office's words."""
    about_all: bool = True
    """Whether it was about every installment; False where only several together were."""


class Payment(Value, frozen=True, kw_only=True):
    """The client's last payment."""

    on: date
    amount: Money


class BrokenWord(Value, frozen=True, kw_only=True):
    """A promise about the installments of the message that was not kept."""

    made_on: date
    until: date
    amount: Money | None = None
    """None: all that was open."""


class Account(Value, frozen=True, kw_only=True):
    """Of a summary: one client with what is owed in one currency."""

    name: str
    code: str
    lines: tuple[Line, ...]
    last: EarlierMessage | None = None
    """The last message to the client about all of it; None: there was none."""

    @property
    def total(self) -> Money:
        """What all of it comes to."""
        return reduce(add, [line.residual for line in self.lines])


class MessageContext(Value, frozen=True, kw_only=True):
    """Everything one message says. All money is in one currency; mixing raises ValueError.

    `charges` are bank charges asked on top (a returned bill); `extra` are plugins' placeholders.
    """

    company: Creditor
    client: Debtor
    language: str
    on: date
    lines: tuple[Line, ...] = ()
    stage: str = ""
    step: str = ""
    reference: str = ""
    """What to quote in the payment, so that the office recognises it."""
    charges: Money | None = None
    operator: OfficeContact = OfficeContact()
    extra: Mapping[str, str] = {}
    enclosed: int = 0
    """How many documents go with the message."""
    previous: tuple[EarlierMessage, ...] = ()
    """Earlier messages that were each about all these installments, oldest first; without any,
    those that were about them together. Empty unless each installment was in one, so that whoever
    speaks of them speaks of the whole table."""
    last_payment: Payment | None = None
    """Where the ERP tells of payments."""
    broken_promise: BrokenWord | None = None
    credits: tuple[Line, ...] = ()
    """Open credit notes and advances that are taken off; their residual is below zero."""
    coming: tuple[Line, ...] = ()
    """What falls due after the day of the message up to `coming_until`: shown, not asked."""
    coming_until: date | None = None
    accounts: tuple[Account, ...] = ()
    """Of a summary to our own people: its clients; it has no `lines` then, and may speak of several
    currencies."""
    letterhead: Letterhead = PLAIN
    medium: Medium | None = None
    """How it travels: a letter says so where it is more than ordinary post."""

    def __post_init__(self) -> None:
        if len(currencies := {money.currency for money in self._monies()}) > 1:
            raise ValueError(f"one message, several currencies: {', '.join(sorted(currencies))}")

    def _monies(self) -> list[Money]:
        lines = (*self.lines, *self.credits, *self.coming)
        amounts = [line.amount for line in lines if line.amount is not None]
        charges = [] if self.charges is None else [self.charges]
        return [line.residual for line in lines] + amounts + charges

    @property
    def currency(self) -> CurrencyCode:
        """The message's only currency; EUR when it speaks of no money."""
        return next((money.currency for money in self._monies()), "EUR")

    @property
    def told_apart(self) -> bool:
        """No earlier message was about every installment: only several together were."""
        return any(not each.about_all for each in self.previous)

    @property
    def totals(self) -> tuple[Money, ...]:
        """What a summary comes to, in each currency; of another message its total."""
        if not self.accounts:
            return (self.total,)
        sums: dict[CurrencyCode, Money] = {}
        for owed in (account.total for account in self.accounts):
            sums[owed.currency] = sums[owed.currency] + owed if owed.currency in sums else owed
        return tuple(sums[currency] for currency in sorted(sums))

    @property
    def total(self) -> Money:
        """What is asked: the residuals and the charges, less the credits; credits never bring it
        below zero."""
        owed = self.owed
        if not self.credits:
            return owed
        net = reduce(add, [line.residual for line in self.credits], owed)
        return net if net.amount > 0 else Money(amount=_ZERO, currency=net.currency)

    @property
    def owed(self) -> Money:
        """The residuals and the charges, before credits."""
        owed = [line.residual for line in self.lines]
        if self.charges is not None:
            owed.append(self.charges)
        return reduce(add, owed) if owed else Money(amount=_ZERO, currency=self.currency)

    @property
    def credited(self) -> Money | None:
        """What the credits are worth, above zero; None without any."""
        worth = [line.residual for line in self.credits]
        return Money(amount=-reduce(add, worth).amount, currency=self.currency) if worth else None
