"""Sets up a ready office in a folder: configuration, database, texts, people, rules, iters."""

from __future__ import annotations

import shutil
from datetime import date
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from incasso.contract.errors import ConfigurationError
from incasso.contract.text import text
from incasso.contract.values import Problem
from incasso.services.hub.hub import Hub
from incasso.services.office.actors import person_named
from incasso.services.office.assign import load_rules
from incasso.services.recovery.iters import import_file
from incasso.services.running.setup import init
from incasso.store.office import people
from incasso.store.proof import journal
from incasso.store.proof.journal import Event

SOURCE = "acme"
"""The one company of the demo."""

RESPONSIBLE = "anna"
OPERATORS = ("luca", "sara")
_PEOPLE = (
    (RESPONSIBLE, "Anna Conti", "credit_manager"),
    ("luca", "Luca Marini", "operator"),
    ("sara", "Sara Rinaldi", "operator"),
)
_MARK = ".demo"
"""Holds the digest of the configuration that the demo wrote: that of an earlier version differs."""
_MADE_HERE = ("incasso.db", "incasso.db-wal", "incasso.db-shm", "ledger", "outbox", "archive")


def ready_folder(folder: Path) -> Path:
    """Makes an empty office in the folder; returns the path of its configuration.

    An earlier demo in the same folder is replaced. Raises ConfigurationError if the folder holds
    anything else: nobody's files are touched.
    """
    config = folder / "plugins.toml"
    if folder.exists() and any(folder.iterdir()) and not _is_ours(config):
        problem = Problem(
            code="configuration",
            field=str(folder),
            message=text("is not empty and no demo office"),
            hint=text("name another folder with --folder"),
        )
        raise ConfigurationError([problem])
    for name in _MADE_HERE:
        _remove(folder / name)
    (folder / "ledger").mkdir(parents=True)
    for name in ("iters.toml", "assignment.toml", "logo.svg"):
        (folder / name).write_text(_shipped(name), "utf-8")
    write_config(folder, _shipped("plugins.toml"))
    return config


def write_config(folder: Path, content: str) -> None:
    """The office's configuration, and the mark by which a later demo knows it again."""
    (folder / "plugins.toml").write_text(content, "utf-8")
    (folder / _MARK).write_text(_digest(content), "utf-8")


def furnish(hub: Hub, on: date) -> None:
    """Everything an office has before its first day; running it again changes nothing."""
    init(hub)
    with hub.store.write() as connection:
        for login, name, role in _PEOPLE:
            if not people.exists(connection, login):
                mail = f"{name.lower().replace(' ', '.')}@acme.example"
                people.add(
                    connection, login=login, name=name, email=mail, role=role,
                    password_hash="", at=hub.now(),
                )  # fmt: skip
                event = Event("user.added", "demo", on, subject=f"user {login}")
                journal.record(connection, [event], at=hub.now())
    responsible = person_named(hub, RESPONSIBLE)
    import_file(hub, responsible, hub.config.base / "iters.toml", on=on)
    load_rules(hub, responsible, hub.config.base / "assignment.toml", on=on)


def _is_ours(config: Path) -> bool:
    """Whether the folder is a demo; an office with a changed configuration is not."""
    mark = config.parent / _MARK
    if not config.is_file():
        return False
    written = config.read_text("utf-8")
    made_of = mark.read_text("utf-8") if mark.is_file() else _digest(_shipped("plugins.toml"))
    return _digest(written) == made_of


def _digest(content: str) -> str:
    return sha256(content.encode()).hexdigest()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _shipped(name: str) -> str:
    return files("incasso.demo").joinpath(name).read_text("utf-8")
