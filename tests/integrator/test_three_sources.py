"""Two Mago companies and one Mexal in one hub: apart, and none of them stops the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from incasso_fake_mago4 import MagoCompany
from incasso_fake_mexal import MexalServer
from tests.cli.command import Ended, incasso, inside, well

DAY = date(2026, 11, 23)
ON = DAY.isoformat()
CODE = "501.00001"
"""The same code in all three: ERPs number their clients from one."""

CONFIG = """
[hub]
timezone = "Europe/Rome"

[connectors.nord]
plugin = "mago4"
url = "sqlite:///nord.db"

[connectors.sud]
plugin = "mago4"
url = "sqlite:///sud.db"

[connectors.centro]
plugin = "mexal"
base_url = "{url}"
user = "webapi"
password = {{ env = "MEXAL_PASSWORD" }}
company = "ACM"
allow_private_addresses = true
"""


@dataclass
class Hub:
    """A folder with a hub, and the ERPs around it."""

    folder: Path
    mexal: MexalServer

    def run(self, *words: str) -> Ended:
        return incasso(self.folder, *words, INCASSO_USER="admin", MEXAL_PASSWORD="segreta")

    def rows(self, what: str) -> list[dict[str, Any]]:
        return inside(self.folder, what, "--on", ON, "--format", "json").rows()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    for name, amount in (("nord", "100.00"), ("sud", "200.00")):
        company = MagoCompany.create(f"sqlite:///{tmp_path / name}.db", name=name.title())
        company.customer(CODE, f"Rossi {name}")
        company.invoice(CODE, "118", on=date(2026, 9, 1), due=[(date(2026, 10, 31), amount)])
        company.engine.dispose()
    with MexalServer() as mexal:
        centre = mexal.company("ACM", "Centro Srl")
        centre.add_client(CODE, "Rossi centro")
        centre.invoice(CODE, [(date(2026, 10, 31), "300.00")], on=date(2026, 9, 1))
        (tmp_path / "plugins.toml").write_text(CONFIG.format(url=mexal.url))
        well(tmp_path, "init")
        yield Hub(tmp_path, mexal)


def test_the_same_code_is_another_client_in_each(hub: Hub) -> None:
    ended = hub.run("sync", "--on", ON)
    assert (ended.code, ended.has_traceback) == (0, False), ended
    names = {row["source"]: row["name"] for row in hub.rows("clients")}
    assert names == {"nord": "Rossi nord", "sud": "Rossi sud", "centro": "Rossi centro"}
    owed = {row["source"]: row["residual"] for row in hub.rows("installments")}
    assert owed == {"nord": "100.00", "sud": "200.00", "centro": "300.00"}


def test_one_that_is_down_is_told_and_the_others_are_read(hub: Hub) -> None:
    assert hub.run("sync", "--on", ON).code == 0
    with_payment = MagoCompany.at(f"sqlite:///{hub.folder / 'nord.db'}")
    with_payment.pay(1, 1, "40.00", on=date(2026, 11, 20))
    with_payment.engine.dispose()
    hub.mexal.close()
    (hub.folder / "sud.db").unlink()
    ended = hub.run("sync", "--on", ON)
    assert (ended.code, ended.has_traceback) == (1, False)
    assert {"centro", "sud"} == {line.partition(":")[0] for line in ended.err.splitlines()}
    owed = {row["source"]: row["residual"] for row in hub.rows("installments")}
    assert owed == {"nord": "60.00", "sud": "200.00", "centro": "300.00"}


def test_check_tells_each_apart(hub: Hub) -> None:
    (hub.folder / "sud.db").unlink()
    ended = hub.run("check", "--read", "--on", ON, "--format", "json")
    assert (ended.code, ended.has_traceback) == (2, False)
    found = {row["id"]: row for row in ended.rows()}
    assert found["nord"]["state"] == found["centro"]["state"] == "ready"
    assert found["sud"]["state"] != "ready" and found["sud"]["reason"]
    assert found["nord"]["read"]["open_items"]["EUR"]["total"] == "100.00"
    assert found["centro"]["read"]["open_items"]["EUR"]["total"] == "300.00"
    assert found["sud"]["read"] is None
