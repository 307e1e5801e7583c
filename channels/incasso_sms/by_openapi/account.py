"""One account at Openapi, SMS v2: send, look for, ask about.

Its callbacks carry a word that we gave and no signature. So one is only a sign that the message is
there; what became of it is read by the next poll.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from incasso.api import (
    CallbackAnswer,
    CallbackRequest,
    CallContext,
    CheckReport,
    DeliveryState,
    DeliveryUpdate,
    HttpResponse,
    IncomingNews,
    OutcomeUnknownError,
    Receipt,
    RejectedError,
    TemporaryError,
    text,
)
from incasso_sms.by_openapi.errors import EXPLAINED, error_of, is_explained
from incasso_sms.by_openapi.messages import (
    cost_of,
    custom_of,
    made_at,
    messages_in,
    proof,
    record,
    update_of,
)
from incasso_sms.content import Sms
from incasso_sms.settings import SmsSettings

SECRET_HEADER: Final = "X-Incasso-Secret"  # noqa: S105
_ITALY: Final = "+39"
_REPEATS: Final = 5
"""So often it repeats a callback that we do not take; the service allows no other number."""
_PAGE: Final = 100
_PAGES: Final = 5
_SINGLY: Final = 10
_SKEW: Final = timedelta(minutes=2)
_RESERVE: Final = timedelta(seconds=4)
_NOT_FOUND: Final = 404
_MADE: Final = (200, 201, 202)


class OpenapiAccount:
    """The account that the token of the settings belongs to."""

    def __init__(self, settings: SmsSettings) -> None:
        self._settings = settings

    def check(self, ctx: CallContext) -> CheckReport:
        """Read the newest message, which needs the same token as sending."""
        self._listed(ctx, skip=0, limit=1)
        facts: dict[str, str] = {text("server"): self._settings.url}
        identity = f"{self._settings.sender}@{self._settings.url}"
        return CheckReport(remote_identity=identity, facts=facts)

    def send(self, sms: Sms, delivery: str, ctx: CallContext) -> Receipt:
        """Hand one message over. Openapi recognises no repeats."""
        path = "IT-messages" if sms.to.startswith(_ITALY) else "WW-messages"
        answer = self._asked(ctx, "POST", path, json=self._said(sms, delivery), effect=True)
        if answer.status not in _MADE:
            raise error_of(answer)
        made = _first(answer)
        if made is None:
            raise OutcomeUnknownError(text("Openapi's answer cannot be read"))
        return Receipt(
            ref=made["id"],
            at=ctx.now(),
            cost=cost_of(made),
            evidence=(proof(made["id"], made),),
        )

    def find(
        self, sms: Sms | None, delivery: str, not_before: datetime | None, ctx: CallContext
    ) -> Receipt:
        """Look among the newest messages for our id, else for recipient, words and time."""
        found: list[dict[str, Any]] = []
        for skip in range(0, _PAGE * _PAGES, _PAGE):
            page = self._listed(ctx, skip=skip, limit=_PAGE)
            found += [each for each in page if _is_it(each, sms, delivery, not_before)]
            if found or len(page) < _PAGE or ctx.deadline - ctx.now() < _RESERVE:
                break
        if len(found) != 1:
            raise OutcomeUnknownError(
                text("Openapi shows {n} messages like it, which proves nothing", n=len(found))
            )
        ref = found[0]["id"]
        return Receipt(
            ref=ref,
            at=made_at(found[0]) or ctx.now(),
            note=text("found in Openapi's list"),
            evidence=(proof(ref, found[0]),),
        )

    def poll(self, refs: Sequence[str], ctx: CallContext) -> tuple[DeliveryUpdate, ...]:
        """What became of these, as far as there is time for."""
        left = dict.fromkeys(refs)
        found: list[dict[str, Any]] = []
        if len(left) > _SINGLY:
            for each in self._listed(ctx, skip=0, limit=_PAGE):
                if each["id"] in left:
                    del left[each["id"]]
                    found.append(each)
        for ref in _in_turn(tuple(left), ctx):
            if ctx.deadline - ctx.now() < _RESERVE:
                break
            if (one := self._one(ref, ctx)) is not None:
                found.append(one)
        return tuple(filter(None, (update_of(each, ctx.now()) for each in found)))

    def told(self, request: CallbackRequest, ctx: CallContext) -> CallbackAnswer[IncomingNews]:
        """A sign that the message is there; the next poll reads what became of it."""
        known = self._settings.callback_secret.reveal().encode()
        given = request.headers.get(SECRET_HEADER.lower(), "").encode()
        if not known or not hmac.compare_digest(known, given):
            raise RejectedError(text("the callback lacks our secret"), code="signature")
        return CallbackAnswer(updates=_signs(request), status=200)

    def _said(self, sms: Sms, delivery: str) -> dict[str, Any]:
        settings = self._settings
        said: dict[str, Any] = {
            "sender": sms.sender,
            "recipient": sms.to,
            "message": sms.text,
            "options": {"dryRun": False, "failOnMultipleMessages": False},
        }
        if settings.callback_url:
            said["callback"] = {
                "url": settings.callback_url,
                "method": "JSON",
                "headers": {SECRET_HEADER: settings.callback_secret.reveal()},
                "custom": {"delivery": delivery},
                "retry": _REPEATS,
            }
        return said

    def _listed(self, ctx: CallContext, *, skip: int, limit: int) -> list[dict[str, Any]]:
        params = {"skip": str(skip), "limit": str(limit)}
        answer = self._asked(ctx, "GET", "messages", params=params)
        if answer.status == _NOT_FOUND and is_explained(answer):
            return []  # so it says that a list is empty
        if answer.status not in _MADE:
            raise error_of(answer)
        return messages_in(_read(answer))

    def _one(self, ref: str, ctx: CallContext) -> dict[str, Any] | None:
        answer = self._asked(ctx, "GET", f"messages/{ref}")
        if answer.status in (_NOT_FOUND, 400, 422):
            return None
        if answer.status not in _MADE:
            raise error_of(answer)
        return _first(answer)

    def _asked(
        self,
        ctx: CallContext,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str] | None = None,
        effect: bool = False,
    ) -> HttpResponse:
        return ctx.http.request(
            method,
            f"{self._settings.url}/{path}",
            effect=effect,
            json=json,
            params=params,
            headers={"authorization": f"Bearer {self._settings.token.reveal()}"},
            timeout_s=self._settings.timeout_s,
            returns=EXPLAINED,
        )


def _read(answer: HttpResponse) -> Any:
    try:
        return record(answer.content)
    except ValueError:
        raise TemporaryError(text("Openapi's answer cannot be read")) from None


def _first(answer: HttpResponse) -> dict[str, Any] | None:
    try:
        return next(iter(messages_in(record(answer.content))), None)
    except ValueError:
        return None


def _is_it(
    message: Mapping[str, Any], sms: Sms | None, delivery: str, not_before: datetime | None
) -> bool:
    if (custom := custom_of(message)) is not None:
        return custom == delivery
    made = made_at(message)
    return (
        sms is not None
        and message.get("recipient") == sms.to
        and message.get("message") == sms.text
        and None not in (made, not_before)
        and made >= not_before - _SKEW  # type: ignore[operator]
    )


def _signs(request: CallbackRequest) -> tuple[DeliveryUpdate, ...]:
    """Our delivery, as the request names it; nothing else of it is believed."""
    try:
        told = messages_in(record(request.body))
        custom = custom_of(msgspec.json.decode(request.body, type=dict[str, Any]))
    except ValueError:
        return ()
    if not told:
        return ()
    ref = told[0]["id"][:128]
    return (
        DeliveryUpdate(
            ref=(custom or custom_of(told[0]) or ref)[:128],
            receipt_ref=ref,
            update_id=f"{ref}-told-{str(told[0].get('state', '')).lower()}"[:512],
            state=DeliveryState.SENT,
            at=request.received_at,
            note=text("Openapi called; what became of it is read by collect"),
        ),
    )


def _in_turn(refs: Sequence[str], ctx: CallContext) -> Sequence[str]:
    """Beginning elsewhere each minute: those for which there is no time come first another day."""
    first = int(ctx.now().timestamp() // 60) % len(refs) if refs else 0
    return (*refs[first:], *refs[:first])
