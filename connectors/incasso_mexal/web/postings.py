"""One posting of the ledger (`scadenzario`) and its positions, not yet understood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from incasso.api import text as sentence
from incasso_mexal.cells import CellError, day, text, whole
from incasso_mexal.web.arrays import by_index
from incasso_mexal.web.doc_keys import number_of

KEYS: Final = ("codice", "dt_registr_doc", "prog_primanota", "anno_primanota")
NEEDED: Final = (*KEYS, "dt_sca_pg", "imp_scadenza", "stato_pagamento", "tipo_scadenza")
PLAIN: Final = (
    "data_documento",
    "serie",
    "numero",
    "numero_esteso",
    "causale",
    "codice_agente",
    "numero_valuta",
    "nota_documento",
)
ARRAYS: Final = (
    "dt_sca_pg",
    "dt_sca_origine",
    "imp_scadenza",
    "imp_sca_vlt_doc",
    "tipo_scadenza",
    "stato_pagamento",
    "nota_rata",
    "nr_prot_effetti",
    "dt_sca_emissione_eff",
    "id_effetto",
    "data_sollecito",
    "data_recupero",
    "data_legale",
    "codice_id_gara",
    "cod_uni_progetto",
)
FIELDS: Final = (*KEYS, *PLAIN, *ARRAYS)


@dataclass(frozen=True)
class Posting:
    """One record of the ledger: what its instalments have in common."""

    code: str
    year: int
    registered: date
    number: int
    reason: str
    document: str
    document_serie: int
    document_no: int
    document_date: date | None
    raw: Mapping[str, Any]

    @property
    def key(self) -> str:
        """What the instalments' keys begin with."""
        return f"{self.code}|{self.year}|{self.registered:%Y%m%d}|{self.number}"


def key_of(raw: Mapping[str, Any]) -> str:
    """What the keys of a record's instalments begin with. Raises CellError if it is not there."""
    code, year, registered, number = _head(raw)
    return f"{code}|{year}|{registered:%Y%m%d}|{number}"


def _head(raw: Mapping[str, Any]) -> tuple[str, int, date, int]:
    registered = day(raw.get("dt_registr_doc"), "dt_registr_doc")
    code = text(raw.get("codice"), "codice")
    if registered is None or not code:
        missing = "codice" if not code else "dt_registr_doc"
        raise CellError(missing, sentence("the key of the posting is not there"), code="missing")
    year = whole(raw.get("anno_primanota"), "anno_primanota") or registered.year
    return code, year, registered, whole(raw.get("prog_primanota"), "prog_primanota")


def posting_of(raw: Mapping[str, Any]) -> Posting:
    """The head of a record. Raises CellError if the row does not say which posting it is."""
    code, year, registered, number = _head(raw)
    serie, document = whole(raw.get("serie"), "serie"), whole(raw.get("numero"), "numero")
    extended = text(raw.get("numero_esteso"), "numero_esteso")
    return Posting(
        code=code,
        year=year,
        registered=registered,
        number=number,
        reason=text(raw.get("causale"), "causale").upper(),
        document=extended or number_of(serie, document),
        document_serie=serie,
        document_no=document,
        document_date=day(raw.get("data_documento"), "data_documento"),
        raw=raw,
    )


@dataclass(frozen=True)
class Instalment:
    """One position of a posting, its fields by name, not yet understood."""

    posting: Posting
    index: int
    fields: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The permanent key: account, year, day, progressive and position."""
        return f"{self.posting.key}|{self.index}"

    @property
    def letter(self) -> str:
        """The status letter; case matters, a blank is none."""
        return str(self.fields.get("stato_pagamento") or "").strip()


def instalments_of(posting: Posting) -> Iterator[Instalment]:
    """The positions of a posting that hold an amount or a date, by index.

    Raises CellError if an array is none.
    """
    columns = {name: by_index(posting.raw.get(name), name) for name in ARRAYS}
    indices = {*columns["imp_scadenza"], *columns["dt_sca_pg"], *columns["imp_sca_vlt_doc"]}
    for index in sorted(indices):
        fields = {name: column[index] for name, column in columns.items() if index in column}
        yield Instalment(posting, index, fields)
