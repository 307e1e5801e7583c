"""The fake server answers as the ERP would: what the other tests of this folder stand on."""

from __future__ import annotations

import base64
import io
import threading
import time
from collections.abc import Iterator
from datetime import date
from typing import Any, Literal

import pypdf
import pytest
import requests

from incasso_fake_mexal import Company, MexalServer, self_signed, small_company

DUE = date(2026, 10, 31)
MADE = date(2026, 8, 31)


@pytest.fixture
def server() -> Iterator[MexalServer]:
    with MexalServer() as server:
        yield server


@pytest.fixture
def company(server: MexalServer) -> Company:
    made = server.company()
    made.add_client("501.00001", "ROSSI SRL", fido=1000)
    return made


def token(user: str = "webapi", password: str = "segreta") -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def ask(
    server: MexalServer,
    path: str,
    body: Any = None,
    *,
    auth: str = "",
    where: str = "Azienda=ACM Anno=2026",
    method: str = "",
    **query: str,
) -> requests.Response:
    headers = {"Authorization": auth or f"Passepartout {token()}"}
    if where:
        headers["Coordinate-Gestionale"] = where
    base = "/webapi/" if path == "servizi" else "/webapi/risorse/"
    method = method or ("GET" if body is None else "POST")
    return requests.request(
        method, server.url + base + path, params=query, headers=headers, json=body, timeout=20
    )


def detail(answer: requests.Response) -> str:
    return f"{answer.status_code} {answer.json()['error']['response-detail']}"


def codes(answer: requests.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["codice"].strip() for row in answer.json()["dati"]]


def some_clients(company: Company, count: int) -> None:
    for number in range(2, count + 2):
        company.add_client(f"501.{number:05d}", f"CLIENTE {number}")


@pytest.mark.parametrize(
    ("auth", "said"),
    [
        ("Basic eA==", "401 1006"),
        ("Passepartout not-base64!", "401 1006"),
        (f"Passepartout {token()} {token()} {token()}", "401 1006"),
        (f"Passepartout {token(password='no')}", "401 2002"),
        (f"Passepartout {token(user='nobody')}", "401 2002"),
    ],
)
def test_the_authorization_must_be_right_in_form_and_content(
    auth: str, said: str, server: MexalServer, company: Company
) -> None:
    assert detail(ask(server, "clienti", auth=auth)).startswith(said)


def test_a_second_account_must_come_along_where_one_is_asked_for(company: Company) -> None:
    with MexalServer(second=("capo", "x")) as server:
        server.add(company)
        assert detail(ask(server, "clienti")).startswith("401 1006")
        both = f"Passepartout {token()} {token('capo', 'x')}"
        assert codes(ask(server, "clienti", auth=both)) == ["501.00001"]
        wrong = f"Passepartout {token()} {token('capo', 'y')}"
        assert detail(ask(server, "clienti", auth=wrong)).startswith("401 2002")


def test_the_cloud_wants_its_domain(company: Company) -> None:
    with MexalServer(domain="ROSSI") as server:
        server.add(company)
        for auth in (f"Passepartout {token()}", f"Passepartout {token()} Dominio=BIANCHI"):
            assert "Dominio" in detail(ask(server, "clienti", auth=auth))
        for word in ("Dominio", "DOMINIO"):
            ask(server, "clienti", auth=f"Passepartout {token()} {word}=ROSSI").raise_for_status()
        assert server.access.bad_logins == 0


def test_bad_logins_lock_the_user_until_somebody_unlocks_it(
    server: MexalServer, company: Company
) -> None:
    for _ in range(3):
        ask(server, "clienti", auth=f"Passepartout {token(password='no')}")
    assert "bloccato" in detail(ask(server, "clienti")), "the right password does not help"
    assert server.access.bad_logins == 3
    server.access.unlock()
    assert ask(server, "clienti").status_code == 200


def test_coordinates_are_asked_for_but_by_the_lists_that_need_none(
    server: MexalServer, company: Company
) -> None:
    assert detail(ask(server, "clienti", where="")).startswith("401 1001")
    assert detail(ask(server, "clienti", where="Azienda=ACM")).startswith("401 1001")
    assert detail(ask(server, "clienti", where="Azienda=XYZ Anno=2026")).startswith("400 5001")
    assert ask(server, "aziende", where="").json()["Aziende"][0]["sigla"] == "ACM"
    assert ask(server, "dati-generali/installazione", where="").json()["codice_prodotto"]


def test_the_wrong_year_is_an_empty_success(server: MexalServer, company: Company) -> None:
    company.invoice("501.00001", [(DUE, "10.00")], on=MADE)
    assert codes(ask(server, "scadenzario")) == ["501.00001"]
    wrong = ask(server, "scadenzario", where="Azienda=ACM Anno=2019")
    assert codes(wrong) == []
    assert "next" not in wrong.json()


