"""The XML form: its schema agrees with the contract, and no file does harm or gets lost."""

from __future__ import annotations

import re
from enum import StrEnum
from io import BytesIO
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from incasso.api import (
    ActivityResult,
    ClosingReason,
    Debtor,
    DebtorKind,
    DocumentKind,
    LotSheet,
    Notice,
    NoticeKind,
    PaymentMethod,
    PlacedCredit,
    PlacementDossier,
    PlacementUpdate,
    Refusal,
    RefusalReason,
    RejectedError,
    ReturnSheet,
    Service,
    Unreadable,
    UpdateKind,
)
from incasso.contract.exchange import BatchKind
from incasso.testing import samples
from incasso.testing.provider_files import REPORTED
from incasso_xml import reading
from incasso_xml.checking import schema, schema_bytes
from incasso_xml.writing import write_answer, write_lot, write_notices
from tests.contract.test_xml import by_hand

XS = "{http://www.w3.org/2001/XMLSchema}"
GOOD = by_hand(REPORTED)


def read(content: bytes) -> list[PlacementUpdate | Unreadable]:
    pages = reading.read("esiti.xml", BytesIO(content))
    return [item for page in pages for item in page.items]


def identified(content: bytes) -> ReturnSheet:
    return reading.identify("esiti.xml", BytesIO(content))


# The schema.


@pytest.mark.parametrize(
    "kind",
    [
        Service,
        DebtorKind,
        DocumentKind,
        PaymentMethod,
        NoticeKind,
        UpdateKind,
        RefusalReason,
        ActivityResult,
        ClosingReason,
    ],
)
def test_the_schema_knows_every_word_of_the_contract(kind: type[StrEnum]) -> None:
    name = re.sub(r"(?<!^)([A-Z])", r"_\1", kind.__name__).lower()
    [found] = etree.fromstring(schema_bytes()).findall(f"{XS}simpleType[@name='{name}']")
    words = [each.get("value") for each in found.iter(f"{XS}enumeration")]
    assert words == [member.value for member in kind]


@pytest.mark.parametrize(
    ("record", "name"),
    [
        (LotSheet, "head"),
        (PlacementDossier, "placement_of_lot"),
        (Debtor, "debtor"),
        (PlacedCredit, "credit"),
        (Notice, "notice"),
        (Refusal, "refusal"),
        (ReturnSheet, "answers"),
        (PlacementUpdate, "update"),
    ],
)
def test_the_schema_has_every_field_of_the_contract_in_its_order(
    record: type[msgspec.Struct], name: str
) -> None:
    root = etree.fromstring(schema_bytes())
    [found] = root.findall(f"{XS}element[@name='{name}']") or root.findall(
        f"{XS}complexType[@name='{name}']"
    )
    sequence = found.find(f".//{XS}sequence")
    assert sequence is not None
    assert [each.get("name") for each in sequence.iterchildren(f"{XS}element")] == list(
        record.__struct_fields__
    )


def test_everything_that_leaves_is_valid() -> None:
    dossiers = [
        samples.dossier(f"P-{number:07d}", name=name, credits=3)
        for number, name in enumerate((*samples.HOSTILE_TEXTS.values(), "a\x0bb\x00c"), 1)
    ]
    sheet = samples.lot_sheet(*dossiers)
    refusal = Refusal(file="e.xml", row=2, code="date", message="Il giorno è futuro")
    notices = (*map(samples.notice, NoticeKind), samples.notice(NoticeKind.DOCUMENT))
    lot, told, answer = BytesIO(), BytesIO(), BytesIO()
    write_lot(samples.batch(1), sheet, iter(dossiers), lot)
    write_notices(samples.batch(2, BatchKind.NOTICES), notices, told)
    head = ReturnSheet(lot="L-2026-0001", sequence=4)
    write_answer(samples.batch(3, BatchKind.ANSWER), head, (refusal,), answer)
    for each in (lot, told, answer):
        assert schema().validate(etree.fromstring(each.getvalue())), schema().error_log


def test_what_an_agency_writes_by_the_schema_is_valid() -> None:
    assert schema().validate(etree.fromstring(GOOD)), schema().error_log


