"""The requests to the service, and what its refusals mean for the hub."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final

import msgspec

from incasso.api import (
    AuthenticationError,
    CallContext,
    ConfigurationError,
    HttpResponse,
    OutcomeUnknownError,
    Problem,
    RejectedError,
    TemporaryError,
    text,
)
from incasso_postal.answers import (
    Event,
    Posted,
    UnreadableAnswerError,
    all_posted_in,
    body_of,
    events_in,
    posted_in,
)
from incasso_postal.login import Login
from incasso_postal.products import Product
from incasso_postal.settings import PostalSettings

_EXPLAINED: Final = (401, 402, 403, 404, 421, 422)
_NOT_AGAIN: Final = frozenset({"2060", "52020", "52050", "52060"})
"""Already confirmed, or no longer to be changed."""
_OF_SENDER: Final = "11"
"""Numbers of the sender's faults begin so."""
_PDF: Final = b"%PDF"


class AlreadyConfirmedError(Exception):
    """The letter was confirmed before, or cannot be any more: read it again."""


class Service:
    """One account at the service."""

    def __init__(self, settings: PostalSettings) -> None:
        self._settings = settings
        self._login = Login(settings)

    def create(self, product: Product, body: dict[str, Any], ctx: CallContext) -> Posted:
        """Put a draft down: it costs nothing, so an answer that never came does no harm.

        Raises RejectedError for what the service refuses, TemporaryError for everything lost.
        """
        answer = self._ask("POST", f"/{product}/", ctx, json=body)
        if answer.status >= 400:
            raise self._refused(answer)
        return _read(answer)

    def confirm(self, ref: str, ctx: CallContext) -> Posted:
        """The one act that costs. Raises AlreadyConfirmedError, OutcomeUnknownError."""
        answer = self._ask("PATCH", f"/{ref}", ctx, json={"confirmed": True}, effect=True)
        if _is_missing(answer):
            raise TemporaryError(text("the service has no draft {ref} any more", ref=ref))
        if answer.status >= 400:
            if answer.status == 421 or _number(answer) in _NOT_AGAIN:
                raise AlreadyConfirmedError
            raise self._refused(answer)
        try:
            return posted_in(answer)
        except UnreadableAnswerError:
            raise OutcomeUnknownError(_senseless(), ref=ref) from None

    def read(self, ref: str, ctx: CallContext) -> Posted | None:
        """The letter as it is now; None if the service has none of that number."""
        answer = self._ask("GET", f"/{ref}", ctx)
        if _is_missing(answer):
            return None
        if answer.status >= 400:
            raise self._refused(answer)
        return _read(answer)

    def marked(
        self, products: Collection[Product], mark: str, ctx: CallContext
    ) -> Iterator[tuple[str, Posted]]:
        """Every letter with our mark, by reference."""
        for product in dict.fromkeys(products):
            for ref, posted in self.listed(product, ctx).items():
                if posted.mark == mark:
                    yield ref, posted

    def listed(self, product: Product, ctx: CallContext) -> dict[str, Posted]:
        """Every letter of a product that the account ever sent, by reference."""
        answer = self._ask("GET", f"/{product}/", ctx)
        if _is_missing(answer):
            return {}
        if answer.status >= 400:
            raise self._refused(answer)
        try:
            return {product.ref(each.number): each for each in all_posted_in(answer)}
        except UnreadableAnswerError:
            raise TemporaryError(_senseless()) from None

    def tracked(self, number: str, ctx: CallContext) -> tuple[Event, ...]:
        """The tracking of a registered letter by its number."""
        answer = self._ask("GET", f"/tracking/{number}", ctx)
        if answer.status >= 400:
            return ()
        try:
            return events_in(body_of(answer).get("data"))
        except UnreadableAnswerError:
            return ()

    def paper(self, path: str, ctx: CallContext) -> bytes | None:
        """A signed PDF; None while it is not ready."""
        answer = self._ask("GET", path, ctx, accept="application/pdf")
        is_there = answer.status < 400 and answer.content.startswith(_PDF)
        return answer.content if is_there else None

    def check(self, product: Product, ctx: CallContext) -> None:
        """Ask something that costs nothing and needs the account."""
        answer = self._ask("GET", f"/{product}/", ctx)
        if _is_missing(answer):
            return  # nothing was ever sent
        if answer.status >= 400:
            raise self._refused(answer)
        try:
            body_of(answer)
        except UnreadableAnswerError:
            raise TemporaryError(_senseless()) from None

    def _ask(
        self,
        method: str,
        path: str,
        ctx: CallContext,
        *,
        json: Any = None,
        effect: bool = False,
        accept: str = "application/json",
    ) -> HttpResponse:
        """One request; a token that has ended is made anew once, for nothing has happened then."""

        def once(token: str) -> HttpResponse:
            return ctx.http.request(
                method,
                f"{self._settings.service}{path}",
                headers={"authorization": f"Bearer {token}", "accept": accept},
                json=json,
                effect=effect,
                returns=_EXPLAINED,
            )

        answer = once(self._login.token(ctx))
        if answer.status == 401 and self._login.renews:
            answer = once(self._login.token(ctx, renewed=True))
        if answer.status in (401, 403):
            raise AuthenticationError(
                text(
                    "the postal service refuses the token ({status}): it has ended, or lacks the "
                    "right to {request}",
                    status=str(answer.status),
                    request=f"{method} {path.strip('/').partition('/')[0]}",
                )
            )
        if answer.status == 402 or (answer.status == 422 and _is_about_credit(answer)):
            raise AuthenticationError(text("no credit is left at the postal service: top it up"))
        return answer

    def _refused(self, answer: HttpResponse) -> Exception:
        """A refusal with its reason; what is wrong with the sender concerns every letter."""
        said, number = _message(answer), _number(answer)
        fields = _wrong_fields(answer)
        problems = tuple(
            Problem(code=number or "refused", field=each, message=said) for each in fields or ("",)
        )
        told = text("the postal service refuses it: {said}", said=said)
        if number.startswith(_OF_SENDER) and len(number) == 5:
            return ConfigurationError(problems)
        wrong_address = number.startswith("12") and len(number) == 5
        return RejectedError(
            told, code=number or "refused", problems=problems, bad_address=wrong_address
        )


