"""The ERP's own rows behind what the hub holds, for a person who doubts an amount."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from incasso.contract.connector import SourceRow
from incasso.contract.values import ExternalId
from incasso.domain.office.actor import Scope
from incasso.services.hub.hub import Hub
from incasso.services.office.subjects import resolve
from incasso.store.recovery.explaining import installments_of, names_of

AT_ONCE: Final = 50
"""The contract's limit for one question to an ERP."""


def source_rows(
    hub: Hub, scope: Scope, subject: str, on: date
) -> Mapping[str, Sequence[SourceRow]]:
    """The rows behind each installment of a subject, by `source/key`; changes nothing.

    An installment that the ERP no longer has gets an empty list. Raises SubjectError if nothing in
    the scope is called that, and the errors of the connector: UnsupportedError where it does not
    show its rows.
    """
    with hub.store.read() as connection:
        found = resolve(connection, subject, scope)
        wanted = installments_of(connection, found.kind, found.id)
        names = names_of(connection, wanted)
    keys = [names[number].key for number in wanted]
    handle = hub.registry.connector(found.source)
    rows: dict[ExternalId, list[SourceRow]] = defaultdict(list)
    for start in range(0, len(keys), AT_ONCE):
        for row in handle.source_rows(tuple(keys[start : start + AT_ONCE]), on):
            rows[row.external_id].append(row)
    return {f"{found.source}/{key}": rows[key] for key in keys}
