"""The table of an exchange folder: every mistake with its key and cure, all at once."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from incasso.api import FolderLogin, FolderMail, FolderPlace, setting
from incasso.plugins.settings.tables import TableError, build


@dataclass(frozen=True, kw_only=True)
class Settings:
    folder: FolderLogin = setting(help="Where files are exchanged")


SFTP = """
[folder]
place = "sftp"
[folder.sftp]
host = "sftp.alfa.example"
user = "acme"
"""
KEY = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"
PASSWORD = 'password = { file = "password" }'

WRONG = [
    ("[folder]", {"folder.place": "missing"}),
    ('[folder]\nplace = "ftp"', {"folder.place": "ftp"}),
    ('[folder]\nplace = "local"', {"folder.path": "missing: the place is local"}),
    ('[folder]\nplace = "s3"', {"folder.s3": "missing: the place is s3"}),
    (
        '[folder]\nplace = "local"\npath = "x"\n[folder.s3]\nbucket = "b"',
        {"folder.s3": "is not used: the place is local"},
    ),
    (
        '[folder]\nplace = "local"\npath = "x"\nout = "a/"\nin = "/a"',
        {"folder.in": "is the same as `out`"},
    ),
    (
        '[folder]\nplace = "local"\npath = "x"\nout = "../a"\nin = "b\\\\c"',
        {"folder.out": "must be a folder's name", "folder.in": "must be a folder's name"},
    ),
    (
        '[folder]\nplace = "local"\npath = "x"\nsettled_s = -1\ntake_over_after_m = 0',
        {"folder.settled_s": "out of range", "folder.take_over_after_m": "out of range"},
    ),
    (SFTP, {"folder.sftp.host_key": "missing"}),
    (
        f'{SFTP}host_key = "SHA256:short"\n',
        {
            "folder.sftp.host_key": "no fingerprint of a server's key",
            "folder.sftp.password": "either a password or a private key",
        },
    ),
    (
        f'{SFTP}host_key = "{KEY}"\npassword = "plain"\n',
        {"folder.sftp.password": "a secret is never written in this file"},
    ),
    (
        f'{SFTP}host_key = "{KEY}"\nprivate_key = {{ file = "password" }}\n',
        {"folder.sftp.private_key": "is no private key"},
    ),
    (
        f'{SFTP}host_key = "{KEY}"\n{PASSWORD}\n[folder.pgp]\nown = "0123"\n'
        'own_key = { file = "password" }\npartner = "0123"\npartner_key = "nobody.asc"',
        {
            "folder.pgp.own": "not written as it should be",
            "folder.pgp.partner": "not written as it should be",
        },
    ),
    (
        f'{SFTP}host_key = "{KEY}"\n{PASSWORD}\n[folder.pgp]\nown = "{"0" * 40}"\n'
        f'own_key = {{ file = "password" }}\npartner = "{"0123 " * 10}"\n'
        'partner_key = "nobody.asc"',
        {"folder.pgp.partner_key": "is no file"},
    ),
]


def read(toml: str, base: Path) -> FolderLogin:
    secret = base / "password"
    secret.touch(0o600)
    secret.write_text("segreta")
    return build(Settings, tomllib.loads(toml), where="providers.alfa", base=base).folder


@pytest.mark.parametrize(("toml", "problems"), WRONG)
def test_mistakes(toml: str, problems: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(TableError) as wrong:
        read(toml, tmp_path)
    found = {each.key: each.message for each in wrong.value.problems}
    assert found.keys() == problems.keys()
    assert all(words in found[key] for key, words in problems.items()), found


def test_a_right_table(tmp_path: Path) -> None:
    found = read(f'{SFTP}host_key = ["{KEY}=", "{KEY}"]\n{PASSWORD}', tmp_path)
    assert found.place is FolderPlace.SFTP and (found.outgoing, found.incoming) == ("out", "in")
    assert found.sftp is not None and found.sftp.host_keys == (KEY, KEY)
    assert hash(found) == hash(read(f'{SFTP}host_key = ["{KEY}=", "{KEY}"]\n{PASSWORD}', tmp_path))


@pytest.mark.parametrize(
    ("sender", "believed"),
    [
        ("anna@alfa.example", True),
        (" ANNA@Alfa.Example ", True),
        ("anna@sub.alfa.example", False),
        ("anna@evil-alfa.example", False),
        ("carlo@beta.example", True),
        ("dario@beta.example", False),
        ("", False),
        ("@alfa.example", False),
    ],
)
def test_whose_mail_is_read(sender: str, believed: bool) -> None:
    mail = FolderMail(
        to="lotti@alfa.example",
        sender="crediti@acme.example",
        senders=("@alfa.example", "Carlo@beta.example"),
        authserv="mx.acme.example",
        host="smtp.acme.example",
        imap_host="imap.acme.example",
    )
    assert mail.believes(sender) is believed
