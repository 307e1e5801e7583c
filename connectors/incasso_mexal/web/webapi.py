"""One call's access to the WebAPI: headers, slot, time-outs, errors sorted. No business rules."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import msgspec

from incasso.api import AuthenticationError, CallContext, HttpResponse, TemporaryError, text
from incasso_mexal.web.answers import RETURNED, BusyError, MissingError, data_of, refusal
from incasso_mexal.web.login import Coordinates, authorization
from incasso_mexal.web.settings import MexalSettings
from incasso_mexal.web.slots import UserSlots, slots_of

PAGE_S: Final = 300.0
"""The server ends a service after five minutes; only then is it certain that it will not answer."""

CALL_S: Final = 18.0
_BUSY_S: Final = (0.5, 1.0, 2.0, 4.0)
_SLOT_S: Final = 60.0
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")

pause: Callable[[float], None] = time.sleep


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One request; `what` says in words what it is about."""

    what: str
    path: str
    method: str = "GET"
    where: Coordinates | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    effect: bool = False
    optional: bool = False
    """A refused login says nothing about the user: some installations close single resources."""


class WebApi:
    """The WebAPI as one hook call sees it.

    `streaming` gives each request the five minutes that a page may take; a single call keeps to
    the hub's short deadline. `trying` is a check, which may try refused credentials again.
    """

    def __init__(
        self,
        settings: MexalSettings,
        ctx: CallContext,
        *,
        streaming: bool = False,
        trying: bool = False,
    ) -> None:
        self.settings = settings
        self.ctx = ctx
        self._gate: UserSlots = slots_of(settings)
        self.streaming = streaming
        self._trying = trying
        self._root = settings.base_url.rstrip("/").removesuffix("/webapi") + "/webapi/"

    def seconds_left(self) -> float:
        """Until the deadline of a single call."""
        return (self.ctx.deadline - self.ctx.now()).total_seconds()

    def json(self, ask: Ask) -> Any:
        """The data of an answer. Raises the errors of the contract."""
        return data_of(self.send(ask), ask.what)

    def resource(
        self,
        what: str,
        path: str,
        where: Coordinates | None = None,
        params: Mapping[str, str] | None = None,
        *,
        optional: bool = False,
    ) -> Any:
        """GET of something below /risorse/."""
        return self.json(
            Ask(
                what=what,
                path=f"risorse/{path}",
                where=where,
                params=params or {},
                optional=optional,
            )
        )

    def record(
        self, what: str, resource: str, key: str, where: Coordinates
    ) -> dict[str, Any] | None:
        """One record by its key; None if there is none."""
        path, params = keyed(resource, key)
        try:
            found = self.resource(what, path, where, params)
        except MissingError:
            return None
        if not isinstance(found, dict):
            raise TemporaryError(
                text("{what}: Mexal answered with something else than a record", what=what)
            )
        inner = found.get("dati")
        return inner if isinstance(inner, dict) else found

    def service(
        self, what: str, cmd: str, data: Mapping[str, Any], where: Coordinates
    ) -> HttpResponse:
        """POST of a command to /servizi; the answer may be JSON or a file."""
        body = {"cmd": cmd, "dati": dict(data)}
        return self.send(Ask(what=what, path="servizi", method="POST", where=where, body=body))

    def send(self, ask: Ask) -> HttpResponse:
        """One request, again after a pause while the server has no free slot."""
        waits = _BUSY_S if self.streaming else _BUSY_S[:2]
        for wait in waits:
            try:
                return self._once(ask)
            except BusyError as error:
                if error.retry_after is not None and error.retry_after.total_seconds() > wait:
                    raise
                if not self.streaming and self.seconds_left() < wait + 1:
                    raise
            pause(wait)
        return self._once(ask)

    def _once(self, ask: Ask) -> HttpResponse:
        now = self.ctx.now()
        instance = self.ctx.instance_id
        with self._gate.slot(self.settings.slots, self._patience()):
            self._gate.refuse_if_refused(self.settings, instance, now, trying=self._trying)
            answer = self._exchange(ask)
            if answer.status not in RETURNED:
                self._gate.note_accepted(self.settings)
                return answer
            error = refusal(answer, ask.what, self.settings.user, effect=ask.effect)
            if isinstance(error, AuthenticationError) and not ask.optional:
                self._gate.note_refused(self.settings, instance, now, str(error))
        raise error

    def _exchange(self, ask: Ask) -> HttpResponse:
        headers = {"authorization": authorization(self.settings), "accept": "application/json"}
        if ask.where is not None:
            headers["coordinate-gestionale"] = ask.where.header
        if ask.body is not None:
            headers["content-type"] = "application/json"
        return self.ctx.http.request(
            ask.method,
            self._root + ask.path,
            params=ask.params,
            headers=headers,
            content=None if ask.body is None else _ENCODER.encode(ask.body),
            effect=ask.effect,
            timeout_s=PAGE_S if self.streaming else min(CALL_S, max(self.seconds_left(), 1.0)),
            verify=self.settings.verify,
            returns=RETURNED,
        )

    def _patience(self) -> float:
        return _SLOT_S if self.streaming else max(self.seconds_left() - 1, 1.0)


def keyed(resource: str, key: str) -> tuple[str, dict[str, str]]:
    """Path and parameters of one record: a key with a slash travels in hexadecimal."""
    if "/" in key or "\\" in key:
        return f"{resource}/{key.encode().hex()}", {"encoding": "hex"}
    return f"{resource}/{quote(key, safe='+.')}", {}
