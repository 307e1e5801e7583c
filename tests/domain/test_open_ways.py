"""By which media a client may be written to: wrong addresses, refusals, formal notices."""

from __future__ import annotations

from itertools import product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.contract.media import Medium
from incasso.domain.sending.client_contacts import DUNNING, ClientContact, holders, reaches_of
from incasso.domain.sending.numbers import e164
from incasso.domain.sending.open_ways import (
    NOTHING_CLOSED,
    Closed,
    Reach,
    Refusal,
    address_key,
    alike,
    first_way,
    reach_of,
)
from tests.profiles import tries


class Somebody(msgspec.Struct, frozen=True):
    """Whose addresses they are."""

    name: str = "Rossi Srl"
    email: str = ""
    pec: str = ""
    phone: str = ""
    mobile: str = ""
    fax: str = ""
    address: str = ""
    zip: str = ""
    city: str = ""
    province: str = ""
    country: str = ""


ROSSI = Somebody(email="a@x.it b@x.it", mobile="333 1234567", pec="rossi@pec.it")


@pytest.mark.parametrize(
    ("typed", "country", "right"),
    [
        ("333 1234567", "IT", "+393331234567"),
        ("011/5550100", "IT", "+390115550100"),
        ("+39 011.555.0100", "DE", "+390115550100"),
        ("0039 333 1234567", "IT", "+393331234567"),
        ("0171 1234567", "DE", "+491711234567"),
        ("333 1234567", "", "+393331234567"),
        ("12", "IT", "12"),
        ("011 5550100 int. 4", "IT", "011 5550100 int. 4"),
        (" chiedere a Anna ", "IT", "chiedere a Anna"),
    ],
)
def test_a_number_as_services_want_it(typed: str, country: str, right: str) -> None:
    assert e164(typed, country) == right


def test_a_refused_medium_is_closed_but_not_to_formal_notices() -> None:
    closed = Closed(refusals=(Refusal("sms"), Refusal("pec"), Refusal("call")))
    assert reach_of((ROSSI,), closed) == Reach(
        media=frozenset({"email"}),
        formal=frozenset({"email", "pec", "sms"}),
        refused=frozenset({"sms", "pec", "call"}),
    )
    stopped = Closed(refusals=(Refusal("pec", formal=True),))
    assert "pec" not in reach_of((ROSSI,), stopped).formal


def test_an_address_is_closed_however_it_is_written() -> None:
    closed = Closed(
        wrong=frozenset({("email", address_key("email", "A@X.it"))}),
        refusals=(Refusal("sms", address_key("sms", "+39 333-1234567")),),
    )
    found = reach_of((ROSSI,), closed)
    assert found.media == {"email", "pec"} and found.refused == {"sms"}
    way = first_way((ROSSI,), ("sms", "email"), closed, formal=False)
    assert way is not None and (way.medium, way.address) == ("email", "b@x.it")


_ADDRESSES = ("", "a@x.it", "b@x.it")
_MEDIA = ("email", "pec")
refusals = st.builds(Refusal, st.sampled_from(_MEDIA), st.sampled_from(_ADDRESSES), st.booleans())


@tries(60)
@given(
    st.lists(st.sampled_from([*product(_MEDIA, _ADDRESSES[1:])])),
    st.lists(refusals, max_size=3),
    st.sampled_from(["", "a@x.it", "a@x.it b@x.it"]),
    st.sampled_from(["", "a@x.it"]),
    st.booleans(),
)
def test_what_reaches_is_what_a_way_is_found_by(
    wrong: list[tuple[str, str]], refused: list[Refusal], email: str, pec: str, formal: bool
) -> None:
    """The same by two ways: planning asks for all media, dispatch for an address of one."""
    somebody = Somebody(email=email, pec=pec)
    closed = Closed(frozenset(wrong), tuple(refused))
    reach = reach_of((somebody,), closed)
    for medium in Medium:
        way = first_way((somebody,), (medium,), closed, formal=formal)
        assert (way is not None) == (medium in (reach.formal if formal else reach.media))
        if way is not None:
            assert (medium, way.address) not in wrong
            stopped = {(one.medium, one.address) for one in refused if one.formal or not formal}
            assert not stopped & {(medium, ""), (medium, way.address)}
    assert reach.media <= reach.formal
    assert not reach.media & reach.refused


def contact(role: str, **given: str) -> ClientContact:
    names = ("person", "language", *Somebody.__struct_fields__)
    fields = {**dict.fromkeys(names, ""), "name": "Rossi Srl", **given}
    return ClientContact(client_id=1, role=role, **fields)


OFFICE = contact(DUNNING, email="crediti@rossi.it")
OWNER = contact("titolare", mobile="347 1234567", email="anna@rossi.it")


@pytest.mark.parametrize(
    ("role", "media", "wrong", "right"),
    [
        ("", ("email",), (), ("email", "crediti@rossi.it")),
        ("", ("email",), ("crediti@rossi.it",), ("email", "a@x.it")),
        ("titolare", ("email",), (), ("email", "anna@rossi.it")),
        ("titolare", ("email",), ("anna@rossi.it",), ("email", "crediti@rossi.it")),
        ("titolare", ("pec", "email"), (), ("pec", "rossi@pec.it")),
        ("titolare", ("sms",), (), ("sms", "+393471234567")),
        ("acquisti", ("sms", "email"), (), ("sms", "+393331234567")),
    ],
)
def test_who_is_tried_in_turn(
    role: str, media: tuple[str, ...], wrong: tuple[str, ...], right: tuple[str, str]
) -> None:
    closed = Closed(frozenset(("email", each) for each in wrong))
    way = first_way(holders((OFFICE, OWNER), ROSSI, role), media, closed, formal=False)
    assert way is not None and (way.medium, way.address) == right


def test_a_role_reaches_by_what_it_has_besides() -> None:
    """Without a mobile number in the ERP only the owner is reached by SMS."""
    silent = Somebody(email="a@x.it")
    found = reaches_of((OWNER,), silent, NOTHING_CLOSED, "IT")
    assert found.whole.media == {"email"}
    assert found.of("titolare").media == {"email", "sms"}
    assert found.of("acquisti") == found.whole


def test_with_nothing_closed_every_medium_with_an_address_reaches() -> None:
    assert reach_of((ROSSI,), NOTHING_CLOSED).media == {"email", "pec", "sms"}


def test_a_message_is_in_the_language_of_whoever_it_goes_to() -> None:
    """Once the German office cannot be reached, the client's own language holds again."""
    office = contact(DUNNING, email="mahnung@rossi.it", language="de")
    owner = contact("titolare", mobile="347 1234567", language="en")
    found = reaches_of((office, owner), ROSSI, NOTHING_CLOSED, "IT")
    assert found.whole.languages == (("email", "de"),)
    assert found.of("titolare").languages == (("email", "de"), ("sms", "en"))
    wrong = Closed(frozenset({("email", "mahnung@rossi.it")}))
    assert reaches_of((office, owner), ROSSI, wrong, "IT").whole.languages == ()


def test_letters_share_what_one_of_them_learned() -> None:
    assert set(alike("letter")) == set(alike("registered")) == {"letter", "registered", "telegram"}
    for medium in ("email", "pec", "sms", "fax", "call"):
        assert alike(medium) == (medium,)
