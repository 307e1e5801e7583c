"""A fake MagoCloud: the login service, the directory of servers, and the documents over REST.

The same databases as the SOAP server tells; headers hold JSON texts, documents travel in base64,
and what fails may come with status 200, as in the real one.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from threading import RLock
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from incasso.testing.network import Answer, Seen, StubServer
from incasso_fake_mago4.soap_documents import (
    Archive,
    MagoSaysError,
    diagnostic,
    document_name,
)

_GET: Final = "Extensions.XEngine.TBXmlTransfer.GetDataRest"
_SET: Final = "Extensions.XEngine.TBXmlTransfer.SetDataRest"


@dataclass
class CloudServer:
    """MagoCloud on this machine: login, directory and documents behind one address."""

    companies: Mapping[str, sa.Engine]
    """Subscription key to the company's database."""
    users: Mapping[str, str] = field(default_factory=lambda: {"hub@example.it": "secret"})
    keys: Mapping[str, str] = field(
        default_factory=lambda: {"ProducerKey": "producer", "AppKey": "app"}
    )
    port: int = 0
    """Where to listen; 0: any free port."""
    tokens: dict[str, str] = field(default_factory=dict)
    """Open sessions: token to subscription."""
    cut_at: int | None = None
    calls: list[str] = field(default_factory=list)
    saved: list[str] = field(default_factory=list)
    faults: dict[str, list[Answer]] = field(default_factory=dict)
    """Answers to the next calls: `login`, `logoff`, `mapper`, `get`, `set`."""

    def __post_init__(self) -> None:
        self._lock = RLock()
        self._numbers = count(1)
        self._web = StubServer(port=self.port)
        self._web.on("POST", "/gwam_login/api/login", self._login)
        self._web.on("POST", "/gwam_login/api/logoff", self._logoff)
        for key in self.companies:
            path = f"/gwam_mapper/api/services/url/{key}/TBSERVER"
            self._web.on("GET", path, self._directory)
        self._web.on("POST", "/box/tbserver/api/tb/document/runRestFunction/", self._run)

    def __enter__(self) -> CloudServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening."""
        self._web.close()

    @property
    def url(self) -> str:
        """The address of the login service."""
        return self._web.url

    def expire(self) -> None:
        """Every token becomes old."""
        self.tokens.clear()

    def _login(self, seen: Seen) -> Answer:
        if fault := self._called("login"):
            return fault
        sent = seen.json()
        if _header(seen, "producer-info") != self.keys:
            return _no("the producer is not known")
        if self.users.get(sent["accountName"]) != sent["password"]:
            return Answer.of({"Result": False, "ResultCode": 13, "Message": "wrong password"}, 401)
        if sent["subscriptionKey"] not in self.companies:
            return _no("the subscription does not exist")
        token = f"jwt-{next(self._numbers)}"
        self.tokens[token] = sent["subscriptionKey"]
        return Answer.of({"Result": True, "ResultCode": 0, "JwtToken": token, "Message": ""})

    def _logoff(self, seen: Seen) -> Answer:
        if fault := self._called("logoff"):
            return fault
        self.tokens.pop(seen.json()["token"], None)
        return Answer.of({"Result": True})

    def _directory(self, seen: Seen) -> Answer:
        if fault := self._called("mapper"):
            return fault
        if self._company(seen) is None:
            return Answer.of({"Message": "Unauthorized"}, 401)
        return Answer.of({"Result": True, "Content": f"{self.url}/box/"})

    def _run(self, seen: Seen) -> Answer:
        sent = seen.json()
        kind = {_GET: "get", _SET: "set"}[sent["ns"]]
        if fault := self._called(kind):
            return fault
        engine = self._company(seen)
        if engine is None:
            return Answer.of({"Message": "Unauthorized"}, 401)
        if _header(seen, "snapshot") is None or _header(seen, "server-info") is None:
            return _no("headers are missing")
        with self._lock:
            archive, arguments = Archive(engine), sent["args"]
            return self._get(archive, arguments) if kind == "get" else self._set(archive, arguments)

    def _get(self, archive: Archive, arguments: Mapping[str, Any]) -> Answer:
        question = _unpacked(arguments["param"])
        try:
            found = archive.find(question, self.cut_at)
        except MagoSaysError as error:
            found = [diagnostic(document_name(question), "Error", str(error))]
        return Answer.of({"success": True, "result": [_packed(each) for each in found]})

    def _set(self, archive: Archive, arguments: Mapping[str, Any]) -> Answer:
        data = _unpacked(arguments["data"])
        self.saved.append(data)
        try:
            return Answer.of({"success": True, "result": _packed(archive.save(data))})
        except MagoSaysError as error:
            return _no(str(error))

    def _company(self, seen: Seen) -> sa.Engine | None:
        told = _header(seen, "authorization") or {}
        key = self.tokens.get(str(told.get("securityValue", "")))
        return self.companies[key] if key is not None and told.get("type") == "jwt" else None

    def _called(self, name: str) -> Answer | None:
        self.calls.append(name)
        waiting = self.faults.get(name)
        return waiting.pop(0) if waiting else None


def _no(words: str) -> Answer:
    """A refusal, with the status of a success."""
    return Answer.of({"success": False, "message": {"text": words}})


def _header(seen: Seen, name: str) -> dict[str, Any] | None:
    try:
        told = msgspec.json.decode(seen.headers.get(name, ""))
    except msgspec.DecodeError:
        return None
    return told if isinstance(told, dict) else None


def _packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _unpacked(text: str) -> str:
    return base64.b64decode(text).decode()
