"""Fees and scorecards of a worked example, every figure by hand; both databases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from incasso.domain.office.actor import Scope
from incasso.domain.placement.scores import By
from incasso.plugins.settings.config import HubConfig
from incasso.services.office.office import Office
from incasso.services.placement.fees import FeeLine, fee_report
from incasso.services.placement.scorecards import ScoreCard, score_cards
from incasso.store.engine import Store
from tests.cli.command import inside, make_office, well
from tests.placement.worked_lots import ON, WorkedLots

EVERYTHING = Scope.everything()


@pytest.fixture
def office(store: Store, tmp_path: Path) -> Office:
    with store.write() as connection:
        WorkedLots(connection)
    return Office(config=HubConfig(path=tmp_path / "plugins.toml"), store=store)


def lines(office: Office, first: date = date.min, scope: Scope = EVERYTHING) -> list[FeeLine]:
    return list(fee_report(office, scope, "rossi", first, ON))


def test_what_is_due_and_what_was_asked(office: Office) -> None:
    """Opening 25.00 and 25.00, 10.00 for the second lot; p1 is 1,000.00 at 8 % and 200.00 at
    12.5 %; 500.00 paid to the office at 6 %."""
    found = {
        (line.client_name, line.payment): (str(line.due), str(line.asked), line.finding.value)
        for line in lines(office)
    }
    assert found == {
        ("Bianchi", ""): ("25.00", "25.00", "agreed"),
        ("Bianchi", "p1"): ("105.00", "105.00", "agreed"),
        ("Verdi", ""): ("25.00", "None", "not_asked"),
        ("Verdi", "p2"): ("0.00", "64.00", "taken_back"),
        ("Verdi", "N1"): ("30.00", "40.00", "other_band"),
        ("Neri", ""): ("10.00", "None", "not_asked"),
        ("", "px"): ("0.00", "10.00", "unknown_payment"),
    }
    n1 = next(line for line in lines(office) if line.payment == "N1")
    assert (n1.placement, n1.lot, n1.base) == ("P-0000002", "L-2026-0001", Decimal("500.00"))
    assert str(n1.explanation) == "the percentage of another band was asked: 8 %"


def test_a_month_has_its_payments(office: Office) -> None:
    october = lines(office, date(2026, 10, 1))
    assert {line.payment for line in october if line.payment} == {"N1", "px"}


def test_who_sees_no_client_sees_no_fee(office: Office) -> None:
    other = Scope(sources=frozenset({"beta"}))
    assert lines(office, scope=other) == []
    assert score_cards(office, other, ON) == []
    assert (
        len(lines(office, scope=Scope(sources=frozenset({"acme"})))) == 6
    )  # the stranger is hidden


def card(office: Office, on: date = ON, by: By = By.PROVIDER) -> ScoreCard:
    return score_cards(office, EVERYTHING, on, by=by)[0]


def test_the_card_of_a_lot(office: Office) -> None:
    """3,500.00 handed over, 1,200.00 collected, 500.00 direct: 48.57 %."""
    first = card(office, by=By.LOT)
    assert (first.lot, first.placements, first.installments) == ("L-2026-0001", 2, 3)
    assert (first.placed, first.collected, first.direct) == tuple(
        map(Decimal, ("3500.00", "1200.00", "500.00"))
    )
    assert first.recovered_percent == Decimal("48.57")
    # 1,200.00 until 31 August and 30 September, 1,700.00 until 30 October; 180 days are to come.
    assert list(first.after.values()) == [
        *map(Decimal, ("34.29", "34.29", "48.57", "48.57")), None, None,
    ]  # fmt: skip
    assert (first.first_action_days, first.untouched) == (Decimal("4.00"), 1)
    assert (first.promises, first.promises_kept, first.complaints) == (2, 1, 1)
    assert (first.fees_due, first.fees_asked) == (Decimal("185.00"), Decimal("234.00"))
    assert first.cost_per_euro == Decimal("0.11")


def test_the_card_of_a_provider_compares_lots_at_the_same_age(office: Office) -> None:
    """The second lot is twenty days old: no figure of thirty days has its 1,000.00."""
    whole = card(office)
    assert (whole.label, whole.lots, whole.placed) == ("Rossi Recuperi", 2, Decimal("4500.00"))
    assert whole.recovered_percent == Decimal("37.78")
    assert whole.after["30"] == Decimal("34.29")
    assert (whole.fees_due, whole.untouched) == (Decimal("195.00"), 2)


def test_like_is_compared_with_like(office: Office) -> None:
    """Up to thirty days late: Neri's 1,000.00. Thirty-one to sixty: 1,000.00 of Bianchi, all of it
    paid, and Verdi's 2,000.00 with 500.00. Later: 200.00 of Bianchi's 500.00."""
    bands = score_cards(office, EVERYTHING, ON, by=By.AGE)
    assert [(each.band, str(each.placed), str(each.recovered_percent)) for each in bands] == [
        ("1-30", "1000.00", "0.00"),
        ("31-60", "3000.00", "50.00"),
        ("91-180", "500.00", "40.00"),
    ]
    assert (bands[1].collected, bands[1].direct) == (Decimal("1000.00"), Decimal("500.00"))
    assert (bands[0].after["30"], bands[1].after["30"]) == (None, Decimal("33.33"))
    assert (bands[1].promises, bands[1].fees_due, bands[1].cost_per_euro) == (None, None, None)


def test_an_earlier_day_has_what_was_known_then(office: Office) -> None:
    """On 16 September the payment of 800.00 had not come back: 2,000.00 of 3,500.00."""
    then = card(office, date(2026, 9, 16))
    assert (then.lots, then.recovered_percent) == (1, Decimal("57.14"))
    assert (then.promises, then.promises_kept) == (1, 1)
    assert score_cards(office, EVERYTHING, date(2026, 7, 31)) == []


def test_a_provider_that_there_is_not(office: Office) -> None:
    with pytest.raises(LookupError, match="did you mean 'rossi'"):
        score_cards(office, EVERYTHING, ON, provider="rosi")


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in an office with files."""
    from incasso.services.office.office import open_office

    folder = make_office(tmp_path_factory.mktemp("worked") / "acme")
    well(folder, "init")
    with open_office(folder / "plugins.toml") as office, office.store.write() as connection:
        WorkedLots(connection)
    return folder


