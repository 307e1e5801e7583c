"""An envelope's lines become the service's fields, or are refused by name before they cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.api import ConfigurationError, RejectedError, Secret
from incasso_postal.address import BadAddressError, address_of
from incasso_postal.settings import PostalSettings
from tests.channels.postal import ON, SENDER, letter, post, to

TOWN = "10121 Torino (TO)"


def fields(*lines: str, country: str = "IT") -> dict[str, str]:
    return address_of(to(*lines, country=country)).as_fields()


@pytest.mark.parametrize(
    ("street", "expected"),
    [
        ("Via Po 2", ("Via", "Po", "2", "")),
        ("VIA GARIBALDI, 12/A", ("VIA", "GARIBALDI", "12/A", "")),
        ("P.zza Vittorio Veneto n. 3", ("P.zza", "Vittorio Veneto", "3", "")),
        ("Via 4 Novembre 7", ("Via", "4 Novembre", "7", "")),
        ("Via XX Settembre 15 bis", ("Via", "XX Settembre", "15bis", "")),
        ("Corso Francia 100 int. 4", ("Corso", "Francia", "100", "int. 4")),
        ("Località Bosco snc", ("Località", "Bosco", "SNC", "")),
        ("Via 25 Aprile", ("Via", "25 Aprile", "SNC", "")),
        ("S.S. 113 km 24", ("", "S.S. 113", "km24", "")),
        ("Galassia 5", ("", "Galassia", "5", "")),
    ],
)
def test_a_street_in_its_parts(street: str, expected: tuple[str, ...]) -> None:
    found = fields("Rossi", street, TOWN)
    names = ("dug", "indirizzo", "civico", "dettaglio_immobile")
    assert tuple(found.get(name, "") for name in names) == expected


@pytest.mark.parametrize(
    ("town", "expected"),
    [
        ("10121 Torino (TO)", ("10121", "Torino", "TO")),
        ("20121 Milano MI", ("20121", "Milano", "MI")),
        ("00184 Roma", ("00184", "Roma", "RM")),
        ("I-42121 Reggio nell'Emilia (re)", ("42121", "Reggio nell'Emilia", "RE")),
        ("38122 Trento", ("38122", "Trento", "TN")),
        ("20900 Monza (MB)", ("20900", "Monza", "MB")),
    ],
)
def test_a_town_in_its_parts(town: str, expected: tuple[str, ...]) -> None:
    found = fields("Rossi", "Via Po 2", town)
    assert (found["cap"], found["comune"], found["provincia"]) == expected
    assert found["nazione"] == "Italia"


def test_lines_between_name_and_street_stand_beside_the_name() -> None:
    found = fields("Rossi Srl", "c/o Bianchi", "Via Po 2", TOWN, "ITALIA")
    assert (found["ragione_sociale"], found["co"]) == ("Rossi Srl", "c/o Bianchi")


def test_abroad_there_is_no_province() -> None:
    found = fields("Müller AG", "Bahnhofstrasse 1", "8001 Zürich", "CH", country="CH")
    assert found == {
        "ragione_sociale": "Müller AG",
        "indirizzo": "Bahnhofstrasse 1",
        "cap": "8001",
        "comune": "Zürich",
        "provincia": "EE",
        "nazione": "Svizzera",
    }
    assert fields("X", "High St 1", "London SW1A 1AA", "GB", country="GB")["comune"] == (
        "London SW1A 1AA"
    )


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        (("Rossi", TOWN), "to"),
        (("Rossi", "Via Po 2", "Torino (TO)"), "to.zip"),
        (("Rossi", "Via Po 2", "1012 Torino (TO)"), "to.zip"),
        (("Rossi", "Via Po 2", "49121 Torino (TO)"), "to.zip"),
        (("Rossi", "Via Po 2", "10121 Torino (MI)"), "to.province"),
        (("Rossi", "Via Po 2", "20121 Milano"), "to.province"),
        (("R" * 45, "Via Po 2", TOWN), "to.name"),
        (("R" * 40, "c/o Bianchi", "Via Po 2", TOWN), "to.name"),
        (("Rossi", f"Via {'P' * 38} 2", TOWN), "to.address"),
        (("Rossi", "Via Po 1234567", TOWN), "to.address"),
        (("Rossi", "Via Po 2 palazzina terza", TOWN), "to.address"),
        (("Rossi", "Via Po 2", f"10121 {'T' * 36} (TO)"), "to.city"),
    ],
)
def test_what_the_service_would_not_take(lines: tuple[str, ...], field: str) -> None:
    with pytest.raises(BadAddressError) as raised:
        fields(*lines)
    problem = raised.value.problem
    assert problem.field == field and problem.message and problem.hint


def test_the_longest_that_fits() -> None:
    assert fields("R" * 44, f"Via {'P' * 37} 2", f"10121 {'T' * 35} (TO)")["civico"] == "2"


@given(st.lists(st.text(max_size=60), max_size=6), st.sampled_from(["IT", "FR", "", "XX"]))
def test_any_lines_fit_or_are_refused(lines: list[str], country: str) -> None:
    try:
        found = address_of(to("Rossi", *lines, country=country))
    except BadAddressError:
        return
    assert len(" ".join(filter(None, (found.ragione_sociale, found.co)))) <= 44
    assert len(" ".join(filter(None, (found.dug, found.indirizzo, found.civico)))) <= 43
    assert len(" ".join(filter(None, (found.comune, found.cap, found.provincia)))) <= 44
    assert found.provincia and found.nazione


def test_a_wrong_address_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    with post(tmp_path) as one:
        with pytest.raises(RejectedError) as raised:
            one.handle.prepare(letter(postal=("Rossi", "Via Po 2", "Torino")), ON)
        assert raised.value.bad_address and not one.service.seen
        warned = one.handle.prepare(letter(postal=("Rossi", "Via 25 Aprile", TOWN)), ON)
        assert [each.code for each in warned.warnings] == ["no_number"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"token": Secret("")}, "token"),
        ({"sender_zip": "99999"}, "sender_zip"),
        ({"sender_province": "MI"}, "sender_province"),
        ({"sender_name": "A" * 45}, "sender_name"),
        ({"sender_email": "nobody"}, "sender_email"),
        ({"max_price": 0}, "max_price"),
        ({"callback_url": "https://hub.example/hooks/post"}, "callback_secret"),
        ({"url": "ws.ufficiopostale.com"}, "url"),
    ],
)
def test_settings_name_what_is_wrong(changes: dict[str, Any], field: str) -> None:
    given: dict[str, Any] = {"token": Secret("t"), **SENDER, **changes}
    with pytest.raises(ConfigurationError) as raised:
        PostalSettings(**given)
    assert [each.field for each in raised.value.problems] == [field]
