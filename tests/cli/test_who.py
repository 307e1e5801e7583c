"""Who sits at the command line: named, else mapped, else the administrator, and it is said."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from tests.cli.command import DAY, inside, well

HOLD = ("act", "hold", "1003", "--why", "verifica", "--on", DAY)


@pytest.fixture
def mapped(office: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office that knows the machine's user `aconti` as anna; `rossi` sits there."""
    monkeypatch.delenv("INCASSO_USER", raising=False)
    monkeypatch.setattr(getpass, "getuser", lambda: "rossi")
    config = (office / "plugins.toml").read_text(encoding="utf-8")
    table = '[hub.os_users]\naconti = "anna"\n\n'
    (office / "plugins.toml").write_text(config.replace("[connectors", table + "[connectors", 1))
    return office


def who_held(office: Path) -> list[str]:
    """The actors of the holds, oldest first."""
    rows = inside(office, "journal", "--kind", "agreement.made", "--format", "json").rows()
    return [row["actor"] for row in rows]


def test_named_then_mapped_then_the_administrator(
    mapped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = inside(mapped, *HOLD)
    assert (alone.code, alone.err) == (0, "Acting as admin: name another with `--by LOGIN`.\n")
    monkeypatch.setattr(getpass, "getuser", lambda: "aconti")
    assert inside(mapped, *HOLD).err == ""
    monkeypatch.setenv("INCASSO_USER", "luca")
    unknown = inside(mapped, *HOLD)
    assert unknown.code == 1
    assert "Nobody is called luca: admin, anna may act" in unknown.err
    assert inside(mapped, *HOLD, "--by", "admin").err == ""
    monkeypatch.delenv("INCASSO_USER")
    assert who_held(mapped) == ["admin", "anna", "admin"]


def test_a_machine_that_tells_no_user(mapped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert "Acting as admin" in inside(mapped, *HOLD).err


def test_a_disabled_administrator_acts_for_nobody(mapped: Path) -> None:
    well(mapped, "users", "add", "capo", "--role", "administrator", "--by", "admin")
    well(mapped, "users", "disable", "admin", "--by", "capo")
    refused = inside(mapped, *HOLD)
    assert refused.code == 1
    assert "admin is disabled" in refused.err


def test_what_a_schedule_calls_is_the_clocks_unless_a_person_starts_it(mapped: Path) -> None:
    well(mapped, "sync", "--on", DAY)
    well(mapped, "sync", "--on", DAY, "--by", "anna")
    finished = inside(mapped, "journal", "--kind", "sync.finished", "--format", "json").rows()
    assert [row["actor"] for row in finished][-2:] == ["sync", "anna"]
    begun = inside(mapped, "journal", "--kind", "sync.begun", "--format", "json").rows()
    assert [row["actor"] for row in begun] == ["anna"], "kept where a person starts it"


def test_lists_show_what_the_reader_may_see(mapped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def codes() -> list[str]:
        return [row["code"] for row in inside(mapped, "clients", "--format", "json").rows()]

    everybody = codes()
    assert len(everybody) > 1
    well(mapped, "act", "assign", everybody[0], "--to", "anna", "--by", "admin")
    well(mapped, "users", "scope", "anna", "--own", "--by", "admin")
    assert codes() == everybody, "rossi is nobody in particular"
    monkeypatch.setattr(getpass, "getuser", lambda: "aconti")
    assert codes() == everybody[:1]
    assert inside(mapped, "explain", everybody[1]).code == 1
    monkeypatch.setenv("INCASSO_USER", "admin")
    assert codes() == everybody
