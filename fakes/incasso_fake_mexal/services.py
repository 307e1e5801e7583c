"""Commands of `/servizi`: exposure, document totals, printed invoices, stored files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from incasso_fake_mexal.company import Company
from incasso_fake_mexal.papers import multipart, pdf
from incasso_fake_mexal.wire import Answer, RefusalError, Row, json_answer

DOCUMENTS: Final = "documenti/movimenti-magazzino"
STORED: Final = 1400
"""Class of stored files that belong to documents (movimento di magazzino)."""


def serve(company: Company, year: int, body: Any) -> Answer:
    """Run one command. Raises RefusalError for unknown commands, members and keys."""
    if not isinstance(body, dict) or "cmd" not in body:
        raise RefusalError(400, 6001, "Elemento cmd mancante")
    command = COMMANDS.get(str(body["cmd"]))
    if command is None:
        raise RefusalError(400, 6001, f"Comando '{body['cmd']}' non valido")
    given = body.get("dati") or {}
    if not isinstance(given, dict):
        raise RefusalError(400, 6001, "L'elemento dati deve essere un oggetto")
    return command(company, year, given)


def _needed(given: Row, *names: str) -> list[Any]:
    for name in names:
        if given.get(name) in (None, ""):
            raise RefusalError(400, 6001, f"Parametro '{name}' obbligatorio")
    return [given[name] for name in names]


def _exposure(company: Company, year: int, given: Row) -> Answer:
    code, on = _needed(given, "in_codice_conto", "in_alla_data")
    row = company.tables.get("clienti", {}).get(str(code).strip())
    if row is None:
        raise RefusalError(400, 6001, f"Conto '{code}' inesistente")
    balance = company.balance(row["codice"], _day(on)) if year in company.years else Decimal(0)
    limit = Decimal(row.get("fido", 0))
    return json_answer(
        {
            "saldo_cli_for": balance,
            "valore_fido": limit,
            "val_ord_bolle": 0,
            "esposizione": balance,
            "dt_esposizione": str(on),
            "valore_rischio": balance,
            "fuori_fido": max(balance - limit, Decimal(0)) if limit else 0,
            "rating_assegnato": row.get("tp_rating", ""),
            "numero_insoluti": row.get("nr_insoluti", 0),
            "valore_insoluti": row.get("tot_insoluti", 0),
        }
    )


def _day(text: Any) -> date:
    try:
        return datetime.strptime(str(text), "%Y%m%d").date()  # noqa: DTZ007 - a day
    except ValueError:
        raise RefusalError(400, 6001, f"Data '{text}' non valida") from None


def _document(company: Company, year: int, keys: list[Any]) -> Row:
    kind, series, number, account = keys
    for row in company.tables.get(DOCUMENTS, {}).values():
        same = (row["sigla"], row["serie"], row["numero"]) == (kind, int(series), int(number))
        if same and row["_year"] == year and row["cod_conto"] == str(account).strip():
            return row
    raise RefusalError(400, 6001, f"Documento {kind} {series}/{number} inesistente")


def _totals(company: Company, year: int, given: Row) -> Answer:
    row = _document(
        company, year, _needed(given, "in_sigla", "in_serie", "in_numero", "in_cod_conto")
    )
    total = row["_total"]
    tax = (total * 22 / 122).quantize(Decimal("0.01"))
    return json_answer({"tot_documento": total, "tot_imponibile": total - tax, "tot_imposta": tax})


def _print(company: Company, year: int, given: Row) -> Answer:
    row = _document(company, year, _needed(given, "sigla", "serie", "numero", "cod_conto"))
    name = company.tables["clienti"].get(row["cod_conto"], {}).get("ragione_sociale", "")
    title = f"{row['sigla']} {row['serie']}/{row['numero']} del {row['data_documento']}"
    page = pdf(company.name, title, name, f"Totale {row['_total']}")
    return Answer(body=page, content_type="application/pdf")


def _stored(company: Company, year: int, given: Row) -> Answer:
    if int(_needed(given, "in_classe")[0]) != STORED:
        return json_answer({"dati": []})
    listed = [
        {
            "id_dv": number,
            "classe_dv": STORED,
            "codice": "+".join(map(str, key)),
            "nome": _name(key),
        }
        for number, key in enumerate(sorted(company.papers, key=str), 1)
    ]
    wanted = [f for f in given.get("filtri") or () if f.get("campo") == "codice"]
    for one in wanted:
        listed = [row for row in listed if row["codice"] == one.get("valore")]
    return json_answer({"dati": listed})


def _file(company: Company, year: int, given: Row) -> Answer:
    kind, place = _needed(given, "tipo", "classe_dv")
    if kind != "docuvision" or int(place) != STORED:
        raise RefusalError(400, 6001, "Classe non valida")
    keys = sorted(company.papers, key=str)
    number, code = int(given.get("id_dv") or 0), given.get("codice")
    found = {
        _name(key): ("application/xml", company.papers[key])
        for count, key in enumerate(keys, 1)
        if number == count or (not number and code == "+".join(map(str, key)))
    }
    if not found:
        raise RefusalError(400, 6001, "Documento inesistente")
    return Answer(body=multipart(found), content_type="multipart/form-data; boundary=webapi-42")


def _name(key: tuple[Any, ...]) -> str:
    return "_".join(str(part).replace(".", "") for part in key) + ".xml"


def _deletions(company: Company, year: int, given: Row) -> Answer:
    return json_answer({"dati": company.deleted})


COMMANDS: Final[dict[str, Callable[[Company, int, Row], Answer]]] = {
    "calcolo_esposizione": _exposure,
    "totali_documento": _totals,
    "stampa_movimento_magazzino": _print,
    "lista_docdv": _stored,
    "get_allegato_archivio": _file,
    "get_registro_operazioni_utente": _deletions,
}
