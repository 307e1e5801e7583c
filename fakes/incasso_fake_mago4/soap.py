"""A fake Mago4 server: MagicLink over SOAP, with licences that run out and sessions that die.

Give it the databases of companies; what is posted there is what it tells. Whoever logs in and does
not log off keeps a licence (CAL), as in the real one: `taken` tells how many are gone.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from threading import RLock
from typing import Any, Final

import sqlalchemy as sa
from lxml import etree

from incasso.testing.network import Answer, Seen, StubServer
from incasso_fake_mago4.soap_documents import (
    Archive,
    MagoSaysError,
    diagnostic,
    document_name,
)
from incasso_fake_mago4.soap_wsdl import (
    LOGIN_METHODS,
    LOGIN_NS,
    TB_METHODS,
    TB_NS,
    Methods,
    wsdl,
)

_SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_XML: Final = {"content-type": "text/xml; charset=utf-8"}
INVALID_USER, USER_LOGGED, NO_CAL, NO_COMPANY, BAD_PRODUCER = 13, 9, 10, 21, 12
Databases = sa.Engine | Mapping[int, sa.Engine]
"""A company's database, or those of its fiscal companies by number."""


@dataclass
class Login:
    """A session: who is in which company."""

    user: str
    company: str
    fiscal: int = 0


