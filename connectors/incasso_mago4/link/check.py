"""What `incasso check` reports about a Mago behind web services, and what its profiles lack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from incasso.api import CheckReport, Problem, text
from incasso_mago4.link.clients import BRANCHES, PEOPLE, options_block
from incasso_mago4.link.items import DETAIL
from incasso_mago4.link.settings import LinkSettings
from incasso_mago4.link.xml import Record

_FIELDS = (("CertifiedEMail", text("PEC addresses")), ("Language", text("languages")))


def report(
    identity: str,
    settings: LinkSettings,
    customers: Sequence[Record],
    receivables: Sequence[Record],
) -> CheckReport:
    """What a few customers and their items showed."""
    rows = sum(len(record.blocks.get(DETAIL, ())) for record in receivables)
    return CheckReport(
        remote_identity=identity,
        remote_version="MagoCloud" if settings.transport == "cloud" else "Mago4",
        facts={
            text("customers"): text("{n} looked at", n=len(customers)),
            text("profile of customers"): settings.customers_profile,
            text("receivables"): text("{n} looked at, {rows} rows", n=len(receivables), rows=rows),
            text("profile of receivables"): settings.receivables_profile,
            text("order blocks"): (
                text("written through MagicLink") if settings.write_back else text("not written")
            ),
        },
        warnings=tuple(_warnings(settings, customers, receivables)),
    )


def _warnings(
    settings: LinkSettings, customers: Sequence[Record], receivables: Sequence[Record]
) -> Iterator[Problem]:
    if not customers:
        yield Problem(
            code="no_customers",
            message=text("Mago gave no customer at all"),
            hint=text("check company, customers_profile, and what this user may see"),
        )
    else:
        yield from _left_out(settings, customers[0])
    if not receivables:
        yield Problem(
            code="no_receivables",
            message=text("Mago gave no open item at all"),
            hint=text("check receivables_profile, and whether this user may see receivables"),
        )
    elif not any(record.blocks.get(DETAIL) for record in receivables):
        yield Problem(
            code="no_rows",
            message=text(
                "the profile {receivables_profile} leaves the rows out (block {detail}): "
                "no installment can be read",
                receivables_profile=settings.receivables_profile,
                detail=DETAIL,
            ),
            hint=text("export a profile of Receivables with its rows and set receivables_profile"),
        )


def _left_out(settings: LinkSettings, customer: Record) -> Iterator[Problem]:
    profile = settings.customers_profile
    if options_block(customer) is None:
        yield Problem(
            code="no_options",
            message=text(
                "the profile {profile} leaves the customer's options out: limits, agents, "
                "order blocks and Mago's own reminders are not read",
                profile=profile,
            ),
            hint=text("export a profile of Customers with its options and set customers_profile"),
        )
    for field, what in _FIELDS:
        if field not in customer.master:
            yield Problem(
                code="no_field",
                field=field,
                message=text(
                    "the profile {profile} leaves {field} out: {what} are not read",
                    profile=profile,
                    field=field,
                    what=what,
                ),
                hint=text("export a profile of Customers that holds it"),
            )
    missing = [name for name in (BRANCHES, PEOPLE) if name not in customer.blocks]
    if missing and settings.contacts != "customer":
        yield Problem(
            code="no_contacts",
            message=text(
                "the profile {profile} leaves out {missing}: reminders go to the "
                "customer's own address",
                profile=profile,
                missing=missing,
            ),
            hint=text('export a profile of Customers with them, or set contacts = "customer"'),
        )