# Files that could do harm.

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE exchange [<!ENTITY a "aaaaaaaaaa">'
    b'<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (GOOD.replace(b"<?xml version='1.0' encoding='utf-8'?>", BOMB), "DOCTYPE"),
        (
            GOOD.replace(
                b"<?xml version='1.0' encoding='utf-8'?>",
                b'<!DOCTYPE exchange SYSTEM "file:///etc/passwd">',
            ),
            "DOCTYPE",
        ),
        (GOOD[:-30], "cut off"),
        (GOOD[: len(GOOD) // 2], "cut off"),
        (GOOD.replace(b'version="1.0"', b'version="2.0"'), "version 2.0"),
        (GOOD.replace(b'kind="updates"', b'kind="lot"'), "expected “updates”"),
        (GOOD.replace(b"urn:incasso:exchange:1", b"urn:other"), "it begins with"),
        (b"", "cannot be read as XML"),
        (b"PK\x03\x04 a workbook", "cannot be read as XML"),
    ],
)
def test_a_file_that_is_none_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(RejectedError, match=why):
        identified(content)


def test_a_row_without_end_is_told_and_not_kept() -> None:
    endless = GOOD[: GOOD.index(b"</text>")] + b"x" * (41 * 1024 * 1024)
    assert isinstance(read(endless)[-1], Unreadable)


@pytest.mark.parametrize(
    ("before", "after", "field", "why"),
    [
        (b"<on>2026-02-21", b"<on>2026-02-31", "on", "2026-02-31"),
        (b"<kind>activity", b"<kind>activty", "kind", "activty"),
        (b'<amount currency="EUR">60.05', b'<amount currency="EUR">60,05', "amount", "60,05"),
        (b'<amount currency="EUR">', b"<amount>", "amount", "currency"),
        (b"<update_id>u-2</update_id>", b"", "at", "does not belong here"),
        (b"<result>no_answer", b"<rezult>no_answer", "rezult", "does not belong here"),
        (b"09:00:00+00:00", b"09:00:00", "at", "09:00:00"),
    ],
)
def test_a_wrong_row_is_one_row(before: bytes, after: bytes, field: str, why: str) -> None:
    spoilt = GOOD.replace(before, after, 1)
    if before == b"<result>no_answer":
        spoilt = spoilt.replace(b"no_answer</result>", b"no_answer</rezult>")
    assert spoilt != GOOD
    items = read(spoilt)
    [wrong] = [each for each in items if isinstance(each, Unreadable)]
    assert len(items) == len(REPORTED) and wrong.problems[0].field == field
    assert why in wrong.problems[0].message and "line" in wrong.problems[0].message


def test_what_is_strange_is_told_and_the_rest_is_read() -> None:
    strange = GOOD.replace(b"<update>", b"<payment>60</payment><update>", 1)
    items = read(strange)
    told = [each for each in items if isinstance(each, Unreadable)]
    assert len(items) - len(told) == len(REPORTED)
    assert "“payment”" in told[0].problems[0].message


def test_a_count_that_does_not_agree_is_told() -> None:
    doubled = GOOD.replace(b"</update>", b"</update>" + _first_update(), 1)
    told = [each for each in read(doubled) if isinstance(each, Unreadable)]
    assert "says 5 updates, and there are 6" in told[0].problems[0].message


def test_a_comment_inside_a_text_takes_nothing_away() -> None:
    said = GOOD.replace(b"non risponde;", b"non <!-- x -->risponde;")
    assert [each.text for each in read(said) if isinstance(each, PlacementUpdate)][1] == (
        REPORTED[1].text
    )


def test_other_encodings_are_read_or_told() -> None:
    words = "perché è così"
    accents = GOOD.decode().replace("non risponde; riprovare dopo le 18", words)
    latin = accents.replace("encoding='utf-8'", "encoding='iso-8859-1'").encode("latin-1")
    assert words in [each.text for each in read(latin) if isinstance(each, PlacementUpdate)]
    undeclared = accents.encode("cp1252")
    told = [each for each in read(undeclared) if isinstance(each, Unreadable)]
    assert "breaks here" in told[-1].problems[0].message


@given(st.data())
def test_no_spoiling_loses_a_row_silently(data: Any) -> None:
    """Whatever happens to a file: it is refused, or each update is read or something is told."""
    content = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        how = data.draw(st.sampled_from(["change", "cut", "double"]))
        if how == "change":
            content[place] = data.draw(st.integers(0, 255))
        elif how == "cut":
            del content[place : place + data.draw(st.integers(1, 60))]
        else:
            content[place:place] = content[place : place + data.draw(st.integers(1, 200))]
    try:
        identified(bytes(content))
    except RejectedError:
        return
    items = read(bytes(content))
    told = any(isinstance(each, Unreadable) for each in items)
    assert told or len(items) == len(REPORTED)


def _first_update() -> bytes:
    return GOOD[GOOD.index(b"<update>") : GOOD.index(b"</update>") + len(b"</update>")]
