"""Sessions with MagicLink: log in, ask, and always log off, because a session holds a licence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, time
from threading import Lock
from typing import Final
from urllib.parse import urlsplit

from incasso.api import CallContext, PluginError, TemporaryError, text
from incasso_mago4.link.codes import NO_ERROR, login_error
from incasso_mago4.link.methods import TokenSession
from incasso_mago4.link.settings import LinkSettings
from incasso_mago4.link.soap import LOGIN_MANAGER, FaultError, Services, Wire
from incasso_mago4.link.token import KeptToken
from incasso_mago4.link.transport import Patience, Session

PRODUCER: Final = "Incasso"
_UI: Final = "Framework.TbGenlibUI.TbGenlibUI/TbGenlibUI"


class MagicLink:
    """The sessions of one company on one server.

    Calls that overlap share one session: a second login of the same user would end the first.
    """

    def __init__(self, settings: LinkSettings) -> None:
        self._settings = settings
        self._services = Services(f"{settings.url.rstrip('/')}/{settings.instance.strip('/')}")
        self._kept = KeptToken(settings.keep_token)
        self._lock = Lock()
        self._token = ""
        self._wires: list[Wire] = []
        """One for each call that uses the open session."""
        self._stranded: set[str] = set()

    def identity(self) -> str:
        """Server, instance and company."""
        settings = self._settings
        place = f"{urlsplit(settings.url).netloc}/{settings.instance}/{settings.company}"
        return f"{place}#{settings.fiscal_company}" if settings.fiscal_company else place

    @contextmanager
    def session(self, ctx: CallContext, *, streams: bool = False) -> Iterator[Session]:
        """A session for one call of the hub. Raises what the login answers, in words."""
        patience = Patience(ctx, self._settings.answer_seconds, streams=streams)
        wire = Wire(ctx.http, patience, self._settings.certificate or True)
        try:
            yield self._opened(wire, ctx)
        finally:
            self._leave(wire, ctx)

    def close(self) -> None:
        """Logs off sessions that an interrupted call left open; a kept session stays."""
        for wire in list(self._wires):
            with suppress(PluginError):
                self._log_off(self._token, wire)
            self._wires.clear()

    def _opened(self, wire: Wire, ctx: CallContext) -> TokenSession:
        """The session that is open already, or a new one with its fiscal company chosen."""
        with self._lock:
            begun = bool(self._wires)
            if not begun:
                self._end_stranded(wire, ctx)
                self._token = self._still_known(wire) or self._log_in(wire)
            self._wires.append(wire)
            on = datetime.combine(ctx.on, time())
            opened = TokenSession(
                self._token, self._services, wire, on, lambda old: self._renewed(wire, old)
            )
            if not begun:
                self._choose_fiscal_company(opened)
            return opened

    def _log_in(self, wire: Wire) -> str:
        settings = self._settings
        key = settings.producer_key
        answer = self._services.call(
            wire,
            LOGIN_MANAGER,
            "LoginCompact",
            userName=settings.user,
            companyName=settings.company,
            password=settings.password.reveal(),
            askingProcess=key.reveal() if key else PRODUCER,
            overWriteLogin=settings.overwrite_login,
        )
        if answer.LoginCompactResult != NO_ERROR:
            raise login_error(answer.LoginCompactResult, settings.user, settings.company)
        token = str(answer.authenticationToken or "")
        if not token:
            raise TemporaryError(text("Mago let the user in without giving a token; try again"))
        self._kept.write(token)
        return token

    def _still_known(self, wire: Wire) -> str:
        """The token of an earlier run, if Mago still knows it; empty: log in."""
        token = self._kept.read()
        if token and self._services.offers(wire, LOGIN_MANAGER, "IsValidToken"):
            known = self._services.call(
                wire, LOGIN_MANAGER, "IsValidToken", authenticationToken=token
            )
            return token if known else ""
        return token

    def _renewed(self, wire: Wire, old: str) -> str | None:
        """A new token in place of one that no longer works; only a kept one may be stale."""
        if not self._kept:
            return None
        with self._lock:
            if self._token == old:
                self._kept.forget()
                self._token = self._log_in(wire)
            return self._token

    def _leave(self, wire: Wire, ctx: CallContext) -> None:
        """Logs off with the last call; a token that could not be logged off is retried later."""
        with self._lock:
            if wire not in self._wires:
                return
            self._wires.remove(wire)
            if self._wires:
                return
            try:
                self._log_off(self._token, wire)
            except PluginError as error:
                self._stranded.add(self._token)
                ctx.log.warning("Mago's licence (CAL) is still taken, log-off failed: %s", error)

    def _log_off(self, token: str, wire: Wire) -> None:
        if not self._kept:
            wire.leaving = True
            self._services.call(wire, LOGIN_MANAGER, "LogOff", authenticationToken=token)

    def _end_stranded(self, wire: Wire, ctx: CallContext) -> None:
        for token in list(self._stranded):
            try:
                self._services.call(wire, LOGIN_MANAGER, "LogOff", authenticationToken=token)
            except FaultError:
                ctx.log.info("an earlier session of Mago had ended by itself")
            self._stranded.discard(token)

    def _choose_fiscal_company(self, session: TokenSession) -> None:
        if number := self._settings.fiscal_company:
            port = self._settings.fiscal_port or session.start()
            host = urlsplit(self._settings.url).hostname
            session.choose_fiscal_company(f"http://{host}:{port}/{_UI}", number)
