"""A spoiled plugins.toml: the hub says what is wrong, a line for each thing, or works with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from incasso.contract.errors import ConfigurationError
from incasso.plugins.registry import build_registry
from incasso.plugins.settings.config import load_config
from incasso.services.office.office import utc_now
from tests.cli.command import CONFIG, inside
from tests.fuzzing import Spoiler, TomlSpoiler, each_spoiled

RICH: Final = """
[hub]
timezone = "Europe/Rome"
language = "it"
database = "sqlite:///incasso.db"
archive = "archive"
anchor = ["elsewhere"]
blocks_feed = ["blocks.csv", "blocks.json"]
http_hosts = ["hub.example.it"]
http_calls_per_second = 50
dispute_codes = ["price", "quality"]
extension_days = 10
api = 2

[hub.os_users]
mrossi = "anna"

[companies.acme]
name = "Acme srl"
vat = "01234567897"
iban = "IT60X0542811101000000123456"

[connectors.acme]
plugin = "csv"
clients = "ledger/clients.csv"
installments = "ledger/installments.csv"
read = "full"

[connectors.passepartout]
plugin = "mexal"
url = "http://127.0.0.1:9"
company = "ABC"
year = 2026
user = "u"
password = { env = "NOBODY_SET_IT" }

[channels.mail]
plugin = "smtp"
host = "127.0.0.1"
port = 9
sender = "crediti@example.it"
media = ["email", "pec"]
password = "plain"

[channels.print_room]
plugin = "folder"
media = ["email", "pec", "letter"]
folder = "outbox"
"""
FILES: Final = [RICH.encode(), CONFIG.encode()]


@pytest.fixture
def holds(tmp_path: Path) -> Callable[[bytes], None]:
    path = tmp_path / "plugins.toml"

    def check(content: bytes) -> None:
        path.write_bytes(content)
        try:
            config = load_config(path)
        except ConfigurationError as error:
            assert error.problems
            assert all(str(problem.message).strip() for problem in error.problems)
            assert "Traceback" not in str(error)
            return
        registry = build_registry(config, now=utc_now)
        try:
            for problem in registry.problems:
                assert str(problem.message).strip()
        finally:
            registry.close()

    return check


@pytest.mark.parametrize("by", [Spoiler, TomlSpoiler])
def test_spoiled_settings(by: type[Spoiler], holds: Callable[[bytes], None]) -> None:
    each_spoiled("settings" if by is Spoiler else "tables of settings", FILES, holds, by=by)


def test_spoiled_settings_of_a_command(tmp_path: Path) -> None:
    """The command line says it: exit code 2 and sentences, or 1 without a database."""

    def check(content: bytes) -> None:
        (tmp_path / "plugins.toml").write_bytes(content)
        ended = inside(tmp_path, "clients")
        assert ended.code in (1, 2) and ended.err.strip(), ended
        assert not ended.has_traceback and "Unexpected" not in ended.err, ended

    each_spoiled("settings of a command", FILES, check, by=TomlSpoiler, times=0.3)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("5", "hub.anchor: must be a text, not 5"),
        ('["safe", 5]', "hub.anchor[2]: must be a text, not 5"),
        ('""', "hub.anchor: is empty: name a folder"),
        ('"ftp://safe/hub"', "is neither a folder nor s3://bucket/prefix"),
    ],
)
def test_a_wrong_place_of_the_anchor_is_named(tmp_path: Path, value: str, says: str) -> None:
    (tmp_path / "plugins.toml").write_text(f"[hub]\nanchor = {value}\n")
    ended = inside(tmp_path, "check")
    assert (ended.code, says in ended.err) == (2, True), ended
