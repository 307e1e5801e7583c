"""MagicLink's SOAP services, called by zeep through the hub's own HTTP door."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from incasso.api import (
    ConfigurationError,
    HttpClient,
    OutcomeUnknownError,
    RejectedError,
    TemporaryError,
)
from incasso.api import text as sentence
from incasso_mago4.link.transport import Patience

if TYPE_CHECKING:
    from zeep.wsdl import Document

LOGIN_MANAGER: Final = "LoginManager/LoginManager.asmx"
TB_SERVICES: Final = "TBServices/TBServices.asmx"
MISSING: Final = sentence("the library zeep is not installed: pip install 'incasso[mago4]'")


class FaultError(TemporaryError):
    """Mago answered with a SOAP fault: a session that somebody ended, a back end that fell."""


class Reply(NamedTuple):
    """What zeep wants to know of an HTTP answer."""

    status_code: int
    content: bytes
    headers: Mapping[str, str]
    encoding: str = "utf-8"


class Wire:
    """How to reach the server during one call of the hub: door, time-outs, certificate."""

    def __init__(self, http: HttpClient, patience: Patience, verify: bool | str) -> None:
        self.http = http
        self.patience = patience
        self.verify = verify
        self.effect = False
        self.leaving = False
        """Whether this is the log-off: it may use the last seconds of a call."""
        self.proxies: dict[str, Any] = {}

    def load(self, url: str) -> bytes:
        """A WSDL; what zeep asks its transport for."""
        seconds = self.patience.seconds(last=self.leaving)
        return self.http.request("GET", url, timeout_s=seconds, verify=self.verify).content

    def post_xml(self, address: str, envelope: Any, headers: Mapping[str, str]) -> Reply:
        """One SOAP request; a fault has status 500, which here means no broken server."""
        from lxml import etree

        content = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
        return self.post(address, content, headers)

    def post(self, address: str, content: bytes, headers: Mapping[str, str]) -> Reply:
        """One request whose body is ready."""
        answer = self.http.request(
            "POST",
            address,
            effect=self.effect,
            content=content,
            headers={"content-type": "text/xml; charset=utf-8", **headers},
            timeout_s=self.patience.seconds(last=self.leaving),
            verify=self.verify,
            returns=(500,),
        )
        if answer.status == 500 and b"Fault" not in answer.content:
            text = sentence(
                "the server of Mago reports an error of its own (500): look into its event log"
            )
            raise OutcomeUnknownError(text) if self.effect else TemporaryError(text)
        named = {name.title(): value for name, value in answer.headers.items()}
        return Reply(answer.status, answer.content, named)

    @contextmanager
    def settings(self, timeout: float | None = None) -> Iterator[None]:
        """The part of a transport that zeep needs; the time-outs are the hub's."""
        yield


class Services:
    """The SOAP services of one server; their descriptions are read once per process."""

    def __init__(self, base: str) -> None:
        self._base = base.rstrip("/")
        self._documents: dict[str, Document] = {}

    def call(self, wire: Wire, service: str, method: str, **arguments: Any) -> Any:
        """One method. Raises FaultError for a fault, classes of the contract otherwise."""
        zeep = _zeep()
        address = f"{self._base}/{service}"
        try:
            if address not in wire.proxies:
                document = self._described(wire, address)
                client = zeep.Client(document, transport=wire, settings=_settings(zeep))
                binding = _binding(document, address)
                wire.proxies[address] = client.create_service(binding, address)
            return getattr(wire.proxies[address], method)(**arguments)
        except zeep.exceptions.Fault as fault:
            raise FaultError(
                sentence(
                    "Mago answers {method}: {short}", method=method, short=_short(fault.message)
                )
            ) from None
        except (zeep.exceptions.Error, AttributeError, TypeError, ValueError) as error:
            raise self._misunderstood(wire, address, method, error) from None

    def offers(self, wire: Wire, service: str, method: str) -> bool:
        """Whether this release of Mago has a method."""
        address = f"{self._base}/{service}"
        document = self._described(wire, address)
        binding: Any = document.bindings[_binding(document, address)]
        return method in binding.all()

    def _described(self, wire: Wire, address: str) -> Document:
        if address not in self._documents:
            zeep = _zeep()
            from zeep.wsdl import Document

            try:
                found = Document(f"{address}?wsdl", cast(Any, wire), settings=_settings(zeep))
            except (zeep.exceptions.Error, RejectedError, ValueError) as error:
                raise ConfigurationError(
                    sentence(
                        "{address} does not describe itself as a service of Mago ({short}): check "
                        "url and instance",
                        address=address,
                        short=_short(error),
                    )
                ) from None
            self._documents[address] = found
        return self._documents[address]

    def _misunderstood(
        self, wire: Wire, address: str, method: str, error: Exception
    ) -> TemporaryError | OutcomeUnknownError | ConfigurationError:
        if isinstance(error, AttributeError):
            return ConfigurationError(
                sentence(
                    "{address} has no method {method}: is this a Mago4?",
                    address=address,
                    method=method,
                )
            )
        text = sentence(
            "{address} answered {method} with something else than SOAP ({short})",
            address=address,
            method=method,
            short=_short(error),
        )
        return OutcomeUnknownError(text) if wire.effect else TemporaryError(text)


def _binding(document: Document, address: str) -> str:
    """The SOAP 1.1 binding, whatever this release calls it."""
    from zeep.wsdl.bindings import Soap11Binding

    for name, binding in document.bindings.items():
        if type(binding) is Soap11Binding:
            return str(name)
    raise ConfigurationError(
        sentence("{address} describes no SOAP service: check url and instance", address=address)
    )


def _settings(zeep: Any) -> Any:
    return zeep.Settings(
        strict=True,
        forbid_dtd=True,
        forbid_entities=True,
        forbid_external=True,
        xml_huge_tree=True,
    )


def _zeep() -> Any:
    try:
        import zeep
        import zeep.exceptions
    except ImportError:
        raise ConfigurationError(MISSING) from None
    return zeep


def _short(words: object) -> str:
    return " ".join(str(words).split())[:300]
