"""A transfer and a bill that came back, asked on one day: one message, with the transfer's words.

By hand, from the demo's iters: the transfer of 1,000 due on Friday 2 October 2026 is asked five
days later, on the 7th; the bill of 2,000 came back on the 6th and is asked one day later, on the
7th too. A reminder of the transfer leaves on 1 October, before the bill is known to be unpaid.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from tests.cli.command import inside, well
from tests.cli.test_course_of_an_office import CONFIG

HEAD = "key,client,document_number,document_date,due_date,residual,payment_method,unpaid_on\n"
TRANSFER = "N12-1,N12,12/A,2026-07-01,2026-10-02,1000.00,transfer,\n"
BILL = "N12-2,N12,12/B,2026-07-01,2026-10-02,2000.00,riba,{}\n"


def office(folder: Path) -> None:
    (folder / "plugins.toml").write_text(CONFIG, encoding="utf-8")
    iters = files("incasso.demo").joinpath("iters.toml").read_text("utf-8")
    (folder / "iters.toml").write_text(iters, encoding="utf-8")
    (folder / "clients.csv").write_text(
        "code,name,email\nN12,Cliente N12 Srl,n12@cliente.example\n"
    )
    well(folder, "init")
    well(folder, "iters", "import", "iters.toml", "--on", "2026-10-01")


def run(folder: Path, day: str, returned: str) -> list[dict[str, Any]]:
    """One cycle with the ledger of that day; what the folder channel got."""
    (folder / "installments.csv").write_text(HEAD + TRANSFER + BILL.format(returned))
    well(folder, "run", "--on", day, "--really-send")
    return [json.loads(each.read_text()) for each in (folder / "outbox").glob(f"{day}/*.json")]


def test_two_iters_due_on_a_day_send_one_message(tmp_path: Path) -> None:
    office(tmp_path)
    (reminder,) = run(tmp_path, "2026-10-01", "")
    assert reminder["installments"] == ["N12-1"]
    assert run(tmp_path, "2026-10-06", "2026-10-06") == []
    (message,) = run(tmp_path, "2026-10-07", "2026-10-06")
    assert sorted(message["installments"]) == ["N12-1", "N12-2"]
    assert message["total"] == "3000.00"
    steps = inside(tmp_path, "steps", "--format", "json").rows()
    (shared,) = (step for step in steps if step["done_on"] == "2026-10-07")
    assert (shared["iter"], shared["stage"]) == ("bonifico", "primo_sollecito")
    cases = inside(tmp_path, "cases", "--format", "json").rows()
    assert {case["installment"]: case["stage"] for case in cases} == {
        "N12-1": "primo_sollecito",
        "N12-2": "avviso",
    }
