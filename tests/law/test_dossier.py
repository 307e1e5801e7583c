"""The dossier of a client: what it holds, to the cent and to the byte."""

from __future__ import annotations

import json
import re
import shutil
import tracemalloc
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from zipfile import ZipFile

import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from incasso.contract.exchange import Service
from incasso.domain.placement.states import LotState, PlacementState, RowState
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.services.hub.hub import build_hub
from incasso.services.law.counting import Wishes
from incasso.services.law.dossier import make_dossier
from incasso.services.office.actors import person_named
from incasso.services.proof.verify import verify
from incasso.store.engine import Store
from incasso.store.proof import archive
from incasso.store.tables.ledger import installments
from incasso.store.tables.office import users
from incasso.store.tables.placement import lots, placement_rows, placements
from incasso.store.tables.proof import journal
from incasso.store.tables.sending import deliveries
from tests.cli.command import Ended, inside
from tests.documents.office import NOW, Office
from tests.law.office import ON, RECEIPT, SDI, delivered, legal_office

randbytes = Random(7).randbytes


@pytest.fixture(scope="module")
def facts(first: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(content(first, "dati.json"))
    return found


def run(office: Office, *words: str, by: str = "anna", language: str = "en") -> Ended:
    given = ("dossier", *words, "--on", str(ON), "--by", by)
    return inside(office.folder, *given, language=language)


def content(place: Path, name: str) -> bytes:
    with ZipFile(place) as opened:
        return opened.read(name)


def words_of(place: Path, name: str) -> str:
    pages = PdfReader(BytesIO(content(place, name))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_the_sums_are_those_counted_by_hand(facts: dict[str, Any]) -> None:
    """110.00 of the credit note come off the oldest invoice, before anything runs.

    123/A: 1,110.00 at 10.40 % for 30 days are 9.49; after the payment 890.00 for 23 days are 5.83.
    124/A: 610.00 for 23 days are 4.00. Two invoices of 40 euro.
    """
    assert facts["sums"] == [
        {
            "currency": "EUR", "capital": "1500.00", "interest": "19.32", "costs": "80.00",
            "invoices": 2, "provisional": False,
        }
    ]  # fmt: skip
    first_one, second = facts["credits"]
    assert [
        (each["first"], each["days"], each["capital"], each["percent"], each["amount"])
        for each in first_one["rows"]
    ] == [
        ("2026-10-02", 30, "1110.00", "10.40", "9.49"),
        ("2026-11-01", 23, "890.00", "10.40", "5.83"),
    ]
    assert (first_one["capital"], first_one["interest"]) == ("890.00", "15.32")
    assert (second["capital"], second["interest"]) == ("610.00", "4.00")
    assert [each["installment"] for each in facts["not_due"]] == ["R3"]
    assert [each["installment"] for each in facts["set_off"]] == ["R4"]


def test_the_petition_has_its_court_and_its_fees(facts: dict[str, Any]) -> None:
    """1,599.32 in all; the court fee goes by 1,580.00: 49.00. 473 + 70.95 + 49 + 27 = 619.95."""
    found = facts["injunction"]
    assert (found["court"], found["court_in_doubt"]) == ("justice_of_the_peace", False)
    assert (found["value"], found["fee_value"]) == ("1599.32", "1580.00")
    assert (found["court_fee"], found["stamp"], found["whole"]) == ("49.00", "27.00", "619.95")


def test_limitation_rests_on_the_receipt(facts: dict[str, Any]) -> None:
    """The notice of 23 November reached the client: ten years from then."""
    limits = [each["limitation"] for each in facts["credits"]]
    assert {each["last_day"] for each in limits} == {"2036-11-24"}  # the 23rd is a Sunday
    kinds = {each["kind"]: each["evidence"] for each in limits[0]["interruptions"]}
    assert kinds == {"notice": "confirmed", "part_payment": "claimed"}


def test_everything_is_enclosed_and_numbered(first: Path, facts: dict[str, Any]) -> None:
    with ZipFile(first) as opened:
        inside_it = opened.namelist()
        days = {each.date_time for each in opened.infolist()}
    assert days == {(2026, 11, 23, 12, 0, 0)}
    assert inside_it[:-4] == sorted(inside_it[:-4])
    assert [name for name in inside_it if name.startswith(("documenti", "messaggi"))] == [
        "documenti/doc-001_fattura_123-A.xml",
        "documenti/doc-001_fattura_123-A_copia-di-cortesia.pdf",
        "documenti/doc-001_fattura_123-A_ricevuta-1_RC-001.xml",
        "documenti/doc-002_fattura_124-A.xml",
        "documenti/doc-002_fattura_124-A_copia-di-cortesia.pdf",
        "messaggi/doc-004_2026-11-23_PEC_Messa-in-mora.eml",
        "messaggi/doc-004_ricevuta-01_consegnato.eml",
    ]
    assert content(first, "messaggi/doc-004_ricevuta-01_consegnato.eml") == RECEIPT
    assert SDI.encode() in content(first, "documenti/doc-001_fattura_123-A_ricevuta-1_RC-001.xml")
    assert [each["number"] for each in facts["exhibits"]] == [1, 2, 3, 4]
    assert facts["exhibits"][0]["title"] == (
        "Fattura 123/A del 01/09/2026 con ricevute del Sistema di Interscambio"
    )


def test_the_message_is_the_one_that_left(office: Office, first: Path) -> None:
    name = next(each for each in ZipFile(first).namelist() if each.endswith("Messa-in-mora.eml"))
    sent = next(each.sha256 for each in office.deliveries() if each.medium == "pec")
    assert content(first, name) == archive.get(office.hub.store, sent)


def test_the_pages_say_the_same(first: Path) -> None:
    statement = words_of(first, "01_estratto_conto.pdf")
    for said in ("1.110,00", "890,00", "9,49", "5,83", "1.599,32", "10,40%", "Sistema"):
        assert (said in statement) is (said != "Sistema"), said
    petition = words_of(first, "atti/ricorso-decreto-ingiuntivo.pdf")
    assert "GIUDICE DI PACE DI TORINO" in petition
    assert "1.599,32" in petition and "doc. 4" in petition and "49,00" in petition
    assert "regolarmente pervenuta" in petition
    assert "(docc. 1-2)" in petition and "19,32 € (doc. 3)" in petition
    assert "634, secondo comma" in petition
    notice = words_of(first, "atti/messa_in_mora.pdf")
    assert "1219" in notice
    # Its own interest, which knows nothing of the payment, would be another figure.
    assert "19,32" not in notice and "Interessi di mora al" not in notice
    timeline = words_of(first, "02_cronologia.pdf")
    assert "23/11/2026 Invio: Messa in mora" in timeline


def test_the_cover_lists_the_digest_of_every_file(first: Path) -> None:
    cover = words_of(first, "00_copertina.pdf").replace(" ", "")
    index = json.loads(content(first, "indice.json"))
    assert len(index["files"]) == len(ZipFile(first).namelist()) - 3
    for each in index["files"]:
        assert each["sha256"] in cover, each["path"]
    assert index["journal"]["hash"] in cover
    pages = {each["path"]: each["pages"] for each in index["files"]}
    assert pages["atti/procura-alle-liti.pdf"] == 1
    archived = {each["path"] for each in index["files"] if each["archived"]}
    assert "documenti/doc-001_fattura_123-A.xml" in archived
    assert "01_estratto_conto.pdf" not in archived


def test_equal_facts_give_equal_bytes(office: Office, first: Path) -> None:
    """Though the journal has written down the first one meanwhile."""
    assert run(office, "acme/C1", "--to", "again.zip").code == 0
    assert (office.folder / "again.zip").read_bytes() == first.read_bytes()
    with office.hub.store.read() as connection:
        made = connection.execute(sa.select(journal).where(journal.c.kind == "dossier.made")).all()
    assert {(each.actor, each.client) for each in made} == {("anna", "C1")}
    # The test itself wrote receipt and people behind the hub's back.
    assert all(each.startswith(("deliveries ", "users ")) for each in verify(office.hub).problems)


def test_what_a_lawyer_must_know_is_said(office: Office) -> None:
    found = run(office, "C1", "--to", "told.zip", "--format", "json").rows()[0]
    codes = {each["code"]: each["grave"] for each in found["cautions"]}
    assert codes == {
        "no_invoice": True, "filing": False, "no_receipt": False, "electronic_proof": False,
    }  # fmt: skip
    assert "9/NC" in found["cautions"][0]["text"]
    assert "art. 634 c.p.c., dal 26 novembre 2024" in str(found["cautions"])


def test_a_consumer(office: Office) -> None:
    """500.00 for 84 days at 1.6 % are 1.84; no fixed sum, the court of the residence."""
    ended = run(office, "C2", "--to", "consumer.zip", "--format", "json")
    (found,) = ended.rows()
    assert found["sums"][0]["interest"] == "1.84"
    assert found["sums"][0]["costs"] == "0.00"
    assert found["injunction"]["place_is_binding"] is True
    codes = {each["code"] for each in found["cautions"]}
    assert {"consumer", "no_invoice"} <= codes


@pytest.mark.parametrize(
    ("words", "interest"),
    [
        # 610 × 14.40 × 23 / 36500 = 5.54
        (("--interest", "agrifood"), "5.54"),
        # 610 × 8 × 23 / 36500 = 3.08
        (("--rate", "8"), "3.08"),
        (("--interest", "legal"), "0.62"),
        # Seven points: 610 × 9.40 × 23 / 36500 = 3.61
        (("--contract-date", "2012-06-01"), "3.61"),
    ],
)
def test_the_rule_that_was_asked_for(
    office: Office, words: tuple[str, ...], interest: str, tmp_path: Path
) -> None:
    (found,) = run(office, "C1", "--to", str(tmp_path / "x.zip"), *words, "--format", "json").rows()
    assert found["credits"][1]["interest"] == interest


def test_interest_first_and_another_limitation(office: Office, tmp_path: Path) -> None:
    """9.49 of the payment go to interest: 899.49 are left, 23 days are 5.89."""
    words = ("--interest-first", "--credits", "transport", "--format", "json")
    (found,) = run(office, "C1", "--to", str(tmp_path / "x.zip"), *words).rows()
    first_one = found["credits"][0]
    assert (first_one["capital"], first_one["interest"]) == ("899.49", "5.89")
    assert first_one["limitation"]["last_day"] == "2027-11-23"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("C3",), "there is nothing to hand to a lawyer"),
        (("nobody",), "is called “nobody”"),
        (("C1", "--to", "first.zip"), "is there already"),
        (("C1", "--to", "no/such/folder.zip"), "cannot be written"),
        (("--check", "iters.toml"), "it is no sound ZIP"),
        (("--check", "missing.zip"), "cannot be read"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    office: Office, first: Path, words: tuple[str, ...], said: str
) -> None:
    before = first.read_bytes()
    ended = run(office, *words)
    assert ended.code == 1
    assert said in ended.err, ended
    assert not ended.has_traceback
    assert first.read_bytes() == before
    assert not list(office.folder.rglob("*.part"))


@pytest.mark.parametrize(
    "words",
    [
        (), ("C1", "--check", "first.zip"), ("C1", "--rate", "8", "--interest", "legal"),
        ("C1", "--rate", "800"), ("C1", "--interest", "usury"),
    ],
)  # fmt: skip
def test_wrong_usage(office: Office, words: tuple[str, ...]) -> None:
    ended = run(office, *words)
    assert ended.code == 2
    assert not ended.has_traceback


def somebody(office: Office, login: str, role: str, **scope: list[str]) -> None:
    with office.hub.store.write() as connection:
        connection.execute(sa.insert(users).values(login=login, role=role, scope=scope))


def test_who_may_and_what_they_see(office: Office, tmp_path: Path) -> None:
    """An agent makes none; an operator of the clients they see; a lawyer without a client none."""
    somebody(office, "bruno", "lawyer")
    somebody(office, "ugo", "agent", agents=["A1"])
    somebody(office, "ida", "operator", agents=["A2"])
    place = str(tmp_path / "x.zip")
    refused = run(office, "C1", "--to", place, by="ugo")
    assert refused.code == 1 and "may not make a dossier" in refused.err
    for login in ("bruno", "ida"):
        unseen = run(office, "C1", "--to", place, by=login)
        assert unseen.code == 1 and "called “C1”" in unseen.err
    assert run(office, "C2", "--to", place, by="ida").code == 0


def test_a_lawyer_outside_has_what_is_placed_with_them(office: Office, tmp_path: Path) -> None:
    """Of C1 only 124/A, and of C2, placed with somebody else, nothing."""
    copy = tmp_path / "office"
    shutil.copytree(office.folder, copy)
    assert people_of(copy, "users", "add", "carla", "--role", "lawyer", "--provider", "bianchi")
    assert not people_of(copy, "users", "add", "dario", "--role", "operator", "--provider", "x")
    with build_hub(copy / "plugins.toml", now=lambda: NOW) as hub:
        place_with(hub.store, "bianchi", "R2", PlacementState.WORKING, RowState.PLACED)
        place_with(hub.store, "verdi", "R5", PlacementState.WORKING, RowState.PLACED)
        place_with(hub.store, "bianchi", "R1", PlacementState.RECALLED, RowState.OVER)

    def made(client: str) -> Ended:
        words = ("dossier", client, "--on", str(ON), "--by", "carla", "--format", "json")
        return inside(copy, *words)

    (found,) = made("acme/C1").rows()
    assert [each["installment"] for each in found["credits"]] == ["R2"]
    for client in ("C2", "C3", "nobody"):
        unseen = made(client)
        assert unseen.code == 1 and "is placed with you" in unseen.err, client


def people_of(folder: Path, *words: str) -> bool:
    return inside(folder, *words, "--by", "admin").code == 0


def place_with(
    store: Store, provider: str, key: str, state: PlacementState, row_state: RowState
) -> None:
    """One installment in a lot of its own."""
    with store.write() as connection:
        query = sa.select(installments).where(installments.c.key == key)
        row = connection.execute(query).one()
        lot = sa.insert(lots).values(
            code=f"L-{provider}-{key}", source_id=row.source_id, provider=provider,
            service=Service.JUDICIAL, state=LotState.WORKING, composed_on=ON,
        )  # fmt: skip
        number = connection.execute(lot.returning(lots.c.id)).scalar_one()
        placed = sa.insert(placements).values(
            lot_id=number, client_id=row.client_id, currency="EUR", state=state, total=row.residual
        )
        number = connection.execute(placed.returning(placements.c.id)).scalar_one()
        connection.execute(
            sa.insert(placement_rows).values(
                placement_id=number,
                installment_id=row.id,
                state=row_state,
                residual=row.residual,
                days_late=1,
            )
        )


def test_nothing_of_a_lost_file_stops_the_rest(office: Office, first: Path, tmp_path: Path) -> None:
    """The archive lost the receipt: it is named, and everything else is there."""
    copy = tmp_path / "office"
    shutil.copytree(office.folder, copy)
    digest = next(
        each["sha256"]
        for each in json.loads(content(first, "indice.json"))["files"]
        if "ricevuta-01" in each["path"]
    )
    (copy / "archive" / digest[:2] / digest[2:]).unlink()
    ended = inside(copy, "dossier", "C1", "--to", "x.zip", "--on", str(ON), "--by", "anna")
    assert ended.code == 1
    assert "messaggi/doc-004_ricevuta-01_consegnato.eml: the archive has lost it" in ended.out
    names = ZipFile(copy / "x.zip").namelist()
    assert len(names) == len(ZipFile(first).namelist()) - 1
    assert inside(copy, "dossier", "--check", "x.zip").code == 0


def test_the_office_changes_the_drafts(office: Office, tmp_path: Path) -> None:
    """One of its own, one with a fault, the third as it ships."""
    assert run(office, "--acts", str(tmp_path / "atti")).code == 0
    own = tmp_path / "atti"
    (own / "procura_alle_liti.toml").write_text(
        'title = "Procura"\ntext = """\n# Nostra procura\n\n'
        'Contro {{ debtor.name | strong }}.\n"""\n'
    )
    (own / "ricorso_decreto_ingiuntivo.toml").write_text(
        'title = "Ricorso"\ntext = """\nprima riga\n{{ nobody }}\n"""\n'
    )
    (own / "diffida_ad_adempiere.toml").write_text("title = 1")
    copy = tmp_path / "office"
    shutil.copytree(office.folder, copy)
    config = copy / "plugins.toml"
    config.write_text(config.read_text() + f'\n[companies.acme.legal]\nacts = "{own}"\n')
    ended = inside(copy, "dossier", "C1", "--to", "x.zip", "--on", str(ON), "--by", "anna")
    assert ended.code == 1
    assert re.search(
        r"ricorso.*, line 2 of its text: there is no placeholder nobody",
        ended.out,
    )
    assert "diffida_ad_adempiere.toml: a draft needs title and text" in ended.out
    acts = [each for each in ZipFile(copy / "x.zip").namelist() if each.startswith("atti/")]
    assert acts == ["atti/messa_in_mora.pdf", "atti/procura-alle-liti.pdf"]
    assert "Nostra procura Contro Ferramenta Bianchi" in words_of(copy / "x.zip", acts[1])


def test_on_each_database(database_url: str, tmp_path: Path) -> None:
    made = legal_office(tmp_path / "office", database=database_url, signed=False)
    made.send()
    delivered(made)
    ended = run(made, "C1", "--to", "x.zip", "--format", "json")
    assert ended.code == 0, ended
    (found,) = ended.rows()
    assert found["sums"][0]["total"] == "1599.32"
    # Without a signature on the company's letters the notice interrupts nothing.
    assert found["credits"][0]["limitation"]["last_day"] == "2036-10-01"
    assert "unsigned" in {each["code"] for each in found["cautions"]}
    assert run(made, "--check", "x.zip").code == 0
    made.hub.close()


def test_many_messages_are_one_exhibit_and_need_little_memory(
    office: Office, tmp_path: Path
) -> None:
    """Eighty messages of 300 kB are 24 MB: never more than a few of them are held at once."""
    copy = tmp_path / "office"
    shutil.copytree(office.folder, copy)
    with build_hub(copy / "plugins.toml", now=lambda: NOW) as hub:
        _write_messages(hub.store, [randbytes(300_000) for _ in range(80)])
        anna = person_named(hub, "anna")
        tracemalloc.start()
        try:
            made = make_dossier(hub, anna, "C1", ON, tmp_path / "x.zip", Wishes())
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 12_000_000
    # Two invoices, the statement, the formal notice, and all the others as one.
    assert [len(each.paths) for each in made.dossier.exhibits] == [3, 2, 1, 2, 80]
    assert {each.exhibit for each in made.dossier.messages} == {4, 5}
    assert inside(copy, "dossier", "--check", str(tmp_path / "x.zip")).code == 0


def _write_messages(store: Store, contents: list[bytes]) -> None:
    kept = archive.keep_all(store, [(each, "message/rfc822", "m.eml") for each in contents])
    with store.write() as connection:
        archive.note(connection, kept, at=NOW)
        query = sa.select(deliveries).where(deliveries.c.medium == "pec")
        model = connection.execute(query).mappings().one()
        other = {"medium": "email", "status": DeliveryStatus.BOUNCED}
        rows = [
            {**model, **other, "id": f"m{place:03}", "sha256": each.sha256}
            for place, each in enumerate(kept)
        ]
        connection.execute(sa.insert(deliveries), rows)
