"""What the hub writes on a client of Mexal: values that stop orders, and one note."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from decimal import Decimal
from typing import Any, Final

from incasso.api import (
    CallContext,
    Receipt,
    ReceiptStatus,
    RejectedError,
    UnsupportedError,
    WriteBack,
    WriteBackKind,
    in_a_row,
)
from incasso.api import text as sentence
from incasso_mexal.cells import CellError, text
from incasso_mexal.web.answers import RefusedError
from incasso_mexal.web.archive import Archive
from incasso_mexal.web.arrays import by_index
from incasso_mexal.web.clients import same_value
from incasso_mexal.web.webapi import Ask, WebApi, keyed

NOTE_MARK: Final = "INCASSO"
"""A note that begins so is the hub's own: only such a one, or an empty one, is written over."""

_NOTES: Final = 2
_LONGEST_NOTE: Final = 60
_WRITTEN: Final = "written."
"""Prefix in a receipt's `before`: what the block put there, to see whether somebody changed it."""


class Writer:
    """Writes to clients; only changed members travel, with the record's own time of change."""

    def __init__(
        self, archive: Archive, ctx: CallContext, begun: MutableMapping[str, Mapping[str, str]]
    ) -> None:
        """`begun` outlives the call: the values before a block whose answer was lost."""
        if not archive.settings.write_back:
            raise UnsupportedError(sentence("write_back is off in the settings of this source"))
        self._api: WebApi = archive.api
        self._settings = archive.settings
        self._where = archive.where("clients")
        self._ctx = ctx
        self._begun = begun

    def leave(self, change: WriteBack) -> Receipt:
        """Writes the change. Repeating it changes nothing: existing values are not written.

        A value that a person changed after the block is left to that person; the receipt says so.
        Raises RejectedError if the client is not there or Mexal refuses; UnsupportedError for
        steps, and for a block without values.
        """
        if change.kind is WriteBackKind.NOTE:
            return self._note(change)
        if change.kind is WriteBackKind.BLOCK_ORDERS:
            return self._block(change)
        if change.kind is WriteBackKind.RELEASE_ORDERS:
            return self._release(change)
        raise UnsupportedError(
            sentence("Mexal keeps no trace of the kind {kind}", kind=change.kind)
        )

    def _block(self, change: WriteBack) -> Receipt:
        wanted = self._settings.block_orders
        if not wanted:
            raise UnsupportedError(
                sentence(
                    "block_orders is empty: nobody said which values stop the orders of a client"
                )
            )
        held = self._client(change.client)
        changed = {name: v for name, v in wanted.items() if not same_value(held.get(name), v)}
        if not changed:
            before = self._begun.get(self._ctx.idempotency_key, {})
            note = (
                sentence("blocked by an earlier try")
                if before
                else sentence("somebody had blocked it already")
            )
            return self._receipt(change, note, before)
        before = {name: _plain(held.get(name), name) for name in changed}
        before |= {f"{_WRITTEN}{name}": value for name, value in changed.items()}
        if not self._ctx.dry_run:
            self._begun[self._ctx.idempotency_key] = before
        self._put(change.client, held, {name: _typed(name, v) for name, v in changed.items()})
        self._read_back(change.client, changed)
        return self._receipt(change, sentence("changed {changed}", changed=sorted(changed)), before)

    def _release(self, change: WriteBack) -> Receipt:
        before = {name: v for name, v in change.before.items() if not name.startswith(_WRITTEN)}
        if not before:
            raise RejectedError(
                sentence(
                    "nobody knows what stood on client {client} before the block; release it "
                    "in Mexal by hand",
                    client=change.client,
                ),
                code="nothing_to_restore",
            )
        held = self._client(change.client)
        changed = {name: v for name, v in before.items() if not same_value(held.get(name), v)}
        theirs = [name for name in changed if not self._is_ours(change, name, held)]
        words = [
            sentence(
                "{name} is {plain!r}, not what the hub had written: somebody changed it "
                "meanwhile, and it stays (it was {before!r} before the block)",
                name=name,
                plain=_plain(held.get(name), name),
                before=before[name],
            )
            for name in theirs
        ]
        ours = {name: value for name, value in changed.items() if name not in theirs}
        if ours:
            self._put(change.client, held, {name: _typed(name, v) for name, v in ours.items()})
            self._read_back(change.client, ours)
            words.insert(0, sentence("restored {ours}", ours=sorted(ours)))
        return self._receipt(
            change, in_a_row(words) or sentence("the client was released already"), {}
        )

    def _is_ours(self, change: WriteBack, name: str, held: Mapping[str, Any]) -> bool:
        """Whether a field still holds what the block put there."""
        written = change.before.get(f"{_WRITTEN}{name}", self._settings.block_orders.get(name))
        return written is None or same_value(held.get(name), written)

    def _note(self, change: WriteBack) -> Receipt:
        held = self._client(change.client)
        words = f"{NOTE_MARK} {change.on:%d/%m/%y} {change.text}".strip()[:_LONGEST_NOTE]
        try:
            notes = by_index(held.get("descr_nota"), "descr_nota")
            texts = {n: text(notes.get(n), "descr_nota") for n in range(1, _NOTES + 1)}
        except CellError as error:
            raise RejectedError(
                sentence(
                    "the notes of {client} cannot be read: {error}",
                    client=change.client,
                    error=str(error),
                )
            ) from None
        if words in texts.values():
            return self._receipt(change, sentence("the note stands there already"), {})
        place = next((n for n, each in texts.items() if each.startswith(NOTE_MARK)), None)
        place = place or next((n for n, each in texts.items() if not each), None)
        if place is None:
            raise RejectedError(
                sentence(
                    "client {client} has no free note: both hold words of the office",
                    client=change.client,
                ),
                code="no_free_note",
            )
        self._put(change.client, held, {"descr_nota": [[place, words]]})
        return self._receipt(change, words, {"descr_nota": texts[place]})

    def _client(self, code: str) -> dict[str, Any]:
        what = sentence("client {code}", code=code)
        held = self._api.record(what, "clienti", code, self._where)
        if held is None:
            raise RejectedError(sentence("{what} is not in Mexal", what=what), code="no_client")
        return held

    def _put(self, code: str, held: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        if self._ctx.dry_run:
            return
        path, params = keyed("clienti", code)
        body = {"codice": code, **values}
        if held.get("data_ult_mod"):
            body["data_ult_mod"] = held["data_ult_mod"]
        ask = Ask(
            what=sentence("change of client {code}", code=code),
            path=f"risorse/{path}",
            method="PUT",
            where=self._where,
            params=params,
            body=body,
            effect=True,
        )
        try:
            self._api.send(ask)
        except RefusedError as error:
            raise RejectedError(
                sentence("{error}; nothing was changed", error=str(error)), code=error.code
            ) from None

    def _read_back(self, code: str, wanted: Mapping[str, str]) -> None:
        """Mexal may accept a value and keep another: only what can be read again counts."""
        if self._ctx.dry_run:
            return
        held = self._client(code)
        kept = [name for name, value in wanted.items() if not same_value(held.get(name), value)]
        if kept:
            words = ", ".join(f"{name}={_plain(held.get(name), name)!r}" for name in kept)
            raise RejectedError(
                sentence(
                    "client {code}: Mexal took the change and did not keep it ({words})",
                    code=code,
                    words=words,
                ),
                code="not_kept",
            )

    def _receipt(self, change: WriteBack, note: str, before: Mapping[str, str]) -> Receipt:
        return Receipt(
            ref=f"{change.client}|{change.kind}|{change.on:%Y%m%d}"[:128],
            at=self._ctx.now(),
            status=ReceiptStatus.DONE,
            note=sentence("dry run: {note}", note=note) if self._ctx.dry_run else note,
            before=before,
        )


def _plain(value: Any, field: str) -> str:
    try:
        return text(value, field)
    except CellError:
        return str(value)


def _typed(field: str, value: str) -> Decimal | str:
    """A number where Mexal keeps one, text elsewhere."""
    return Decimal(value or "0") if field == "fido" else value
