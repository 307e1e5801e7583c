"""A small company as one meets it: a few clients, every kind of open item, nothing tidied up."""

from __future__ import annotations

from datetime import date, timedelta

from incasso_fake_mexal.company import Company
from incasso_fake_mexal.server import MexalServer


def small_company(server: MexalServer, code: str = "ACM", name: str = "ACME Srl") -> Company:
    """A company around the server's day: paid, open, at the bank, returned, in dollars."""
    company = server.company(code, name, years=(server.clock.today.year,))
    _masters(company)
    today = server.clock.today
    company.invoice(
        "501.00001", [(_back(today, 40), "500.00"), (_back(today, 10), "500.00")],
        on=_back(today, 100), number=101,
    )  # fmt: skip
    part = company.invoice(
        "501.00001", [(_back(today, 25), "1220.00")], on=_back(today, 85), number=102
    )
    company.pay(part, on=_back(today, 20), amount="220.00")
    company.credit_note("501.00001", "122.00", on=_back(today, 15), number=103)
    _bills(company, today)
    company.invoice(
        "501.00003", [(_back(today, 12), "3000.00")], on=_back(today, 72), number=110,
        currency=2, exchange="1.20", kind="B",
    )  # fmt: skip
    paid = company.invoice("501.00003", [(_back(today, 60), "99.90")], on=_back(today, 90))
    company.pay(paid, on=_back(today, 58))
    company.advance("501.00004", "50.00", on=_back(today, 5))
    return company


def _back(today: date, days: int) -> date:
    return today - timedelta(days=days)


def _bills(company: Company, today: date) -> None:
    due = today - timedelta(days=4)
    first = company.invoice(
        "501.00002", [(due, "800.00")], on=_back(today, 64), number=104, kind="R"
    )
    second = company.invoice(
        "501.00002", [(due, "200.00")], on=_back(today, 64), number=105, kind="R"
    )
    company.issue_bills((first, 1), (second, 1), on=_back(today, 30), bill="EF17", slip=9)
    back = company.invoice(
        "501.00002", [(_back(today, 50), "640.50")], on=_back(today, 110), number=106, kind="R"
    )
    company.issue_bills((back, 1), on=_back(today, 80), bill="EF12", slip=7)
    company.return_bill("EF12", on=_back(today, 40), how="posting", charges="6.50")


def _masters(company: Company) -> None:
    company.add_agent("601.00001", "Agenzia Bruni", email="bruni@example.it")
    company.put("dati-generali/magazzini", 1, id=1, descrizione="SEDE")
    company.put("dati-generali/zone-clienti-fornitori", 1, id=1, descrizione="NORD")
    company.put("dati-generali/categorie-statistiche-cli-for", 1, id=1, descrizione="RIVENDITORI")
    company.put(
        "dati-generali/pagamenti", 1, id=1, descrizione="BONIFICO 60 GG", tp_pagamento=[[1, "B"]]
    )
    company.add_client(
        "501.00001", "ROSSI SRL", partita_iva="IT01234567897", email="ROSSI@EXAMPLE.IT ",
        indirizzo="VIA ROMA 1", cap="20100", localita="MILANO", provincia="MI",
        cod_agente="601.00001", cod_zona=1, cod_cat_sta=1, cod_pagamento=1, fido=5000,
    )  # fmt: skip
    company.add_client(
        "501.00002", "BIANCHI & C. SAS", partita_iva="00743110157", pec="bianchi@pec.example.it",
        cod_pagamento=1, gest_ente_pa="N",
    )  # fmt: skip
    company.add_client("501.00003", "SMITH LTD", tp_nazionalita="E", cod_paese="GB", valuta=2)
    company.add_client(
        "501.00004", "", cognome="VERDI", nome="ANNA", gest_per_fisica="S",
        codice_fiscale="VRDNNA80A41F205X", telefono="02 1234567",
    )  # fmt: skip
    company.add_contact("501.00001", 1, "Carla Neri", email="amministrazione@example.it")
