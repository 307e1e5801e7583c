"""`incasso check`: what was reached, what this company's database has, what to ask the DBA for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa

from incasso.api import CheckReport, Problem, TemporaryError, in_a_row
from incasso.api import text as sentence
from incasso_mago4.database import counts
from incasso_mago4.database.balances import from_journal
from incasso_mago4.database.counts import Facts, Misfits, misfits
from incasso_mago4.database.mago import Mago, place
from incasso_mago4.database.open_items import customers_of
from incasso_mago4.database.totals import Totals, summed
from incasso_mago4.database.wanted import Wanted
from incasso_mago4.raw import text

MOST_PARAMETERS: Final = 12
EXAMPLES: Final = 5
_CENTS: Final = Decimal("0.01")
NOT_COUNTED: Final = (
    sentence("the open items could not be counted in the time a check has"),
    sentence(
        "nothing is wrong with them; `incasso check --read` takes its time and shows their sums"
    ),
)


def report(mago: Mago, step: Callable[[str], None]) -> CheckReport:
    """What an integrator wants to see; `step` is told each part. Raises the errors of the door."""
    step(sentence("what the company has"))
    version, company = mago.client.version(), counts.facts(mago)
    identity = place(mago.settings.url)
    if mago.settings.fiscal_company:
        identity += f" ({mago.settings.fiscal_company})"
    facts = dict(_facts(mago, company, version))
    warnings = [*_missing(mago), *_company_filter(mago)]
    try:
        step(sentence("the sums of the open items"))
        found = summed(mago)
        facts.update(_figures(mago, found))
        step(sentence("rows that do not fit together"))
        warnings += _doubts(found, misfits(mago))
    except TemporaryError:
        warnings.append(_warning("not_counted", *NOT_COUNTED))
    return CheckReport(
        remote_identity=identity,
        remote_version=_release(company) or version,
        facts=facts,
        warnings=tuple(warnings),
    )


def _facts(mago: Mago, company: Facts, version: str) -> Iterator[tuple[str, str]]:
    """What can be reported quickly, whatever the size of the company."""
    yield sentence("server"), version
    if company.company:
        yield sentence("company"), company.company
    yield sentence("release"), _age(mago)
    yield sentence("credit limits"), _limits(mago, company.limits)
    yield sentence("customers"), str(company.customers)
    yield (
        sentence("balances from"),
        sentence("the journal") if from_journal(mago) else sentence("the open items"),
    )
    yield (
        sentence("settled items reported for"),
        sentence("{n} days", n=mago.settings.lookback_days),
    )
    if parameters := _parameters(mago):
        yield sentence("parameters of receivables"), parameters


def _figures(mago: Mago, found: Totals) -> Iterator[tuple[str, str]]:
    """What the whole ledger has to be summed for."""
    for currency, items in sorted(found.items.items()):
        yield (
            sentence("open items {currency}", currency=currency),
            sentence(
                "{items}, their rows sum to {sums}",
                items=Decimal(items),
                sums=found.sums[currency].quantize(_CENTS),
            ),
        )
    yield sentence("bills"), _bills(mago, found)
    if found.newest:
        yield (
            sentence("last change"),
            sentence("{newest} (the server's time)", newest=found.newest),
        )


def _release(company: Facts) -> str:
    if not company.release:
        return ""
    return sentence("Mago, database release {newest}", newest=company.release)


def _age(mago: Mago) -> str:
    """A release is recognised by the columns it added."""
    schema = mago.schema
    subject = schema.relation("MA_CustSupp", "c")
    if subject.has("InLiquidation"):
        return sentence("Mago4, a recent one (it knows customers in liquidation)")
    if schema.relation("MA_CreditCustomer", "k"):
        return sentence("Mago4 (it has the credit limits of the second generation)")
    return sentence("an older one: Mago.net or an early Mago4")


def _limits(mago: Mago, rows: int) -> str:
    options = mago.schema.relation("MA_CustSuppCustomerOptions", "o")
    credit = mago.schema.relation("MA_CreditCustomer", "k")
    parts: list[str] = []
    if credit and mago.settings.credit_limits != "first":
        parts.append(
            sentence("second generation, MA_CreditCustomer, {rows} rows", rows=Decimal(rows))
        )
    if options.has("MaximumCredit") and mago.settings.credit_limits != "second":
        parts.append(sentence("first generation, MA_CustSuppCustomerOptions.MaximumCredit"))
    if len(parts) > 1:
        return sentence("{first}; else {second}", first=parts[0], second=parts[1])
    return parts[0] if parts else sentence("none can be read")


def _bills(mago: Mago, found: Totals) -> str:
    """When this company closes an installment paid by bill is a parameter; its rows show it."""
    if not found.at_bank:
        return sentence("no row says of a bill that it was presented and not collected")
    closed = found.at_bank_closed
    if closed == 0:
        habit = sentence("this company closes them when the bank pays")
    elif closed == found.at_bank:
        habit = sentence("this company closes them when they are presented")
    else:
        habit = sentence("{closed} of them are closed already", closed=Decimal(closed))
    shown = (
        sentence("shown as open")
        if mago.settings.closed_bills == "open"
        else sentence("shown as paid")
    )
    return sentence(
        "{at_bank} presented and not collected; {habit}; closed ones are {shown}",
        at_bank=Decimal(found.at_bank),
        habit=habit,
        shown=shown,
    )


def _parameters(mago: Mago) -> str:
    """The company's parameters as they stand, as far as they speak of bills and closing."""
    name = "MA_PyblsRcvblsParameters"
    telling = [
        column
        for column in mago.schema.columns(name)
        if any(word in column.casefold() for word in ("bill", "clos", "present", "outstand"))
    ][:MOST_PARAMETERS]
    if not telling:
        return ""
    relation = mago.schema.relation(name, "p")
    columns = [mago.schema.column(relation, each) for each in telling]
    chosen: Any = sa.select(*(each for each in columns if each is not None))
    row = next(mago.rows(chosen.select_from(relation.table)), None)
    pairs = zip(telling, row or (), strict=False)
    return ", ".join(f"{column}={text(value)}" for column, value in pairs)


