"""Sales agents and depots. Agents have no e-mail of their own: the linked supplier's serves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from incasso.api import Page, PersonRecord
from incasso_mago4.codes import SUPPLIER
from incasso_mago4.contacts import is_mobile
from incasso_mago4.database.mago import Mago
from incasso_mago4.database.schema import Schema
from incasso_mago4.raw import text

PAGE = 1_000


def agents(mago: Mago) -> Iterator[Page[PersonRecord]]:
    """Every sales agent."""
    if mago.schema.relation("MA_SalesPeople", "a"):
        for part in mago.client.read(agents_statement(mago.schema), at_once=PAGE):
            yield Page(items=tuple(_agent(*row) for row in part if text(row[0])))


def agents_statement(schema: Schema) -> sa.Select[Any]:
    """Agents with the supplier that their commission is paid to."""
    agent = schema.relation("MA_SalesPeople", "a")
    linked = schema.relation("MA_CustSupp", "c")
    joined: Any = agent.table
    if agent.has("Supplier"):
        same = sa.and_(linked["CustSuppType"] == SUPPLIER, linked["CustSupp"] == agent["Supplier"])
        joined = joined.outerjoin(linked.table, same)
    columns = [agent["Salesperson"].label("code"), agent["Name"].label("name")]
    for name in ("EMail", "CertifiedEMail", "Telephone1", "Telephone2"):
        found = linked[name] if agent.has("Supplier") else sa.null()
        columns.append(found.label(name.lower()))
    return sa.select(*columns).select_from(joined).order_by(agent["Salesperson"])


def _agent(code: Any, name: Any, email: Any, pec: Any, phone: Any, second: Any) -> PersonRecord:
    numbers = [text(phone), text(second)]
    return PersonRecord(
        code=text(code),
        name=text(name) or text(code),
        email=text(email),
        pec=text(pec),
        phone=next(filter(None, numbers), ""),
        mobile=next(filter(is_mobile, numbers), ""),
    )


def depots(mago: Mago) -> Iterator[Page[PersonRecord]]:
    """Every storage."""
    if mago.schema.relation("MA_Storages", "s"):
        for part in mago.client.read(depots_statement(mago.schema), at_once=PAGE):
            yield Page(
                items=tuple(
                    PersonRecord(code=text(code), name=text(name) or text(code))
                    for code, name in part
                    if text(code)
                )
            )


def depots_statement(schema: Schema) -> sa.Select[Any]:
    """Storages with their descriptions."""
    depot = schema.relation("MA_Storages", "s")
    name = depot["Description"].label("name")
    return sa.select(depot["Storage"].label("code"), name).order_by(depot["Storage"])
