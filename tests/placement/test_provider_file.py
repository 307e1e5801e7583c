"""The provider file: all problems at once, the same back, and a page that names every key."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from incasso.contract.exchange import Service
from incasso.contract.settings import declared
from incasso.domain.placement import prices, providers
from incasso.domain.placement.provider_export import write_provider_file
from incasso.domain.placement.provider_file import read_provider_file
from incasso.domain.placement.provider_rules import ProviderFault
from incasso.domain.placement.shared_fields import USUAL, SharedField
from incasso.locale.file_problems import FAULTS, provider_problem_text

PAGE = Path(__file__).parents[2] / "docs/reference/provider-file.md"
EXAMPLE = re.findall(r"^```toml\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)[-1]


def told(written: str) -> list[str]:
    """What is wrong with a file."""
    read = read_provider_file(written, "fornitori.toml")
    assert not (read.problems and read.tables.providers)
    return [str(provider_problem_text(each)) for each in read.problems]


def test_the_example_of_the_page_is_good_and_comes_back_as_it_was() -> None:
    read = read_provider_file(EXAMPLE)
    assert read.problems == ()
    again = write_provider_file(read.tables.providers, read.tables.price_lists)
    assert read_provider_file(again) == read
    assert len(read.tables.providers) == 2


CHANGES = [
    ('kind = "agency"', 'kind = "agenzia"', "'agenzia' is not possible"),
    ('kind = "agency"\n', "", "key kind: missing"),
    ("lot_days", "lotdays", "key mandate.lotdays: unknown key (did you mean 'lot_days'?)"),
    ('percent = "8"', "percent = 8.0", "must be an exact number, not 8.0"),
    ('percent = "8"', 'percent = "108"', "108 is out of range (from 0 to 100)"),
    ('price_list = "rossi-2026"', 'price_list = "rossi-206"', "there is no price list 'rossi-206'"),
    ('key = "studio-bianchi"', 'key = "rossi"', "two providers have this key"),
    ('key = "rossi"', 'key = "Rossi Srl"', "'Rossi Srl' is not written as it should be"),
    ('services = ["phone", ', 'services = ["phone", "phone", ', "this service is named already"),
    ('services = ["phone", ', "services = [", "key fields.phone: this service is not among"),
    ("until = 2026-12-31", "until = 2025-12-31", "key mandate.until: ends before it begins"),
    ('provinces = ["MI"', 'provinces = ["Milano"', "write it like 'MI'"),
    ("article = 134", "article = 116", "116 is not possible"),
    ('email = "lotti@', 'email = "lotti-', "key contact[1].email: 'lotti-"),
    ('{ fee = "25.00" }', '{ up_to = "900", fee = "25.00" }', "the largest amounts have no price"),
    ('{ percent = "12.5" }', '{ days_to = 900, percent = "12.5" }', "the oldest debts have no"),
    ('{ percent = "12.5" }', '{ days_to = 90, percent = "12.5" }', "two lines have the same limit"),
    ('minimum = "5.00"', 'minimum = "900.00"', "key version[1].minimum: is above maximum"),
    ('minimum = "5.00"', 'minimum = "5.005"', "5.005 has more decimals than EUR has"),
    ("from = 2026-07-01", "from = 2026-01-01", "two versions begin that day"),
    ("reports = { due_diligence", "reports = { due_dilgence", "did you mean 'due_diligence'?"),
    ('phone = ["phone", ', 'phone = ["phones", ', "'phones' is not possible (did you mean 'phone'"),
]


@pytest.mark.parametrize(("good", "bad", "problem"), CHANGES)
def test_what_is_wrong_is_told_with_its_place(good: str, bad: str, problem: str) -> None:
    assert good in EXAMPLE
    said = told(EXAMPLE.replace(good, bad, 1))
    assert any(problem in line for line in said), said
    assert all(line.startswith("fornitori.toml: ") for line in said)


def test_every_problem_is_reported_at_once() -> None:
    spoilt = EXAMPLE
    for good, bad, _ in (CHANGES[2], CHANGES[3], CHANGES[12]):
        spoilt = spoilt.replace(good, bad, 1)
    assert len(told(spoilt)) == 3


def test_a_price_list_of_the_office_may_be_named() -> None:
    only = EXAMPLE.partition("[[price_list]]")[0]
    assert read_provider_file(only).problems
    assert read_provider_file(only, price_lists=["rossi-2026", "bianchi"]).problems == ()


def test_every_fault_has_words() -> None:
    assert [each for each in ProviderFault if each not in FAULTS] == []


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("[[provider]]", providers.Provider),
        ("[provider.mandate]", providers.Mandate),
        ("[[provider.licence]]", providers.Licence),
        ("[provider.data_agreement]", providers.DataAgreement),
        ("[provider.territory]", providers.Territory),
        ("[[provider.contact]]", providers.ProviderContact),
        ("[[price_list]]", prices.PriceList),
        ("[[price_list.version]]", prices.PriceVersion),
        ("[[price_list.version.opening]]", prices.Opening),
        ("[[price_list.version.rate]]", prices.RateLine),
        ("[price_list.version.direct]", prices.DirectClause),
    ],
)
def test_the_page_names_every_key(heading: str, kind: type[msgspec.Struct]) -> None:
    section = PAGE.read_text("utf-8").partition(f"## `{heading}`\n")[2].partition("\n## ")[0]
    named = [key for row in re.findall(r"^\| (`[^|]+`) \|", section, re.MULTILINE)
             for key in re.findall(r"`(\w+)`", row)]  # fmt: skip
    assert named == [field.key for field in declared(kind)]


def test_the_page_has_what_each_service_is_told() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ((?:`\w+`(?:, )?)+) \|$", PAGE.read_text(), re.M))
    for service in Service:
        expected = [each.value for each in SharedField if each in USUAL[service]]
        assert re.findall(r"`(\w+)`", rows[service]) == expected
    assert not [each for each in SharedField if f"`{each}`" not in PAGE.read_text("utf-8")]
