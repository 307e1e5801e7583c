"""Which open credits are time-barred, or will be soon: by what is proven alone."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import msgspec
from sqlalchemy import Connection

from incasso.contract.errors import IncassoError
from incasso.contract.settings import nearest
from incasso.contract.text import text
from incasso.domain.law.limitation import CreditClass, Urgency, may_end_by
from incasso.domain.money import from_minor
from incasso.domain.office.actor import Scope
from incasso.services.law.facts import facts_of
from incasso.services.law.limiting import Limiting
from incasso.services.office.office import Office
from incasso.services.sending.letterheads import letterhead_of
from incasso.store.law import credits


class NearError(IncassoError):
    """Nothing was listed."""


class NearLimit(msgspec.Struct, frozen=True, kw_only=True):
    """One credit whose limitation is near, or past."""

    source: str
    client: str
    client_name: str
    installment: str
    document_number: str
    due_date: date
    residual: Decimal
    currency: str
    credit_class: CreditClass
    runs_from: date
    last_day: date
    if_claimed: date | None
    urgency: Urgency


def near_limitation(
    office: Office, scope: Scope, on: date, within: int, source: str | None = None
) -> list[NearLimit]:
    """Everything open that is barred by `within` days after a day, the first to end first.

    Only clients with something as old as the shortest term are looked at. Raises NearError for a
    source that there is not.
    """
    until = on + timedelta(days=within)
    with office.store.read() as connection:
        names = _named(credits.source_names(connection), source)
        before = {
            each: may_end_by(office.config.company(each).legal.credits, until) for each in names
        }
        found = [
            near
            for client, of_source, _ in credits.owing_since(connection, scope, before)
            for near in _of_client(office, connection, scope, client, of_source, on)
            if near.last_day <= until
        ]
    return sorted(found, key=lambda each: (each.last_day, each.source, each.installment))


def _named(names: list[str], source: str | None) -> list[str]:
    if source is None or source in names:
        return [each for each in names if source in (None, each)]
    raise NearError(
        text("There is no company {source!r}: {hint}", source=source, hint=nearest(source, names))
    )


def _of_client(
    office: Office, connection: Connection, scope: Scope, client: int, source: str, on: date
) -> list[NearLimit]:
    facts, company = facts_of(connection, scope, client, on), office.config.company(source)
    limiting = Limiting(
        facts,
        company.legal.credits,
        office.config.timezone,
        is_signed=bool(letterhead_of(company).signature),
    )
    found = []
    for row in facts.credits:
        if row.residual <= 0:
            continue
        limit = limiting.of(row)
        if limit.last_day is not None:
            found.append(
                NearLimit(
                    source=source,
                    client=facts.debtor.code,
                    client_name=facts.debtor.name,
                    installment=row.key,
                    document_number=row.document_number,
                    due_date=row.due_date,
                    residual=from_minor(row.residual, row.currency),
                    currency=row.currency,
                    credit_class=limit.credit,
                    runs_from=limit.runs_from,
                    last_day=limit.last_day,
                    if_claimed=limit.if_claimed,
                    urgency=limit.urgency,
                )
            )
    return found