def test_fees_by_the_command(worked: Path) -> None:
    words = ("report", "fees", "--provider", "rossi", "--on", "2026-11-30")
    rows = well(worked, *words, "--format", "json").rows()
    assert [row["payment"] for row in rows] == ["", "p1", "", "p2", "N1", "", "px"]
    assert (rows[4]["due"], rows[4]["asked"], rows[4]["difference"]) == ("30.00", "40.00", "10.00")
    said = inside(worked, *words, "--differences", language="it").out
    assert "Dovuti 30,00 EUR, chiesti 114,00 EUR, IVA esclusa." in said
    assert "3 pagamenti sono chiesti diversamente da quanto pattuito." in said
    october = well(worked, *words, "--month", "2026-10", "--format", "jsonl").out
    assert october.count("\n") == 2


def test_cards_by_the_command_and_as_a_workbook(worked: Path) -> None:
    words = ("report", "providers", "--on", "2026-11-30")
    (row,) = well(worked, *words, "--format", "json").rows()
    assert (row["recovered_percent"], row["after"]["90"]) == ("37.78", "48.57")
    assert len(well(worked, *words, "--by", "lot", "--format", "json").rows()) == 2
    ended = inside(worked, *words, "--by", "lot", "--excel", "schede.xlsx", language="it")
    assert (ended.code, "L-2026-0001" in ended.out) == (0, True)
    sheet = openpyxl.load_workbook(worked / "schede.xlsx").active
    assert sheet is not None
    heads, first, _ = sheet.iter_rows(values_only=True)
    line = dict(zip(heads, first, strict=True))
    assert (line["fornitore"], line["lotto"], line["affidato"]) == (
        "Rossi Recuperi", "L-2026-0001", 3500,
    )  # fmt: skip
    assert (line["% recuperata"], line["% dopo 90 giorni"]) == (48.57, 48.57)
    assert line["% dopo 180 giorni"] is None


@pytest.mark.parametrize(
    ("words", "code", "problem"),
    [
        ("report fees --provider rosi", 1, "did you mean 'rossi'?"),
        ("report fees --provider rossi --month 10/2026", 2, "write it like 2026-11"),
        ("report providers --provider bianchi", 1, "No provider is called bianchi"),
        ("report providers --by month", 2, "'month' is none of"),
        ("report providers --excel nowhere/schede.xlsx", 1, "nowhere/schede.xlsx cannot be"),
    ],
)
def test_what_is_mistyped(worked: Path, words: str, code: int, problem: str) -> None:
    ended = inside(worked, *words.split())
    assert (ended.code, ended.has_traceback) == (code, False)
    assert problem in ended.err
