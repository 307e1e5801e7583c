"""The lines of an envelope, taken apart into the fields that the service asks for.

It prints three lines with 44, 43 and 44 characters; what does not fit is refused here, where it
costs nothing, and nothing is shortened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Final

from incasso.api import Problem, Recipient, Text, text
from incasso_postal.provinces import PROVINCES, provinces_of

NAME_LINE: Final = 44
STREET_LINE: Final = 43
TOWN_LINE: Final = 44
ABROAD: Final = "EE"
NO_NUMBER: Final = "SNC"
"""As the service and the post write "without house number"."""

_KINDS_OF_STREET: Final = (
    "via|viale|v\\.le|vle|vicolo|vico|piazza|p\\.zza|p\\.za|pzza|piazzale|p\\.le|piazzetta|corso|"
    "c\\.so|cso|largo|l\\.go|strada|str\\.|lungomare|lungotevere|lungarno|contrada|c\\.da|"
    "località|localita'|localita|loc\\.|frazione|fraz\\.|borgo|salita|galleria|rione|regione|"
    "traversa|passaggio|riviera|calle|campo|fondamenta|zona|villaggio|borgata|cascina|circonvallazione"
)
_STREET: Final = re.compile(rf"(?P<dug>{_KINDS_OF_STREET})\s+(?P<name>.+)", re.IGNORECASE)
_NUMBER: Final = re.compile(
    r"(?P<street>.+?)(?:\s*,\s*|\s+)(?:n\s*[.°]?\s*)?"
    r"(?P<number>\d+\s?(?:[/-]\s?\w{1,3}|[A-Za-z])?(?:\s?bis)?|s\.?n\.?c?\.?|km\.?\s?\d+[.,]?\d*)"
    r"(?:[\s,]+(?P<more>(?:int|interno|scala|sc|piano|pal|palazzina)\b.*))?",
    re.IGNORECASE,
)
_WITHOUT: Final = re.compile(r"s\.?n\.?c?\.?", re.IGNORECASE)
_TOWN: Final = re.compile(
    r"(?:(?:I(?:TA?)?-)?(?P<cap>\d{5})\s+)?(?P<town>.*?)(?:\s+(?:\((?P<in>[A-Za-z]{2})\)|(?P<bare>[A-Z]{2})))?"
)
_CODE_ABROAD: Final = re.compile(r"(?:[A-Z]{1,3}-)?(?P<cap>\d{3,5})\s+(?P<town>\D.*)")


@dataclass(frozen=True, kw_only=True)
class PostalAddress:
    """An address in the service's own fields."""

    ragione_sociale: str
    co: str = ""
    dug: str = ""
    indirizzo: str
    civico: str = ""
    dettaglio_immobile: str = ""
    comune: str
    cap: str = ""
    provincia: str
    nazione: str

    def as_fields(self) -> dict[str, str]:
        """Those that say something."""
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in given.items() if value}


class BadAddressError(Exception):
    """An address that the service would not take; names the field."""

    def __init__(self, field: str, problem: Text, cure: Text) -> None:
        super().__init__(str(problem))
        self.problem = Problem(code="address", field=field, message=problem, hint=cure)


def address_of(to: Recipient) -> PostalAddress:
    """The recipient's address. Raises BadAddressError."""
    lines = [line for line in (" ".join(each.split()) for each in to.postal) if line]
    country = to.country.strip().upper() or "IT"
    if len(lines) > 3 and _names_country(lines[-1], country):
        lines.pop()
    if len(lines) < 3:
        raise BadAddressError(
            "to",
            text("the address has {n} lines; name, street and town are needed", n=str(len(lines))),
            text("complete the client's address"),
        )
    name, *between, street, town = lines
    made = _at_home(name, street, town) if country == "IT" else _abroad(name, street, town, country)
    return _fitting(made, between)


def address_from(name: str, street: str, cap: str, town: str, province: str) -> PostalAddress:
    """The address of the sender. Raises BadAddressError."""
    return _fitting(_at_home(name, street, f"{cap} {town} ({province})"), ())


