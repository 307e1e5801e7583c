"""The channel "graph": the exact bytes of a mail, handed over to Microsoft Graph."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from incasso.api import (
    CallContext,
    CheckReport,
    HttpResponse,
    OutboundMessage,
    OutcomeUnknownError,
    Prepared,
    Problem,
    Receipt,
    Secret,
    hookimpl,
    in_a_row,
    mail,
    text,
)
from incasso_smtp.graph.answers import STALE, TAKEN, refused, unknown
from incasso_smtp.graph.settings import GraphSettings
from incasso_smtp.mailing import MailingChannel

_ALL: Final = frozenset(range(400, 600))
_READ: Final = "Mail.ReadBasic.All"
_NO_MAIL: Final = b"*"
"""Not base64: Graph refuses it, after it has looked whether we may send at all."""


class GraphChannel(MailingChannel):
    """One mailbox of Microsoft 365."""

    def __init__(self, settings: GraphSettings) -> None:
        super().__init__(
            settings,
            largest=settings.max_message_bytes,
            inbox=settings.mailbox,
            relays=("outlook.com",),
        )
        self._settings = settings

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Sign in, ask for the right to send and for the folder of sent mail; nothing is sent."""
        settings = self._settings
        ctx.step(text("sending"))
        answer = self._post(_NO_MAIL, ctx)
        if answer.status in (401, 403, 404, 429) or answer.status >= 500:
            raise refused(answer, self._sender)
        ctx.step(text("sent mail"))
        facts: dict[str, str] = {
            text("server"): settings.api,
            text("signs in as"): settings.sign_in.account,
            text("largest message, bytes"): str(settings.max_message_bytes),
            **self._inbox_checked(ctx),
        }
        return CheckReport(
            remote_identity=settings.account,
            facts=facts,
            warnings=(*self._unfindable(ctx), *settings.unproven_bounces(reports=False)),
        )

    @hookimpl
    def channel_send(
        self, message: OutboundMessage, prepared: Prepared, ctx: CallContext
    ) -> Receipt:
        """Hand the bytes over; in a dry run only the right to send is asked for."""
        _, problems = self._addressed(message)
        words = tuple(problem.message for problem in problems)
        if ctx.dry_run:
            nothing = text("dry run: signed in, nothing sent")
            self._token(ctx)
            return Receipt(ref=prepared.ref, at=ctx.now(), note=in_a_row((nothing, *words)))
        try:
            answer = self._post(b64encode(prepared.content), ctx)
        except OutcomeUnknownError as error:
            raise OutcomeUnknownError(str(error), ref=prepared.ref) from None
        if answer.status == TAKEN:
            return Receipt(ref=prepared.ref, at=ctx.now(), note=in_a_row(words) if words else "")
        raise unknown(answer, prepared.ref) or refused(answer, self._sender)

    @hookimpl
    def channel_find(self, delivery: str, ctx: CallContext) -> Receipt | None:
        """Look among sent mail, where Graph files a copy. Never says "certainly not"."""
        ref = mail.message_id(delivery, self._settings.sender_domain)
        answer = self._get(
            "mailFolders/sentitems/messages",
            ctx,
            {
                "$filter": f"internetMessageId eq '{ref}'",
                "$select": "internetMessageId,sentDateTime",
            },
        )
        if answer.status >= 400:
            why = str(refused(answer, self._sender, _READ))
            raise OutcomeUnknownError(why, ref=ref)
        at = _sent_at(answer, ref)
        if at is None:
            raise OutcomeUnknownError(text("not among sent mail, which proves nothing"), ref=ref)
        return Receipt(ref=ref, at=at, note=text("found among sent mail"))

    def _unfindable(self, ctx: CallContext) -> Iterator[Problem]:
        """Without the right to read, what became of a doubtful message cannot be looked up."""
        answer = self._get("mailFolders/sentitems", ctx, {"$select": "displayName"})
        if answer.status >= 400:
            yield Problem(
                code="sent_mail_closed",
                message=text("sent mail cannot be read: a person must look up doubtful messages"),
                hint=text("give the application the permission {permission}", permission=_READ),
            )

    def _post(self, content: bytes, ctx: CallContext) -> HttpResponse:
        return self._asked("POST", "sendMail", ctx, content=content, effect=True)

    def _get(self, path: str, ctx: CallContext, params: Mapping[str, str]) -> HttpResponse:
        return self._asked("GET", path, ctx, params=params)

    def _asked(self, method: str, path: str, ctx: CallContext, **given: Any) -> HttpResponse:
        """One request; with a new token once more if the one that was kept is refused."""
        token = self._token(ctx)
        answer = self._once(method, path, token, ctx, given)
        if answer.status != STALE:
            return answer
        return self._once(method, path, self._token(ctx, instead_of=token), ctx, given)

    def _once(
        self, method: str, path: str, token: Secret, ctx: CallContext, given: Mapping[str, Any]
    ) -> HttpResponse:
        headers = {"authorization": f"Bearer {token.reveal()}", "accept": "application/json"}
        if method == "POST":
            headers["content-type"] = "text/plain"
        settings = self._settings
        return ctx.http.request(
            method,
            f"{settings.address}/{path}",
            headers=headers,
            timeout_s=settings.timeout_s,
            verify=str(settings.ca_file) if settings.ca_file else settings.verify,
            returns=_ALL,
            **given,
        )

    def _token(self, ctx: CallContext, *, instead_of: Secret | None = None) -> Secret:
        settings = self._settings
        return ctx.mail.token(settings.sign_in, settings.scope, self._sender, instead_of=instead_of)


def _sent_at(answer: HttpResponse, ref: str) -> datetime | None:
    """When the mail with this Message-ID was sent; None if it is not in the answer."""
    try:
        found = msgspec.json.decode(answer.content, type=_Found)
    except msgspec.DecodeError:
        return None
    return next((each.sent_at for each in found.value if each.message_id == ref), None)


class _Sent(msgspec.Struct, rename={"message_id": "internetMessageId", "sent_at": "sentDateTime"}):
    message_id: str
    sent_at: datetime


class _Found(msgspec.Struct):
    value: tuple[_Sent, ...]
