"""An Italian office reads Italian: help, usage, errors, answers, quarantine; programs too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import DAY, Ended, inside, make_office


def it(folder: Path, *words: str) -> Ended:
    """A command of somebody who asks for no language: the hub's decides."""
    return inside(folder, *words, language="")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """After init, iters, sync and plan; nothing in its file says a language."""
    folder = make_office(tmp_path_factory.mktemp("ufficio") / "acme")
    assert "Il database è pronto" in it(folder, "init").out
    for words in (
        ("iters", "import", "iters.toml", "--on", DAY),
        ("sync", "--on", DAY),
        ("plan", "--on", DAY),
    ):
        assert it(folder, *words).code == 0
    return folder


USAGE = [
    (("boh",), "Il comando «boh» non esiste. Vedere `incasso --help`.\n"),
    (("cliens",), "Il comando «cliens» non esiste; si intendeva 'clients'"),
    (("act", "hold"), "Manca 'OGGETTO'. Vedere `incasso act hold --help`.\n"),
    (("simulate",), "Manca l'opzione '--days'. Vedere `incasso simulate --help`.\n"),
    (("clients", "--frmat"), "L'opzione --frmat non esiste"),
    (("clients", "--format", "xml"), "«xml» non è possibile"),
    (("clients", "--limit", "0"), "deve essere almeno 1"),
    (("clients", "--limit"), "L'opzione --limit vuole un valore"),
    (("clients", "altro"), "Ci sono parole di troppo: altro"),
    (("plan", "--on", "31/02/2026"), "«31/02/2026» non è una data: scrivere 23/11/2026"),
    (
        ("act", "promise", "1001", "--until", "30/11/2026", "--amount", "1.250"),
        "«1.250» può essere due importi diversi: scrivere 1250, oppure con due decimali",
    ),
    (("iters", "import", "manca.toml"), "«manca.toml» non esiste"),
    (("--config", "manca.toml", "clients"), "il file non esiste (crearlo, o indicarne un altro"),
]
ERRORS = [
    (("explain", "nessuno"), "Nessun cliente o rata si chiama «nessuno»"),
    (("act", "hold", "1001"), "Dire il motivo, da conservare"),
    (("act", "done", "case:1"), "case:1 non è un'azione"),
    (("users", "add", "Anna Conti"), "«Anna Conti» non è un nome utente"),
    (("iters", "export", "nessuno"), "Nessun iter pubblicato si chiama nessuno"),
]


@pytest.mark.parametrize(("words", "told"), USAGE, ids=lambda case: str(case)[:40])
def test_what_is_mistyped(office: Path, words: tuple[str, ...], told: str) -> None:
    ended = it(office, *words)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


@pytest.mark.parametrize(("words", "told"), ERRORS, ids=lambda case: str(case)[:40])
def test_what_cannot_be_done(office: Path, words: tuple[str, ...], told: str) -> None:
    ended = it(office, *words)
    assert ended.code == 1
    assert told in ended.err


def test_before_there_is_a_database(tmp_path: Path) -> None:
    folder = make_office(tmp_path / "acme")
    told = "Il database non è inizializzato: eseguire `incasso init`.\n"
    assert it(folder, "clients").err == told


def test_help(office: Path) -> None:
    page = it(office, "--help").out
    assert page.startswith("Uso: incasso [OPZIONI] COMANDO [ARGOMENTI]...\n")
    assert "Comandi:\n" in page
    assert "Elenca i clienti: anagrafica, addetto, responsabile." in page
    page = it(office, "act", "promise", "--help").out
    assert "--amount IMPORTO" in page
    assert "[obbligatorio]" in page
    assert "Usage" not in page
    assert "Options" not in page


def test_a_group_alone_shows_its_help(office: Path) -> None:
    ended = it(office, "act")
    assert ended.code == 2
    assert ended.err.startswith("Uso: incasso act [OPZIONI] COMANDO")


def test_the_quarantine_is_kept_for_readers_of_both_languages(office: Path) -> None:
    table = it(office, "quarantine").out
    assert "problema" in table
    assert "'2026-31-12' non esiste nel calendario" in table
    assert "correggere nel gestionale" in table
    english = inside(office, "quarantine", language="en").out
    assert "does not exist in the calendar" in english
    (row,) = inside(office, "quarantine", "--format", "json", language="en").rows()
    assert row["problem"] == "'2026-31-12' non esiste nel calendario"


def test_a_hub_in_english_speaks_english(tmp_path: Path) -> None:
    folder = make_office(tmp_path / "acme")
    file = folder / "plugins.toml"
    file.write_text(file.read_text().replace("[hub]\n", '[hub]\nlanguage = "en"\n'))
    assert "not initialised" in it(folder, "clients").err
    assert inside(folder, "clients", language="it").err.startswith("Il database non è")


def test_answers(office: Path) -> None:
    assert it(office, "sync", "--on", DAY).out == "acme: 5 lette, 1 in quarantena.\n"
    told = it(office, "act", "promise", "1001", "--until", "30/11/2026", "--on", "23/11/2026")
    assert told.out == "Promessi entro il 30/11/2026: 1.220,00 EUR, cliente acme/1001.\n"
    told = it(office, "dispatch", "--on", "23/11/2026")
    assert "partirebbero 1 e-mail (non è partito nulla)" in told.out
    steps = it(office, "steps").out
    assert "invio" in steps
    assert "pronta" in steps