@dataclass
class MagoServer:
    """Mago4 on this machine. Change its fields to make it fail the way real ones do."""

    companies: Mapping[str, Databases]
    users: Mapping[str, str] = field(default_factory=lambda: {"hub": "secret"})
    instance: str = "Mago4"
    cals: int = 2
    producer: str | None = None
    """The only producer key it accepts; None: any."""
    cut_at: int | None = None
    """How many documents one answer holds at most; the rest is left out without a word."""
    refuse: str = ""
    """Why it saves nothing: the words of its diagnostic."""
    port: int = 0
    """Where to listen; 0: any free port."""
    tls: ssl.SSLContext | None = None
    """Speak https, with the certificate that is loaded there."""
    mute: set[str] = field(default_factory=set)
    """Methods that do their work and then hang up without a word."""
    faults: dict[str, list[Answer]] = field(default_factory=dict)
    """Answers to the next calls of a method, instead of the right ones."""
    sessions: dict[str, Login] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    saved: list[str] = field(default_factory=list)
    """The documents that were sent to be saved."""

    def __post_init__(self) -> None:
        self._lock = RLock()
        self._tokens = count(1)
        self._web = StubServer(self.tls, self.port)
        self._back_end = StubServer()
        self._serve("LoginManager/LoginManager.asmx", "LoginManager", LOGIN_NS, LOGIN_METHODS)
        self._serve("TBServices/TBServices.asmx", "TbServices", TB_NS, TB_METHODS)
        path = "/Framework.TbGenlibUI.TbGenlibUI/TbGenlibUI"
        self._back_end.on("POST", path, self._set_fiscal_company)

    def __enter__(self) -> MagoServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening."""
        self._web.close()
        self._back_end.close()

    @property
    def url(self) -> str:
        """Where it listens; the instance comes behind."""
        return self._web.url

    @property
    def taken(self) -> int:
        """How many licences are in use."""
        return len(self.sessions)

    @property
    def logins(self) -> int:
        """How often somebody asked to come in."""
        return self.calls.count("LoginCompact")

    def archive(self, login: Login) -> Archive:
        """The documents a session sees. Raises MagoSaysError without a chosen fiscal company."""
        databases = self.companies[login.company]
        if isinstance(databases, sa.Engine):
            return Archive(databases)
        if login.fiscal not in databases:
            raise MagoSaysError("no fiscal company is chosen")
        return Archive(databases[login.fiscal])

    # Methods, named as on the wire.

    def login_compact(self, sent: Mapping[str, str]) -> dict[str, Any]:
        """Log a user in, or return the number that says why not."""
        code = self._refusal(sent)
        token = "" if code else f"token-{next(self._tokens)}"
        if token:
            self.sessions[token] = Login(sent["userName"], sent["companyName"])
        return {
            "LoginCompactResult": code,
            "userName": sent["userName"],
            "companyName": sent["companyName"],
            "authenticationToken": token,
        }

    def _refusal(self, sent: Mapping[str, str]) -> int:
        user = sent["userName"]
        if self.producer is not None and sent.get("askingProcess") != self.producer:
            return BAD_PRODUCER
        if self.users.get(user) != sent.get("password"):
            return INVALID_USER
        if sent["companyName"] not in self.companies:
            return NO_COMPANY
        earlier = [token for token, login in self.sessions.items() if login.user == user]
        if earlier and sent["overWriteLogin"] != "true":
            return USER_LOGGED
        for token in earlier:
            del self.sessions[token]
        return NO_CAL if self.taken >= self.cals else 0

    def log_off(self, sent: Mapping[str, str]) -> dict[str, Any]:
        """Give the licence back."""
        self.sessions.pop(sent["authenticationToken"], None)
        return {}

    def is_valid_token(self, sent: Mapping[str, str]) -> dict[str, Any]:
        """Whether a session still lives."""
        return {"IsValidTokenResult": sent["authenticationToken"] in self.sessions}

    def create_t_b(self, sent: Mapping[str, str]) -> dict[str, Any]:
        """Start the back end: its port."""
        self._login(sent)
        return {"CreateTBResult": int(self._back_end.url.rpartition(":")[2]), "easyToken": "easy"}

    def get_data(self, sent: Mapping[str, str]) -> dict[str, Any]:
        """Documents as XML; a refusal is a document, too."""
        login, question = self._login(sent), sent["parameters"]
        try:
            found = self.archive(login).find(question, self.cut_at)
        except MagoSaysError as error:
            found = [diagnostic(document_name(question), "Error", str(error))]
        return {"GetDataResult": found}

    def set_data(self, sent: Mapping[str, str]) -> dict[str, Any]:
        """Save a document: whether it worked, and the document as it is now or the refusal."""
        login, data = self._login(sent), sent["data"]
        self.saved.append(data)
        try:
            if self.refuse:
                raise MagoSaysError(self.refuse)
            return {"SetDataResult": True, "result": self.archive(login).save(data)}
        except MagoSaysError as error:
            told = diagnostic("Document", "Error", str(error))
            return {"SetDataResult": False, "result": told}

    def _login(self, sent: Mapping[str, str]) -> Login:
        try:
            return self.sessions[sent["authenticationToken"]]
        except KeyError:
            raise SoapFaultError("the authentication token is not valid") from None

    # The wire.

    def _serve(self, path: str, name: str, namespace: str, methods: Methods) -> None:
        where = f"/{self.instance}/{path}"
        described = wsdl(name, namespace, methods)
        self._web.on("GET", where, lambda _: Answer(body=described, headers=_XML))
        self._web.on("POST", where, lambda seen: self._answer(seen, namespace, methods))

    def _answer(self, seen: Seen, namespace: str, methods: Methods) -> Answer:
        [request] = etree.fromstring(seen.body).iterfind(f"{{{_SOAP}}}Body/*")
        method = etree.QName(request).localname
        sent = {etree.QName(part).localname: part.text or "" for part in request}
        with self._lock:
            self.calls.append(method)
            if waiting := self.faults.get(method):
                return waiting.pop(0)
            handler: Callable[[Mapping[str, str]], dict[str, Any]] = getattr(self, _snake(method))
            try:
                given = handler(sent)
            except SoapFaultError as error:
                return fault(str(error))
        if method in self.mute:
            return Answer(silent=True)
        return _envelope(namespace, method, given, methods[method][1])

    def _set_fiscal_company(self, seen: Seen) -> Answer:
        root = etree.fromstring(seen.body)
        token = root.findtext(".//{*}AuthToken") or ""
        number = int(root.findtext(".//{*}aCompanyId") or 0)
        self.calls.append("SetFiscalCompany")
        login = self.sessions.get(token)
        databases = self.companies[login.company] if login else {}
        if login is None or isinstance(databases, sa.Engine) or number not in databases:
            return fault("this fiscal company does not exist")
        login.fiscal = number
        return _envelope("urn:Microarea.Web.Services", "SetFiscalCompany", {}, {})


class SoapFaultError(Exception):
    """Something the server answers with a SOAP fault."""


def fault(words: str) -> Answer:
    """A SOAP fault, as ASP.NET sends it."""
    body = (
        f'<soap:Envelope xmlns:soap="{_SOAP}"><soap:Body><soap:Fault>'
        "<faultcode>soap:Server</faultcode><faultstring>System.Web.Services.Protocols."
        f"SoapException: {words}</faultstring><detail/></soap:Fault></soap:Body></soap:Envelope>"
    )
    return Answer(status=500, body=body.encode(), headers=_XML)


def _snake(method: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in method)[1:]


def _envelope(
    namespace: str, method: str, given: Mapping[str, Any], types: Mapping[str, str]
) -> Answer:
    root = etree.Element(f"{{{_SOAP}}}Envelope", nsmap={"soap": _SOAP})
    body = etree.SubElement(root, f"{{{_SOAP}}}Body")
    response = etree.SubElement(body, f"{{{namespace}}}{method}Response")
    for name in types:
        element = etree.SubElement(response, f"{{{namespace}}}{name}")
        value = given[name]
        if isinstance(value, list):
            for each in value:
                etree.SubElement(element, f"{{{namespace}}}string").text = each
        else:
            element.text = str(value).lower() if isinstance(value, bool) else str(value)
    return Answer(body=etree.tostring(root, xml_declaration=True, encoding="utf-8"), headers=_XML)
