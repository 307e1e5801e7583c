"""Explain of other days than today, and the preview of an import, by the real commands.

T2 owes 1,000 due on 14/10/2026 by transfer. The iter reminds five days before (9/10), five days
after (19/10), and ten days after that (29/10); the minimum residual is 15.00, the tolerance 5.00.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import CONFIG, ROOT, Ended, inside

ITERS = ROOT / "core/incasso/demo/iters.toml"

CLIENTS = """code,name,address,zip,city,province,country,language,email,pec
T1,Cliente T1 S.r.l.,Via Roma 1,20121,Milano,MI,IT,it,,t1@pec.example
T2,Cliente T2 S.r.l.,Via Roma 1,20121,Milano,MI,IT,it,t2@cliente.example,t2@pec.example
"""
INSTALLMENTS = """key,client,document_number,due_date,amount,residual,currency,payment_method
T1-1,T1,T1,2026-10-14,1000.00,1000.00,EUR,transfer
T2-1,T2,T2,2026-10-14,1000.00,1000.00,EUR,transfer
"""
RUNS = ("2026-10-09", "2026-10-14", "2026-10-15", "2026-10-19", "2026-10-20")


def it(folder: Path, *words: str) -> Ended:
    return inside(folder, *words, language="it")


def empty_office(folder: Path) -> Path:
    (folder / "ledger").mkdir(parents=True)
    (folder / "ledger/clients.csv").write_text(CLIENTS)
    (folder / "ledger/installments.csv").write_text(INSTALLMENTS)
    (folder / "plugins.toml").write_text(CONFIG.replace("[hub]", '[hub]\nlanguage = "it"'))
    (folder / "iters.toml").write_text(ITERS.read_text("utf-8"), "utf-8")
    assert it(folder, "init").code == 0
    return folder


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office that ran on five days of October."""
    folder = empty_office(tmp_path_factory.mktemp("altri giorni") / "acme")
    for words in (
        ("users", "add", "anna", "--name", "Anna", "--role", "credit_manager"),
        ("iters", "import", "iters.toml", "--on", "2026-10-09"),
        *(("run", "--on", day, "--really-send") for day in RUNS),
    ):
        assert it(folder, *words).code == 0
    return folder


def explained(office: Path, on: str) -> list[str]:
    ended = it(office, "explain", "T2", "--on", on)
    assert ended.code == 0
    return ended.out.splitlines()


def test_a_past_day_is_told_as_it_was(office: Path) -> None:
    """On the 12th no plan was made; the reminder had left on the 9th, the first comes on the 19th.

    What left later, and the due day of the second reminder, were unknown.
    """
    heading, first, *rest = explained(office, "2026-10-12")
    assert heading == "Come si sapeva il 09/10/2026:"
    assert first == ("acme/T2-1 (T2), 12/10/2026: Primo sollecito: in programma per il 19/10/2026.")
    assert "  > Quel giorno non si è pianificato; l'ultimo esame è del 09/10/2026." in rest
    assert not any("29/10" in line for line in rest)


def test_the_day_of_a_step_names_the_step(office: Path) -> None:
    listed = it(office, "steps", "--client", "T2", "--format", "json").rows()
    steps = {row["due_on"]: row["id"] for row in listed}
    for day, stage in (("09", "Promemoria"), ("19", "Primo sollecito")):
        step = steps[f"2026-10-{day}"]
        _, first, *_ = explained(office, f"2026-10-{day}")
        assert first.endswith(f": Il piano l'ha messa nell'azione {step}: {stage} (e-mail).")
        (row,) = json(office, f"2026-10-{day}")
        assert (row["when"], row["decision"], row["step"]) == ("past", "step", step)
        assert row["known_on"] == f"2026-10-{day}"


def json(office: Path, on: str) -> list[dict[str, object]]:
    return it(office, "explain", "T2", "--on", on, "--format", "json").rows()


def test_a_day_to_come_is_told_if_nothing_changes(office: Path) -> None:
    """The ledger of 20/10 will be too old on 20/11: a remark, not the answer."""
    heading, first, *rest = explained(office, "2026-11-20")
    assert heading == "Se fino al 20/11/2026 non cambia nulla:"
    assert first.endswith("20/11/2026: Secondo sollecito (PEC) è in programma.")
    assert rest[-2:] == [
        "  > È in programma già per il 29/10/2026: quel che ne segue lo dice `incasso simulate`.",
        "  > L'ultima lettura dei dati di acme è del 20/10/2026: finché non si rileggono non parte "
        "nulla.",
    ]
    assert "  ✓ I dati di acme sono aggiornati." in rest


def test_no_condition_is_an_empty_line_and_amounts_are_italian(office: Path) -> None:
    for on in ("2026-10-12", "2026-10-20", "2026-11-20"):
        lines = explained(office, on)
        assert "  · Il residuo supera la tolleranza di 5,00." in lines
        assert all(len(line.strip(" ✓✗·>")) > 5 for line in lines)


def test_a_name_that_nobody_has_is_refused(office: Path) -> None:
    ended = it(office, "act", "hold", "T2", "--why", "prova", "--by", "zorro", "--on", "2026-10-20")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("Nessuno si chiama zorro")


def test_an_import_tells_what_it_brings_before_it_is_made(tmp_path: Path) -> None:
    """On 20/11 the reminder comes too late: both enter at the first stage after the due date."""
    folder = empty_office(tmp_path / "acme")
    assert it(folder, "sync", "--on", "2026-11-20").code == 0
    file = folder / "iters.toml"
    tried = it(folder, "iters", "import", "iters.toml", "--dry-run", "--on", "2026-11-20")
    assert tried.code == 0
    lines = tried.out.splitlines()
    assert "bonifico: si pubblicherebbe la versione 1." in lines
    assert "2 rate entrano in bonifico, in Primo sollecito." in lines
    assert lines[-1] == "Non è stato pubblicato nulla."
    assert it(folder, "iters", "list", "--format", "json").rows() == []
    made = it(folder, "iters", "import", "iters.toml", "--on", "2026-11-20")
    assert "bonifico: pubblicata la versione 1." in made.out
    assert "2 rate entrano in bonifico, in Primo sollecito." in made.out
    file.write_text(file.read_text().replace("days = -5", 'days = "-5"', 1))
    wrong = it(folder, "iters", "import", "iters.toml", "--on", "2026-11-20")
    assert (wrong.code, wrong.out) == (1, "")
    assert "scriverlo senza virgolette: -5" in wrong.err