def _read(answer: HttpResponse) -> Posted:
    try:
        return posted_in(answer)
    except UnreadableAnswerError:
        raise TemporaryError(_senseless()) from None


def _senseless() -> str:
    return text("the postal service answers in a form that is not its own")


def _is_missing(answer: HttpResponse) -> bool:
    """Whether the service itself says that it has none. A 404 of a proxy, or of a wrong address,
    proves nothing about a letter."""
    return answer.status == 404 and "success" in _plain(answer)


def _plain(answer: HttpResponse) -> dict[str, Any]:
    try:
        return body_of(answer)
    except UnreadableAnswerError:
        return {}


def _number(answer: HttpResponse) -> str:
    found = _plain(answer).get("error")
    return str(found) if isinstance(found, int | str) and not isinstance(found, bool) else ""


def _message(answer: HttpResponse) -> str:
    found = _plain(answer).get("message")
    said = " ".join(found.split())[:300] if isinstance(found, str) else ""
    return said or _number(answer) or str(answer.status)


def _wrong_fields(answer: HttpResponse) -> tuple[str, ...]:
    data = _plain(answer).get("data")
    found = data.get("wrong_fields") if isinstance(data, dict) else None
    named = found if isinstance(found, list | dict) else ()
    return tuple(
        each if isinstance(each, str) else msgspec.json.encode(each).decode()[:80] for each in named
    )[:10]


def _is_about_credit(answer: HttpResponse) -> bool:
    said = _message(answer).lower()
    return "credit" in said and ("insuff" in said or "not enough" in said or "esaurit" in said)
