"""What may go to whom, and when its papers end."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from incasso.contract.exchange import (
    Debtor,
    PlacedCredit,
    PlacementDossier,
    Service,
    StepSummary,
)
from incasso.contract.values import Money
from incasso.domain.placement.eligibility import (
    Obstacle,
    Place,
    back_by,
    endings,
    may_get,
    may_leave,
)
from incasso.domain.placement.provider_file import read_provider_file
from incasso.domain.placement.providers import (
    DataAgreement,
    Licence,
    Mandate,
    Provider,
    ProviderKind,
    Territory,
)
from incasso.domain.placement.shared_fields import (
    ALWAYS,
    TOLD,
    USUAL,
    SharedField,
    names_told,
    told_of,
)
from incasso.domain.recovery.matching import Candidate, Match
from incasso.locale.providers import ending_text, obstacle_text

ON = date(2026, 11, 30)
GOOD = """
[[provider]]
key = "rossi"
kind = "agency"
services = ["phone", "extrajudicial", "due_diligence"]
mandate = { number = "M1", from = 2026-01-01, until = 2026-12-31, lot_days = 60 }
licence = [
    { number = "L1", office = "Milano", until = 2026-12-10 },
    { number = "L2", office = "Milano", article = 134, until = 2027-06-30 },
]
data_agreement = { reference = "D1", from = 2026-01-01 }
"""


def provider(**changes: Any) -> Provider:
    read = read_provider_file(GOOD)
    assert read.problems == ()
    return msgspec.structs.replace(read.tables.providers[0], **changes)


LATER, GONE = date(2026, 12, 1), date(2026, 11, 29)
LAWYER = provider(kind=ProviderKind.LAWYER, licences=(), services=tuple(Service))


@pytest.mark.parametrize(
    ("one", "service", "obstacles"),
    [
        (provider(), Service.PHONE, []),
        (provider(), Service.DUE_DILIGENCE, []),
        (provider(), Service.JUDICIAL, [Obstacle.NOT_OFFERED]),
        (provider(active=False), Service.PHONE, [Obstacle.NOT_ACTIVE]),
        (provider(mandate=None), Service.PHONE, [Obstacle.NO_MANDATE]),
        (provider(mandate=Mandate(since=LATER)), Service.PHONE, [Obstacle.MANDATE_NOT_YET]),
        (provider(mandate=Mandate(since=ON, until=ON)), Service.PHONE, []),
        (
            provider(mandate=Mandate(since=date(2026, 1, 1), until=GONE)),
            Service.PHONE,
            [Obstacle.MANDATE_OVER],
        ),
        (provider(licences=provider().licences[1:]), Service.PHONE, [Obstacle.NO_LICENCE]),
        (provider(licences=provider().licences[:1]), Service.DUE_DILIGENCE, [Obstacle.NO_LICENCE]),
        (
            provider(licences=(Licence(number="L0", office="Lodi", until=GONE),)),
            Service.EXTRAJUDICIAL,
            [Obstacle.LICENCE_OVER],
        ),
        (provider(data_agreement=None), Service.PHONE, [Obstacle.NO_AGREEMENT]),
        (
            provider(data_agreement=DataAgreement(since=LATER)),
            Service.PHONE,
            [Obstacle.AGREEMENT_NOT_YET],
        ),
        (
            provider(data_agreement=DataAgreement(since=date(2026, 1, 1), until=GONE)),
            Service.PHONE,
            [Obstacle.AGREEMENT_OVER],
        ),
        (LAWYER, Service.EXTRAJUDICIAL, []),
        (LAWYER, Service.DUE_DILIGENCE, []),
        # Who only prints letters collects nothing; an agency that writes them does.
        (
            provider(kind=ProviderKind.OTHER, licences=(), services=(Service.POSTAL,)),
            Service.POSTAL,
            [],
        ),
        (provider(licences=(), services=(Service.POSTAL,)), Service.POSTAL, [Obstacle.NO_LICENCE]),
    ],
)
def test_a_lot_leaves_only_with_its_papers(
    one: Provider, service: Service, obstacles: list[Obstacle]
) -> None:
    found = may_leave(one, service, ON)
    assert [each.code for each in found] == obstacles
    assert all(obstacle_text(each) for each in found)


def test_everything_that_is_missing_is_told_at_once() -> None:
    bare = provider(mandate=None, licences=(), data_agreement=None)
    assert len(may_leave(bare, Service.PHONE, ON)) == 3


ROME, MILAN, PARIS = Place("IT", "RM"), Place("IT", "MI"), Place("FR")
C1 = Candidate(source="acme", client="C1", residual=Decimal(100), area="nord")


@pytest.mark.parametrize(
    ("changes", "place", "obstacle"),
    [
        ({}, PARIS, None),
        ({"territory": Territory(provinces=("MI", "BG"))}, MILAN, None),
        ({"territory": Territory(provinces=("MI", "BG"))}, ROME, Obstacle.OUTSIDE_TERRITORY),
        ({"territory": Territory(provinces=("MI",))}, Place("IT"), Obstacle.PLACE_UNKNOWN),
        ({"territory": Territory(provinces=("MI",))}, PARIS, Obstacle.OUTSIDE_TERRITORY),
        ({"territory": Territory(countries=("IT", "FR"), provinces=("MI",))}, PARIS, None),
        ({"territory": Territory(countries=("IT",))}, PARIS, Obstacle.OUTSIDE_TERRITORY),
        ({"never": ("C1",)}, ROME, Obstacle.NEVER_TO_THIS),
        ({"never": ("beta/C1",)}, ROME, None),
        ({"never": ("acme/C1",)}, ROME, Obstacle.NEVER_TO_THIS),
        ({"takes": Match(areas=("sud",))}, ROME, Obstacle.NOT_TAKEN),
        ({"takes": Match(areas=("nord",))}, ROME, None),
    ],
)
def test_which_clients_go_to_it(
    changes: dict[str, Any], place: Place, obstacle: Obstacle | None
) -> None:
    found = may_get(provider(**changes), C1, place)
    assert [each.code for each in found] == ([obstacle] if obstacle else [])
    assert all(obstacle_text(each) for each in found)


def test_what_is_exclusive_to_one_goes_to_no_other() -> None:
    north = Match(areas=("nord",))
    owner = provider(key="bianchi", label="Bianchi", exclusive=north)
    (found,) = may_get(provider(), C1, ROME, [owner, provider()])
    assert (found.code, found.values) == (Obstacle.ONLY_TO_OTHERS, {"other": "Bianchi"})
    assert may_get(owner, C1, ROME, [owner, provider()]) == ()
    south = msgspec.structs.replace(C1, area="sud")
    assert may_get(provider(), south, ROME, [owner]) == ()
    assert may_get(provider(exclusive=north), C1, ROME, [owner]) == ()
    retired = msgspec.structs.replace(owner, active=False)
    assert may_get(provider(), C1, ROME, [retired]) == ()


def test_a_lot_comes_back_after_its_days_and_never_after_the_mandate() -> None:
    assert back_by(provider(), date(2026, 9, 1)) == date(2026, 10, 31)
    assert back_by(provider(), ON) == date(2026, 12, 31)
    endless = provider(mandate=Mandate(since=ON, lot_days=60))
    assert back_by(endless, ON) == date(2027, 1, 29)


def test_papers_are_told_of_thirty_days_before_they_end_and_afterwards() -> None:
    """The licence ends on 10 December, the mandate on the 31st; art. 134 lasts until June."""

    def told(on: date, **changes: Any) -> list[tuple[str, int]]:
        return [(each.paper.value, each.days) for each in endings([provider(**changes)], on)]

    assert told(date(2026, 11, 9)) == []
    assert told(date(2026, 11, 10)) == [("licence", 30)]
    assert told(date(2026, 12, 10)) == [("licence", 0), ("mandate", 21)]
    assert told(date(2026, 12, 11)) == [("licence", -1), ("mandate", 20)]
    assert told(date(2026, 12, 11), active=False) == []
    # A licence that no service needs ends without a word; so does one that was renewed.
    assert told(date(2026, 12, 11), mandate=None, services=(Service.DUE_DILIGENCE,)) == []
    renewed = (*provider().licences, Licence(number="L3", office="Lodi", until=date(2029, 1, 1)))
    assert told(date(2026, 12, 11), licences=renewed) == [("mandate", 20)]


def test_what_is_said_of_papers() -> None:
    said = [str(ending_text(each)) for each in endings([provider()], date(2026, 12, 30))]
    assert said == [
        "rossi: the licence L1 ended on 2026-12-10: no lot leaves",
        "rossi: the mandate M1 ends on 2026-12-31, in 1 day; then no lot leaves",
    ]


def test_every_field_of_a_dossier_has_a_word_or_is_always_told() -> None:
    """A new field of the exchange must be classed here before it can reach an agency."""
    for place, record in enumerate((Debtor, PlacedCredit, PlacementDossier)):
        named = [name for told in TOLD.values() for name in told[place]]
        assert sorted([*named, *ALWAYS[place]]) == sorted(record.__struct_fields__)


DOSSIER = PlacementDossier(
    placement="P-0000001",
    lot="L-2026-0001",
    service=Service.PHONE,
    debtor=Debtor(
        code="C1", name="Bianchi", vat="01", tax_code="BNC", address="Via Roma 1", city="Lodi",
        phone="02", mobile="33", email="a@b.it", contact_person="Ada",
    ),
    credits=(
        PlacedCredit(
            row="R-0000001", key="1/1", due_date=ON, residual=Decimal(5), unpaid_on=ON,
            interest=Decimal(1), disputed=True,
        ),
    ),
    total=Money(amount=Decimal(5)),
    history=(StepSummary(on=ON, stage="sollecito", medium="email"),),
    notes="parlare con Ada",
)  # fmt: skip
FULL = provider(services=tuple(Service))


def test_who_phones_gets_no_address_and_who_writes_no_telephone() -> None:
    phoned = told_of(DOSSIER, FULL.told(Service.PHONE))
    debtor = phoned.debtor
    assert (debtor.phone, debtor.contact_person, debtor.name) == ("02", "Ada", "Bianchi")
    assert (debtor.address, debtor.city, debtor.tax_code, debtor.email) == ("", "", "", "")
    assert (phoned.history, phoned.notes) == (DOSSIER.history, "parlare con Ada")
    written = told_of(DOSSIER, FULL.told(Service.POSTAL))
    debtor = written.debtor
    assert (debtor.address, debtor.phone, debtor.mobile) == ("Via Roma 1", "", "")
    assert (written.history, written.notes, written.credits[0].disputed) == ((), "", False)
    assert SharedField.DOCUMENTS not in FULL.told(Service.PHONE)
    assert SharedField.DOCUMENTS in FULL.told(Service.EXTRAJUDICIAL)


def test_who_owes_and_what_is_asked_is_always_told() -> None:
    bare = told_of(DOSSIER, [])
    (credit,) = bare.credits
    assert (bare.total, bare.debtor.code, bare.debtor.vat) == (DOSSIER.total, "C1", "")
    assert (credit.key, credit.residual, credit.unpaid_on) == ("1/1", Decimal(5), None)
    assert credit.interest is None
    assert told_of(DOSSIER, list(SharedField)) == DOSSIER


def test_the_head_of_a_lot_names_what_is_there() -> None:
    named = names_told([SharedField.PHONE, SharedField.ADDRESS, SharedField.HISTORY])
    assert named[:3] == ("code", "name", "kind")
    assert named[3:9] == ("address", "zip", "city", "province", "country", "phone")
    assert "residual" in named and "vat" not in named


def test_an_office_says_what_a_service_is_told() -> None:
    own = provider(fields={"phone": (SharedField.PHONE,)})
    assert own.told(Service.PHONE) == {SharedField.PHONE}
    assert own.told(Service.EXTRAJUDICIAL) == USUAL["extrajudicial"]
    assert set(USUAL) >= set(Service)
