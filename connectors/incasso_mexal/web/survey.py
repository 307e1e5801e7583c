"""The check of a connection: who answers, what it offers, what is missing, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from incasso.api import (
    AuthenticationError,
    CallContext,
    CheckReport,
    ConfigurationError,
    Problem,
    RejectedError,
    TemporaryError,
)
from incasso.api import text as sentence
from incasso_mexal.cells import CellError, text
from incasso_mexal.letters import LETTERS
from incasso_mexal.states import is_known
from incasso_mexal.web import postings
from incasso_mexal.web.answers import MissingError
from incasso_mexal.web.archive import Archive
from incasso_mexal.web.offers import Findings, missing_fields, missing_resources
from incasso_mexal.web.paging import Batch, Listing, Stream
from incasso_mexal.web.webapi import WebApi

VERSION: Final = sentence("version")
COMPANIES: Final = sentence("companies")

LEDGER_SINCE: Final = 85000
"""Application version that brought `scadenzario`."""

_SPARE_S: Final = 2.5
_FEW: Final = 50
_MANY: Final = 1000
_CLOCK: Final = timedelta(minutes=15)
_SUMMER: Final = timedelta(hours=2)
"""Italian time is one hour ahead of UTC, two in summer; the server gives no time zone."""


def survey(api: WebApi, ctx: CallContext) -> CheckReport:
    """Everything a person must know before the first reading; read only, within ten seconds.

    Raises ConfigurationError for a company that is not there and for a version without ledger,
    AuthenticationError, TemporaryError.
    """
    found, archive = Findings(), Archive(api, ctx.on)
    version = _installation(api, found)
    _companies(api, archive, found, version)
    ledger = _ledger(archive, found, version)
    _clients(archive, found)
    _clocks(archive, found, ledger)
    _states(archive, found, ledger)
    for look in (missing_resources, missing_fields):
        if api.seconds_left() > _SPARE_S:
            look(archive, found)
    _settings(archive, found)
    return CheckReport(
        remote_identity=f"{api.settings.base_url} {archive.where('installments').company}",
        remote_version=version,
        facts=found.facts,
        warnings=tuple(found.warnings),
    )


def _installation(api: WebApi, found: Findings) -> str:
    """The first call: it needs no company, so it proves address and login alone.

    Gives the version; empty for an installation that does not offer the resource: its ledger then
    proves the address.
    """
    try:
        answered = api.resource(sentence("installation"), "dati-generali/installazione")
    except RejectedError as error:
        api.ctx.log.info("%s", error)
        found.facts[VERSION] = sentence("not told by this installation")
        return ""
    if not isinstance(answered, Mapping):
        raise TemporaryError(sentence("installation: Mexal answered with something unexpected"))
    inner = answered.get("dati")
    answered = inner if isinstance(inner, Mapping) else answered
    product, version = answered.get("codice_prodotto"), answered.get("versione_prodotto")
    found.facts[sentence("installation")] = str(answered.get("id_installazione") or "")
    found.facts[VERSION] = f"{product or '?'} ({version or '?'})"
    number = version if isinstance(version, int) else 0
    if 0 < number < LEDGER_SINCE:
        raise ConfigurationError(
            sentence(
                "this Mexal is version {number}; its WebAPI shows the ledger (scadenzario) "
                "from {ledger_since} on: have it updated, or read a CSV export",
                number=number,
                ledger_since=LEDGER_SINCE,
            )
        )
    return found.facts[VERSION]


def _no_webapi(api: WebApi, error: RejectedError) -> ConfigurationError:
    """Neither installation nor ledger: something else answers at that address."""
    message = sentence(
        "{base_url} does not answer as a WebAPI of Mexal ({error}); look at the "
        "address and the port, usually 9004",
        base_url=api.settings.base_url,
        error=str(error),
    )
    return ConfigurationError([Problem(code="no_webapi", field="base_url", message=message)])


def _companies(api: WebApi, archive: Archive, found: Findings, version: str) -> None:
    """The companies this user sees; a refusal counts against the login only if nothing proved it
    before."""
    proven = bool(version)
    try:
        batches = Stream(
            api, Listing(sentence("list of companies"), "aziende", None, optional=proven)
        )
        rows = [row for batch in batches for row in batch.records if isinstance(row, Mapping)]
    except (RejectedError, AuthenticationError) as error:
        if isinstance(error, AuthenticationError) and not proven:
            raise
        api.ctx.log.info("%s", error)
        return
    names = {str(row.get("sigla") or "").strip(): row for row in rows}
    found.facts[COMPANIES] = ", ".join(sorted(names))
    wanted = {archive.settings.company, *archive.settings.coordinates.values()}
    for code in sorted(wanted - names.keys()) if names else ():
        raise ConfigurationError(
            [
                Problem(
                    code="no_company",
                    field="company",
                    message=sentence(
                        "this WebAPI user sees no company {code!r}; it sees {companies}",
                        code=code,
                        companies=found.facts[COMPANIES],
                    ),
                    hint=sentence("give the code of one of these, or ask for the right to open it"),
                )
            ]
        )
    if (row := names.get(archive.settings.company)) is not None:
        found.facts[sentence("company")] = (
            f"{archive.settings.company} {row.get('ragione_sociale') or ''}"
        )
        _years(archive, row, found)


def _years(archive: Archive, row: Mapping[str, Any], found: Findings) -> None:
    first, last = row.get("primo_anno_gest"), row.get("ult_anno_gest")
    if not (isinstance(first, int) and isinstance(last, int) and first <= last):
        return
    found.facts[sentence("years kept")] = f"{first}-{last}"
    for year in archive.years:
        if not first <= year <= last and archive.settings.years:
            found.warn(
                "no_year",
                sentence(
                    "the company keeps the years {first} to {last}, not {year}",
                    first=first,
                    last=last,
                    year=year,
                ),
                sentence("Mexal answers for a year that is not there as if nothing were open"),
                "years",
            )
    if last not in archive.years:
        found.warn(
            "old_year",
            sentence("the company has opened {last}, and that year is not read", last=last),
            sentence("add it to years, or leave years out"),
            "years",
        )


def _ledger(archive: Archive, found: Findings, version: str) -> Batch:
    """The first page of each year; the newest with content is checked in detail."""
    newest = Batch((), "")
    for year in archive.years:
        try:
            batch = next(iter(archive.postings(year, most=_FEW)))
        except RejectedError as error:
            if not version and isinstance(error, MissingError):
                raise _no_webapi(archive.api, error) from error
            raise ConfigurationError(
                sentence(
                    "Mexal {version} does not show its ledger (scadenzario): {error}; ask for "
                    "the WebAPI module and for the right to read it",
                    version=version,
                    error=str(error),
                )
            ) from error
        found.facts[sentence("postings of {year}", year=year)] = _first_page(batch)
        if not newest.records:
            newest = batch
    if not newest.records:
        found.warn(
            "empty_ledger",
            sentence("the ledger of {where} is empty", where=archive.where("installments")),
            sentence(
                "a wrong company, sub-company or year reads as empty: compare with Mexal's "
                "own print"
            ),
            "years",
        )
    return newest


def _first_page(batch: Batch) -> str:
    return sentence("{n} on the first page", n=len(batch.records))


def _clients(archive: Archive, found: Findings) -> None:
    where = archive.where("clients")
    what = sentence("clients of {where}", where=str(where))
    listing = Listing(what, "clienti", where, ("codice",), ("codice",), most=_MANY)
    try:
        batch = next(iter(Stream(archive.api, listing)))
    except RejectedError as error:
        raise ConfigurationError(
            sentence(
                "Mexal does not show its clients: {error}; ask for the right to read clienti",
                error=str(error),
            )
        ) from error
    found.facts[sentence("clients")] = _first_page(batch)
    if not batch.records:
        found.warn(
            "no_clients",
            sentence("{where} has no clients", where=where),
            sentence('they may live in another company: coordinates = {{ clients = "XYZ" }}'),
            "coordinates",
        )


def _clocks(archive: Archive, found: Findings, ledger: Batch) -> None:
    try:
        server = datetime.strptime(ledger.elaborated.strip(), "%Y%m%d %H%M%S")  # noqa: DTZ007
    except ValueError:
        found.warn(
            "no_clock",
            sentence("the server does not tell its time (data_ric_elab)"),
            sentence("every sync then reads everything"),
        )
        return
    found.facts[sentence("server's time")] = sentence("{at} on the server", at=server)
    ahead = server - archive.api.ctx.now().replace(tzinfo=None)
    if not -_CLOCK <= ahead <= _SUMMER + _CLOCK:
        found.warn(
            "clocks",
            sentence(
                "the server's clock says {server}, the hub's {now} UTC",
                server=f"{server:%Y-%m-%d %H:%M}",
                now=f"{archive.api.ctx.now():%Y-%m-%d %H:%M}",
            ),
            sentence("nothing is lost by it, but look which of the two is wrong"),
        )


def _states(archive: Archive, found: Findings, ledger: Batch) -> None:
    """Letters of the first page that the settings do not explain."""
    states, methods = set[str](), set[str]()
    for raw in ledger.records:
        try:
            for each in postings.instalments_of(postings.posting_of(raw)):
                states.add(each.letter)
                methods.add(text(each.fields.get("tipo_scadenza"), "tipo_scadenza"))
        except (CellError, AttributeError):
            continue
    settings = archive.settings
    for letter in sorted(each for each in states if not is_known(each, settings.states)):
        found.warn(
            "unknown_state",
            sentence("status letter {letter!r} is unknown and counts as open", letter=letter),
            sentence(
                'ask what it means and write states = {{ {letter} = "paid" }} or the like',
                letter=letter,
            ),
            "states",
        )
    known = {"", *LETTERS, *settings.payment_letters}
    for letter in sorted(methods - known):
        found.warn(
            "unknown_letter",
            sentence("payment letter {letter!r} is unknown and counts as other", letter=letter),
            sentence(
                'ask what it means and write payment_letters = {{ {letter} = "transfer" }}',
                letter=letter,
            ),
            "payment_letters",
        )


def _settings(archive: Archive, found: Findings) -> None:
    settings = archive.settings
    found.facts[sentence("years read")] = ", ".join(map(str, archive.years))
    if settings.base_url.startswith("http://"):
        found.warn(
            "plain_http",
            sentence("the password travels unencrypted"),
            sentence("use https and pin the certificate"),
            "base_url",
        )
    if settings.write_back and not settings.block_orders:
        found.warn(
            "no_block_values",
            sentence("write_back is on and block_orders is empty: orders cannot be stopped"),
            sentence(
                'e.g. block_orders = {{ fido = "0.01" }}: see what Mexal stores on a '
                "client that was blocked by hand"
            ),
            "block_orders",
        )
