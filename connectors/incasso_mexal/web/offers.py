"""What this version of Mexal lacks: resources and fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from incasso.api import PluginError, Problem, text
from incasso_mexal.web import clients, postings
from incasso_mexal.web.archive import Archive


@dataclass
class Findings:
    """What the check saw so far."""

    facts: dict[str, str] = field(default_factory=dict)
    warnings: list[Problem] = field(default_factory=list)

    def warn(self, code: str, message: str, hint: str, where: str = "") -> None:
        """A warning: something that works but may not be intended."""
        self.warnings.append(Problem(code=code, message=message, hint=hint, field=where))


_NEEDED: Final = {
    "clienti": text("no clients"),
    "referenti/clienti": text("no contacts of clients"),
    "fornitori": text("no names of agents"),
    "dati-generali/pagamenti": text("no words for payment terms"),
    "dati-generali/valute": text("no currencies but the company's own"),
    "documenti/movimenti-magazzino": text("no list of documents"),
    "prima-nota/righe": text("no receipts"),
}


def missing_resources(archive: Archive, found: Findings) -> None:
    """Resources that the online help of this installation does not list.

    The help is asked for with the coordinates, which some installations want; others show it to
    nobody, and read well all the same.
    """
    where, wanted = archive.where("installments"), {"extended": "true"}
    try:
        answer = archive.api.resource(text("online help"), "help", where, wanted, optional=True)
    except PluginError as error:
        archive.api.ctx.log.info("%s", error)
        found.facts[text("online help")] = text("not shown to this user")
        return
    offered = [rule.removeprefix("^/") for rule in _rules(answer)]
    missing = [name for name in _NEEDED if not any(rule.startswith(name) for rule in offered)]
    for name in missing if offered else ():
        found.warn(
            "missing_resource",
            text(
                "this installation does not offer {name}: {needed}", name=name, needed=_NEEDED[name]
            ),
            text("ask for an update, or for the module that brings it"),
        )


def _rules(answer: Any) -> Iterable[str]:
    """Every `regexp` of the online help, however deep it stands."""
    if isinstance(answer, Mapping):
        rule = answer.get("regexp")
        if isinstance(rule, str):
            yield rule
        answer = list(answer.values())
    for each in answer if isinstance(answer, list) else ():
        yield from _rules(each)


def missing_fields(archive: Archive, found: Findings) -> None:
    """Fields this version lacks: what the office will not see."""
    for resource, wanted in (("scadenzario", postings.FIELDS), ("clienti", clients.FIELDS)):
        where = archive.where("installments" if resource == "scadenzario" else "clients")
        try:
            answer = archive.api.resource(
                text("fields of {resource}", resource=resource),
                resource,
                where,
                {"info": "true"},
                optional=True,
            )
        except PluginError as error:
            archive.api.ctx.log.info("%s", error)
            continue
        names = set(_names(answer))
        if missing := [name for name in wanted if names and name not in names]:
            found.warn(
                "missing_fields",
                text(
                    "{resource} has no {missing} in this version",
                    resource=resource,
                    missing=list(missing),
                ),
                text("the office will not see them; an update of Mexal may bring them"),
            )


def _names(answer: Any) -> Iterable[str]:
    rows = answer.get("dati") if isinstance(answer, Mapping) else None
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping) and isinstance(row.get("nome"), str) and "tipo" in row:
            yield row["nome"].strip()
