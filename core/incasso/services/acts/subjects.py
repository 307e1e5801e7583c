"""What a person means by `C001`, `acme/C001`, an installment's key, `case:12` or `step:34`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import Connection

from incasso.contract.errors import IncassoError
from incasso.store.lists.subjects import (
    Subject,
    case_numbered,
    clients_called,
    installments_called,
    step_numbered,
)

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
_PREFIXED = re.compile(rf"({'|'.join(_KINDS)})(?:\s*:\s*|\s+)(.+)", re.IGNORECASE | re.DOTALL)


class SubjectError(IncassoError):
    """Nothing, or more than one thing, is called that."""


def resolve(connection: Connection, text: str) -> Subject:
    """The one client, installment, case or step that a text names.

    Raises SubjectError with the candidates if several fit, and with where to look if none does.
    """
    # PostgreSQL refuses to compare with a NUL; SQLite would simply find nothing.
    text = text.replace("\0", "").strip()
    prefixed = _PREFIXED.fullmatch(text)
    kind, name = (_KINDS[prefixed[1].lower()], prefixed[2].strip()) if prefixed else ("", text)
    if kind in ("case", "step"):
        return _numbered(connection, kind, name)
    found = {str(s): s for s in _called(connection, kind, name)} if name else {}
    if not found:
        raise SubjectError(
            f"No client or installment is called “{text}”: "
            "`incasso clients` and `incasso installments` list them."
        )
    if len(found) > 1:
        raise SubjectError(f"“{text}” may be {_either(sorted(found))}: say which.")
    return next(iter(found.values()))


def _called(connection: Connection, kind: str, name: str) -> Iterator[Subject]:
    # Keys of ERPs contain slashes, so the whole text is tried before SOURCE/CODE.
    source, slash, rest = name.partition("/")
    for where, called in ((None, name), (source, rest)) if slash else ((None, name),):
        if kind in ("", "client"):
            yield from clients_called(connection, called, where)
        if kind in ("", "installment"):
            yield from installments_called(connection, called, where)


def _numbered(connection: Connection, kind: str, number: str) -> Subject:
    find = case_numbered if kind == "case" else step_numbered
    # Eighteen digits fit in both databases; more would be an error of the driver, not of ours.
    found = find(connection, int(number)) if re.fullmatch("[0-9]{1,18}", number) else None
    if found is None:
        raise SubjectError(f"There is no {kind} “{number}”: `incasso {kind}s` lists them.")
    return found


def _either(names: list[str]) -> str:
    shown = [f"`{name}`" for name in names[:5]]
    more = f" or one of {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(shown[:-1]) + f" or {shown[-1]}" + more
