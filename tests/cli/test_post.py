"""Letters that people post: list and labels, numbers typed back, what became of them."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from openpyxl import Workbook
from pypdf import PdfReader

from tests.cli.command import inside, well

DAY = "2026-11-23"
CONFIG = """
[hub]
timezone = "Europe/Rome"
[connectors.acme]
plugin = "csv"
clients = "clients.csv"
installments = "installments.csv"
[channels.print_room]
plugin = "folder"
media = ["letter", "registered"]
folder = "outbox"
[companies.acme]
name = "Acme Forniture S.r.l."
address = ["Via Roma 1", "10121 Torino (TO)"]
iban = "IT60X0542811101000000123456"
"""
CLIENTS = """code,name,address,zip,city,province,country
1,"Rossi, Neri & C.","Via Roma, 12/A",20121,Milano,MI,IT
2,Panificio Verdi,Corso Francia 100,10138,Torino,TO,IT
3,Müller AG,Bahnhofstrasse 1,8001,Zürich,,CH
"""
ITEMS = "key,client,document_number,document_date,due_date,residual,payment_method\n" + "".join(
    f"a{n},{n},FT {n},2026-08-01,2026-09-30,{n}00.00,transfer\n" for n in (1, 2, 3)
)
ITER = """
[[iter]]
key = "bonifico"
label = "Bonifico"
priority = 10
[[iter.stage]]
key = "diffida"
label = "Diffida"
colour = "#d63939"
anchor = "due_date"
days = 10
action = "send"
channels = ["registered"]
template = "ultimo_avviso"
advance_on = "delivered"
proof_days = 30
otherwise = "task"
"""
NUMBERS = ("152345678901", "RR473124829GB", "152345678902")


@pytest.fixture(scope="module")
def posted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office whose three registered letters lie in the folder, with their list."""
    folder = tmp_path_factory.mktemp("post") / "office"
    folder.mkdir()
    for name, words in (
        ("plugins.toml", CONFIG),
        ("clients.csv", CLIENTS),
        ("installments.csv", ITEMS),
        ("iters.toml", ITER),
    ):
        (folder / name).write_text(words, "utf-8")
    for words in ("init", f"iters import iters.toml --by admin --on {DAY}", f"sync --on {DAY}"):
        well(folder, *words.split())
    well(folder, "plan", "--on", DAY)
    well(folder, "dispatch", "--on", DAY, "--really-send")
    well(folder, "post", "sheet", "--on", DAY)
    return folder


@pytest.fixture
def office(posted: Path, tmp_path: Path) -> Iterator[Path]:
    yield shutil.copytree(posted, tmp_path / "office")


def listed(folder: Path) -> list[dict[str, str]]:
    words = (folder / f"distinte/distinta-acme-{DAY}.csv").read_text("utf-8-sig")
    return list(csv.DictReader(StringIO(words), delimiter=";"))


