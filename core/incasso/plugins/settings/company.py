"""Who writes to the clients of a source: letterhead, bank, and the trust in its feed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from incasso.contract.errors import ConfigurationError
from incasso.contract.settings import Between, Form, setting
from incasso.contract.text import text
from incasso.contract.values import Problem
from incasso.domain.ledger.charges import MOST_CHARGES
from incasso.domain.ledger.overdue import BANK_GRACE_DAYS, LONGEST_BANK_GRACE
from incasso.domain.money import to_minor
from incasso.domain.recovery.agreements import LONGEST_PROMISE_GRACE, PROMISE_GRACE_DAYS
from incasso.plugins.settings.legal import LegalTable
from incasso.plugins.settings.letterhead import LetterheadTable

CompareRows: TypeAlias = Literal["daily", "always", "sums"]
"""When the rows of a ledger are held against their seals."""


@dataclass(frozen=True, kw_only=True)
class Company:
    """Who writes to the clients of one source: letterhead, bank, and the trust in its feed."""

    name: str = setting(help="The creditor's name on letters", default="")
    address: tuple[str, ...] = setting(help="Address lines", default=())
    vat: str = setting(help="VAT number", default="")
    iban: str = setting(help="Where clients pay", default="")
    bic: str = setting(help="BIC of that bank", default="")
    phone: str = setting(help="Phone of the credit office", default="")
    email: str = setting(help="Mail address of the credit office", default="")
    pec: str = setting(help="Certified mail address", default="")
    country: str = setting(help="Country, ISO 3166-1 alpha-2", default="IT")
    province: str = setting(help="Province, for its patron's day", default="")
    currency: Annotated[str, Form("[A-Z]{3}", "EUR")] = setting(
        help="The company's own currency, ISO 4217", default="EUR"
    )
    language: str = setting(help="Language of clients whose own is unknown", default="it")
    responsible_email: str = setting(help="Who gets copies and alerts", default="")
    max_age_hours: Annotated[int, Between(1)] = setting(
        help="Older ledgers send nothing", unit="hours", default=24
    )
    bank_grace_days: Annotated[int, Between(0, LONGEST_BANK_GRACE)] = setting(
        help="How long after its due date a presented bill is left to the bank, where no iter "
        "says so",
        unit="days",
        default=BANK_GRACE_DAYS,
    )
    promise_grace_days: Annotated[int, Between(0, LONGEST_PROMISE_GRACE)] = setting(
        help="Working days after a promised day in which the bank may still post the payment",
        unit="working days",
        default=PROMISE_GRACE_DAYS,
    )
    returned_bill_charges: Annotated[Decimal, Between(0, MOST_CHARGES)] = setting(
        help="Bank charges asked for each bill that came back unpaid",
        unit="the company's currency",
        default=Decimal(0),
    )
    max_drop: Annotated[Decimal, Between(Decimal("0.0001"), 1)] = setting(
        help="A full read that loses more stops", unit="fraction", default=Decimal("0.20")
    )
    absences: Annotated[int, Between(1)] = setting(
        help="Complete reads in a row that must miss an item before it is closed as vanished",
        default=2,
    )
    compare_rows: CompareRows = setting(
        help="When a sync looks for rows that were changed in the database outside the hub: at the "
        "first full read of a day (daily), at every full read (always), or only when the open "
        "items no longer sum up to what the last sync left (sums)",
        default="daily",
    )
    signature: str = setting(help="Who signs", default="")
    signature_role: Mapping[str, str] = setting(
        help="What the one who signs is in the company, by language: "
        '{ it = "Il responsabile crediti", en = "Credit manager" }',
        default_factory=dict,
    )
    place: str = setting(
        help="Where letters are dated from; left out: the town of the address", default=""
    )
    letterhead: LetterheadTable = setting(
        help="What letters and mails look like: [companies.NAME.letterhead]",
        default=LetterheadTable(),
    )
    legal: LegalTable = setting(
        help="What dossiers for lawyers are counted by: [companies.NAME.legal]",
        default=LegalTable(),
    )
    release_orders: Literal["paid", "cases", "manual"] = setting(
        help="What ends an order block: nothing past due any more (paid), the cases behind it "
        "paid or closed (cases), or a person (manual)",
        default="paid",
    )
    erp_blocks: Literal["auto", "by_hand", "no"] = setting(
        help="Order blocks in the ERP: written where the connector does it (auto), a list for "
        "people (by_hand), or never",
        default="auto",
    )

    def __post_init__(self) -> None:
        if self._has_part_of_a_cent():
            words = text(
                "{amount} has more decimals than {currency} has",
                amount=self.returned_bill_charges,
                currency=self.currency,
            )
            hint = text("write it with fewer")
            field = "returned_bill_charges"
            raise ConfigurationError([Problem(code=field, field=field, message=words, hint=hint)])

    def _has_part_of_a_cent(self) -> bool:
        try:
            to_minor(self.returned_bill_charges, self.currency)
        except ValueError:
            return True
        return False
