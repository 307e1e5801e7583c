"""`show step` and `show delivery`: the bytes shown are those that the folder then receives."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import DAY, Ended, incasso, inside, well

CONFIG = """
[hub]
timezone = "Europe/Rome"
language = "it"

[companies.acme]
name = "ACME Forniture srl"
iban = "IT60X0542811101000000123456"

[connectors.acme]
plugin = "csv"
clients = "clients.csv"
installments = "installments.csv"

[channels.print_room]
plugin = "folder"
media = ["email", "pec", "registered", "sms"]
folder = "outbox"
"""
CLIENTS = """code,name,email,pec,mobile,address,zip,city,agent
1,Alfa Srl,alfa@example.it,,,,,,A1
2,Beta Srl,,beta@pec.example.it,,,,,A1
3,Gamma Srl,,,,Via Po 3,10121,Torino,A1
4,Delta Srl,,,+39 333 5550104,,,,A2
5,Epsilon Srl,e@example.it,,,,,,A1
"""
ROWS = """key,client,document_number,due_date,amount,residual,payment_method
1/1,1,1,2026-11-01,100.00,100.00,transfer
1/2,1,2,2026-11-02,250.50,250.50,transfer
2/1,2,3,2026-11-01,1220.00,1220.00,transfer
3/1,3,4,2026-11-01,300.00,300.00,transfer
4/1,4,5,2026-11-01,40.00,40.00,transfer
5/1,5,6,2026-11-01,70.00,70.00,transfer
"""
ITER = """
[[iter]]
key = "bonifico"
[iter.match]
payment_methods = ["transfer"]
[[iter.stage]]
key = "sollecito"
days = 5
channels = ["email", "pec", "registered", "sms"]
template = "secondo_sollecito"
mode = "approve"
[contact_policy]
enabled = false
"""
MEDIA = {"1": "email", "2": "pec", "3": "registered", "4": "sms", "5": "email"}
MOMENT = re.compile(rb"^Date: .*?$", re.MULTILINE)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five clients, each with a message to approve by a medium of its own."""
    folder = tmp_path_factory.mktemp("shown")
    for name, content in (
        ("plugins.toml", CONFIG),
        ("clients.csv", CLIENTS),
        ("installments.csv", ROWS),
        ("iters.toml", ITER),
    ):
        (folder / name).write_text(content, encoding="utf-8")
    well(folder, "init")
    well(folder, "users", "add", "anna", "--role", "credit_manager", "--by", "admin")
    well(folder, "iters", "import", "iters.toml", "--by", "anna", "--on", DAY)
    well(folder, "sync", "--on", DAY)
    well(folder, "plan", "--on", DAY)
    return folder


@pytest.fixture
def planned(made: Path, tmp_path: Path) -> Path:
    """The same, to do with what one likes."""
    return shutil.copytree(made, tmp_path / "shown")


def steps(folder: Path) -> dict[str, int]:
    """The number of each client's step."""
    rows = well(folder, "steps", "--format", "json").rows()
    assert {row["client"]: row["medium"] for row in rows} == MEDIA
    return {row["client"]: row["id"] for row in rows}


def shown(folder: Path, step: int, *words: str) -> dict[str, Any]:
    (one,) = well(folder, "show", "step", str(step), "--on", DAY, *words, "--format", "json").rows()
    return dict(one)


def test_what_is_shown_is_what_the_folder_receives(planned: Path) -> None:
    numbers = steps(planned)
    dump = (planned / "incasso.db").read_bytes()
    views = {client: shown(planned, step, "--save", "seen") for client, step in numbers.items()}
    assert (planned / "incasso.db").read_bytes() == dump
    assert {view["why"][0] for view in views.values()} == {"attende l'approvazione"}
    for client, step in numbers.items():
        if client != "5":
            well(planned, "act", "approve", str(step), "--by", "anna", "--on", DAY)
    well(planned, "act", "hold", "5", "--why", "verifica", "--by", "anna", "--on", DAY)
    assert shown(planned, numbers["1"])["leaves"] is True
    well(planned, "dispatch", "--on", DAY, "--really-send")
    sent = {row["client"]: row for row in well(planned, "deliveries", "--format", "json").rows()}
    assert sorted(sent) == ["1", "2", "3", "4"]
    for client, row in sent.items():
        (left,) = (
            path
            for path in (planned / "outbox" / DAY).glob(f"{row['id']}.*")
            if path.suffix != ".json"
        )
        seen = planned / "seen" / f"step-{numbers[client]}{left.suffix}"
        before, after = seen.read_bytes(), left.read_bytes()
        # Only the id and the second at which it leaves are not known beforehand.
        before = MOMENT.sub(b"", before.replace(b"0" * 16, row["id"].encode()))
        assert before == MOMENT.sub(b"", after), client
        note = json.loads((planned / "outbox" / DAY / f"{row['id']}.json").read_text())
        message = views[client]["message"]
        assert (message["subject"], message["to"]) == (note["subject"], note["to"])
        assert views[client]["total"] == note["total"]
        assert message["channel"] == "print_room"
        well(planned, "show", "delivery", row["id"], "--save", "left")
        assert (planned / "left" / left.name).read_bytes() == after
    assert (planned / "seen" / f"step-{numbers['1']}.html").is_file()
    assert shown(planned, numbers["3"])["message"]["pages"] == 1
    stem = f"step-{numbers['2']}-"
    (page,) = (planned / "seen").glob(f"{stem}*.pdf")  # what certified mail carries
    assert page.read_bytes().startswith(b"%PDF-")
    told = well(planned, "show", "step", str(numbers["2"]), "--on", DAY, language="it").out
    assert f"--- {page.name.removeprefix(stem)} ---" in told
    told = well(planned, "show", "step", str(numbers["4"]), "--on", DAY, language="it").out
    assert "40,00 €" in told
    # The held one is still there: no step, no message.
    held = shown(planned, numbers["5"])
    assert (held["status"], held["leaves"]) == ("cancelled", False)