def filled(folder: Path, *numbers: str) -> Path:
    """The list with numbers typed in."""
    rows = listed(folder)
    for row, number in zip(rows, numbers, strict=False):
        row["numero"] = number
    file = folder / f"distinte/distinta-acme-{DAY}.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as made:
        writer = csv.DictWriter(made, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return file


def deliveries(folder: Path) -> dict[str, dict[str, str]]:
    found = json.loads(well(folder, "deliveries", "--format", "json").out)
    return {each["client"]: each for each in found}


def test_the_list_and_the_labels_show_every_letter(posted: Path) -> None:
    rows = listed(posted)
    assert [(row["n"], row["tipo"], row["numero"]) for row in rows] == [
        (str(n), "raccomandata", "") for n in (1, 2, 3)
    ]
    by_name = {row["destinatario"]: row["indirizzo"] for row in rows}
    assert by_name == {
        "Rossi, Neri & C.": "Via Roma, 12/A, 20121 Milano (MI)",
        "Panificio Verdi": "Corso Francia 100, 10138 Torino (TO)",
        "Müller AG": "Bahnhofstrasse 1, 8001 Zürich, SVIZZERA",
    }
    assert {row["riferimento"] for row in rows} == {d["id"] for d in deliveries(posted).values()}
    for name in ("distinta", "etichette"):
        [page] = PdfReader(posted / f"distinte/{name}-acme-{DAY}.pdf").pages
        words = page.extract_text()
        for each in ("Rossi, Neri & C.", "Via Roma, 12/A", "8001 Zürich", "SVIZZERA"):
            assert each in words, name
        assert all(row["riferimento"] in words for row in rows)


def test_writing_it_again_gives_the_same_and_keeps_what_was_typed(office: Path) -> None:
    folder = office / "distinte"
    before = {each.name: each.read_bytes() for each in folder.iterdir()}
    well(office, "post", "sheet", "--on", DAY)
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == before
    file = filled(office, NUMBERS[0])
    refused = inside(office, "post", "sheet", "--on", DAY)
    assert refused.code == 1 and "take them in first" in refused.err
    well(office, "post", "numbers", str(file), "--by", "admin")
    well(office, "post", "sheet", "--on", DAY)
    assert listed(office)[0]["numero"] == NUMBERS[0]


def test_numbers_are_kept_with_their_letters(office: Path) -> None:
    file = filled(office, *NUMBERS)
    first = well(office, "post", "numbers", str(file), "--by", "admin")
    again = well(office, "post", "numbers", str(file), "--by", "admin")
    assert "3 numbers taken" in first.out
    assert "0 numbers taken" in again.out and "3 were known already" in again.out
    rows = listed(office)
    assert {d["id"]: d["tracking"] for d in deliveries(office).values()} == {
        row["riferimento"]: number for row, number in zip(rows, NUMBERS, strict=True)
    }
    [shown] = json.loads(
        well(office, "show", "delivery", rows[0]["riferimento"], "--format", "json").out
    )
    assert shown["tracking_url"].endswith(f"/risultati-spedizioni/{NUMBERS[0]}")
    client = next(c for c, d in deliveries(office).items() if d["id"] == rows[0]["riferimento"])
    told = well(office, "history", client).out
    assert told.count(f"has the number {NUMBERS[0]}") == 1
    well(office, "verify")


def test_bad_rows_are_told_and_the_others_taken(office: Path) -> None:
    rows = listed(office)
    one, two, three = (row["riferimento"] for row in rows)
    (office / "typed.csv").write_text(
        "riferimento;numero\n"
        f"{one};{NUMBERS[0]}\n"
        f"{two};RR473124820GB\n"
        f"{three};{NUMBERS[0]}\n"
        "nobody;152345678909\n"
        ";152345678908\n"
        f"{two};\n",
        "utf-8",
    )
    ended = inside(office, "post", "numbers", "typed.csv", "--by", "admin")
    assert ended.code == 1 and not ended.has_traceback
    assert "1 number taken" in ended.out and "1 letter has none yet" in ended.out
    for row, words in (
        (3, "check digit"),
        (4, "stands in row 2 already"),
        (5, "no delivery “nobody”"),
        (6, "reference of its delivery is missing"),
    ):
        assert any(f"row {row}:" in line and words in line for line in ended.err.splitlines())
    wrong = f"riferimento;numero\n{one};{NUMBERS[2]}\n{two};{NUMBERS[0]}\n"
    (office / "typed.csv").write_text(wrong, "utf-8")
    ended = inside(office, "post", "numbers", "typed.csv", "--by", "admin")
    assert "--replace" in ended.err and "has that number already" in ended.err
    replaced = inside(office, "post", "numbers", "typed.csv", "--by", "admin", "--replace")
    assert replaced.code == 0 and "2 numbers taken" in replaced.out


def test_a_workbook_and_a_list_of_numbers_alone(office: Path) -> None:
    rows = listed(office)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Riferimento", "Numero raccomandata"])
    sheet.append([rows[0]["riferimento"], int(NUMBERS[0])])
    book.save(office / "typed.xlsx")
    taken = well(office, "post", "numbers", "typed.xlsx", "--by", "admin")
    assert "1 number taken" in taken.out
    scanned = office / "scanned.txt"
    scanned.write_text("\n".join(NUMBERS[:2]), "utf-8")
    for words, why in (((), "--day DATE"), (("--day", DAY), "2 numbers and 3 registered")):
        refused = inside(office, "post", "numbers", "scanned.txt", "--by", "admin", *words)
        assert refused.code == 1 and why in refused.err
    scanned.write_text("\n".join(NUMBERS), "utf-8")
    told = well(office, "post", "numbers", "scanned.txt", "--by", "admin", "--day", DAY)
    assert "2 numbers taken" in told.out and "1 was known already" in told.out


@pytest.mark.parametrize("content", [b"", b"a;b\n1;2\n", b"\xff\xfe\x00", b"PK\x03\x04broken"])
def test_files_that_are_none(office: Path, content: bytes) -> None:
    for name in ("bad.csv", "bad.xlsx"):
        (office / name).write_bytes(content)
        ended = inside(office, "post", "numbers", name, "--by", "admin", "--day", DAY)
        assert ended.code == 1 and ended.err.strip() and not ended.has_traceback


def test_a_letter_that_came_back_does_not_escalate(office: Path) -> None:
    """The same day a person gets a task, explain says why, and the address is not used again."""
    letter = deliveries(office)["1"]
    on = ("--by", "admin", "--on", "2026-12-09")
    early = inside(
        office, "act", "letter", letter["id"], "--outcome", "moved", "--day", "2026-12-10", *on
    )
    assert early.code == 1 and "say the day when it happened" in early.err
    assert deliveries(office)["1"]["status"] == "accepted", "nothing is known of tomorrow"
    no_file = inside(
        office,
        "act",
        "letter",
        letter["id"],
        "--outcome",
        "moved",
        "--attach",
        "busta.pdf",
        *on,
        language="it",
    )
    assert "il file o la cartella non esiste" in no_file.err, "the system says it in English"
    told = well(office, "act", "letter", letter["id"], "--outcome", "moved", *on)
    assert "the recipient has moved" in told.out
    twice = inside(office, "act", "letter", letter["id"], "--outcome", "delivered", *on)
    assert twice.code == 1 and "nothing was changed" in twice.err
    well(office, "sync", "--on", "2026-12-09")
    well(office, "plan", "--on", "2026-12-09")
    steps = json.loads(well(office, "steps", "--client", "1", "--format", "json").out)
    assert [(each["status"], each["action"], each["medium"]) for each in steps] == [
        ("failed", "send", "registered"),
        ("ready", "task", ""),
    ]
    why = well(office, "explain", "1", "--on", "2026-12-09").out
    assert "sending failed by registered letter" in why
    assert deliveries(office)["1"]["status"] == "bounced"


@pytest.mark.parametrize("outcome", ["refused", "unclaimed"])
def test_a_letter_that_nobody_took_counts_as_delivered(office: Path, outcome: str) -> None:
    letter = deliveries(office)["2"]
    on = ("--by", "admin", "--on", "2026-12-30")
    told = well(office, "act", "letter", letter["id"], "--outcome", outcome, *on)
    assert "counts as delivered" in told.out
    after = deliveries(office)["2"]
    assert (after["status"], after["final_at"][:10]) == ("delivered", "2026-12-30")
    history = inside(office, "history", "2", language="it").out
    assert "vale come consegnata" in history, "also what the journal keeps in plain English"
    [step] = json.loads(well(office, "steps", "--client", "2", "--format", "json").out)
    assert step["status"] == "counted"
