"""A session with MagicLink: log in, ask, and always log off, because a session holds a licence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from lxml import etree

from incasso.api import CallContext, ConfigurationError, PluginError, RejectedError, TemporaryError
from incasso_mago4.link_codes import NO_ERROR, login_error
from incasso_mago4.link_settings import LinkSettings
from incasso_mago4.link_soap import LOGIN_MANAGER, TB_SERVICES, FaultError, Services, Wire
from incasso_mago4.link_xml import Answer, read_answer

PRODUCER: Final = "Incasso"
RESERVE_S: Final = 2.0
_UI: Final = "Framework.TbGenlibUI.TbGenlibUI/TbGenlibUI"
_ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_WEB: Final = "urn:Microarea.Web.Services"


class Session(Protocol):
    """An open session, on whatever transport."""

    def get(self, question: str) -> Answer:
        """The documents a question finds. Raises classes of the contract only."""
        ...

    def set(self, data: str) -> Answer:
        """Save a document; what Mago made of it. RejectedError: it did not save it."""
        ...


class Way(Protocol):
    """A way to sessions: MagicLink or the cloud."""

    def session(self, ctx: CallContext, *, streams: bool = False) -> Any:
        """A context manager that opens a session and ends it, whatever happens."""
        ...

    def close(self) -> None:
        """End what is still open."""
        ...

    def identity(self) -> str:
        """Stable name of the company behind the settings."""
        ...


class MagicLink:
    """The sessions of one company on one server. Those that are open are known by their token."""

    def __init__(self, settings: LinkSettings) -> None:
        self._settings = settings
        self._services = Services(f"{settings.url.rstrip('/')}/{settings.instance.strip('/')}")
        self._open: dict[str, Wire] = {}
        self._stranded: set[str] = set()

    def identity(self) -> str:
        """Server, instance and company."""
        settings = self._settings
        place = f"{urlsplit(settings.url).netloc}/{settings.instance}/{settings.company}"
        return f"{place}#{settings.fiscal_company}" if settings.fiscal_company else place

    @contextmanager
    def session(self, ctx: CallContext, *, streams: bool = False) -> Iterator[Session]:
        """A session for one call of the hub. Raises what the login answers, in words."""
        wire = self._wire(ctx, streams)
        self._end_stranded(wire, ctx)
        opened = _Session(self._services, wire, datetime.combine(ctx.on, time()), self._relogin)
        opened.token = self._kept(wire) or self._log_in(wire)
        self._open[opened.token] = wire
        try:
            self._choose_fiscal_company(opened)
            yield opened
        finally:
            self._leave(opened.token, wire, ctx)

    def close(self) -> None:
        """Log off what an interrupted call left open; a kept session stays."""
        for token, wire in list(self._open.items()):
            with suppress(PluginError):
                self._leave_token(token, wire)
            self._open.pop(token, None)

    def _wire(self, ctx: CallContext, streams: bool) -> Wire:
        """Patience leaves time to log off: two seconds before the hub stops waiting."""
        seconds = float(self._settings.answer_seconds)
        if not streams:
            left = (ctx.deadline - ctx.now()).total_seconds() - RESERVE_S
            seconds = max(1.0, min(seconds, left))
        return Wire(ctx.http, seconds, self._settings.certificate or True)

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
            raise TemporaryError("Mago let the user in without giving a token; try again")
        self._keep(token)
        return token

    def _relogin(self, wire: Wire, old: str) -> str | None:
        """A new token in place of one that no longer works; only a kept one may be stale."""
        if self._settings.keep_token is None or old not in self._open:
            return None
        self._forget()
        token = self._log_in(wire)
        self._open[token] = self._open.pop(old)
        return token

    def _leave(self, token: str, wire: Wire, ctx: CallContext) -> None:
        """Log off; a token that could not be is remembered and ended at the next occasion."""
        try:
            self._leave_token(token, wire)
        except PluginError as error:
            self._stranded.add(token)
            ctx.log.warning("Mago's licence (CAL) is still taken, log-off failed: %s", error)
        finally:
            self._open.pop(token, None)

    def _leave_token(self, token: str, wire: Wire) -> None:
        if self._settings.keep_token is None:
            wire.effect = False
            wire.seconds = min(wire.seconds, 10.0)
            self._services.call(wire, LOGIN_MANAGER, "LogOff", authenticationToken=token)

    def _end_stranded(self, wire: Wire, ctx: CallContext) -> None:
        for token in list(self._stranded):
            self._stranded.discard(token)
            try:
                self._services.call(wire, LOGIN_MANAGER, "LogOff", authenticationToken=token)
            except FaultError:
                ctx.log.info("an earlier session of Mago had ended by itself")
            except PluginError:
                self._stranded.add(token)
                raise

    def _choose_fiscal_company(self, session: _Session) -> None:
        if number := self._settings.fiscal_company:
            port = self._settings.fiscal_port or session.start()
            host = urlsplit(self._settings.url).hostname
            session.choose_fiscal_company(f"http://{host}:{port}/{_UI}", number)

    def _kept(self, wire: Wire) -> str | None:
        """The token of an earlier run, if Mago still knows it."""
        path = self._settings.keep_token
        token = path.read_text("ascii").strip() if path and path.is_file() else ""
        if not token:
            return None
        if self._services.offers(wire, LOGIN_MANAGER, "IsValidToken"):
            known = self._services.call(
                wire, LOGIN_MANAGER, "IsValidToken", authenticationToken=token
            )
            return token if known else None
        return token

    def _keep(self, token: str) -> None:
        """Write the token where only this user of the machine can read it."""
        path: Path | None = self._settings.keep_token
        if path is None:
            return
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as error:
            raise ConfigurationError(f"keep_token: {path} cannot be written: {error}") from None
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(token)

    def _forget(self) -> None:
        if self._settings.keep_token is not None:
            self._settings.keep_token.unlink(missing_ok=True)


class _Session:
    """A token, and the questions asked with it."""

    def __init__(self, services: Services, wire: Wire, on: datetime, relogin: Any) -> None:
        self.token = ""
        self._services = services
        self._wire = wire
        self._on = on
        self._relogin = relogin

    def get(self, question: str) -> Answer:
        """GetData; a kept session that Mago forgot is renewed once."""
        try:
            return self._get(question)
        except FaultError:
            token = self._relogin(self._wire, self.token)
            if token is None:
                raise
            self.token = token
            return self._get(question)

    def _get(self, question: str) -> Answer:
        texts = self._services.call(
            self._wire,
            TB_SERVICES,
            "GetData",
            authenticationToken=self.token,
            parameters=question,
            applicationDate=self._on,
            loadAction=0,
            resultType=0,
            formatType=0,
            useApproximation=True,
        )
        return read_answer(text for text in texts or () if text)

    def set(self, data: str) -> Answer:
        """SetData; whoever gets no answer does not know whether it was saved."""
        self._wire.effect = True
        try:
            answer = self._services.call(
                self._wire,
                TB_SERVICES,
                "SetData",
                authenticationToken=self.token,
                data=data,
                applicationDate=self._on,
                postingAction=0,
                useApproximation=True,
            )
        finally:
            self._wire.effect = False
        if not answer.SetDataResult:
            self._refused(answer.result)
        return read_answer([answer.result] if answer.result else ())

    def _refused(self, result: str | None) -> None:
        """SetData answers false with its reasons as a document, or in plain words."""
        if result and result.lstrip().startswith("<"):
            read_answer([result])
        words = " ".join((result or "without a reason").split())[:300]
        raise RejectedError(f"Mago did not save the change: {words}", code="not_saved")

    def start(self) -> int:
        """Start Mago's back end and tell its port. Raises TemporaryError if it does not start."""
        answer = self._services.call(
            self._wire,
            TB_SERVICES,
            "CreateTB",
            authenticationToken=self.token,
            applicationDate=self._on,
            checkDate=False,
        )
        if answer.CreateTBResult <= 0:
            raise TemporaryError(
                f"Mago's back end did not start (code {answer.CreateTBResult}): "
                "ask the administrator of Mago to look at TBLoader"
            )
        return int(answer.CreateTBResult)

    def choose_fiscal_company(self, address: str, number: int) -> None:
        """SetFiscalCompany, on the back end's own port.

        Its description names the server as it calls itself, often a name that only its own
        network knows; so the envelope is written here and the description never read.
        """
        method = f"{_WEB}.SetFiscalCompany"
        envelope = etree.Element(f"{{{_ENVELOPE}}}Envelope", nsmap={"soap": _ENVELOPE})
        head = etree.SubElement(envelope, f"{{{_ENVELOPE}}}Header")
        information = etree.SubElement(head, f"{{{_WEB}}}HeaderInfo")
        etree.SubElement(information, f"{{{_WEB}}}AuthToken").text = self.token
        body = etree.SubElement(envelope, f"{{{_ENVELOPE}}}Body")
        etree.SubElement(body, f"{{{method}}}aCompanyId").text = str(number)
        etree.SubElement(body, f"{{{method}}}aStoreCode").text = ""
        try:
            reply = self._wire.post_xml(address, envelope, {"SOAPAction": '"#SetFiscalCompany"'})
        except TemporaryError as error:
            raise TemporaryError(
                f"{error}; the port of Mago's back end must be open in the firewall"
            ) from None
        if b"Fault" in reply.content:
            raise ConfigurationError(
                f"Mago does not know fiscal company {number}: check fiscal_company"
            )
