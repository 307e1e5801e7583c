"""A service that speaks as Openapi's SMS v2 does: JSON, a Bearer token, unsigned callbacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from incasso.testing.network import Answer, Seen
from incasso.testing.sms.messages import Callback, Fate, SentSms, Stage
from incasso.testing.sms.service import SmsService

_FINAL: Final[Mapping[Fate, str]] = {
    Fate.DELIVERED: "DELIVERED",
    Fate.UNREACHABLE: "UNDELIVERABLE",
    Fate.NOBODY: "UNDELIVERABLE",
    Fate.FILTERED: "REJECTED",
    Fate.OPTED_OUT: "REJECTED",
    Fate.EXPIRED: "EXPIRED",
}
_FORBIDDEN: Final = "casino"
"""A word that it does not let pass."""


class OpenapiService(SmsService):
    """One account with its token. `shows_custom`: lists show what callbacks bring back."""

    token = "a-token-with-the-right-scopes"  # noqa: S105
    secret = "a-long-word-of-the-office"  # noqa: S105
    sender = "ACME"
    shows_custom = True

    @property
    def table(self) -> dict[str, Any]:
        """The keys of `[channels.…]` that lead here, but for the secrets."""
        return {
            "plugin": "sms",
            "service": "openapi",
            "sender": self.sender,
            "base_url": self.url,
            "allow_private_addresses": True,
        }

    @property
    def secrets(self) -> dict[str, str]:
        """The secrets that belong into that table."""
        return {"token": self.token, "callback_secret": self.secret}

    def sends(self, seen: Seen) -> bool:
        """Whether a request sends a message."""
        return seen.method == "POST"

    def answer(self, seen: Seen, query: dict[str, str]) -> Answer:
        """The answer of the resource that the path names."""
        if seen.headers.get("authorization") != f"Bearer {self.token}":
            return _refusal(401, "Wrong token")
        path = seen.path.partition("?")[0]
        if path in ("/IT-messages", "/WW-messages"):
            return self._create(seen)
        if path == "/messages":
            return self._list(query)
        for message in self.sent:
            if path == f"/messages/{message.id}":
                return _wrapped(self._shown(message))
        return _refusal(404, "Message not found")

    def callback_of(self, message: SentSms) -> Callback:
        """The request that tells the present state of a message."""
        told = {"data": self._shown(message), "custom": message.custom}
        headers = {"Content-Type": "application/json", **message.callback_headers}
        return Callback(message.callback, msgspec.json.encode(told), headers)

    def _create(self, seen: Seen) -> Answer:
        given = seen.json()
        if not 3 <= len(given["sender"]) <= 11:
            return _refusal(422, "The sender is not valid", "sender")
        if self.fate_of(given["recipient"]) is Fate.NOT_A_NUMBER:
            return _refusal(422, "The recipient is not valid", "recipient")
        if _FORBIDDEN in given["message"].lower():
            return _refusal(422, "The message holds forbidden words", "message")
        callback = given.get("callback") or {}
        message = SentSms(
            id=f"{len(self.sent) + 1:024x}",
            to=given["recipient"],
            sender=given["sender"],
            text=given["message"],
            at=self.now(),
            fate=self.fate_of(given["recipient"]),
            callback=callback.get("url", ""),
            callback_headers=callback.get("headers", {}),
            custom=callback.get("custom"),
        )
        self.take(message)
        return _wrapped(self._shown(message), 201)

    def _list(self, query: Mapping[str, str]) -> Answer:
        skip, limit = int(query.get("skip", 0)), int(query.get("limit", 10))
        found = list(reversed(self.sent))[skip : skip + limit]
        return _wrapped([self._shown(each) for each in found])

    def _shown(self, message: SentSms) -> dict[str, Any]:
        over = message.stage is Stage.OVER
        early = "NEW" if message.stage is Stage.QUEUED else "PENDING"
        shown = {
            "id": message.id,
            "sender": message.sender,
            "recipient": message.to,
            "message": message.text,
            "state": _FINAL.get(message.fate, early) if over else early,
            "messageCount": 1,
            "price": 0.05,
            "totalPrice": 0.05,
            "createdAt": message.at.isoformat(),
        }
        if self.shows_custom and message.callback:
            shown["callback"] = {"url": message.callback, "custom": message.custom}
        return shown


def _wrapped(data: Any, status: int = 200) -> Answer:
    return Answer.of({"data": data, "success": True, "message": "", "error": None}, status)


def _refusal(status: int, words: str, field: str = "") -> Answer:
    data = {"wrong_fields": [field]} if field else None
    return Answer.of({"data": data, "success": False, "message": words, "error": 1}, status)
