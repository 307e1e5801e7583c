"""A service that speaks as Twilio does: its Messages resource, its codes, its signed callbacks.

Written from Twilio's published description, without its library.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from incasso.testing.network import Answer, Seen
from incasso.testing.sms.messages import Callback, Fate, SentSms, Stage
from incasso.testing.sms.service import SmsService

_FINAL: Final[Mapping[Fate, tuple[str, int | None]]] = {
    Fate.DELIVERED: ("delivered", None),
    Fate.UNREACHABLE: ("undelivered", 30003),
    Fate.NOBODY: ("undelivered", 30005),
    Fate.FILTERED: ("undelivered", 30007),
    Fate.EXPIRED: ("undelivered", 30003),
}
_REFUSED: Final[Mapping[Fate, tuple[int, str]]] = {
    Fate.NOT_A_NUMBER: (21211, "Invalid 'To' Phone Number"),
    Fate.OPTED_OUT: (21610, "Attempt to send to unsubscribed recipient"),
}
_ROOT: Final = "/2010-04-01/Accounts/"


class TwilioService(SmsService):
    """One account with its Auth Token."""

    account = "AC" + "1" * 32
    token = "an-auth-token-of-32-characters--"  # noqa: S105
    status = "active"
    sender = "ACME"

    @property
    def table(self) -> dict[str, Any]:
        """The keys of `[channels.…]` that lead here, but for the secrets."""
        return {
            "plugin": "sms",
            "service": "twilio",
            "account": self.account,
            "sender": self.sender,
            "base_url": self.url,
            "allow_private_addresses": True,
        }

    @property
    def secrets(self) -> dict[str, str]:
        """The secrets that belong into that table."""
        return {"token": self.token}

    def sends(self, seen: Seen) -> bool:
        """Whether a request sends a message."""
        return seen.method == "POST"

    def answer(self, seen: Seen, query: dict[str, str]) -> Answer:
        """The answer of the resource that the path names."""
        if seen.headers.get("authorization") != _basic(self.account, self.token):
            return _refusal(401, 20003, "Authenticate")
        path = seen.path.partition("?")[0].removeprefix(_ROOT + self.account)
        if self.status != "active":
            return _refusal(401, 20005, "Account not active")
        if path == ".json":
            return Answer.of({"sid": self.account, "friendly_name": "Acme", "status": self.status})
        if path == "/Messages.json":
            return self._create(seen) if seen.method == "POST" else self._list(query)
        for message in self.sent:
            if path == f"/Messages/{message.id}.json":
                return Answer.of(self._shown(message))
        return _refusal(404, 20404, "The requested resource was not found")

    def callback_of(self, message: SentSms) -> Callback:
        """The request that tells the present state of a message."""
        status, code = self._state(message)
        fields = {
            "MessageSid": message.id,
            "MessageStatus": status,
            "SmsStatus": status,
            "To": message.to,
            "From": message.sender,
            "AccountSid": self.account,
        }
        if code:
            fields["ErrorCode"] = str(code)
        return self.signed(message.callback, fields)

    def reply(self, number: str, words: str, address: str, *, opt_out: str = "") -> Callback:
        """A telephone answers: the request to the address that the account names for replies.

        After STOP Twilio itself refuses later messages to that number.
        """
        fields = {
            "MessageSid": f"SM{len(self.seen) + 5000:032x}",
            "SmsStatus": "received",
            "From": number,
            "To": "+15005550006",
            "Body": words,
            "AccountSid": self.account,
        }
        if opt_out:
            fields["OptOutType"] = opt_out
        if words.strip().upper() == "STOP":
            self.fate(number, Fate.OPTED_OUT)
        return self.signed(address, fields)

    def signed(self, address: str, fields: Mapping[str, str]) -> Callback:
        """A request as Twilio makes it: the address and all fields in order, by HMAC-SHA1."""
        said = address + "".join(f"{name}{fields[name]}" for name in sorted(fields))
        digest = hmac.new(self.token.encode(), said.encode(), "sha1").digest()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": base64.b64encode(digest).decode(),
        }
        return Callback(address, urlencode(fields).encode(), headers)

    def _create(self, seen: Seen) -> Answer:
        given = dict(parse_qsl(seen.body.decode()))
        fate = self.fate_of(given.get("To", ""))
        if refused := _REFUSED.get(fate):
            return _refusal(400, *refused)
        if not (given.get("From") or given.get("MessagingServiceSid")):
            return _refusal(400, 21603, "A 'From' phone number is required.")
        message = SentSms(
            id=f"SM{len(self.sent) + 1:032x}",
            to=given["To"],
            sender=given.get("From", "") or given["MessagingServiceSid"],
            text=given["Body"],
            at=self.now(),
            fate=fate,
            callback=given.get("StatusCallback", ""),
        )
        self.take(message)
        return Answer.of(self._shown(message), 201)

    def _list(self, query: Mapping[str, str]) -> Answer:
        """Newest first, of one number if it is given."""
        found = [each for each in reversed(self.sent) if query.get("To", each.to) == each.to]
        size = int(query.get("PageSize", 50))
        path = f"{_ROOT}{self.account}/Messages.json"
        return Answer.of(
            {
                "messages": [self._shown(each) for each in found[:size]],
                "next_page_uri": None,
                "page": 0,
                "page_size": size,
                "uri": path,
                "first_page_uri": path,
                "previous_page_uri": None,
                "start": 0,
                "end": 0,
            }
        )

    def _state(self, message: SentSms) -> tuple[str, int | None]:
        if message.stage is Stage.OVER:
            return _FINAL.get(message.fate, ("sent", None))
        return ("queued" if message.stage is Stage.QUEUED else "sent"), None

    def _shown(self, message: SentSms) -> dict[str, Any]:
        status, code = self._state(message)
        over = message.stage is Stage.OVER
        return {
            "sid": message.id,
            "account_sid": self.account,
            "to": message.to,
            "from": message.sender,
            "body": message.text,
            "status": status,
            "error_code": code,
            "error_message": None,
            "num_segments": "1",
            "num_media": "0",
            "direction": "outbound-api",
            "date_created": _date(message.at),
            "date_sent": _date(message.changed_at),
            "date_updated": _date(message.changed_at or message.at),
            "price": "-0.07300" if over else None,
            "price_unit": "EUR",
        }


def _refusal(status: int, code: int, words: str) -> Answer:
    told = {"code": code, "message": words, "status": status, "more_info": ""}
    return Answer.of(told, status)


def _date(at: datetime | None) -> str | None:
    return None if at is None else format_datetime(at)


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
