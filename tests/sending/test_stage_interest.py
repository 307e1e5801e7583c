"""A stage that asks for interest: what leaves, and files that cannot mean it."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from msgspec.structs import replace

from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iter_rules import IterFault, Known, check_stage
from incasso.domain.recovery.iters import Stage
from tests.messages.pictures import SVG
from tests.sending.office import NOTICE
from tests.sending.played import CONFIG, PlayedOffice
from tests.sending.test_credits import row

DAY = "2026-12-03"
ITERS = """
[[iter]]
key = "bonifico"
[[iter.stage]]
key = "secondo"
days = 2
channels = ["email", "letter"]
template = "secondo_sollecito"
statement = true
"""
LETTERHEAD = """
[companies.acme.letterhead]
logo = "logo.svg"
registered_office = "Via Roma 1, 20121 Milano"
register = "Milano n. 01234567897"
capital = "€ 50.000,00 i.v."
window = "left"
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> PlayedOffice:
    """One client by mail, one by letter, on one day."""
    made = PlayedOffice(tmp_path_factory.mktemp("interest"), ITERS, config=CONFIG + LETTERHEAD)
    (made.folder / "logo.svg").write_bytes(SVG)
    at = {"address": "Via Po 2", "zip": "10121", "city": "Torino", "country": "IT"}
    made.ledger(
        [
            {"code": "M", "name": "Mail S.r.l.", "email": "m@cliente.example", **at},
            {"code": "P", "name": "Posta S.r.l.", "email": "", **at},
        ],
        [
            row("7/A", "M", "1000.00", "2026-09-30"),
            row("8/A", "M", "500.00", "2026-11-30"),
            row("9/A", "P", "1000.00", "2026-09-30"),
        ],
    )
    made.open(DAY)
    made.do("sync", "--on", DAY)
    made.day(DAY)
    return made


def test_a_mail_states_it_row_by_row_and_asks_for_the_whole(office: PlayedOffice) -> None:
    """1000 x 10.40 x 64 / 36500 = 18.24; 500 x 10.40 x 3 / 36500 = 0.43; and twice 40."""
    words = " ".join(office.to("M", DAY).words.split())
    for each in ("64 18,24 €", "3 0,43 €", "versare l'importo di 1.598,67 €", "n. 231, 10,40%"):
        assert each in words


def test_it_carries_the_logo_and_the_code_of_that_sum_inside(office: PlayedOffice) -> None:
    note = office.to("M", DAY).note
    mail = message_from_bytes(
        (office.folder / "outbox" / DAY / note["file"]).read_bytes(), policy=policy.default
    )
    pictures = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    page = mail.get_body(("html",))
    assert page is not None
    for picture in pictures:
        assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in page.get_content()
    assert [part.get_filename() for part in pictures] == ["logo.png", "qr.png"]


def test_a_letter_has_it_below_its_letterhead(office: PlayedOffice) -> None:
    """1000 + 18.24 + 40."""
    words = " ".join(office.to("P", DAY).words.split())
    for each in ("18,24 €", "Totale da pagare 1.058,24 €", "Registro Imprese di Milano n. 0123"):
        assert each in words


def test_the_letter_says_on_a_page_of_its_own_how_that_came_about(office: PlayedOffice) -> None:
    words = " ".join(office.to("P", DAY).words.split())
    _, annex = words.split("Prospetto degli interessi di mora al 03/12/2026")
    for each in ("01/10/2026 03/12/2026 64 10,40% 1.000,00 € 18,24 €", "58,24 €", "Pagina 2 di 2"):
        assert each in annex


def test_the_check_finds_nothing_wrong_with_the_paper(office: PlayedOffice) -> None:
    ended = office.do("check", "--on", DAY)
    assert "letterhead" not in ended.out + ended.err
    (office.folder / "logo.svg").rename(office.folder / "gone.svg")
    assert "logo.svg: " in office.tries("check", "--on", DAY).err
    (office.folder / "gone.svg").rename(office.folder / "logo.svg")


def test_the_sheet_for_the_envelopes_is_written(office: PlayedOffice) -> None:
    office.do("templates", "envelope", "--into", "sheets")
    assert Path(office.folder / "sheets/envelope-acme.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("stage", "fault"),
    [
        (Stage(key="x", action=Action.CALL, interest=True), IterFault.SAYS_NOTHING),
        (Stage(key="x", action=Action.CALL, statement=True), IterFault.SAYS_NOTHING),
        (replace(NOTICE, days=-5, interest=True), IterFault.INTEREST_TOO_EARLY),
        (replace(NOTICE, days=-5, statement=True), IterFault.INTEREST_TOO_EARLY),
        (replace(NOTICE, interest=False, statement=True), IterFault.STATES_NOTHING),
    ],
)
def test_a_stage_that_cannot_mean_it_is_refused(stage: Stage, fault: IterFault) -> None:
    found = list(check_stage(Known(), stage))
    assert fault.value in [each.code for each in found if each.key in {"interest", "statement"}]
