"""Plain addresses pass without the validator: it would give each of them back as it is."""

from __future__ import annotations

import email_validator
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.mail import addresses
from incasso.mail.addresses import BadAddressError, mailable

LOCAL = st.text("abzAZ019._+-", min_size=1, max_size=70)
DOMAIN = st.text("abz019.-", min_size=1, max_size=70)
ENDS = st.sampled_from([*addresses.SPECIAL, "it", "com", "example", "x", "a1", "1a", "xn--p1ai"])


@given(LOCAL, DOMAIN, ENDS)
def test_a_plain_address_is_what_the_validator_makes_of_it(
    local: str, domain: str, end: str
) -> None:
    address = f"{local}@{domain}.{end}"
    if addresses._is_plain(address):
        checked = email_validator.validate_email(address, check_deliverability=False)
        assert checked.ascii_email == checked.normalized == address


def test_the_special_domains_are_those_of_the_validator() -> None:
    assert set(email_validator.SPECIAL_USE_DOMAIN_NAMES) == set(addresses.SPECIAL)


@pytest.mark.parametrize("address", ["mario.rossi@example.it", "C1@clienti.example", "a+b@x-y.com"])
def test_an_ordinary_address_is_plain(address: str) -> None:
    assert addresses._is_plain(address)
    assert mailable(address) == address


@pytest.mark.parametrize(
    "address",
    [
        *(
            "a@b",
            "a@b.1",
            "a..b@c.it",
            ".a@c.it",
            "a.@c.it",
            "a@-b.it",
            "a@b-.it",
            "a@b..it",
            "@c.it",
        ),
        *("a@c.test", "a@c.local", "a b@c.it", "a@c.it\n", "a@ab--c.it", "a@" + "b" * 64 + ".it"),
        "a" * 245 + "@example.it",
    ],
)
def test_a_wrong_address_is_refused_as_before(address: str) -> None:
    assert not addresses._is_plain(address)
    with pytest.raises(BadAddressError):
        mailable(address)