def test_a_list_goes_on_by_next_and_the_server_cuts_as_it_likes(
    server: MexalServer, company: Company
) -> None:
    some_clients(company, 11)
    server.pager.cut_at, server.pager.empty_pages = 4, True
    seen, sizes, query = [], [], {"max": "100"}
    while True:
        answer = ask(server, "clienti", **query)
        seen += codes(answer)
        sizes.append(len(answer.json()["dati"]))
        if "next" not in answer.json():
            break
        query["next"] = answer.json()["next"]
    assert seen == sorted(company.tables["clienti"])
    assert 0 in sizes and max(sizes) == 4


def test_next_is_good_once_at_once_and_for_the_same_request(
    server: MexalServer, company: Company
) -> None:
    some_clients(company, 5)
    server.pager.cut_at = 2

    def begin() -> str:
        return str(ask(server, "clienti").json()["next"])

    used = begin()
    assert ask(server, "clienti", next=used).status_code == 200
    assert "next" in detail(ask(server, "clienti", next=used))
    assert "next" in detail(ask(server, "clienti", next=begin(), fields="codice"))
    late = begin()
    server.clock.tick(61)
    assert "scaduto" in detail(ask(server, "clienti", next=late))
    lost = begin()
    server.pager.forget()
    assert "next" in detail(ask(server, "clienti", next=lost))


def test_filters_are_anded_and_a_list_of_values_is_an_or(
    server: MexalServer, company: Company
) -> None:
    some_clients(company, 3)

    def found(*filters: dict[str, Any]) -> list[str]:
        return codes(ask(server, "clienti/ricerca", {"filtri": list(filters)}))

    either = {"campo": "codice", "condizione": "=", "valore": ["501.00002", "501.00004"]}
    assert found(either) == ["501.00002", "501.00004"]
    assert found(either, {"campo": "codice", "condizione": ">", "valore": "501.00003"}) == [
        "501.00004"
    ]
    rossi = {"campo": "ragione_sociale", "condizione": "inizia_per", "valore": "rossi"}
    assert found(rossi) == []
    assert found({**rossi, "case_insensitive": True}) == ["501.00001"]
    assert found({"campo": "fido", "condizione": ">=", "valore": 1000}) == ["501.00001"]
    assert len(codes(ask(server, "clienti/ricerca", {}))) == 4


def test_a_capitalised_filter_silently_does_not_filter(
    server: MexalServer, company: Company
) -> None:
    some_clients(company, 1)
    wrong = {"Campo": "codice", "Condizione": "=", "Valore": "501.00001"}
    assert len(codes(ask(server, "clienti/ricerca", {"filtri": [wrong]}))) == 2
    right = {"campo": "codice", "condizione": "=", "valore": "501.00001"}
    assert len(codes(ask(server, "clienti/ricerca", {"Filtri": [right]}))) == 2


def test_array_fields_are_asked_by_position(server: MexalServer, company: Company) -> None:
    bill = company.invoice("501.00001", [(DUE, "1.00"), (DUE, "2.00")], on=MADE, kind="R")
    company.issue_bills((bill, 2), on=MADE, bill="EF1")
    one = {"campo": "stato_pagamento", "condizione": "=", "valore": "E"}
    assert "Indice" in detail(ask(server, "scadenzario/ricerca", {"filtri": [one]}))
    for index, count in ((1, 0), (2, 1)):
        answer = ask(server, "scadenzario/ricerca", {"filtri": [{**one, "indice1": index}]})
        assert len(codes(answer)) == count
    assert answer.json()["dati"][0]["stato_pagamento"] == [[2, "E"]], "empty places are missing"


def test_unknown_fields_are_refused_everywhere(server: MexalServer, company: Company) -> None:
    said = "400 6001 - errore gestionale [Nome campo 'colore' non valido]"
    assert detail(ask(server, "clienti", fields="codice,colore")) == said
    wrong = {"campo": "colore", "condizione": "=", "valore": "x"}
    assert detail(ask(server, "clienti/ricerca", {"filtri": [wrong]})) == said
    body = {"codice": "501.00001", "colore": "x"}
    assert detail(ask(server, "clienti/501.00001", body, method="PUT")) == said
    server.hide("scadenzario", "dt_sca_origine")
    assert "dt_sca_origine" in detail(ask(server, "scadenzario", fields="dt_sca_origine"))


def test_a_change_moves_data_ult_mod_and_a_delta_finds_it(
    server: MexalServer, company: Company
) -> None:
    some_clients(company, 2)
    mark = ask(server, "clienti").json()["data_ric_elab"]
    server.clock.tick(30)
    company.change_client("501.00002", email="a@example.it")
    since = {"campo": "data_ult_mod", "condizione": ">", "valore": mark}
    assert codes(ask(server, "clienti/ricerca", {"filtri": [since]})) == ["501.00002"]


