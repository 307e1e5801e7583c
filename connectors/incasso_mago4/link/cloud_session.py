"""A session with MagoCloud or Mago Web: the same documents as MagicLink, carried by REST.

Headers hold JSON texts, parameters and documents travel in base64, and a failure may come with
status 200: that is how the service is made.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final
from urllib.parse import quote, urlsplit

import msgspec

from incasso.api import (
    AuthenticationError,
    CallContext,
    ConfigurationError,
    HttpResponse,
    OutcomeUnknownError,
    PluginError,
    RejectedError,
    TemporaryError,
)
from incasso.api import text as sentence
from incasso_mago4.link.settings import LinkSettings
from incasso_mago4.link.transport import Patience, Session
from incasso_mago4.link.xml import Answer, read_answer

APP: Final = "MagoAPI"
_LOGIN: Final = "gwam_login/api/login"
_LOGOFF: Final = "gwam_login/api/logoff"
_MAPPER: Final = "gwam_mapper/api/services/url"
_RUN: Final = "tbserver/api/tb/document/runRestFunction/"
_GET: Final = "Extensions.XEngine.TBXmlTransfer.GetDataRest"
_SET: Final = "Extensions.XEngine.TBXmlTransfer.SetDataRest"
_TOLD: Final = (400, 401, 403, 500)


class Cloud:
    """The sessions of one subscription."""

    def __init__(self, settings: LinkSettings) -> None:
        self._settings = settings
        self._open: dict[str, _Session] = {}

    def identity(self) -> str:
        """Login service and subscription."""
        return f"{urlsplit(self._settings.url).netloc}/{self._settings.subscription}"

    @contextmanager
    def session(self, ctx: CallContext, *, streams: bool = False) -> Iterator[Session]:
        """A session for one call of the hub, ended whatever happens."""
        opened = _Session(self._settings, ctx, streams)
        token = opened.log_in()
        self._open[token] = opened
        try:
            yield opened
        finally:
            self._open.pop(token, None)
            try:
                opened.log_off()
            except PluginError as error:
                ctx.log.warning("MagoCloud did not take the end of the session: %s", error)

    def close(self) -> None:
        """Logs off sessions that an interrupted call left open."""
        for token, session in list(self._open.items()):
            self._open.pop(token, None)
            with suppress(PluginError):
                session.log_off()


class _Session:
    """One login: its token, and where the company's own server is."""

    def __init__(self, settings: LinkSettings, ctx: CallContext, streams: bool) -> None:
        self._settings = settings
        self._ctx = ctx
        self._patience = Patience(ctx, settings.answer_seconds, streams=streams)
        self._leaving = False
        self._token = ""
        self._server = ""

    def log_in(self) -> str:
        """A new token. Raises AuthenticationError with the service's own words."""
        settings = self._settings
        body = {
            "accountName": settings.user,
            "password": settings.password.reveal(),
            "overwrite": settings.overwrite_login,
            "subscriptionKey": settings.subscription,
            "appId": APP,
        }
        response = self._post(f"{self._base}/{_LOGIN}", body, self._producer())
        answer = _json(response, sentence("the login"))
        if response.status == 500:
            raise TemporaryError(
                sentence("MagoCloud's login fails (500): {words}", words=_words(answer))
            )
        token = answer.get("JwtToken") or answer.get("jwtToken")
        if response.status != 200 or _failed(answer) or not isinstance(token, str) or not token:
            raise AuthenticationError(
                sentence(
                    "MagoCloud refuses the login of {user!r}: {words}; check user, password, "
                    "subscription, producer_key and app_key",
                    user=settings.user,
                    words=_words(answer),
                )
            )
        self._token = token
        return token

    def log_off(self) -> None:
        """End the session."""
        self._leaving = True
        headers = {**self._producer(), **self._authorization()}
        self._post(f"{self._base}/{_LOGOFF}", {"token": self._token}, headers)

    def get(self, question: str) -> Answer:
        """GetDataRest."""
        arguments = {
            "param": _packed(question),
            "useApproximation": True,
            "loginName": self._settings.user,
            "result": "data",
        }
        return self._run(_GET, arguments, effect=False)

    def set(self, data: str) -> Answer:
        """SetDataRest."""
        arguments = {
            "data": _packed(data),
            "saveAction": 0,
            "loginName": self._settings.user,
            "result": "data",
        }
        return self._run(_SET, arguments, effect=True)

    def _run(self, function: str, arguments: Mapping[str, Any], *, effect: bool) -> Answer:
        address = f"{self._located().rstrip('/')}/{_RUN}"
        body = {"ns": function, "args": arguments}
        response = self._post(address, body, self._headers(), effect=effect)
        if response.status == 401:
            self.log_in()
            response = self._post(address, body, self._headers(), effect=effect)
        if response.status in (401, 403):
            raise AuthenticationError(
                sentence(
                    "MagoCloud does not let {user!r} at the documents ({status}): ask its "
                    "administrator for the right to use MagoAPI",
                    user=self._settings.user,
                    status=response.status,
                )
            )
        return self._read(response, effect)

    def _read(self, response: HttpResponse, effect: bool) -> Answer:
        answer = _json(response, "a document", effect=effect)
        if response.status == 500:
            text = sentence("MagoCloud fails (500): {words}", words=_words(answer))
            raise OutcomeUnknownError(text) if effect else TemporaryError(text)
        if response.status != 200 or _failed(answer):
            raise RejectedError(
                sentence("MagoCloud refuses: {words}", words=_words(answer)), code="mago_says"
            )
        result = answer.get("result")
        found = result if isinstance(result, list) else [result] if result else []
        return read_answer(_unpacked(each) for each in found)

    def _located(self) -> str:
        """Where the company's server is, asked once per session."""
        if not self._server:
            subscription = quote(self._settings.subscription, safe="")
            response = self._ctx.http.request(
                "GET",
                f"{self._base}/{_MAPPER}/{subscription}/TBSERVER",
                headers={**self._producer(), **self._authorization()},
                timeout_s=self._patience.seconds(last=self._leaving),
                verify=self._settings.certificate or True,
                returns=_TOLD,
            )
            answer = _json(response, sentence("where the server is"))
            found = answer.get("Content") or answer.get("content")
            if response.status != 200 or _failed(answer) or not isinstance(found, str):
                raise ConfigurationError(
                    sentence(
                        "MagoCloud names no server for subscription {subscription!r}: {words}; "
                        "check subscription",
                        subscription=self._settings.subscription,
                        words=_words(answer),
                    )
                )
            self._server = found
        return self._server

    def _post(
        self, url: str, body: Mapping[str, Any], headers: Mapping[str, str], *, effect: bool = False
    ) -> HttpResponse:
        return self._ctx.http.request(
            "POST",
            url,
            effect=effect,
            json=body,
            headers=headers,
            timeout_s=self._patience.seconds(last=self._leaving),
            verify=self._settings.certificate or True,
            returns=_TOLD,
        )

    @property
    def _base(self) -> str:
        return self._settings.url.rstrip("/")

    def _headers(self) -> dict[str, str]:
        key, on = self._settings.subscription, self._ctx.on
        server = {
            "subscription": key,
            "gmtOffset": self._settings.gmt_offset,
            "date": {"day": on.day, "month": on.month, "year": on.year},
        }
        return {
            **self._producer(),
            **self._authorization(),
            "Snapshot": json.dumps({"SubscriptionKey": key}),
            "Server-Info": json.dumps(server),
        }

    def _producer(self) -> dict[str, str]:
        producer, app = self._settings.producer_key, self._settings.app_key
        keys = {
            "ProducerKey": producer.reveal() if producer else "",
            "AppKey": app.reveal() if app else "",
        }
        return {"Producer-Info": json.dumps(keys)}

    def _authorization(self) -> dict[str, str]:
        answer = {"type": "jwt", "appId": APP, "securityValue": self._token}
        return {"Authorization": json.dumps(answer)}


