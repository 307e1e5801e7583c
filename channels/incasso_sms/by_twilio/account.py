"""One account at Twilio: send, look for, ask about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final, TypeVar

import msgspec

from incasso.api import (
    Attachment,
    AuthenticationError,
    CallbackAnswer,
    CallbackRequest,
    CallContext,
    CheckReport,
    DeliveryUpdate,
    IncomingNews,
    OutcomeUnknownError,
    PluginError,
    Receipt,
    TemporaryError,
    text,
)
from incasso_sms.by_twilio import callbacks
from incasso_sms.by_twilio.door import DoorClient
from incasso_sms.by_twilio.errors import raised
from incasso_sms.by_twilio.news import NO_CODE, cost_of, update_of
from incasso_sms.content import Sms
from incasso_sms.settings import SmsSettings

T = TypeVar("T")

_SINGLY: Final = 10
"""So many messages are asked about one by one; of more, the newest are read in one page."""
_PAGE: Final = 1000
_RECENT: Final = 50
_SKEW: Final = timedelta(minutes=2)
"""So far Twilio's clock and ours may be apart."""
_RESERVE: Final = timedelta(seconds=4)
"""A question is begun only while so much of the call is left."""
_ACTIVE: Final = "active"


class TwilioAccount:
    """The account that the settings name."""

    def __init__(self, settings: SmsSettings) -> None:
        self._settings = settings

    def check(self, ctx: CallContext) -> CheckReport:
        """Read the account itself; an API key may not, and reads the newest message instead."""
        settings, name = self._settings, ""
        client, door = self._client(ctx)
        if settings.api_key:
            _read(lambda: client.messages.list(limit=1, page_size=1))
        else:
            account = _read(lambda: client.api.accounts(settings.account).fetch())
            if account.status != _ACTIVE:
                said = text("the account is {status} at Twilio", status=str(account.status))
                raise AuthenticationError(said)
            name = str(account.friendly_name or "")
        facts: dict[str, str] = {
            text("server"): door.url,
            text("account"): name or settings.account,
        }
        return CheckReport(remote_identity=settings.account, facts=facts)

    def send(self, sms: Sms, delivery: str, ctx: CallContext) -> Receipt:
        """Hand one message over. Twilio recognises no repeats: whatever happens after the request
        has left makes the message doubtful."""
        client, door = self._client(ctx)
        made = _effect(lambda: client.messages.create(**self._said(sms, delivery)))
        if not made.sid:
            raise OutcomeUnknownError(text("Twilio answered without a number of the message"))
        if made.status == "failed":  # it answers 201 and the reason
            raise raised(_Failed(made.error_code, made.error_message))
        return Receipt(
            ref=made.sid,
            at=ctx.now(),
            evidence=(_file(f"{made.sid}.json", door.last),),
        )

    def find(
        self, sms: Sms | None, delivery: str, not_before: datetime | None, ctx: CallContext
    ) -> Receipt:
        """Look among the messages to that number for one with these words, made since then."""
        if sms is None or not_before is None:
            raise OutcomeUnknownError(text("nothing is known by which Twilio could find it"))
        client, _ = self._client(ctx)
        listed = _read(lambda: client.messages.list(to=sms.to, limit=_RECENT, page_size=_RECENT))
        alike = [each for each in listed if _is_it(each, sms, not_before)]
        if len(alike) != 1:
            raise OutcomeUnknownError(
                text("Twilio shows {n} messages like it, which proves nothing", n=len(alike))
            )
        found = alike[0]
        return Receipt(
            ref=found.sid,
            at=_utc(found.date_created) or ctx.now(),
            note=text("found among the messages to {to}", to=sms.to),
            evidence=(_file(f"{found.sid}.json", msgspec.json.encode(_told(found))),),
        )

    def poll(self, refs: Sequence[str], ctx: CallContext) -> tuple[DeliveryUpdate, ...]:
        """What became of these; those for which there is no time are asked about at the next poll,
        and then others come first."""
        client, _ = self._client(ctx)
        left = {ref for ref in refs if ref.startswith(("SM", "MM"))}
        found = []
        if len(left) > _SINGLY:
            for each in _read(lambda: client.messages.list(limit=_PAGE, page_size=_PAGE)):
                if each.sid in left:
                    left.discard(each.sid)
                    found.append(each)
        for ref in _in_turn(sorted(left), ctx):
            if (one := _one(client, ref)) is not None:
                found.append(one)
        return tuple(filter(None, (self._update(each, ctx) for each in found)))

    def told(self, request: CallbackRequest, ctx: CallContext) -> CallbackAnswer[IncomingNews]:
        """The news of a signed request."""
        return callbacks.told(request, self._settings)

    def _client(self, ctx: CallContext) -> tuple[Any, DoorClient]:
        """The library, going through the door of this call."""
        from twilio.rest import Client  # a tenth of a second, for who sends only

        settings = self._settings
        door = DoorClient(ctx, settings.url, settings.timeout_s)
        secret = settings.api_key_secret if settings.api_key else settings.token
        client = Client(
            settings.api_key or settings.account,
            secret.reveal(),
            settings.account,
            http_client=door,
            environment={"": ""},  # an empty one would be replaced by the process's own
        )
        return client, door

    def _said(self, sms: Sms, delivery: str) -> dict[str, str]:
        settings = self._settings
        said = {"to": sms.to, "body": sms.text}
        if settings.messaging_service:
            said["messaging_service_sid"] = settings.messaging_service
        else:
            said["from_"] = settings.sender
        if address := callbacks.address_for(settings, delivery):
            said["status_callback"] = address
        return said

    def _update(self, message: Any, ctx: CallContext) -> DeliveryUpdate | None:
        return update_of(
            message.sid,
            str(message.status or ""),
            message.error_code or NO_CODE,
            at=_utc(message.date_updated) or ctx.now(),
            evidence=_file(
                f"{message.sid}-{message.status}.json", msgspec.json.encode(_told(message))
            ),
            cost=cost_of(message.price, message.price_unit, self._settings.billed_in),
        )