def test_the_ledger_is_only_listed_and_searched(server: MexalServer, company: Company) -> None:
    company.invoice("501.00001", [(DUE, "10.00")], on=MADE)
    lonely = ask(server, "scadenzario/501.00001+20260831+1+2026")
    assert (lonely.status_code, lonely.content) == (404, b"")
    assert ask(server, "scadenzario/x", {"codice": "x"}, method="PUT").status_code == 404


def test_codes_with_a_slash_travel_encoded(server: MexalServer, company: Company) -> None:
    company.add_client("501.A/B", "BARRA SRL")
    assert ask(server, "clienti/501.A%2FB").status_code == 404
    encoded = b"501.A/B".hex()
    answer = ask(server, f"clienti/{encoded}", encoding="hex")
    assert answer.json()["ragione_sociale"] == "BARRA SRL"
    assert "dati" not in answer.json()


def test_a_revision_changes_what_it_names_and_no_more(
    server: MexalServer, company: Company
) -> None:
    company.change_client("501.00001", descr_nota=[[1, "prima"], [2, "seconda"]])
    server.clock.tick()
    body = {"codice": "501.00001", "fido": 0.01, "descr_nota": [[2, "bloccato"]]}
    assert ask(server, "clienti/501.00001", body, method="PUT").status_code == 204
    row = ask(server, "clienti/501.00001").json()
    assert (row["fido"], row["ragione_sociale"]) == (0.01, "ROSSI SRL")
    assert row["descr_nota"] == [[1, "prima"], [2, "bloccato"]]
    assert row["utente_ult_mod"] == "webapi"
    assert row["data_ult_mod"] == "20261123 060001"
    for wrong in ({"fido": "12"}, {"nr_insoluti": 0}, {"descr_nota": [[3, "x"]]}, {}):
        body = {"codice": "501.00001", **wrong} if wrong else {"fido": 1}
        assert detail(ask(server, "clienti/501.00001", body, method="PUT")).startswith("400 6001")


def test_who_read_an_old_record_does_not_overwrite_it(
    server: MexalServer, company: Company
) -> None:
    old = ask(server, "clienti/501.00001").json()["data_ult_mod"]
    server.clock.tick()
    company.change_client("501.00001", fido=7)
    body = {"codice": "501.00001", "fido": 1, "data_ult_mod": old}
    server.desk.optimistic_lock = True
    assert "altro utente" in detail(ask(server, "clienti/501.00001", body, method="PUT"))
    server.desk.optimistic_lock = False
    assert ask(server, "clienti/501.00001", body, method="PUT").status_code == 204


def test_the_sixth_service_is_refused(server: MexalServer, company: Company) -> None:
    server.delay = 0.5
    found: list[int] = []

    def call() -> None:
        found.append(ask(server, "clienti").status_code)

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200] * 5 + [503]
    assert server.user.most_working == 6


def test_services_tell_exposure_totals_and_print(server: MexalServer) -> None:
    company = small_company(server)

    def run(command: str, **given: Any) -> requests.Response:
        return ask(server, "servizi", {"cmd": command, "dati": given})

    told = run("calcolo_esposizione", in_codice_conto="501.00002", in_alla_data="20261123").json()
    assert told["saldo_cli_for"] == 800 + 200 + 640.50 + 6.50
    assert told["numero_insoluti"] == 1
    later = run("calcolo_esposizione", in_codice_conto="501.00002", in_alla_data="20261230").json()
    assert later["saldo_cli_for"] == 640.50 + 6.50, "the bills at the bank are taken for collected"
    document = {"sigla": "FT", "serie": 1, "numero": 101, "cod_conto": "501.00001"}
    printed = run("stampa_movimento_magazzino", **document)
    assert printed.headers["content-type"] == "application/pdf"
    text = pypdf.PdfReader(io.BytesIO(printed.content)).pages[0].extract_text()
    assert "1/101" in text and "1000.00" in text
    totals = run("totali_documento", **{f"in_{name}": value for name, value in document.items()})
    assert totals.json()["tot_documento"] == 1000
    missing = run("stampa_movimento_magazzino", **{**document, "numero": 999})
    assert detail(missing).startswith("400 6001")
    company.papers["FT", 1, 101, "501.00001"] = b"<FatturaElettronica/>"
    kept = run(
        "get_allegato_archivio", tipo="docuvision", classe_dv=1400, codice="FT+1+101+501.00001"
    )
    assert b"<FatturaElettronica/>" in kept.content


