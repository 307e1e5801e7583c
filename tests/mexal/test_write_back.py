"""Orders blocked in Mexal: what was there is kept, comes back, and nobody else's change is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from incasso.contract.connector import WriteBack, WriteBackKind
from incasso.contract.errors import OutcomeUnknownError, PluginError, TemporaryError
from incasso.contract.values import Receipt
from incasso_fake_mexal import Company, MexalServer
from tests.mexal.office import ON, Office, office, standard

ROSSI = "501.00001"
BLOCKED = {"fido": "0.01", "gest_fuori_fido": "B"}


@pytest.fixture
def company(server: MexalServer) -> Company:
    made = standard(server)
    made.change_client(ROSSI, fido=5000, gest_fuori_fido="A", descr_nota=[[1, "sentire Carla"]])
    return made


@pytest.fixture
def hub(tmp_path: Path, server: MexalServer, company: Company) -> Iterator[Office]:
    with office(tmp_path, server, write_back=True, block_orders=BLOCKED) as hub:
        hub.good()
        yield hub


def write(hub: Office, kind: str = "block_orders", key: str = "k1", **fields: Any) -> Receipt:
    options = {name: fields.pop(name) for name in ("attempt", "dry_run") if name in fields}
    change = WriteBack(
        kind=WriteBackKind(kind), client=ROSSI, on=ON, text="Insoluti", by="anna", **fields
    )
    return hub.hub.registry.connector("acme").write_back(change, key, ON, **options)


def row(company: Company) -> dict[str, Any]:
    return company.tables["clienti"][ROSSI]


def credit(company: Company) -> tuple[Any, Any]:
    return float(row(company)["fido"]), row(company)["gest_fuori_fido"]


def test_blocking_keeps_what_was_there_and_releasing_brings_it_back(
    hub: Office, company: Company
) -> None:
    receipt = write(hub)
    assert credit(company) == (0.01, "B")
    assert receipt.before
    company.clock.tick(60)
    write(hub, "release_orders", "k2", before=receipt.before)
    assert credit(company) == (5000, "A")
    assert [1, "sentire Carla"] in row(company)["descr_nota"], "notes of others stay"


def test_only_what_changes_is_sent_with_what_was_read(hub: Office, company: Company) -> None:
    read = row(company)["data_ult_mod"]
    write(hub)
    (put,) = [r for r in hub.server.requests if r.method == "PUT"]
    sent = put.json()
    assert set(sent) <= {
        "codice", "data_ult_mod", "fido", "gest_fuori_fido",
        "descr_nota", "dst_nota", "dt_sca_nota",
    }  # fmt: skip
    assert sent["data_ult_mod"] == read


def test_the_hub_knows_its_own_change_when_it_comes_back(hub: Office, company: Company) -> None:
    assert not hub.client(ROSSI).blocked
    receipt = write(hub)
    company.clock.tick(60)
    hub.good()
    assert hub.client(ROSSI).blocked
    write(hub, "release_orders", "k2", before=receipt.before)
    company.clock.tick(60)
    hub.good()
    assert not hub.client(ROSSI).blocked


def test_the_same_key_twice_leaves_one_trace(hub: Office, company: Company) -> None:
    first = write(hub)
    company.clock.tick(60)
    again = write(hub, attempt=2)
    assert credit(company) == (0.01, "B")
    assert dict(again.before) in ({}, dict(first.before)), "never the hub's own values"
    assert len([r for r in hub.server.requests if r.method == "PUT"]) == 1
    write(hub, "release_orders", "k2", before=first.before)
    assert credit(company) == (5000, "A")


def test_a_dry_run_writes_nothing(hub: Office, company: Company) -> None:
    before = dict(row(company))
    write(hub, dry_run=True)
    assert row(company) == before
    assert not [r for r in hub.server.requests if r.method == "PUT"]


def test_who_was_faster_is_not_overwritten(hub: Office, company: Company) -> None:
    hub.server.desk.optimistic_lock = True
    done: list[int] = []
    given = hub.server.serve

    def serve(request: Any) -> Any:
        if request.method == "PUT" and not done:
            done.append(1)
            company.clock.tick(1)
            company.change_client(ROSSI, fido=9000)
        return given(request)

    hub.server.serve = serve  # type: ignore[method-assign]
    try:
        receipt = write(hub)
    except PluginError:
        assert credit(company) == (9000, "A")
        receipt = write(hub, attempt=2)
    assert credit(company)[1] == "B"
    write(hub, "release_orders", "k2", before=receipt.before)
    assert credit(company) == (9000, "A"), "what the other person wrote comes back, not 5000"


def test_what_a_person_changed_since_stays_theirs(hub: Office, company: Company) -> None:
    receipt = write(hub)
    company.clock.tick(60)
    company.change_client(ROSSI, fido=7500, gest_fuori_fido="A")
    with suppress(PluginError):
        write(hub, "release_orders", "k2", before=receipt.before)
    assert credit(company) == (7500, "A"), "somebody decided otherwise meanwhile"


@pytest.mark.parametrize("kind", ["lost_reply", "cut", "drop", "hang"])
def test_an_answer_that_got_lost_loses_no_old_values(
    kind: Any, hub: Office, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("incasso_mexal.web.webapi.CALL_S", 0.5)
    hub.server.fail(kind, "clienti/", method="PUT")
    receipt = None
    with suppress(OutcomeUnknownError, TemporaryError):
        receipt = write(hub)
    hub.server.heal()
    receipt = receipt or write(hub, attempt=2)
    assert credit(company) == (0.01, "B")
    write(hub, "release_orders", "k2", before=receipt.before)
    assert credit(company) == (5000, "A")


def test_values_nobody_knows_are_not_invented(hub: Office, company: Company) -> None:
    write(hub)
    with pytest.raises(PluginError):
        write(hub, "release_orders", "k2", before={})
    assert credit(company) == (0.01, "B")


def test_without_leave_nothing_is_written(tmp_path: Path, server: MexalServer) -> None:
    company = standard(server)
    with office(tmp_path, server) as hub:
        hub.good()
        with pytest.raises(PluginError):
            write(hub)
    assert not [r for r in server.requests if r.method == "PUT"]
    assert float(row(company)["fido"]) == 0
