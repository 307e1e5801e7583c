"""What a person means by `C001`, `acme/C001`, an installment's key, `case:12` or `step:34`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import Connection

from incasso.contract.errors import IncassoError
from incasso.contract.text import Text, text
from incasso.domain.office.actor import Scope
from incasso.store.lists.subjects import (
    NOBODY,
    Subject,
    case_numbered,
    client_numbered,
    clients_called,
    installments_called,
    step_numbered,
)
from incasso.store.orders import write_backs
from incasso.store.sending import deliveries, replies

_KINDS = {
    "client": "client",
    "cliente": "client",
    "installment": "installment",
    "rata": "installment",
    "case": "case",
    "pratica": "case",
    "step": "step",
    "azione": "step",
}
MOST_SHOWN = 5
_NUMBER = re.compile("[0-9]{1,18}")
_PREFIXED = re.compile(rf"({'|'.join(_KINDS)})(?:\s*:\s*|\s+)(.+)", re.IGNORECASE | re.DOTALL)


class SubjectError(IncassoError):
    """Nothing, or more than one thing, is called that."""


def resolve(connection: Connection, typed: str, scope: Scope) -> Subject:
    """The one client, installment, case or step that a text names, among those of the scope.

    Raises SubjectError with the candidates if several fit, and with where to look if none does.
    """
    typed = _clean(typed)
    prefixed = _PREFIXED.fullmatch(typed)
    kind, name = (_KINDS[prefixed[1].lower()], prefixed[2].strip()) if prefixed else ("", typed)
    if kind in ("case", "step"):
        return _numbered(connection, scope, kind, name)
    found = {str(s): s for s in _called(connection, scope, kind, name)} if name else {}
    if not found:
        raise SubjectError(
            text(
                "No client or installment is called “{typed}”: `incasso clients` and "
                "`incasso installments` list them.",
                typed=typed,
            )
        )
    if len(found) > 1:
        raise SubjectError(_several(typed, sorted(found)))
    return next(iter(found.values()))


def delivery(
    connection: Connection, typed: str, scope: Scope, *, reported: bool = False
) -> tuple[str, Subject]:
    """The id of a delivery and its step; `reported`: one that reports are about, which another
    list shows. Raises SubjectError."""
    name = _clean(typed).removeprefix("delivery").lstrip(": ")
    step = deliveries.step_of(connection, name)
    subject = None if step is None else step_numbered(connection, scope, step)
    if subject is None and reported:
        raise SubjectError(
            text(
                "There is no delivery “{name}”: `incasso delivery-news --waiting` lists those "
                "that a person must judge.",
                name=name,
            )
        )
    if subject is None:
        raise SubjectError(
            text(
                "There is no delivery “{name}”: `incasso deliveries --status uncertain` lists "
                "those in doubt.",
                name=name,
            )
        )
    return name, subject


def reply(connection: Connection, typed: str, scope: Scope) -> tuple[str, Subject]:
    """The number of a message that came in, and its client; NOBODY if it is not known whose it is.

    Those of nobody are for people who see everything. Raises SubjectError.
    """
    name = _clean(typed).removeprefix("reply").lstrip(": ")
    found = replies.numbered(connection, int(name)) if _NUMBER.fullmatch(name) else None
    subject = None
    if found is not None and found.client_id is not None:
        subject = client_numbered(connection, scope, found.client_id)
    elif found is not None and scope.is_everything:
        subject = NOBODY
    if subject is None:
        raise SubjectError(
            text("There is no reply “{name}”: `incasso inbox` lists them.", name=name)
        )
    return name, subject


def write_back(connection: Connection, typed: str, scope: Scope) -> tuple[str, Subject]:
    """The id of a write-back and its client. Raises SubjectError."""
    name = _clean(typed)
    client = write_backs.client_of(connection, name)
    subject = None if client is None else client_numbered(connection, scope, client)
    if subject is None:
        raise SubjectError(
            text("There is no write-back {name}: see `incasso blocks writes`.", name=name)
        )
    return name, subject


def _clean(typed: str) -> str:
    # PostgreSQL refuses to compare with a NUL; SQLite would simply find nothing.
    return typed.replace("\0", "").strip()


def _called(connection: Connection, scope: Scope, kind: str, name: str) -> Iterator[Subject]:
    # Keys of ERPs contain slashes, so the whole text is tried before SOURCE/CODE.
    source, slash, rest = name.partition("/")
    for where, called in ((None, name), (source, rest)) if slash else ((None, name),):
        if kind in ("", "client"):
            yield from clients_called(connection, scope, called, where)
        if kind in ("", "installment"):
            yield from installments_called(connection, scope, called, where)


def _numbered(connection: Connection, scope: Scope, kind: str, number: str) -> Subject:
    find = case_numbered if kind == "case" else step_numbered
    # Eighteen digits fit in both databases; more would be an error of the driver, not of ours.
    found = find(connection, scope, int(number)) if _NUMBER.fullmatch(number) else None
    if found is not None:
        return found
    if kind == "case":
        raise SubjectError(
            text("There is no case “{number}”: `incasso cases` lists them.", number=number)
        )
    raise SubjectError(
        text("There is no step “{number}”: `incasso steps` lists them.", number=number)
    )


def _several(typed: str, names: list[str]) -> Text:
    *first, last = [f"`{name}`" for name in names[:MOST_SHOWN]]
    if len(names) > MOST_SHOWN:
        return text(
            "“{typed}” may be {names} or one of {more} more: say which.",
            typed=typed,
            names=[*first, last],
            more=len(names) - MOST_SHOWN,
        )
    return text(
        "“{typed}” may be {names} or {last}: say which.", typed=typed, names=first, last=last
    )