def test_info_and_help_tell_what_this_version_has(server: MexalServer, company: Company) -> None:
    fields = {f["nome"]: f for f in ask(server, "scadenzario", info="true").json()["dati"]}
    assert fields["imp_scadenza"]["dimensione_array"] == "250"
    server.hide("scadenzario", "data_legale")
    fields = {f["nome"]: f for f in ask(server, "scadenzario", info="true").json()["dati"]}
    assert "data_legale" not in fields
    server.hide("banche")
    groups: dict[str, Any] = {}
    for group in ask(server, "help", extended="true").json()["risorse"]:
        groups |= group
    assert "scadenzario" in groups and "banche" not in groups


@pytest.mark.parametrize("kind", ["cut", "drop", "lost_reply"])
def test_a_connection_can_end_early(kind: Any, server: MexalServer, company: Company) -> None:
    server.fail(kind, "clienti", page=1)
    with pytest.raises(requests.RequestException):
        ask(server, "clienti").json()
    assert codes(ask(server, "clienti")) == ["501.00001"], "once only"


@pytest.mark.parametrize(
    ("kind", "status"),
    [("busy", 503), ("slow", 408), ("unauthorized", 401), ("forward", 500), ("html", 200)],
)
def test_an_answer_can_be_another_one(
    kind: Any, status: int, server: MexalServer, company: Company
) -> None:
    server.fail(kind, "clienti")
    answer = ask(server, "clienti")
    assert answer.status_code == status
    assert (b"<html" in answer.content) == (kind == "html")


def test_a_server_that_hangs_is_let_go_when_it_closes(company: Company) -> None:
    ended = threading.Event()
    hanging = MexalServer()
    hanging.add(company)
    hanging.fail("hang", "clienti")

    def call() -> None:
        with pytest.raises(requests.RequestException):
            ask(hanging, "clienti")
        ended.set()

    with hanging:
        threading.Thread(target=call, daemon=True).start()
        while not hanging.requests:
            time.sleep(0.01)
        assert not ended.is_set()
    assert ended.wait(5)


def test_a_certificate_of_ones_own_has_a_pin() -> None:
    made = self_signed()
    with MexalServer(tls=made.tls) as server:
        with pytest.raises(requests.exceptions.SSLError):
            ask(server, "aziende", where="")
        assert server.url.startswith("https://127.0.0.1")
    assert made.pin.startswith("sha256:") and len(made.pin) == len("sha256:") + 64


@pytest.mark.parametrize("ledger", ["documento", "partite"])
def test_a_part_payment_shows_by_the_ledger_s_mode(ledger: Any) -> None:
    company = Company(ledger=ledger)
    company.add_client("501.00001", "ROSSI SRL")
    posting = company.invoice("501.00001", [(DUE, "100.00")], on=MADE)
    linked = company.pay(posting, on=date(2026, 11, 2), amount="30.00")
    assert company.balance("501.00001", date(2026, 11, 23)) == 70
    if ledger == "documento":
        assert linked is None
        assert posting.row()["stato_pagamento"] == [[1, "P"]]
        assert [pair[1] for pair in posting.row()["imp_scadenza"]] == [30, 70]
    else:
        assert linked is not None
        assert posting.row()["stato_pagamento"] == []
        assert [pair[1] for pair in linked.row()["imp_scadenza"]] == [-30]
    (row,) = [r for r in company.rows("prima-nota/righe", 2026) if r["codice_conto"] == "501.00001"]
    assert row["ps_nr_documento"] == [[1, posting.number]]


def test_a_bill_that_comes_back_shows_in_two_ways() -> None:
    hows: tuple[Literal["reopened", "posting"], ...] = ("reopened", "posting")
    for how in hows:
        company = Company()
        company.add_client("501.00001", "ROSSI SRL")
        posting = company.invoice("501.00001", [(DUE, "100.00")], on=MADE, kind="R")
        company.issue_bills((posting, 1), on=MADE, bill="EF1")
        made = company.return_bill("EF1", on=date(2026, 11, 9), how=how, charges="5.00")
        assert company.balance("501.00001", date(2026, 11, 23)) == 105
        assert len(made) == (1 if how == "reopened" else 2)
        assert company.tables["clienti"]["501.00001"]["nr_insoluti"] == 1


def test_the_year_turns_with_or_without_opening_postings() -> None:
    hows: tuple[Literal["carried", "reposted"], ...] = ("carried", "reposted")
    for how in hows:
        company = Company()
        company.add_client("501.00001", "ROSSI SRL")
        company.invoice("501.00001", [(DUE, "100.00")], on=MADE)
        company.pay(company.invoice("501.00001", [(DUE, "50.00")], on=MADE), on=DUE)
        company.turn_year(2027, how=how)
        assert len(list(company.rows("scadenzario", 2026))) == 2
        rows = list(company.rows("scadenzario", 2027))
        assert len(rows) == 1
        assert rows[0]["anno_primanota"] == (2026 if how == "carried" else 2027)
        assert company.balance("501.00001", date(2027, 1, 5)) == 100
