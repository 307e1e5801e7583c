"""PUT on a client: only the members given change, and who was faster wins if the lock is on."""

from __future__ import annotations

from typing import Any

from incasso_fake_mexal.company import Company
from incasso_fake_mexal.fields import Resource
from incasso_fake_mexal.wire import RefusalError, Row, by_index, is_empty

_READ_ONLY = frozenset({"id_rubrica_uni", "nr_insoluti", "tot_insoluti", "utente_ult_mod"})


def change_client(
    company: Company, resource: Resource, row: Row, body: Any, user: str, locking: bool
) -> None:
    """Apply a revision. Raises RefusalError 6001, and then nothing changed.

    `?info=true` marks the key as to be given always; arrays change only at the positions given.
    With the optimistic lock switched on in the ERP a `data_ult_mod` other than the record's is
    refused; without it, or if none is given, the last one wins.
    """
    if not isinstance(body, dict):
        raise RefusalError(400, 6001, "Il corpo della richiesta deve essere un oggetto")
    if str(body.get("codice", "")).strip() != row["codice"]:
        raise RefusalError(400, 6001, "Campo 'codice' obbligatorio")
    given = {name: value for name, value in body.items() if name not in ("codice", "data_ult_mod")}
    for name, value in given.items():
        _check(resource, name, value)
    read = body.get("data_ult_mod")
    if locking and read is not None and read != row["data_ult_mod"]:
        raise RefusalError(400, 6001, "Record modificato da un altro utente")
    fields = {
        name: _merged(row.get(name), value) if resource.field(name).size else value
        for name, value in given.items()
    }
    company.change("clienti", row["codice"], by=user, **fields)


def _check(resource: Resource, name: str, value: Any) -> None:
    field = resource.field(name)
    if name in _READ_ONLY:
        raise RefusalError(400, 6001, f"Campo '{name}' in sola lettura")
    if field.size:
        try:
            places = by_index(value)
        except (TypeError, ValueError):
            raise RefusalError(400, 6001, f"Campo '{name}': array non valido") from None
        if not all(1 <= place <= field.size for place in places):
            raise RefusalError(400, 6001, f"Campo '{name}': indice non valido")
    elif field.kind in ("N", "D"):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RefusalError(400, 6001, f"Campo '{name}': valore numerico non valido")
    elif not isinstance(value, str):
        raise RefusalError(400, 6001, f"Campo '{name}': valore alfanumerico non valido")


def _merged(old: Any, new: Any) -> list[list[Any]]:
    merged = by_index(old) | by_index(new)
    return [[place, merged[place]] for place in sorted(merged) if not is_empty(merged[place])]
