"""One request in, one answer out: routing, pages, single records, changes. Knows no sockets."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from incasso_fake_mexal import services
from incasso_fake_mexal.access import Access, User, coordinates
from incasso_fake_mexal.changes import change_client
from incasso_fake_mexal.clock import Clock
from incasso_fake_mexal.company import Company
from incasso_fake_mexal.fields import RESOURCES, Resource
from incasso_fake_mexal.paging import Pager, sort_key
from incasso_fake_mexal.search import chosen, judges
from incasso_fake_mexal.wire import (
    Answer,
    NothingThereError,
    RefusalError,
    Row,
    instant,
    json_answer,
)

RESOURCES_AT: Final = "/webapi/risorse/"
SERVICES_AT: Final = "/webapi/servizi"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What came in; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        """Without the query, still quoted."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The query's options."""
        found = parse_qs(urlsplit(self.target).query, keep_blank_values=True)
        return {name: values[-1] for name, values in found.items()}

    @property
    def resource(self) -> str:
        """`scadenzario/ricerca`, or `servizi`: what faults and tests name."""
        return self.path.removeprefix(RESOURCES_AT).removeprefix("/webapi/").strip("/")

    def json(self) -> Any:
        """The body. Raises RefusalError for something that is not JSON."""
        try:
            return msgspec.json.decode(self.body or b"{}")
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise RefusalError(400, 6001, "JSON non valido") from None


@dataclass
class Router:
    """The installation behind the sockets."""

    clock: Clock
    access: Access
    pager: Pager
    companies: dict[str, Company] = field(default_factory=dict)
    hidden: dict[str, frozenset[str]] = field(default_factory=dict)
    """Fields an older version does not have, by resource."""
    optimistic_lock: bool = False
    missing: set[str] = field(default_factory=set)
    """Resources this version does not have: 404."""
    help_needs_company: bool = False
    """The online help is refused (401) to a request without coordinates."""

    def answer(self, request: Request, user: User) -> Answer:
        """The answer to a request that was let in. Raises RefusalError, NothingThereError."""
        if request.path == SERVICES_AT and request.method == "POST":
            company, year = self._company(request)
            return services.serve(company, year, request.json())
        if not request.path.startswith(RESOURCES_AT):
            raise NothingThereError
        if request.resource in self.missing:
            raise NothingThereError
        if request.resource == "help":
            if self.help_needs_company and "coordinate-gestionale" not in request.headers:
                raise RefusalError(401, 1001, "Coordinate gestionale mancanti")
            return self._help()
        if request.resource == "dati-generali/installazione":
            return json_answer(self._installation())
        return self._resource(request, user)

    def _resource(self, request: Request, user: User) -> Answer:
        resource, rest = self._found(request.resource)
        if request.method == "GET" and not rest:
            return self._list(resource, request, [])
        if request.method == "POST" and rest == "ricerca" and "search" in resource.flags:
            if request.headers.get("content-type", "").partition(";")[0] != "application/json":
                raise RefusalError(400, 6001, "Content-Type non valido")
            return self._list(resource, request, judges(resource, request.json()))
        if request.method == "GET" and "key" in resource.flags:
            return json_answer(resource.padded(self._one(resource, request, rest)))
        if request.method == "PUT" and "put" in resource.flags:
            row = self._one(resource, request, rest)
            company, _ = self._company(request)
            change_client(company, resource, row, request.json(), user.name, self.optimistic_lock)
            return Answer(status=204)
        raise NothingThereError

    def _found(self, path: str) -> tuple[Resource, str]:
        """The resource with the longest path that fits, and what is behind it."""
        parts = path.split("/")
        for length in range(len(parts), 0, -1):
            name = "/".join(parts[:length])
            if name in RESOURCES and name not in self.missing:
                found = RESOURCES[name].without(self.hidden.get(name, frozenset()))
                return found, "/".join(parts[length:])
        raise NothingThereError

    def _company(self, request: Request) -> tuple[Company, int]:
        code, year = coordinates(request.headers)
        if code not in self.companies:
            raise RefusalError(400, 5001, f"Azienda {code} inesistente")
        return self.companies[code], year

    def _rows(self, resource: Resource, request: Request) -> list[Row]:
        if resource.path == "aziende":
            return [company.listed() for company in self.companies.values()]
        if resource.path == "dati-generali/utenti":
            return [{"id": n, "nome": name} for n, name in enumerate(self.access.users, 1)]
        company, year = self._company(request)
        return list(company.rows(resource.path, year))

    def _list(self, resource: Resource, request: Request, found: list[Any]) -> Answer:
        query = request.query
        if query.get("info") == "true" and "bare" not in resource.flags:
            return json_answer(resource.info())
        names = [name.strip() for name in query.get("fields", "").split(",") if name.strip()]
        wanted = [resource.field(name).name for name in names]
        rows = chosen(self._rows(resource, request), found)
        if "paged" not in resource.flags:
            return self._listed(resource, rows, [], None)
        most = _count(query.get("max"))
        same = (request.path, request.headers.get("coordinate-gestionale"), *wanted, request.body)
        place = self.pager.place(query.get("next"), same)
        keyed = sorted(
            ((sort_key([row.get(k.name, "") for k in resource.keys]), row) for row in rows),
            key=lambda pair: pair[0],
        )
        page, token = self.pager.page(keyed, place, most)
        return self._listed(resource, page, wanted, token)

    def _listed(
        self, resource: Resource, rows: list[Row], wanted: list[str], token: str | None
    ) -> Answer:
        shown = [resource.padded(row) for row in rows]
        if wanted:
            shown = [{name: row[name] for name in wanted if name in row} for row in shown]
        answer: Row = {resource.root: shown}
        if resource.root == "dati":
            answer["data_ric_elab"] = instant(self.clock.now)
        if token:
            answer["next"] = token
        return json_answer(answer)

    def _one(self, resource: Resource, request: Request, rest: str) -> Row:
        keys = _keys(rest, request.query.get("encoding", ""))
        names = [key.name for key in resource.keys][: len(keys)]
        for row in self._rows(resource, request):
            if [str(row.get(name, "")).strip() for name in names] == keys:
                return row
        raise NothingThereError

    def _help(self) -> Answer:
        groups: dict[str, list[Row]] = {}
        for resource in RESOURCES.values():
            if resource.path not in self.missing:
                groups.setdefault(resource.path.split("/")[0], []).extend(resource.help())
        return json_answer({"risorse": [{name: lines} for name, lines in groups.items()]})

    def _installation(self) -> Row:
        return {
            "codice_prodotto": "2.9.17",
            "versione_prodotto": 88201,
            "scadenza_sap": "20271231",
            "id_installazione": 4711,
            "utenti_connessi": 1,
        }


def _count(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdigit() or int(text) < 1:
        raise RefusalError(400, 6001, "Parametro max non valido")
    return int(text)


def _keys(rest: str, encoding: str) -> list[str]:
    """The parts of a key, joined by plus signs. A slash or backslash must come encoded."""
    if not rest or (not encoding and ("/" in rest or "%2F" in rest.upper() or "\\" in rest)):
        raise NothingThereError
    parts = [unquote(part) for part in rest.split("+")]
    if not encoding:
        return parts
    try:
        decode = bytes.fromhex if encoding == "hex" else base64.b32decode
        return [decode(part).decode() for part in parts]
    except (ValueError, binascii.Error):
        raise RefusalError(400, 6001, "Codifica della chiave non valida") from None
