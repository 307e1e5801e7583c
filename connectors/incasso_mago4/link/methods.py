"""What is asked of MagicLink with a token: documents out and in, and the fiscal company."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from lxml import etree

from incasso.api import ConfigurationError, RejectedError, TemporaryError
from incasso.api import text as sentence
from incasso_mago4.link.soap import TB_SERVICES, FaultError, Services, Wire
from incasso_mago4.link.xml import Answer, read_answer

_ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_WEB: Final = "urn:Microarea.Web.Services"

Renew = Callable[[str], str | None]
"""A new token in place of one that no longer works; None: none is available."""


class TokenSession:
    """A token, and the questions asked with it on one business day."""

    def __init__(
        self, token: str, services: Services, wire: Wire, on: datetime, renew: Renew
    ) -> None:
        self.token = token
        self._services = services
        self._wire = wire
        self._on = on
        self._renew = renew

    def get(self, question: str) -> Answer:
        """GetData; a kept session that Mago forgot is renewed once."""
        try:
            return self._get(question)
        except FaultError:
            token = self._renew(self.token)
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
        """SetData; without an answer it is unknown whether the document was saved."""
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
            _refused(answer.result)
        return read_answer([answer.result] if answer.result else ())

    def start(self) -> int:
        """Starts Mago's back end; returns its port. Raises TemporaryError if it does not start."""
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
                sentence(
                    "Mago's back end did not start (code {code}): ask the "
                    "administrator of Mago to look at TBLoader",
                    code=answer.CreateTBResult,
                )
            )
        return int(answer.CreateTBResult)

    def choose_fiscal_company(self, address: str, number: int) -> None:
        """SetFiscalCompany, on the back end's own port.

        Its description names the server as it calls itself, often a name that only its own
        network knows; so the envelope is written here and the description never read.
        """
        try:
            reply = self._wire.post_xml(
                address, self._choice(number), {"SOAPAction": '"#SetFiscalCompany"'}
            )
        except TemporaryError as error:
            raise TemporaryError(
                sentence(
                    "{error}; the port of Mago's back end must be open in the firewall",
                    error=str(error),
                )
            ) from None
        if b"Fault" in reply.content:
            raise ConfigurationError(
                sentence(
                    "Mago does not know fiscal company {number}: check fiscal_company",
                    number=number,
                )
            )

    def _choice(self, number: int) -> etree._Element:
        method = f"{_WEB}.SetFiscalCompany"
        envelope = etree.Element(f"{{{_ENVELOPE}}}Envelope", nsmap={"soap": _ENVELOPE})
        head = etree.SubElement(envelope, f"{{{_ENVELOPE}}}Header")
        information = etree.SubElement(head, f"{{{_WEB}}}HeaderInfo")
        etree.SubElement(information, f"{{{_WEB}}}AuthToken").text = self.token
        body = etree.SubElement(envelope, f"{{{_ENVELOPE}}}Body")
        etree.SubElement(body, f"{{{method}}}aCompanyId").text = str(number)
        etree.SubElement(body, f"{{{method}}}aStoreCode").text = ""
        return envelope


def _refused(result: str | None) -> None:
    """SetData answers false with its reasons as a document, or in plain words."""
    if result and result.lstrip().startswith("<"):
        read_answer([result])
    words = " ".join((result or "without a reason").split())[:300]
    raise RejectedError(
        sentence("Mago did not save the change: {words}", words=words), code="not_saved"
    )
