"""Providers by the real commands, in an office with an agency whose papers end."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from incasso.domain.placement.provider_file import ProviderTables, read_provider_file
from incasso.services.hub.hub import build_hub
from incasso.services.placement.papers import paper_notes
from incasso.store.engine import Store
from incasso.store.placement import providers as store_of
from tests.acts.office import NOON
from tests.cli.command import inside, make_office, well
from tests.placement.price_lists import WHOLE

DAY = "2026-11-30"
AGENCY = """
[[provider]]
key = "rossi"
label = "Rossi Recuperi S.r.l."
kind = "agency"
services = ["phone", "due_diligence"]
price_list = "rossi"
instance = "rossi_excel"
never = ["C9"]
mandate = { number = "M1", from = 2026-01-01, until = 2026-12-20 }
licence = [{ number = "12", office = "Milano", until = 2027-03-31 }]
data_agreement = { reference = "D3", from = 2026-01-01 }
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office with one agency."""
    folder = make_office(tmp_path_factory.mktemp("parties") / "acme")
    (folder / "fornitori.toml").write_text(AGENCY + WHOLE, encoding="utf-8")
    well(folder, "init")
    well(folder, "users", "add", "carlo", "--role", "operator", "--by", "admin")
    said = well(folder, "providers", "import", "fornitori.toml", "--on", DAY).out
    assert said.splitlines() == ["Provider rossi published.", "Price list rossi published."]
    return folder


def test_what_is_as_it_was_is_not_published_again(office: Path) -> None:
    words = ("providers", "import", "fornitori.toml", "--format", "json")
    assert well(office, *words).rows() == [
        {
            "dry_run": False,
            "providers": [],
            "price_lists": [],
            "unchanged": ["rossi", "rossi"],
            "altered": [],
        }
    ]
    (row,) = well(office, "providers", "list", "--format", "json").rows()
    assert (row["number"], row["mandate_until"], row["licence_until"]) == (
        1, "2026-12-20", "2027-03-31",
    )  # fmt: skip
    published = [
        row["facts"]
        for row in well(office, "journal", "--format", "json").rows()
        if row["kind"] == "providers.published"
    ]
    assert published == [{"providers": ["rossi"], "price_lists": ["rossi"], "altered": []}]


def test_what_is_exported_is_imported_again_without_a_change(office: Path) -> None:
    well(office, "providers", "export", "--into", "uscita.toml")
    said = well(office, "providers", "import", "uscita.toml", "--dry-run").out
    assert said.splitlines() == [
        "rossi: unchanged.", "rossi: unchanged.", "Nothing was published.",
    ]  # fmt: skip


def test_other_prices_for_what_was_handed_over_are_warned_of(office: Path) -> None:
    """A new version is no surprise to old lots; another number in an old one is."""
    newer = WHOLE + '\n[[price_list.version]]\nfrom = 2027-01-01\nrate = [{ percent = "9" }]\n'
    words = ("providers", "import", "nuovo.toml", "--dry-run", "--on", DAY)
    (office / "nuovo.toml").write_text(newer, encoding="utf-8")
    assert "holds already" not in well(office, *words).err
    (office / "nuovo.toml").write_text(newer.replace('"12.5"', '"13"'), encoding="utf-8")
    assert "rossi: the version of 01 Jan 2026 holds already" in well(office, *words).err
    assert "12.5" in well(office, "providers", "export").out


def test_a_provider_changed_in_the_database_is_told(office: Path, tmp_path: Path) -> None:
    spoilt = shutil.copytree(office, tmp_path / "acme")
    with sqlite3.connect(spoilt / "incasso.db") as raw:
        raw.execute("""UPDATE providers SET definition = '{"key": 5}'""")
    raw.close()
    for words in ("show rossi", "export", "import fornitori.toml"):
        ended = inside(spoilt, "providers", *words.split())
        assert (ended.code, ended.has_traceback) == (1, False)
        assert "somebody changed it beside the hub" in ended.err
    (row,) = well(spoilt, "providers", "list", "--format", "json").rows()
    assert (row["key"], row["label"], row["licence_until"]) == ("rossi", None, None)
    assert "providers rossi was changed" in inside(spoilt, "verify").err


def test_the_answer_to_what_may_leave(office: Path) -> None:
    (shown,) = well(office, "providers", "show", "rossi", "--on", DAY, "--format", "json").rows()
    phone, diligence = shown["services"]
    assert (phone["may_leave"], phone["obstacles"]) == (True, [])
    assert [each["code"] for each in diligence["obstacles"]] == ["no_licence"]
    assert "phone" in phone["told"] and "address" not in phone["told"]
    said = inside(office, "providers", "show", "rossi", "--on", DAY, language="it").out
    assert "in plugins.toml non c'è [providers.rossi_excel]" in said
    assert "Mandato M1: 01/01/2026 - 20/12/2026; un lotto resta 90 giorni" in said
    after = inside(office, "providers", "show", "rossi", "--on", "2026-12-21", language="it").out
    assert "il mandato M1 è scaduto il" in " ".join(after.split())


def test_check_and_the_days_cycle_warn_of_papers(office: Path) -> None:
    expected = (
        "Rossi Recuperi S.r.l.: the mandate M1 ends on 20 Dec 2026, in 20 days; then no lot leaves"
    )
    assert expected in inside(office, "check", "--on", DAY).err
    assert expected not in inside(office, "check", "--on", "2026-11-19").err
    ran = inside(office, "run", "--on", DAY)
    assert expected in ran.out + ran.err
    with build_hub(office / "plugins.toml") as hub:
        notes = paper_notes(hub, date(2026, 11, 30))
    assert [str(note) for note in notes] == [
        "Rossi Recuperi S.r.l.: the mandate M1 ends on 2026-12-20, in 20 days; then no lot leaves",
        "Rossi Recuperi S.r.l.: plugins.toml has no [providers.rossi_excel]: its lots cannot leave",
    ]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("providers show rosi", "No provider is called rosi: did you mean 'rossi'?"),
        ("providers export bianchi", "No provider is called bianchi"),
        ("providers import ledger/clients.csv", "clients.csv: is not TOML"),
        ("providers import iters.toml", "iters.toml: key iter: unknown key"),
        ("providers import vuoto.toml", "there is no [[provider]] and no [[price_list]] table"),
        ("providers import latin.toml", "latin.toml: the file is not UTF-8 (save it as UTF-8)"),
        ("providers import fornitori.toml --by carlo", "may not publish providers and price lists"),
    ],
)
def test_what_cannot_be_done_is_said(office: Path, words: str, problem: str) -> None:
    (office / "vuoto.toml").write_text("", encoding="utf-8")
    (office / "latin.toml").write_bytes('[[provider]]\nlabel = "Città"\n'.encode("latin-1"))
    ended = inside(office, *words.split())
    assert (ended.code, ended.has_traceback) == (1, False)
    assert problem in ended.err


def test_a_change_is_told_and_kept_on_both_databases(store: Store) -> None:
    tables: ProviderTables = read_provider_file(AGENCY + WHOLE).tables
    (rossi,), (prices,) = tables.providers, tables.price_lists
    with store.write() as connection:
        assert store_of.publish_provider(connection, rossi, at=NOON, by="anna") == 1
        assert store_of.publish_provider(connection, rossi, at=NOON, by="anna") is None
        assert store_of.publish_price_list(connection, prices, at=NOON, by="anna") == 1
        dearer = read_provider_file(WHOLE.replace('"12.5"', '"13"')).tables.price_lists[0]
        assert store_of.publish_price_list(connection, dearer, at=NOON, by="anna") == 2
    with store.read() as connection:
        assert store_of.read_providers(connection) == {"rossi": rossi}
        assert store_of.provider_named(connection, "bianchi") is None
        assert store_of.read_price_lists(connection) == {"rossi": dearer}