def test_how_a_step_reads(lived: Path) -> None:
    told = inside(lived, "show", "step", "1", "--on", DAY, language="it").out
    (name,) = re.findall(r"Messaggio: (\w{16})", told)
    for words in (
        "step:1 sollecito (bonifico), e-mail, conclusa, 23/11/26",
        "acme/1001 Ferramenta Rossi S.r.l.",
        "A: Ferramenta Rossi S.r.l. <amministrazione@rossi.example.it>",
        "Totale: 1.220,00 EUR",
        "Totale da pagare",
    ):
        assert words in told, (words, told)
    told = inside(lived, "show", "delivery", name, language="it").out
    assert "accettato" in told
    assert "Totale da pagare" in told


def test_the_history_of_a_client(lived: Path) -> None:
    told = inside(lived, "history", "1001", language="it")
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert "23/11/2026 Pratica aperta per la rata 2026/118-1" in lines
    assert lines[-1] == (
        "23/11/2026 Invio: Primo sollecito via e-mail a amministrazione@rossi.example.it, "
        "1.220,00 EUR"
    )
    newest = inside(lived, "history", "1001", "--newest-first", "--limit", "1", language="it")
    assert newest.out.splitlines() == lines[-1:]
    (row,) = inside(
        lived, "history", "acme/1001", "--newest-first", "--limit", "1", "--format", "json"
    ).rows()
    assert (row["kind"], row["amount"], row["currency"]) == (
        "delivery.accepted", "1220.00", "EUR",
    )  # fmt: skip
    assert row["text"].startswith("invio: Primo sollecito")  # the hub's language
    assert inside(lived, "history", "1001", "--since", "2030-01-01").out == "Nothing to show.\n"
    assert inside(lived, "history", "9999").code == 1
    assert inside(lived, "history", "1001", "--since", "ieri").code == 2


def test_editing_by_command_and_what_is_refused(planned: Path) -> None:
    folder, step = planned, str(steps(planned)["5"])
    (folder / "testo.txt").write_text("Come d'accordo al telefono.", encoding="utf-8")

    def edit(*words: str) -> Ended:
        return inside(folder, "act", "edit", step, *words, "--by", "anna", "--on", DAY)

    assert edit("--text", "testo.txt", "--subject", "Due righe").code == 0
    message = shown(folder, int(step))["message"]
    assert message["subject"] == "Due righe"
    for words in ("Come d'accordo al telefono.", "70,00 €", "IT60 X054", "Epsilon"):
        assert words in message["text"]
    typed = ("act", "edit", step, "--text", "-", "--bare", "--on", DAY)
    assert incasso(folder, *typed, stdin="Ci sentiamo domani.\n").code == 0
    assert shown(folder, int(step))["message"]["text"] == "Ci sentiamo domani.\n"
    assert edit("--subject", "uno\ndue").code == 1
    assert edit("--text", "Gentile cliente").code == 2
    assert edit("--subject", "x" * 201).code == 1


def test_what_does_not_exist_or_cannot_be_written(lived: Path, tmp_path: Path) -> None:
    for words, code in (
        (("show", "step", "999"), 1),
        (("show", "step", "case:1"), 1),
        (("show", "step", "x"), 1),
        (("show", "delivery", "0123456789abcdef"), 1),
        (("show", "delivery", "\x00"), 1),
        (("show", "step"), 2),
    ):
        ended = inside(lived, *words)
        assert (ended.code, ended.has_traceback) == (code, False), (words, ended)
    (tmp_path / "file").write_text("")
    refused = inside(lived, "show", "step", "1", "--save", str(tmp_path / "file"))
    assert refused.code == 1
    assert "cannot be written" in refused.err


def test_a_channel_whose_plugin_is_broken(planned: Path) -> None:
    broken = CONFIG.replace('plugin = "folder"', 'plugin = "no_such_plugin"')
    (planned / "plugins.toml").write_text(broken, encoding="utf-8")
    for step in steps(planned).values():
        one = shown(planned, step)
        assert one["leaves"] is False
        assert any("nessun canale" in why for why in one["why"]), one["why"]
        assert one["message"]["text"]
        assert one["message"]["file"] is None
