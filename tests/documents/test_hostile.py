"""Files that want to harm: refused in one sentence, quickly, without asking anybody."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.fatturapa import MOST_BYTES, FatturaError, read_fattura
from tests.documents.fatture import body, fattura, signed
from tests.profiles import tries

GOOD = fattura()
SIGNED = signed(GOOD)
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;">]><FatturaElettronica>&c;</FatturaElettronica>'
)
FILE = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b"<FatturaElettronica>&x;</FatturaElettronica>"
)
EXTERNAL = GOOD.replace(b"?>", b'?><!DOCTYPE x SYSTEM "http://192.0.2.1/x.dtd">', 1)


@pytest.mark.parametrize("content", [LAUGHS, FILE, EXTERNAL, signed(LAUGHS)])
def test_a_doctype_is_refused_unread(content: bytes) -> None:
    with pytest.raises(FatturaError, match="DOCTYPE"):
        read_fattura(content)


def test_a_doctype_does_not_hide_in_another_encoding() -> None:
    with pytest.raises(FatturaError, match="DOCTYPE"):
        read_fattura(LAUGHS.decode().replace('"1.0"', '"1.0" encoding="UTF-16"').encode("utf-16"))
    seven = b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x+AD4-<a/>'
    with pytest.raises(FatturaError, match="encoding"):
        read_fattura(seven)


def test_a_stranger_entity_is_refused() -> None:
    with pytest.raises(FatturaError, match="cannot be read"):
        read_fattura(GOOD.replace(b"123/A", b"&secret;"))


def test_fifty_megabytes_are_refused_before_they_are_read() -> None:
    with pytest.raises(FatturaError, match=f"more than {MOST_BYTES}"):
        read_fattura(b"<" + b"a" * (50 * 1024 * 1024))


def test_very_deep_nesting_is_refused() -> None:
    deep = b"<FatturaElettronica>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</FatturaElettronica>"
    with pytest.raises(FatturaError, match="cannot be read"):
        read_fattura(deep)


def test_more_invoices_than_any_file_holds() -> None:
    with pytest.raises(FatturaError, match="more than 5000"):
        read_fattura(fattura(*["<FatturaElettronicaBody/>"] * 5001))


def test_more_lines_than_the_format_can_number() -> None:
    one = body()
    start = one.index("<DettaglioLinee>")
    with pytest.raises(FatturaError, match="it has 50001 lines, more than 9999"):
        read_fattura(fattura(one[:start] + "<DettaglioLinee/>" * 50_000 + one[start:]))


EMPTY = "<x/>" * 400_000


@pytest.mark.parametrize(
    "content",
    [
        fattura(body(general=EMPTY)),
        fattura(body().replace("<DettaglioPagamento>", f"<DettaglioPagamento>{EMPTY}")),
        fattura(body().replace("<DatiBeniServizi>", f"{EMPTY}<DatiBeniServizi>")),
    ],
)
def test_hundreds_of_thousands_of_empty_elements_cost_a_second(content: bytes) -> None:
    """Each field was looked for among all of them: 26 seconds of work, now less than one."""
    began = process_time()
    (invoice,) = read_fattura(content)
    assert (invoice.number, len(invoice.payments)) == ("123/A", 1)
    assert process_time() - began < 6


def test_more_tags_than_any_invoice_has() -> None:
    with pytest.raises(FatturaError, match="more than 1000000 tags"):
        read_fattura(b"<a>" + b"<x/>" * 1_000_001 + b"</a>")


@pytest.mark.parametrize("share", [0.01, 0.3, 0.7, 0.99])
@pytest.mark.parametrize("whole", [GOOD, SIGNED])
def test_a_file_that_was_cut_off_is_told(whole: bytes, share: float) -> None:
    with pytest.raises(FatturaError):
        read_fattura(whole[: int(len(whole) * share)])


@tries(150)
@given(st.data())
def test_damage_is_always_told_in_a_sentence(data: st.DataObject) -> None:
    """A few bytes changed anywhere: it is read, or refused; nothing else comes out."""
    content = bytearray(data.draw(st.sampled_from([GOOD, SIGNED])))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = read_fattura(bytes(content))
    except FatturaError as error:
        assert 0 < len(str(error)) < 400
    else:
        assert read


@tries(150)
@given(st.binary(max_size=400))
def test_garbage_is_refused(content: bytes) -> None:
    for garbage in (content, b"\x30" + content, b"<" + content):
        with pytest.raises(FatturaError):
            read_fattura(garbage)


@tries(60)
@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_number_survives_or_is_refused(number: str) -> None:
    from xml.sax.saxutils import escape

    try:
        (invoice,) = read_fattura(fattura(body(number=escape(number))))
    except FatturaError:
        return
    assert invoice.number == " ".join(number.split())
