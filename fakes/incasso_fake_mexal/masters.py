"""Clients, contacts and agents of a company, changed as somebody in its office would."""

from __future__ import annotations

from typing import Any

from incasso_fake_mexal.archive import Archive
from incasso_fake_mexal.clock import Clock
from incasso_fake_mexal.posting import EUR


class Masters(Archive):
    """The archives all years share."""

    def __init__(self, code: str, name: str, years: tuple[int, ...], clock: Clock) -> None:
        super().__init__(code, name, years, clock)
        for number, letters, places in ((EUR, "EUR", 2), (2, "USD", 2), (3, "JPY", 0)):
            self.put(
                "dati-generali/valute", number, id=number, sigla=letters, nr_dec_importi=places
            )

    def add_client(self, code: str, name: str, **fields: Any) -> str:
        """A client; `fields` as the ERP calls them (`partita_iva`, `email`, `cod_agente`, …)."""
        usual = {
            "codice": code,
            "ragione_sociale": name,
            "tp_nazionalita": "I",
            "cod_paese": "IT",
            "valuta": EUR,
            "fido": 0,
            "nr_insoluti": 0,
            "tot_insoluti": 0,
            "anag_dt_crea": self.created_today(),
        }
        self.put("clienti", code, **{**usual, **fields})
        return code

    def change_client(self, code: str, **fields: Any) -> None:
        """Somebody changes a client in the ERP."""
        self.change("clienti", code, **fields)

    def delete_client(self, code: str) -> None:
        """Gone without a trace but for the register of deletions."""
        self.remove("clienti", code)

    def recode_client(self, old: str, new: str) -> None:
        """The account gets another number: every posting moves with it, keys and all."""
        row = self.tables["clienti"].pop(old)
        row |= {"codice": new, "cod_alternativo": row.get("cod_alternativo") or old}
        self.put("clienti", new, **row)
        self.note_deletion("clienti", old)
        for posting in self.postings:
            if posting.client == old:
                posting.client = new
                self.touch(posting)

    def add_contact(self, client: str, number: int, name: str, **fields: Any) -> None:
        """A person at the client's."""
        self.put(
            "referenti/clienti",
            (client, number),
            codice_cli_for=client,
            cod_referente=number,
            nome=name,
            **fields,
        )

    def add_agent(self, code: str, name: str, **fields: Any) -> str:
        """An agent: an account like a supplier's."""
        self.put("fornitori", code, codice=code, ragione_sociale=name, **fields)
        self.put("conti", code, codice=code, descrizione=name, tipo="F")
        return code
