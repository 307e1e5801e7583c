"""An Italian office sees no English: screens and help are read for English words and codes.

All words for people come from the catalogues; a sentence put together by hand does not, and stands
out by one of the small words that every English sentence has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from incasso.cli.commands import COMMANDS
from incasso.locale import labels, list_labels, localize
from incasso.locale.headings import HEADINGS
from incasso.store.lists import index
from tests.cli.command import DAY, inside

ENGLISH: Final = frozenset(
    """
    the of is not with and are was were been be has have had this that these those there which
    who whom whose what when where why how from for by on to into out or but nor so than then
    its they them their you your we our he she his her if as because while until since before
    after above below any each every some more most other such only own same too very can
    cannot could may might must shall should will would does did done nothing none nobody
    rows row items item closed good bad yes never always sent left paid days unknown
    installment installments clients client
    """.split()
)
"""No Italian word is among them."""
CODE: Final = re.compile(
    r"`[^`]*`"  # what is typed
    r"|«[^»]*»|\"[^\"]*\"|'[^' ]*'"  # what somebody else wrote
    r"|--[\w-]+(?:/--[\w-]+)?|\[[\w .…|/-]*\]"  # options, metavars
    r"|\b\w+\.\w+\b"  # files, kinds of events
    r"|\b[0-9a-f]{16,}\b"  # digests
    r"|\S*[_/\\@=:{}<>]\S*"  # keys, paths, addresses
)
LISTS: Final = (
    "clients", "installments", "cases", "steps", "agreements", "promises", "deliveries",
    "quarantine", "refused-news", "journal", "documents", "payments", "balances", "contacts",
    "callbacks", "bad-addresses", "delivery-news", "corrections", "exposure", "containers",
    "punctuality", "attachments", "outcomes", "blocks", "jobs",
)  # fmt: skip
SCREENS: Final = (
    *((each,) for each in LISTS),
    ("check",),
    ("check", "--read"),
    ("verify",),
    ("explain", "1001", "--on", DAY),
    ("explain", "1003", "--source"),
    ("simulate", "--days", "20", "--on", DAY),
    ("plan", "--dry-run", "--on", DAY),
    ("dispatch", "--on", DAY),
    ("history", "1001"),
    ("show", "step", "1"),
    ("report", "overdue"),
    ("report", "due"),
    ("users", "list"),
    ("iters", "list"),
    ("plugins", "list"),
    ("tokens", "list"),
    ("act", "release", "1001"),
    ("act", "extend", "1009", "--days", "3"),
    ("sync", "nessuno"),
    ("acceptance", "acme"),
)
TYPED: Final = frozenset(["journal", "outcomes", "iters", "plugins"])
"""Screens whose first column or kind is what one types for a filter."""


def english(shown: str) -> frozenset[str]:
    """The English words of a screen, without what is code or somebody's own words."""
    return ENGLISH & set(re.findall(r"[a-z]+", CODE.sub(" ", shown).lower()))


def codes(shown: str) -> set[str]:
    """The cells of a table that show a code instead of its Italian word."""
    cells = {cell for line in shown.splitlines() for cell in re.split(r"\s{2,}", line.strip())}
    return cells & CODES


def _codes() -> set[str]:
    tables = [
        each
        for module in (labels, list_labels)
        for name, each in vars(module).items()
        if name.isupper() and isinstance(each, Mapping)
    ]
    italian = {localize(word, "it") for table in tables for word in table.values()}
    return {code for table in tables for code in table} - italian


CODES: Final = _codes()


@pytest.mark.parametrize("words", SCREENS, ids=" ".join)
def test_a_screen_is_italian(lived: Path, words: tuple[str, ...]) -> None:
    ended = inside(lived, *words, language="it")
    assert not ended.has_traceback
    assert english(ended.out + ended.err) == set(), ended
    if words[0] not in TYPED:
        assert codes(ended.out) == set(), ended


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_italian(lived: Path, command: str) -> None:
    page = inside(lived, command, "--help", language="it").out
    # The names of options and commands, here and in the list below a group, are typed as they are.
    lines = [line for line in page.splitlines() if not line.startswith("Uso:")]
    told = "\n".join(re.sub(r"^ {2}(-\S+|\S+(?= {2,}|$))", "", line) for line in lines)
    told = re.sub(r"[a-z_]+(?=\s+\()", "", told)  # a code with its Italian word behind it
    assert english(told.replace("promise, skip, done", "")) == set()


def test_an_english_screen_would_be_noticed(lived: Path) -> None:
    assert english(inside(lived, "act", "release", "1001", language="en").err) >= {"nothing", "on"}
    assert codes("anna   Anna   credit_manager   si") == {"credit_manager"}


def test_every_column_has_its_italian_heading() -> None:
    """`--columns` may ask for any of them."""
    shown = {c.vocabulary for each in index.LISTS for c in each.columns if not c.hidden}
    assert shown - HEADINGS.keys() == set()
