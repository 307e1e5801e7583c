"""How a customer's code is spelled: as MA_CustSupp has it, whatever stands beside an item.

A SQL Server of an Italian office compares without case and without spaces at the end: to it and to
Mago, an item of `Rossi` is one of the customer `ROSSI`. Its own comparison decides here too, so a
server that tells them apart keeps two customers.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from incasso_mago4.codes import CUSTOMER
from incasso_mago4.database.schema import Relation, Schema


def code_of(schema: Schema, header: Relation) -> sa.ColumnElement[Any]:
    """The code of an item's customer; the item's own where there is no such customer."""
    subject = schema.relation("MA_CustSupp", "z")
    own = header["CustSupp"]
    spelled = (
        sa.select(subject["CustSupp"])
        .where(subject["CustSuppType"] == CUSTOMER, subject["CustSupp"] == own)
        .correlate(header.table)
        .scalar_subquery()
    )
    return sa.func.coalesce(spelled, own)


def as_asked(code: str, asked: Collection[str]) -> str:
    """The spelling that was asked for, of a code that the server found equal to it."""
    if code in asked:
        return code
    return next((each for each in asked if each.casefold() == code.casefold()), code)