class _Failed:
    """A refusal that came with a good status."""

    status = 400

    def __init__(self, code: int | None, msg: str | None) -> None:
        self.code, self.msg = code, msg


def _effect(call: Callable[[], T]) -> T:
    """A call that sends. An answer that nobody can read came after the message."""
    return _called(call, lambda: OutcomeUnknownError(text("Twilio's answer cannot be read")))


def _read(call: Callable[[], T]) -> T:
    """A call that asks."""
    return _called(call, lambda: TemporaryError(text("Twilio's answer cannot be read")))


def _called(call: Callable[[], T], unreadable: Callable[[], PluginError]) -> T:
    from twilio.base.exceptions import TwilioException

    try:
        return call()
    except PluginError:
        raise
    except TwilioException as error:
        raise raised(error) from None
    except (ValueError, TypeError, AttributeError, KeyError):
        raise unreadable() from None


def _one(client: Any, ref: str) -> Any | None:
    """A message by its number; None if the account has no such message."""
    from twilio.base.exceptions import TwilioException

    def fetched() -> Any | None:
        try:
            return client.messages(ref).fetch()
        except TwilioException as error:
            if getattr(error, "status", 0) == HTTPStatus.NOT_FOUND:
                return None
            raise

    return _read(fetched)


def _in_turn(refs: Sequence[str], ctx: CallContext) -> Iterator[str]:
    """As many as there is time for, beginning elsewhere each minute: a service that keeps many
    open must not hide the later ones."""
    if not refs:
        return
    first = int(ctx.now().timestamp() // 60) % len(refs)
    for ref in (*refs[first:], *refs[:first]):
        if ctx.deadline - ctx.now() < _RESERVE:
            return
        yield ref


def _is_it(message: Any, sms: Sms, not_before: datetime) -> bool:
    made = _utc(message.date_created)
    return (
        message.to == sms.to
        and message.body == sms.text
        and made is not None
        and made >= not_before - _SKEW
    )


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.replace(tzinfo=at.tzinfo or UTC)


_SHOWN: Final = ("sid", "status", "to", "from_", "error_code", "error_message", "num_segments")


def _told(message: Any) -> dict[str, Any]:
    """What Twilio says of a message, without its words."""
    dates = {name: _utc(getattr(message, name)) for name in ("date_created", "date_sent")}
    shown = {name: getattr(message, name) for name in _SHOWN}
    return {**shown, **dates, "price": message.price, "price_unit": message.price_unit}


def _file(name: str, content: bytes) -> Attachment:
    return Attachment(filename=name, media_type="application/json", content=content)
