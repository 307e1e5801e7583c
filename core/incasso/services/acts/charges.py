"""What is asked beside a returned bill for the bank's charges."""

from __future__ import annotations

from incasso.contract.text import Text, text
from incasso.domain.acts.charges import Charges
from incasso.domain.money import from_minor
from incasso.services.acts.amounts import in_minor
from incasso.services.acts.doing import ActError, Doing, carry_out, running
from incasso.store.ledger.charges import ReturnedBill, returned_bills
from incasso.store.lists.subjects import Target


@carry_out.register
def _charges(act: Charges, doing: Doing) -> Text:
    target = _installment(doing)
    number = target.installment_id
    bill = returned_bills(doing.connection, [number])[number]
    _need_returned(doing, bill, act.currency)
    cents = in_minor(act.amount, bill.currency)
    doing.change_installment(number, charges=cents)
    doing.note(running([target]), "charges set")
    amount = from_minor(cents, bill.currency)
    doing.tell(
        "installment.charges",
        key=target.key,
        document=bill.document_number,
        amount=amount,
        currency=bill.currency,
    )
    if not cents:
        return text("No bank charges are asked: {subject}.", subject=doing.named)
    return text(
        "Bank charges of {amount} {currency}: {subject}.",
        amount=amount,
        currency=bill.currency,
        subject=doing.named,
    )


def _installment(doing: Doing) -> Target:
    if doing.subject.kind in ("installment", "case"):
        return doing.open_targets()[0]
    raise ActError(text("Bank charges are those of one bill: name its installment."))


def _need_returned(doing: Doing, bill: ReturnedBill, currency: str | None) -> None:
    if bill.unpaid_on is None:
        raise ActError(
            text(
                "{subject} did not come back from the bank: there are no charges to ask.",
                subject=doing.named,
            )
        )
    if currency is not None and currency != bill.currency:
        raise ActError(
            text(
                "{subject} is in {own}, not in {currency}: its charges are asked in {own}.",
                subject=doing.named,
                own=bill.currency,
                currency=currency,
            )
        )
