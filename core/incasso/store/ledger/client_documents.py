"""The documents of a client's installments, so that a line can name them as a person does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.tables.ledger import installments


class Document(msgspec.Struct, frozen=True):
    """The document of an installment, as a person names both."""

    kind: str
    number: str
    installment: int | None
    """Its number, where the document has more than one."""


def documents_of(
    connection: Connection, known: Mapping[int, str]
) -> Mapping[tuple[str, str], Document]:
    """The document of each installment of some clients, by source and key.

    `known`: the name of the source by the id of the client. Installments of one document that the
    ERP gives the same number are told apart by their keys.
    """
    table = installments.c
    columns = (table.client_id, table.key, table.document_kind, table.document_number)
    query = sa.select(*columns, table.installment_number).where(table.client_id.in_(list(known)))
    rows = connection.execute(query).all()
    parts = Counter((row[0], row[2], row[3]) for row in rows)
    alike = Counter((row[0], row[2], row[3], row[4]) for row in rows)
    found = {}
    for client, key, kind, number, part in rows:
        several = bool(number) and parts[client, kind, number] > 1
        doubtful = several and alike[client, kind, number, part] > 1
        named = f"{number} ({key})" if doubtful else number or key
        shown = part if several and not doubtful else None
        found[known[client], key] = Document(kind, named, shown)
    return found
