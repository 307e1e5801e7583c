"""`backup`, `restore`, `upgrade`: copies of the office, and the way back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incasso.cli.exit_codes import PROBLEM
from incasso.cli.language import here
from incasso.cli.options import Format, Listed
from incasso.cli.output import complain, say, show
from incasso.cli.place import office_of
from incasso.cli.progress import watched
from incasso.contract.errors import ConfigurationError
from incasso.contract.text import counted, text

if TYPE_CHECKING:
    from incasso.plugins.settings.config import HubConfig
    from incasso.services.backup.checking import CheckedBackup
    from incasso.services.backup.making import BackupReport

app = typer.Typer()

Key = Annotated[
    str,
    typer.Option(
        "--key",
        metavar="REFERENCE",
        help="file:PATH or env:NAME of the key; left out: [hub] backup_key.",
    ),
]


@app.command()
def backup(
    context: typer.Context,
    target: Annotated[
        Path | None,
        typer.Argument(metavar="[TARGET]", help="A folder of backups; else [hub] backups."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Read the backup there is, and make none.")
    ] = False,
    keep: Annotated[
        int | None,
        typer.Option("--keep", min=1, help="Remove all but so many backups of the folder."),
    ] = None,
    thorough: Annotated[
        bool,
        typer.Option(
            "--thorough",
            help="Read every file of the archive, not only those changed since the last backup.",
        ),
    ] = False,
    key: Key = "",
    new_key: Annotated[
        Path | None,
        typer.Option("--new-key", metavar="FILE", help="Make a key in a new file, and no backup."),
    ] = None,
    format: Listed = Format.TABLE,
) -> None:
    """Copy database, archive and configuration while the hub runs; or check such a copy."""
    from incasso.services.backup.making import back_up

    if new_key is not None:
        _make_key(new_key)
        return
    if check:
        _check(context, target, key, format)
        return
    with office_of(context) as office, watched() as tell:
        made = back_up(
            office,
            target or office.config.backups,
            key=_key_of(key, office.config),
            keep=keep,
            thorough=thorough,
            tell=tell,
        )
    _tell_made(made, format)
    if made.problems:
        raise typer.Exit(PROBLEM)


@app.command()
def restore(
    context: typer.Context,
    backup: Annotated[
        Path, typer.Argument(metavar="BACKUP", help="One backup, or a folder: its newest.")
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the database that is there.")
    ] = False,
    key: Key = "",
    format: Listed = Format.TABLE,
) -> None:
    """Put a backup back; nothing leaves afterwards until `incasso recover`."""
    from incasso.services.backup.restoring import restore as put_back

    _restore_configuration(context.obj.config, backup, key)
    with office_of(context, initialised=False) as office, watched() as tell:
        done = put_back(office, backup, key=_key_of(key, office.config), replace=replace, tell=tell)
    if format is not Format.TABLE:
        fields = {name: _plain(getattr(done, name)) for name in done.__struct_fields__}
        show([fields], format, columns=())
        return
    say(
        text(
            "Restored from {folder}: {rows} rows; {files} files put back, {there} were there.",
            folder=str(done.folder),
            rows=done.rows,
            files=done.files,
            there=done.there,
        )
    )
    if done.archive_lost:
        complain(
            text(
                "The archive was lost too: what left after the backup can be known from channels "
                "and mailboxes only. After `incasso recover` compare `incasso steps --status "
                "ready` with the mail that was sent, and skip what left, before the next run."
            )
        )
    if done.aside is not None:
        say(text("The database that was there is kept as {file}.", file=str(done.aside)))
    say(
        text("Nothing leaves until `incasso recover` has accounted for what left after the backup.")
    )


@app.command()
def upgrade(
    context: typer.Context,
    no_backup: Annotated[
        bool, typer.Option("--no-backup", help="Upgrade without making a backup first.")
    ] = False,
    target: Annotated[
        Path | None,
        typer.Option("--into", metavar="TARGET", help="Folder of that backup."),
    ] = None,
    key: Key = "",
) -> None:
    """Bring the database to this release, with a backup first."""
    from incasso.services.backup.upgrading import prepared
    from incasso.services.running.setup import init

    with office_of(context) as office, watched() as tell:
        before = prepared(
            office,
            target or office.config.backups,
            key=_key_of(key, office.config),
            with_backup=not no_backup,
            tell=tell,
        )
        if before is not None and before.backup is not None:
            _tell_made(before.backup, Format.TABLE)
        done = init(office)
    if before is None:
        say(text("The database is of this release already (revision {now}).", now=done.revision))
        return
    say(
        text("Upgraded from revision {before} to {now}.", before=before.revision, now=done.revision)
    )


def _check(context: typer.Context, target: Path | None, key: str, format: Format) -> None:
    from incasso.services.backup.checking import check_backup

    config = _config(context.obj.config) if target is None or not key else None
    place = target or (config.backups if config else Path())
    with watched() as tell:
        checked = check_backup(place, key=_key_of(key, config), tell=tell)
    if format is not Format.TABLE:
        fields = {name: _plain(getattr(checked, name)) for name in checked.__struct_fields__}
        show([fields | {"good": checked.good}], format, columns=())
    else:
        _tell_checked(checked)
    if not checked.good:
        raise typer.Exit(PROBLEM)


def _tell_checked(checked: CheckedBackup) -> None:
    say(
        text(
            "{folder}, made {at}: {rows} rows and {files} files ({bytes} bytes) looked at.",
            folder=str(checked.folder),
            at=checked.made_at,
            rows=checked.rows,
            files=checked.files,
            bytes=checked.bytes,
        )
    )
    for problem in checked.problems:
        complain(problem)
    say(text("The backup is whole.") if checked.good else text("The backup is NOT whole."))


def _tell_made(made: BackupReport, format: Format) -> None:
    if format is not Format.TABLE:
        fields = {name: _plain(getattr(made, name)) for name in made.__struct_fields__}
        show([fields], format, columns=())
        return
    say(
        text(
            "Backup {folder}: {rows} rows, {files} files of the archive, {copied} of them new.",
            folder=str(made.folder),
            rows=made.rows,
            files=made.files,
            copied=made.copied,
        )
    )
    if not made.encrypted:
        say(text("It is not encrypted: whoever has the folder reads all of it."))
    if made.removed:
        say(counted("{n} older backup removed.", "{n} older backups removed.", n=len(made.removed)))
    for problem in made.problems:
        complain(here(problem))


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value


def _make_key(file: Path) -> None:
    """A new key in a file of its own. Raises BadParameter for a file that is there."""
    from incasso.services.backup.sealing import new_key

    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise typer.BadParameter(
            text("{file} exists: name a new file, no key is overwritten", file=str(file))
        ) from None
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        opened.write(new_key())
    say(
        text(
            "The key is in {file}. Keep a copy of it elsewhere: without it no backup can be "
            "restored. Name it in plugins.toml: [hub] backup_key = {{ file = … }}",
            file=str(file),
        )
    )


def _key_of(reference: str, config: HubConfig | None) -> str:
    """The key that a reference names, else the configured one. Raises ConfigurationError."""
    from incasso.contract.settings import UnfitError
    from incasso.contract.values import Problem
    from incasso.plugins.settings.references import resolve_secret

    if not reference:
        return config.backup_key if config else ""
    kind, colon, name = reference.partition(":")
    if not colon or kind not in ("file", "env"):
        raise typer.BadParameter(text("write --key file:PATH or --key env:NAME"))
    try:
        return resolve_secret({kind: name}, Path.cwd()).reveal()
    except UnfitError as error:
        problem = Problem(
            code="key", field="--key", message=error.wrong.message, hint=error.wrong.hint
        )
        raise ConfigurationError([problem]) from None


def _config(path: Path) -> HubConfig | None:
    """The configuration, if there is one: a backup is checked on any machine."""
    from incasso.plugins.settings.config import load_config

    return load_config(path) if path.exists() else None


def _restore_configuration(config: Path, backup: Path, key: str) -> None:
    """Write plugins.toml from the backup where there is none."""
    from incasso.services.backup.restoring import restore_configuration

    if config.exists():
        return
    for path in restore_configuration(backup, config.absolute().parent, key=_key_of(key, None)):
        say(text("{file} restored: put its passwords and secret files back.", file=str(path)))