def _missing(mago: Mago) -> Iterator[Problem]:
    """Tables that a right is missing for, or that this release has not."""
    grants = []
    for wanted, lacking in mago.schema.missing():
        if mago.schema.columns(wanted.name):
            yield _warning(
                "missing_column",
                sentence(
                    "{name} has no column {lacking}; not read: {lost}",
                    name=wanted.name,
                    lacking=list(lacking),
                    lost=wanted.lost,
                ),
                sentence("this release may not have it"),
            )
        elif wanted.name != "TB_DBMark":
            grants.append(wanted)
    if grants:
        yield _grant(grants)


def _grant(missing: list[Wanted]) -> Problem:
    lost = in_a_row(
        sentence("{name}: {lost}", name=wanted.name, lost=wanted.lost) for wanted in missing
    )
    script = " ".join(f"GRANT SELECT ON {wanted.name} TO incasso;" for wanted in missing)
    return _warning(
        "missing_table",
        sentence("not to be seen, and so not read: {lost}", lost=lost),
        sentence(
            "if this release has them, ask the administrator, with your user's name: {script}",
            script=script,
        ),
    )


def _doubts(found: Totals, misfits: Misfits) -> Iterator[Problem]:
    if found.odd:
        examples = ", ".join(map(str, sorted(found.odd_items)[:EXAMPLES]))
        yield _warning(
            "flag_and_rows",
            sentence(
                "{odd} installments are closed in Mago although their rows leave "
                "something, or open although they leave nothing, e.g. of PymtSchedId "
                "{examples}",
                odd=Decimal(found.odd),
                examples=examples,
            ),
            sentence(
                "amounts follow the rows; what Mago calls closed is not chased. Show them "
                "to the accountant"
            ),
        )
    if orphans := misfits.without_item:
        yield _warning(
            "orphans",
            sentence(
                "{orphans} rows of open items have no header and are not read",
                orphans=Decimal(orphans),
            ),
            sentence("show them to the accountant: MA_PyblsRcvblsDetails without MA_PyblsRcvbls"),
        )
    if strangers := misfits.without_customer:
        yield _warning(
            "strangers",
            sentence("{n} open items belong to no customer of MA_CustSupp", n=Decimal(strangers)),
            sentence("they will be in quarantine until the customer exists"),
        )


def _company_filter(mago: Mago) -> Iterator[Problem]:
    """Warns of a wrong company name, which would read as an empty ledger."""
    if not mago.settings.fiscal_company:
        return
    header = mago.schema.relation("MA_PyblsRcvbls", "h")
    where = customers_of(mago.schema, header, mago.settings)
    first = sa.select(header["PymtSchedId"]).where(*where).limit(1)
    if not any(mago.rows(first)):
        yield _warning(
            "empty_company",
            sentence(
                "no item belongs to the company {fiscal_company!r}",
                fiscal_company=mago.settings.fiscal_company,
            ),
            sentence("compare fiscal_company with what the column holds"),
        )


def _warning(code: str, message: str, hint: str) -> Problem:
    return Problem(code=code, message=message, hint=hint)
