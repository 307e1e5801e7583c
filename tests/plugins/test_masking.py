"""No secret in any encoding: what leaves a plugin is masked however the other side wrote it."""

from __future__ import annotations

import html
import json
import quopri
import re
import time
from base64 import b64encode, encodebytes, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from smtplib import SMTPAuthenticationError
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.contract.channel import DeliveryState, DeliveryUpdate
from incasso.contract.errors import TemporaryError
from incasso.contract.text import Text, text
from incasso.contract.values import Attachment, CheckReport, Page, Receipt, Secret
from incasso.locale import localize
from incasso.plugins.masking import (
    STARS,
    error_line,
    masked_error,
    masked_result,
    masked_traceback,
    masking,
)
from tests.profiles import tries

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
PASSWORD = 'p&s"s wörd/1'

WRITTEN: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "percent": lambda each: quote(each, safe=""),
    "percent in small letters": lambda each: re.sub(
        "%..", lambda found: found[0].lower(), quote(each, safe="")
    ),
    "form": quote_plus,
    "percent twice": lambda each: quote(quote(each, safe=""), safe=""),
    "every byte in percent": lambda each: "".join(f"%{byte:02x}" for byte in each.encode()),
    "quoted-printable": lambda each: quopri.encodestring(each.encode()).decode(),
    "quoted-printable of a header": lambda each: quopri.encodestring(
        each.encode("latin-1", "replace"), header=True
    ).decode(),
    "JSON": lambda each: json.dumps(each)[1:-1],
    "JSON in JSON": lambda each: json.dumps(json.dumps(each))[3:-3],
    "JSON as it is": lambda each: json.dumps(each, ensure_ascii=False)[1:-1],
    "Python": lambda each: repr(each)[1:-1],
    "Python's bytes": lambda each: repr(each.encode())[2:-1],
    "HTML": html.escape,
    "HTML in numbers": lambda each: "".join(f"&#{ord(letter)};" for letter in each),
    "hexadecimal": lambda each: each.encode().hex(),
    "hexadecimal, apart": lambda each: each.encode().hex(" ").upper(),
    "hexadecimal of UTF-16": lambda each: each.encode("utf-16-le").hex(),
    "base64": lambda each: b64encode(each.encode()).decode(),
    "base64 of UTF-16": lambda each: b64encode(each.encode("utf-16-le")).decode(),
}


@pytest.mark.parametrize("form", WRITTEN)
def test_each_form_is_starred(form: str) -> None:
    mask = masking([Secret(PASSWORD)])
    told = WRITTEN[form](PASSWORD)
    if form == "quoted-printable of a header":
        told = told.replace("_", " ")
    assert mask(f"535 refused: {told} !") == f"535 refused: {STARS} !"


@pytest.mark.parametrize("before", ["", "\0a\0", "\0anna\0", "\0anna.b\0", "anna:", "x:", "xy:"])
@pytest.mark.parametrize("after", ["", "\0", "\r\n", "xyz"])
@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
def test_base64_of_more_than_the_secret_goes_as_a_whole(
    before: str, after: str, encode: Callable[[bytes], bytes]
) -> None:
    """AUTH PLAIN and Basic hold the user too; the letters beside the secret hold bits of it."""
    told = encode(f"{before}{PASSWORD}{after}".encode()).decode()
    assert masking([Secret(PASSWORD)])(f"AUTH PLAIN {told}, sir") == f"AUTH PLAIN {STARS}, sir"


@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_a_long_secret_in_another_case(case: Callable[[str], str]) -> None:
    """`requests` writes a host in small letters, and some tokens are part of a host's name."""
    mask = masking([Secret("Hunter-22-È"), Secret("Rossi")])
    assert mask(f"no host {case('Hunter-22-È')}.example") == f"no host {STARS}.example"
    assert mask("Rossi, ROSSI") == f"{STARS}, ROSSI", "a short one may be anybody's name"


BROKEN: dict[str, Callable[[str, str], str]] = {
    "a reply": "{}\n{}".format,
    "a reply with its codes": "{}\r\n535-5.7.8 {}".format,
    "a folded header": "{}\r\n\t  {}".format,
    "smtplib's error": lambda first, rest: str(
        SMTPAuthenticationError(535, f"5.7.8 {first}\n5.7.8 {rest}".encode())
    ),
    "JSON": lambda first, rest: json.dumps(f"{first}\r\n{rest}"),
}


@pytest.mark.parametrize("lines", BROKEN)
def test_a_secret_broken_over_two_lines(lines: str) -> None:
    """At every place: a server that folds what it was told knows nothing of secrets."""
    mask, secret = masking([Secret("hunter+22/x")]), "hunter+22/x"
    for at in range(1, len(secret)):
        told = mask(f"said {BROKEN[lines](secret[:at], secret[at:])} !")
        assert told.count(STARS) == 1 and "unter" not in told and "22" not in told, told
    plain = b64encode(f"\0anna\0{secret}".encode()).decode()
    own = plain[8:22]  # six bytes before it: its letters begin at the ninth
    for at in range(1, len(plain)):
        told = mask(f"said {BROKEN[lines](plain[:at], plain[at:])} !")
        assert told.count(STARS) == 1, told
        assert not any(own[each : each + 3] in told for each in range(12)), told