def _at_home(name: str, street: str, town: str) -> PostalAddress:
    cap, commune, province = _town(town)
    dug, line, number, more = _street(street)
    return PostalAddress(
        ragione_sociale=name,
        dug=dug,
        indirizzo=line,
        civico=number,
        dettaglio_immobile=more,
        comune=commune,
        cap=cap,
        provincia=province,
        nazione="Italia",
    )


def _abroad(name: str, street: str, town: str, country: str) -> PostalAddress:
    """No kind of street, no province; a postal code with letters stays in the line of the town."""
    found = _CODE_ABROAD.fullmatch(town)
    return PostalAddress(
        ragione_sociale=name,
        indirizzo=street,
        comune=found["town"] if found else town,
        cap=found["cap"] if found else "",
        provincia=ABROAD,
        nazione=country_name(country),
    )


def _town(line: str) -> tuple[str, str, str]:
    found = _TOWN.fullmatch(line)
    assert found is not None  # every part of it may be missing
    cap, commune = found["cap"] or "", found["town"].strip(" ,-")
    province = (found["in"] or found["bare"] or "").upper()
    if found["bare"] and province not in PROVINCES:
        commune, province = f"{commune} {province}", ""
    if not cap or not commune:
        raise BadAddressError(
            "to.zip",
            text("{line!r} has no CAP of five digits", line=line),
            text("write the CAP into the client's address"),
        )
    return cap, commune, _province(cap, province)


def _province(cap: str, given: str) -> str:
    """The province, from the CAP where that leaves no choice. Raises BadAddressError."""
    possible = provinces_of(cap)
    if not possible:
        raise BadAddressError(
            "to.zip",
            text("no Italian CAP begins like {cap}", cap=cap),
            text("correct the CAP in the client's address"),
        )
    if not given and len(possible) == 1:
        return possible[0]
    if given in possible:
        return given
    problem = text("the CAP {cap} is not in the province {given}", cap=cap, given=given)
    if not given:
        problem = text("the province is missing, and the CAP {cap} leaves a choice", cap=cap)
    cure = text("correct CAP or province: {cap} is in {provinces}", cap=cap, provinces=possible)
    raise BadAddressError("to.province", problem, cure)


def _street(line: str) -> tuple[str, str, str, str]:
    """Kind of street, name, number, and what follows it."""
    found = _NUMBER.fullmatch(line)
    number, more, rest = NO_NUMBER, "", line.strip(" ,")
    if found:
        rest, more = found["street"].strip(" ,"), (found["more"] or "").strip()
        number = found["number"]
        number = NO_NUMBER if _WITHOUT.fullmatch(number) else re.sub(r"\s+", "", number)
    kind = _STREET.fullmatch(rest)
    return (kind["dug"], kind["name"], number, more) if kind else ("", rest, number, more)


def _fitting(address: PostalAddress, more: Iterable[str]) -> PostalAddress:
    """The address with the lines between name and street, if everything fits its line."""
    made = replace(address, co=" ".join(more))
    for problem in _too_long(made):
        raise problem
    return made


def _too_long(made: PostalAddress) -> Iterator[BadAddressError]:
    town = (made.comune, made.cap, made.provincia)
    lines = (
        ("to.name", (made.ragione_sociale, made.co), NAME_LINE),
        ("to.address", (made.dug, made.indirizzo, made.civico), STREET_LINE),
        ("to.address", (made.civico,), 5),
        ("to.address", (made.dettaglio_immobile,), 10),
        ("to.city", town, TOWN_LINE),
    )
    for field, parts, most in lines:
        line = " ".join(filter(None, parts))
        if len(line) > most:
            problem = text(
                "{line!r} has {size} characters, {most} fit on the line",
                line=line,
                size=str(len(line)),
                most=str(most),
            )
            yield BadAddressError(field, problem, text("shorten it in the client's address"))


@lru_cache
def country_name(code: str) -> str:
    """The country as an Italian envelope shows it."""
    from babel import Locale

    return str(Locale("it").territories.get(code, code))


def _names_country(line: str, code: str) -> bool:
    from babel import Locale

    names = {code, country_name(code).upper(), str(Locale("en").territories.get(code)).upper()}
    return line.upper() in names
