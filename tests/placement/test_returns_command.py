"""What an agency sends back, by the real commands: checked, taken in, decided, answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import CONFIG, DAY, Ended, inside, make_office, well

AGENCY = """
[[provider]]
key = "rossi"
kind = "lawyer"
services = ["extrajudicial"]
instance = "rossi"
mandate = { from = 2026-01-01, until = 2027-12-31, lot_days = 365 }
data_agreement = { from = 2026-01-01 }
"""
PLACE = """
[providers.rossi]
plugin = "xml"

[providers.rossi.folder]
place = "local"
path = "agenzia"
out = "out"
in = "in"
settled_s = 0
"""
AT = "2026-11-23T08:00:00+01:00"
REPORT = (
    '<update><placement ours="{place}"/><update_id>{id}</update_id><at>{at}</at>{more}</update>'
)
PAID = '<kind>payment</kind><on>2026-11-23</on><amount currency="EUR">{amount}</amount>'


def report(place: str, id: str, more: str) -> str:
    return REPORT.format(place=place, id=id, at=AT, more=more)


def payment(place: str, id: str, amount: str) -> str:
    return report(place, id, PAID.format(amount=amount))


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A lot of three clients, at a lawyer who works with XML files in a folder."""
    place = make_office(tmp_path)
    (place / "plugins.toml").write_text(CONFIG + PLACE, encoding="utf-8")
    (place / "fornitori.toml").write_text(AGENCY, encoding="utf-8")
    for name in ("in", "out"):
        (place / "agenzia" / name).mkdir(parents=True)
    for words in (
        "init",
        f"sync --on {DAY}",
        f"providers import fornitori.toml --on {DAY}",
        f"lots compose --service extrajudicial --provider rossi --on {DAY}",
        f"lots freeze L-2026-0001 --on {DAY}",
        f"lots approve L-2026-0001 --on {DAY}",
        f"lots send L-2026-0001 --on {DAY} --really-send",
    ):
        well(place, *words.split())
    return place


def leave(place: Path, name: str, *rows: str, sequence: int = 1) -> Path:
    file = place / "agenzia" / "in" / name
    file.write_text(
        f'<exchange xmlns="urn:incasso:exchange:1" version="1.0" kind="updates" '
        f'sequence="{sequence}" at="{AT}" lot="L-2026-0001">'
        f'{"".join(rows)}<end items="{len(rows)}"/></exchange>',
        encoding="utf-8",
    )
    return file


def on_day(place: Path, *words: str) -> Ended:
    return inside(place, *words, "--on", DAY)


def test_a_file_from_check_to_account(office: Path) -> None:
    file = leave(
        office,
        "esiti.xml",
        payment("P-0000001", "p1", "220.00"),
        payment("P-0000001", "p2", "5000.00"),
        payment("P-0000099", "p3", "5.00"),
        report("P-0000002", "q1", "<kind>extension_request</kind><until>2028-01-31</until>"),
        report("P-0000003", "c1", "<kind>closed</kind><closing>untraceable</closing>"),
    )
    checked = on_day(office, "exchange", "check", str(file), "--provider", "rossi", "--format=json")
    assert checked.code == 1
    fates = [(row["row"], row["fate"], row["code"]) for row in checked.rows()]
    assert fates == [
        (1, "applied", None),
        (2, "waiting", "more_than_open"),
        (3, "refused", "unknown_placement"),
        (4, "applied", None),
        (5, "applied", None),
    ]
    on_day(office, "run")
    assert well(office, "exchange", "updates", "--format", "json").rows() == [], "nothing is kept"
    assert file.exists(), "a trial leaves the files where they are"

    taken = on_day(office, "exchange", "in", "--really-send", "--format", "json")
    (told,) = taken.rows()
    assert taken.code == 1 and told["counts"] == {
        "applied": 3,
        "noted": 0,
        "waiting": 1,
        "refused": 1,
        "repeated": 0,
    }
    (answer,) = (office / "agenzia" / "out").glob("000002*")
    assert "unknown_placement" in answer.read_text(encoding="utf-8")

    (waiting,) = well(office, "exchange", "updates", "--waiting", "--format", "json").rows()
    unclear = on_day(office, "exchange", "decide", str(waiting["id"]), "--accept")
    assert (unclear.code, "--why" in unclear.err) == (1, True)
    on_day(office, "exchange", "decide", str(waiting["id"]), "--refuse", "--why", "errato")
    (asked,) = well(office, "exchange", "updates", "--to-answer", "--format", "json").rows()
    on_day(office, "exchange", "answer", str(asked["id"]), "--accept", "--why", "va bene")
    assert well(office, "exchange", "updates", "--to-answer", "--format", "json").rows() == []

    (account,) = well(office, "exchange", "account", "L-2026-0001", "--format", "json").rows()
    assert account["placed"] == "2010.50"
    assert (account["collected"], account["ended"], account["open"]) == (
        "220.00",
        "310.00",
        "1480.50",
    )
    (differs,) = well(office, "exchange", "differences", "--format", "json").rows()
    assert (differs["difference"], differs["age"]) == ("220.00", "0-30")
    (ended,) = well(office, "exchange", "ended", "--format", "json").rows()
    assert (ended["client"], ended["proposes"], ended["needs_report"]) == (
        "1003",
        "write_off",
        True,
    )
    on_day(office, "exchange", "settle", ended["placement"], "--why", "deciso")
    assert well(office, "exchange", "ended", "--format", "json").rows() == []
    assert well(office, "verify").code == 0


def test_the_table_of_outcomes_in_and_out(office: Path) -> None:
    written = well(office, "exchange", "outcomes", "export").out
    file = office / "esiti.toml"
    file.write_text(written.replace('container = "legal"', 'container = "fallimenti"'), "utf-8")
    assert "published" in on_day(office, "exchange", "outcomes", "import", str(file)).out
    again = well(office, "exchange", "outcomes", "export").out
    assert again == file.read_text("utf-8")
    assert "Nothing" in on_day(office, "exchange", "outcomes", "import", str(file)).out
    file.write_text('[[outcome]]\nend = "lost"\n\n[[outcome]]\nend = "paid"\nthen = "park"\n')
    wrong = on_day(office, "exchange", "outcomes", "import", str(file))
    assert wrong.code == 1 and "container" in wrong.err and "lost" in wrong.err
    assert not wrong.has_traceback