def test_base64_in_an_address() -> None:
    """`+`, `/` and `=` of base64 are escaped there, in capitals or small letters."""
    echo = quote(b64encode(b"\xff\xfeanna:\xff\xfe~hunt~>er?22").decode(), safe="")
    mask = masking([Secret("~hunt~>er?22")])
    assert "%2F" in echo
    for told in (echo, re.sub("%..", lambda found: found[0].lower(), echo)):
        assert mask(f"({told})") == f"({STARS})"


def test_base64_over_several_lines() -> None:
    told = encodebytes(b"x" * 52 + PASSWORD.encode() + b"y" * 9).decode()
    assert told.count("\n") == 2
    assert masking([Secret(PASSWORD)])(f"{told}.") == f"{STARS}\n."


@given(
    secret=st.text(st.characters(codec="latin-1", categories=["L", "N", "P", "S"]), min_size=4),
    before=st.binary(max_size=5),
    after=st.binary(max_size=5),
    form=st.sampled_from(sorted(WRITTEN.keys() - {"quoted-printable of a header"})),
)
@tries(150)
def test_no_secret_survives(secret: str, before: bytes, after: bytes, form: str) -> None:
    mask = masking([Secret(secret)])
    told = WRITTEN[form](secret)
    assert told not in mask(f"\n{told}\n")
    echoed = b64encode(before + secret.encode() + after).decode()
    assert mask(f"( {echoed} )") == f"( {STARS} )"


def test_a_sentence_stays_translatable_with_stars_among_its_values() -> None:
    leaky = text("{place} cannot be reached", place=text("{erp}?token=hunter22", erp="mexal"))
    error = masked_error(TemporaryError(leaky), masking([Secret("hunter22")]))
    told = localize(str(error), "it")
    assert isinstance(str(error), Text)
    assert "hunter" not in told and STARS in told


def test_a_secret_is_masked_before_its_text_is_cut() -> None:
    mask = masking([Secret("hunter22hunter22")])
    assert "hunter" not in error_line(ValueError("x" * 292 + "hunter22hunter22"), mask)
    trace = masked_traceback(ValueError("hunter22hunter22" + "x" * 7990), mask)
    assert "hunter" not in trace and "ter22" not in trace


def test_what_the_other_side_tells_is_masked_and_references_are_not() -> None:
    mask = masking([Secret("hunter22")])
    echo = b64encode(b"\0anna\0hunter22").decode()
    reply = Attachment(filename="reply.txt", media_type="text/plain", content=echo.encode())
    mail = Attachment(filename="a.eml", media_type="message/rfc822", content=echo.encode())
    receipt = Receipt(ref="hunter22", at=AT, note=f"250 {echo}", evidence=(reply, mail))
    masked = masked_result(receipt, mask)
    assert (masked.ref, masked.note) == ("hunter22", f"250 {STARS}")
    assert masked.evidence[0].content == STARS.encode()
    assert masked.evidence[1].content == mail.content, "the exact bytes of a mail are the proof"
    update = DeliveryUpdate(
        ref="1", update_id="1", state=DeliveryState.BOUNCED, at=AT, note=echo, evidence=reply
    )
    polled, collected = masked_result((update,), mask), masked_result(Page(items=(update,)), mask)
    for [found] in (polled, collected.items):
        assert (found.note, found.evidence.content) == (STARS, STARS.encode())
    report = CheckReport(remote_identity="x", facts={"greeting": f"hello {echo}"})
    assert masked_result(report, mask).facts == {"greeting": f"hello {STARS}"}


def test_what_holds_no_secret_passes_as_the_same_object() -> None:
    mask = masking([Secret("hunter22")])
    receipt = Receipt(ref="1", at=AT, note="250 queued")
    assert masked_result(receipt, mask) is receipt
    page = Page(items=("a",))
    assert masked_result(page, mask) is page
    assert mask("ordinary words, base64 aGVsbG8gd29ybGQ=") == (
        "ordinary words, base64 aGVsbG8gd29ybGQ="
    )


@pytest.mark.parametrize(
    "filler", ["\\", "%25", " ", "\r\n", "A", "=41", "&#", "h", "h\n535 5.7.8 ", "aA\n"]
)
def test_a_long_hostile_text_costs_little(filler: str) -> None:
    words = (filler * 200_000)[:200_000]
    mask = masking([Secret("hunter22"), Secret("Ahhh hhhA\\%25&#x")])
    began = time.process_time()
    mask(words)
    assert time.process_time() - began < 3, "linear: 0.2 s here"
