"""The acceptance cases in words, as the accountant is asked for them."""

from __future__ import annotations

from typing import Final

from incasso.contract.text import text
from incasso.locale.labels import Labels

ACCEPTANCE_CASES: Final[Labels] = {
    "three_installments": text("an invoice with three installments, none paid"),
    "part_paid": text("an installment that is partly paid"),
    "credit_note": text("a credit note still open, or already set off"),
    "advance": text("an advance without an invoice"),
    "bill": text("a RiBa issued, presented or collected"),
    "returned_bill": text("a RiBa that came back unpaid, also re-presented or with charges"),
    "grouped_bill": text("a RiBa that collects several invoices"),
    "foreign_currency": text("an invoice in a foreign currency"),
    "withholding": text("an invoice with withholding tax or split payment"),
    "blocked_client": text("a client over the credit limit, blocked in the ERP"),
    "merged_client": text("a client merged or renumbered"),
    "deleted": text("an invoice deleted after the first read"),
    "postponed": text("an installment put off to a later date"),
}
