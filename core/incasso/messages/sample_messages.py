"""Invented messages that a template must survive before an office may publish it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from msgspec import structs

from incasso.contract.ledger import DocumentKind, PaymentMethod
from incasso.contract.media import Medium
from incasso.contract.values import Money
from incasso.messages.context import (
    Account,
    BrokenWord,
    Creditor,
    Debtor,
    EarlierMessage,
    Line,
    MessageContext,
    OfficeContact,
    Payment,
)

_ON = date(2026, 11, 23)

_COMPANY = Creditor(
    name="Ferramenta Subalpina S.r.l.",
    address=("Via delle Officine 12", "10148 Torino (TO)"),
    place="Torino",
    vat="IT01234560012",
    iban="IT60X0542811101000000123456",
    bic="BPMOIT22XXX",
    phone="011 5550101",
    email="crediti@subalpina.example",
    pec="subalpina@pec.example",
)
_BARE_COMPANY = Creditor(name="Ferramenta Subalpina S.r.l.")
_CLIENT = Debtor(
    name="Officine Bianchi S.n.c.",
    code="C00123",
    address=("Officine Bianchi S.n.c.", "Via Garibaldi 8", "20121 Milano MI"),
    contact_person="Mario Bianchi",
    vat="IT09876540011",
)
_OPERATOR = OfficeContact(name="Chiara Ferri", phone="011 5550102")

_HOSTILE = (
    '"><script>alert(1)</script> #read("x") $x$ <lbl> *a* _b_ \\ `r` {{ 7 }} \u202e שלום 🧾\n\n'
)
_LONG = "Società Cooperativa Agricola " * 140


_EARLIER = (
    EarlierMessage(on=_ON - timedelta(days=30)),
    EarlierMessage(on=_ON - timedelta(days=20), medium=Medium.EMAIL, stage="Primo sollecito"),
    EarlierMessage(on=_ON - timedelta(days=10), medium=Medium.PEC, stage="Secondo sollecito"),
)
"""The first is a reminder of the ERP's own."""
_APART = tuple(structs.replace(each, about_all=False) for each in _EARLIER)


def earlier_contexts(language: str, extra: dict[str, str]) -> Iterator[tuple[str, MessageContext]]:
    """An ordinary message that others came before."""
    ordinary = next(sample_contexts(language, extra))[1]
    for name, earlier in (
        ("a reminder of the ERP before it", _EARLIER[:1]),
        ("several messages before it", _EARLIER),
        ("messages before it that were each about a part", _APART),
    ):
        yield name, structs.replace(ordinary, previous=earlier)


def sample_contexts(
    language: str, extra: dict[str, str], *, told: bool = False
) -> Iterator[tuple[str, MessageContext]]:
    """Named messages: first an ordinary one, then everything that has broken letters before.

    `told`: other messages came before each of them.
    """
    many = tuple(_line(number) for number in range(1, 201))
    unpaid = _line(7, method=PaymentMethod.RIBA, unpaid_on=date(2026, 11, 12), bill="88/2026")
    credit = _line(8, kind=DocumentKind.CREDIT_NOTE, cents=-2500)
    consumer = Debtor(name="Anna Conti", is_person=True)

    def case(lines: tuple[Line, ...], **facts: object) -> MessageContext:
        given = {"company": _COMPANY, "client": _CLIENT, "operator": _OPERATOR, **facts}
        return MessageContext(
            language=language,
            on=_ON,
            lines=lines,
            stage="Primo sollecito",
            step="4711",
            reference="C00123-4711",
            extra=extra,
            previous=_EARLIER if told else (),
            **given,  # type: ignore[arg-type]
        )

    yield "an ordinary message", case((_line(1),))
    yield "before the due date", case((_line(1, days=-5), _line(2, days=-5)))
    yield "200 installments", case(many)
    yield "no contact person, no operator", case((_line(1),), client=consumer, operator=_NOBODY)
    yield "no IBAN, no telephone", case((_line(1),), company=_BARE_COMPANY, operator=_NOBODY)
    yield "a credit note included", case((_line(1), credit))
    yield (
        "a credit taken off, and dues to come",
        case(
            (_line(1),),
            credits=(credit,),
            coming=(_line(3, days=-10), _line(4, days=-20)),
            coming_until=_ON + timedelta(days=30),
        ),
    )
    paid = Payment(on=_ON - timedelta(days=40), amount=Money(amount=Decimal("1500.00")))
    word = BrokenWord(made_on=_ON - timedelta(days=20), until=_ON - timedelta(days=5))
    yield (
        "a payment and a broken promise",
        case((_line(1),), last_payment=paid, broken_promise=word),
    )
    yield "more credit than debt", case((credit,))
    yield "an unpaid RiBa with charges", case((unpaid,), charges=Money(amount=Decimal("4.50")))
    yield "a currency without decimals", case((_line(1, cents=1_250_000, currency="JPY"),))
    yield (
        "a summary of several clients and currencies",
        case(
            (),
            accounts=(
                _account("Officine Bianchi S.n.c.", "C00123", _line(1), _line(2)),
                _account(_HOSTILE, "C00124", _line(3)),
                _account("Bianchi Ltd", "C00125", _line(4, currency="GBP")),
            ),
        ),
    )
    yield "very long names", case((_line(1, number=_LONG),), client=_named(_LONG))
    yield "hostile characters", case((_line(1, number=_HOSTILE),), client=_named(_HOSTILE))


_NOBODY = OfficeContact()


def _account(name: str, code: str, *lines: Line) -> Account:
    return Account(name=name, code=code, lines=lines, last=_EARLIER[1])


def _named(name: str) -> Debtor:
    return Debtor(name=name, code=name, address=(name,) * 9, contact_person=name)


def _line(
    place: int,
    *,
    number: str = "",
    days: int = 0,
    cents: int = 0,
    currency: str = "EUR",
    kind: DocumentKind = DocumentKind.INVOICE,
    method: PaymentMethod = PaymentMethod.TRANSFER,
    unpaid_on: date | None = None,
    bill: str = "",
) -> Line:
    exponent = 0 if currency == "JPY" else -2
    residual = Money(amount=Decimal(cents or 10_000 + place).scaleb(exponent), currency=currency)
    due = _ON - timedelta(days=days or 10 + place)
    return Line(
        document_number=number or f"{1000 + place}/A",
        document_date=due - timedelta(days=60),
        document_kind=kind,
        due_date=due,
        residual=residual,
        amount=residual if place % 2 else None,
        installment_number=1 + place % 3,
        payment_method=method,
        unpaid_on=unpaid_on,
        bill_number=bill,
    )
