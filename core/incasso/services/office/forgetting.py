"""Forget what is kept of plugin instances that are no longer configured."""

from __future__ import annotations

from datetime import date

from msgspec.structs import asdict
from sqlalchemy import Connection

from incasso.contract.errors import IncassoError
from incasso.contract.settings import nearest
from incasso.contract.text import counted, text
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor
from incasso.services.office.actors import admit
from incasso.services.office.office import Office
from incasso.store.office import kept_of_plugins
from incasso.store.office.kept_of_plugins import KeptOfPlugin
from incasso.store.proof import journal


class ForgetError(IncassoError):
    """This instance cannot be forgotten; nothing was changed."""


def forgettable(office: Office) -> list[KeptOfPlugin]:
    """What is kept of each instance that plugins.toml does not name any more."""
    with office.store.read() as connection:
        return kept_of_plugins.kept(connection, but=_configured(office))


def forget_instance(office: Office, actor: Actor, name: str, *, on: date) -> KeptOfPlugin:
    """Delete state, pause, counters and cursors of an instance; the journal says what went.

    Otherwise another one that gets its name later would begin with its sessions, its pause and the
    calls that it made. Raises ForgetError for one that is configured or unknown, or that messages
    or open items still need.
    """
    if name in (tables := _configured(office)):
        raise ForgetError(
            text(
                "[{table}] is in plugins.toml: take it out first, or leave it with "
                "enabled = false.",
                table=tables[name],
            )
        )
    with office.store.write() as connection:
        by = admit(connection, actor, Work.PLUGINS).name
        found = _kept(connection, office, name)
        _need_no_messages(connection, name)
        _need_no_open_items(connection, name)
        kept_of_plugins.forget(connection, name)
        facts = {field: value for field, value in asdict(found).items() if field != "instance"}
        event = journal.Event(
            kind="instance.forgotten", actor=by, on=on, subject=f"instance {name}", facts=facts
        )
        journal.record(connection, [event], at=office.now())
    return found


def _configured(office: Office) -> dict[str, str]:
    """The table of each configured instance, by name."""
    return {
        name: f"{family}.{name}"
        for family, tables in office.config.tables.items()
        for name in tables
    }


def _kept(connection: Connection, office: Office, name: str) -> KeptOfPlugin:
    every = {
        each.instance: each for each in kept_of_plugins.kept(connection, but=_configured(office))
    }
    if name in every:
        return every[name]
    raise ForgetError(
        text(
            "Nothing is kept of “{name}”: {near}.",
            name=name,
            near=nearest(name, every)
            or text("`incasso plugins forget` lists what can be forgotten"),
        )
    )


def _need_no_messages(connection: Connection, name: str) -> None:
    if waiting := kept_of_plugins.on_their_way(connection, name):
        raise ForgetError(
            counted(
                "{n} message of {name} may still be on its way, and only {name} can tell: put its "
                "table back until `incasso deliveries` shows its end.",
                "{n} messages of {name} may still be on their way, and only {name} can tell: put "
                "its table back until `incasso deliveries` shows their end.",
                n=waiting,
                name=name,
            )
        )


def _need_no_open_items(connection: Connection, name: str) -> None:
    if still_open := kept_of_plugins.open_items(connection, name):
        raise ForgetError(
            counted(
                "{n} installment of the source {name} is open: put its table back. While it is out "
                "nothing leaves for it.",
                "{n} installments of the source {name} are open: put its table back. While it is "
                "out nothing leaves for them.",
                n=still_open,
                name=name,
            )
        )