def _json(response: HttpResponse, what: str, *, effect: bool = False) -> Mapping[str, Any]:
    try:
        answer = response.json()
    except (msgspec.DecodeError, UnicodeDecodeError):
        answer = None
    if isinstance(answer, Mapping):
        return answer
    if response.status in (401, 403):
        raise AuthenticationError(
            sentence("MagoCloud refuses {what} ({status})", what=what, status=response.status)
        )
    text = sentence("MagoCloud answers {what} with something else than JSON: check url", what=what)
    raise OutcomeUnknownError(text) if effect else TemporaryError(text)


def _failed(answer: Mapping[str, Any]) -> bool:
    """Members that report a failure, in the spellings that were seen."""
    said = [answer[name] for name in ("success", "Success", "Result") if name in answer]
    return any(value in (False, "false", "False") for value in said)


def _words(answer: Mapping[str, Any]) -> str:
    """The service's error text, in whichever member it is."""
    for name in ("message", "Message", "error"):
        found = answer.get(name)
        if isinstance(found, Mapping):
            found = found.get("text")
        if isinstance(found, str) and found.strip():
            return " ".join(found.split())[:300]
    return sentence("without a reason")


def _packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _unpacked(text: object) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        raise TemporaryError(
            sentence("MagoCloud's answer is no document that can be read")
        ) from None
