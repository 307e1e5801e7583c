"""Every hook's answer is checked field by field: one wrong record never costs more than itself."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

import msgspec
import pytest

from incasso.contract.capabilities import Family
from incasso.contract.channel import DeliveryUpdate
from incasso.contract.connector import ControlTotals, FoundTable
from incasso.contract.context import CallbackAnswer
from incasso.contract.errors import (
    ConfigurationError,
    OutcomeUnknownError,
    PluginCrashError,
    RateLimitedError,
    RejectedError,
    TemporaryError,
)
from incasso.contract.exchange import PlacementUpdate, Quote
from incasso.contract.ledger import (
    ClientRecord,
    DocumentRecord,
    Gone,
    InstallmentRecord,
    PaymentRecord,
    PersonRecord,
    Unreadable,
)
from incasso.contract.sign_in import SignIn, SignInWith
from incasso.contract.values import (
    Attachment,
    CheckReport,
    Page,
    Problem,
    Receipt,
    Secret,
    Value,
)
from incasso.locale import localize
from incasso.plugins.calls import CallDetails
from incasso.plugins.fields import hints
from incasso.plugins.results import Form
from incasso.plugins.rules import RULES, HookRule
from incasso.plugins.sieve import CODE
from incasso.plugins.specs import SPECS, declarations
from incasso.testing.connector import Remembered
from incasso.testing.fakes import FakeConnector
from incasso.testing.hostile import hostile, streams
from incasso.testing.script import gives, raises
from tests.plugins.conftest import ON, Start

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

RIGHT: dict[type, object] = {
    str: "x1",
    int: 1,
    bool: True,
    bytes: b"x",
    Decimal: Decimal("10.50"),
    date: date(2026, 3, 1),
    datetime: NOON,
    Secret: Secret("segreta"),
    Path: Path("ca.pem"),
    SignIn: SignIn(
        service=SignInWith.MICROSOFT,
        tenant="acme.onmicrosoft.com",
        client="11111111-2222-3333-4444-555555555555",
        secret=Secret("segreta"),
    ),
}
WRONG: dict[type, tuple[object, ...]] = {
    str: (None, 5, b"x", "nul\0", "half \ud800", ["x"]),
    int: (None, True, 1.0, "1", 2**40),
    bool: (None, 1, "si"),
    bytes: (None, "x", bytearray(b"x"), memoryview(b"x")),
    Decimal: (10.5, 10, "10.50", Decimal("NaN"), Decimal("Infinity"), Decimal("sNaN")),
    date: (NOON, "2026-03-01", 20260301),
    datetime: (NOON.replace(tzinfo=None), date(2026, 3, 2), "2026-03-02", NOON.replace(year=1)),
    Secret: (None, "segreta"),
    Path: (None, "ca.pem"),
    SignIn: (None, {}, "x"),
}
"""Written by hand from the contract, not from the checker."""


class Stranger(Value, frozen=True, kw_only=True):
    """A record that no hook declares."""

    key: str = "S1"


def plain(wanted: Any) -> Any:
    return get_args(wanted)[0] if get_origin(wanted) is Annotated else wanted


def members(wanted: Any) -> tuple[Any, ...]:
    wanted = plain(wanted)
    return get_args(wanted) if "Union" in type(wanted).__name__ else (wanted,)


def right(wanted: Any) -> Any:
    """A value that the annotation allows."""
    wanted = plain(members(wanted)[0])
    if get_origin(wanted) is tuple:
        return tuple(right(each) for each in get_args(wanted) if each is not ...)
    if isinstance(get_origin(wanted), type) and issubclass(get_origin(wanted), Mapping):
        key, value = get_args(wanted)
        return {right(key): right(value)}
    if issubclass(wanted, StrEnum):
        return next(iter(wanted))
    if issubclass(wanted, msgspec.Struct):
        return sample(wanted)
    return RIGHT[wanted]


def sample(kind: type[msgspec.Struct]) -> Any:
    """A record with every field filled in, as annotated."""
    return kind(**{name: right(wanted) for name, wanted in hints(kind).items()})


def wrong(wanted: Any) -> Iterator[object]:
    """Values that the annotation does not allow."""
    kinds = members(wanted)
    for each in kinds:
        each = plain(each)
        if get_origin(each) is not None:
            yield from (5, ["x"], None if NoneType not in kinds else 5)
        elif issubclass(each, StrEnum):
            word = next(iter(each)).value
            yield from (word, "no such", None if NoneType not in kinds else 5)
        elif issubclass(each, msgspec.Struct):
            yield from ({}, Stranger(), "x")
        elif each is not NoneType:
            yield from (bad for bad in WRONG[each] if bad is not None or NoneType not in kinds)


def broken(kind: type[msgspec.Struct], path: str = "") -> Iterator[tuple[str, Any]]:
    """Each field of a record, spoiled in each way, those of the records inside it too."""
    honest = sample(kind)
    for name, wanted in hints(kind).items():
        for bad in wrong(wanted):
            yield path + name, msgspec.structs.replace(honest, **{name: bad})
        for inner in map(plain, members(wanted)):
            inside = get_args(inner)[0] if get_origin(inner) is tuple else inner
            if isinstance(inside, type) and issubclass(inside, msgspec.Struct):
                for deeper, bad in broken(inside):
                    value = (bad,) if get_origin(inner) is tuple else bad
                    deep = (
                        f"{name}[0].{deeper}" if get_origin(inner) is tuple else f"{name}.{deeper}"
                    )
                    yield path + deep, msgspec.structs.replace(honest, **{name: value})


def call(start: Start, rule: HookRule) -> Callable[[object], Any]:
    """Call a hook whose plugin answers with what is given."""
    family = next(f for f, spec in SPECS.items() if rule.name in declarations(spec))
    fake = hostile(family)
    registry = start(it=fake)
    find = {Family.CONNECTOR: registry.connector, Family.CHANNEL: registry.channel}
    handle = find.get(family, registry.provider)("it")
    names = inspect.signature(getattr(SPECS[family], rule.name)).parameters
    given = {name: None for name in names if name not in ("self", "ctx")}

    def ask(answer: Any) -> Any:
        assert handle._guard is not None
        handle._health.went_well(local=False)  # else five wrong answers open the breaker
        if rule.result.form is Form.PAGES:
            fake.always(rule.name, streams(Page(items=answer)))
            [page] = handle._guard.stream(rule, given, ON)
            return page.items
        fake.always(rule.name, gives(answer))
        return handle._guard.call(rule, given, CallDetails(on=ON))

    return ask


def is_judged_later(kind: type, field: str, value: object) -> bool:
    """The words of a million rows are looked at once, by the ledger's rules: tests/ledger."""
    if kind not in (ClientRecord, InstallmentRecord) or field in ("key", "client", "code"):
        return False
    return value in ("nul\0", "half \ud800")


LISTED = (Form.PAGES, Form.SEVERAL, Form.CALLBACK)
ANSWERED = [rule for rule in RULES.values() if rule.result.kinds != (NoneType,)]


def records(rule: HookRule) -> list[type[msgspec.Struct]]:
    return [each for each in rule.result.kinds if issubclass(each, msgspec.Struct)]


def test_every_record_that_plugins_give_is_among_them() -> None:
    told = {kind for rule in ANSWERED for kind in records(rule)}
    assert told >= {
        ClientRecord, InstallmentRecord, PersonRecord, DocumentRecord, PaymentRecord, Gone,
        Unreadable, ControlTotals, FoundTable, Attachment, CheckReport, Receipt, DeliveryUpdate,
        PlacementUpdate, Quote,
    }  # fmt: skip
    assert all(records(rule) or rule.result.form is Form.TABLE for rule in ANSWERED)


@pytest.mark.parametrize("rule", ANSWERED, ids=lambda rule: rule.name)
def test_every_field_of_every_answer_is_checked(start: Start, rule: HookRule) -> None:
    ask, tried = call(start, rule), 0
    for kind in records(rule):
        honest, good = sample(kind), sample(kind)
        assert ask((honest,) if rule.result.form in LISTED else honest)
        for field, bad in broken(kind):
            if is_judged_later(kind, field, getattr(bad, field, None)):
                continue
            tried += 1
            if rule.result.form in LISTED:
                before, refused, behind = ask((good, bad, good))
                assert (before, behind) == (good, good), field
                assert isinstance(refused, Unreadable), (field, bad)
                [problem] = refused.problems
                assert problem.code == CODE
                assert problem.field == field.partition("[0].")[0] or problem.field == field
                told = problem.message
            else:
                with pytest.raises(PluginCrashError) as raised:
                    ask(bad)
                told = str(raised.value)
            assert kind.__name__ in told and field.partition("[")[0].split(".")[0] in told, told
    assert tried or rule.result.form is Form.TABLE


@pytest.mark.parametrize(
    "table", [{"C1": 10.5}, {"C1": Decimal("NaN")}, {1: Decimal(1)}, {"a\0": Decimal(1)}], ids=repr
)
def test_a_table_is_checked_too(start: Start, table: object) -> None:
    ask = call(start, RULES["erp_balances"])
    assert ask({"C1": Decimal(1)}) == {"C1": Decimal(1)}
    with pytest.raises(PluginCrashError, match="erp_balances gave a wrong answer"):
        ask(table)


@pytest.mark.parametrize("item", [None, 7, "C1", {"code": "C1"}, Stranger()], ids=repr)
def test_a_wrong_kind_of_record_is_one_wrong_row(start: Start, item: object) -> None:
    good = ClientRecord(code="C1", name="Bianchi")
    page = Page(items=(good, item), file="clients.csv", rows=(2, 3))
    hub = start(erp=hostile(Family.CONNECTOR, erp_pull_clients=streams(page)))
    [kept] = hub.connector("erp").pull_clients(None, ON)
    assert kept.items[0] is good
    [problem] = kept.items[1].problems  # type: ignore[union-attr]
    assert "the plugin erp gave" in problem.message and "ClientRecord" in problem.message
    assert (kept.items[1].file, kept.items[1].row) == ("clients.csv", 3)  # type: ignore[union-attr]


@pytest.mark.parametrize("hook", ["channel_parse_callback", "provider_parse_callback"])
def test_the_news_in_an_answer_to_the_web_are_checked_too(start: Start, hook: str) -> None:
    ask = call(start, RULES[hook])
    good = sample(RULES[hook].result.kinds[0])
    bad = msgspec.structs.replace(good, at=None)
    given = ask(CallbackAnswer(updates=(good, bad), status=201, body=b"ok"))
    assert (given.updates[0], given.status, given.body) == (good, 201, b"ok")
    assert given.updates[1].problems[0].field == "at"
    for wrong in ({"body": "text"}, {"status": 99}, {"updates": [good]}):
        with pytest.raises(PluginCrashError):
            ask(msgspec.structs.replace(given, **wrong))


def test_evidence_has_a_greatest_size(start: Start) -> None:
    ask = call(start, RULES["channel_collect"])
    proof = Attachment(filename="a.eml", media_type="message/rfc822", content=b"x" * 10_485_760)
    fits = msgspec.structs.replace(sample(DeliveryUpdate), evidence=proof)
    assert ask((fits,)) == (fits,)
    proof = msgspec.structs.replace(proof, content=proof.content + b"x")
    [refused] = ask((msgspec.structs.replace(fits, evidence=proof),))
    assert refused.problems[0].field == "evidence.content"
    assert len(refused.raw) <= 2000, "not the evidence itself"


@pytest.mark.parametrize(
    "page",
    [
        Page(items=[ClientRecord(code="C1", name="x")]),  # type: ignore[arg-type]
        Page(unchanged=(None,)),  # type: ignore[arg-type]
        Page(unchanged=("a\0",)),
        Page(cursor=7),  # type: ignore[arg-type]
        Page(cursor="x" * 2049),
        Page(complete="no"),  # type: ignore[arg-type]
        Page(file=None),  # type: ignore[arg-type]
        Page(mark=5),  # type: ignore[arg-type]
        Page(warnings=("x",)),  # type: ignore[arg-type]
        Page(warnings=(Problem(code="x", message=None),)),  # type: ignore[arg-type]
        Page(unchanged=("k" * 129,)),
        Page(items=(Gone(external_id="1"),), rows=(True,)),
        Page(items=(Gone(external_id="1"),), rows=(2**40,)),
        Page(items=(Gone(external_id="1"),), rows=("2",)),  # type: ignore[arg-type]
    ],
    ids=repr,
)
def test_the_page_around_the_records_is_checked(start: Start, page: object) -> None:
    hub = start(erp=hostile(Family.CONNECTOR, erp_pull_clients=streams(page)))
    with pytest.raises(PluginCrashError, match="gave a page with a wrong"):
        list(hub.connector("erp").pull_clients(None, ON))


@pytest.mark.parametrize("pull", ["clients", "installments"])
def test_a_first_read_without_a_page_is_no_read(start: Start, pull: str) -> None:
    hub = start(erp=hostile(Family.CONNECTOR, **{f"erp_pull_{pull}": streams()}))
    erp = hub.connector("erp")

    def ask(since: str | None) -> list[object]:
        if pull == "clients":
            return list(erp.pull_clients(since, ON))
        return list(erp.pull_installments(since, Remembered(), ON))

    with pytest.raises(PluginCrashError, match=f"erp_pull_{pull} gave no page at all"):
        ask(None)
    assert ask("c1") == [], "nothing new since a cursor is an answer"


@pytest.mark.parametrize(
    ("record", "field", "english", "italian"),
    [
        (ClientRecord(code="C1", name="x", unpaid_count=2**40), "unpaid_count",
         "a number that is too large", "un numero troppo grande"),
        (ClientRecord(code="C1", name="x", fingerprint=b"x" * 40), "fingerprint",
         "40 bytes, where at most 16 are allowed",
         "40 byte, mentre ne sono ammessi al massimo 16"),
        (ClientRecord(code="C1", name="x", agent="a" * 129), "agent",
         "a text of 129 characters, where at most 128 are allowed",
         "un testo di 129 caratteri, mentre ne sono ammessi al massimo 128"),
        (ClientRecord(code="C1", name="x", credit_limit=Decimal("NaN")), "credit_limit",
         "Decimal('NaN'), not a finite Decimal", "Decimal('NaN') invece di un Decimal finito"),
        (ClientRecord(code="C1", name="x", credit_limit=1.5), "credit_limit",  # type: ignore[arg-type]
         "float 1.5, not Decimal or None", "float 1.5 invece di Decimal o None"),
    ],
    ids=["too large", "fingerprint", "long agent", "nan", "float"],
)  # fmt: skip
def test_a_wrong_field_is_said_in_both_languages(
    start: Start, record: ClientRecord, field: str, english: str, italian: str
) -> None:
    hub = start(erp=hostile(Family.CONNECTOR, erp_pull_clients=streams(Page(items=(record,)))))
    [page] = hub.connector("erp").pull_clients(None, ON)
    [problem] = page.items[0].problems  # type: ignore[union-attr]
    assert problem.message == f"the plugin erp gave {english} (ClientRecord.{field})"
    said = localize(problem.message, "it")
    assert said == f"il plugin erp ha dato {italian} (ClientRecord.{field})"


def test_a_right_page_is_handed_on_untouched(start: Start) -> None:
    erp = FakeConnector([ClientRecord(code="C1", name="Bianchi")])
    hub = start(erp=erp)
    [page] = hub.connector("erp").pull_clients(None, ON)
    assert page.items == erp.all_clients() and page.complete
    assert list(hub.connector("erp").pull_installments(None, Remembered(), ON))


@pytest.mark.parametrize(
    "error",
    [
        TemporaryError("later", retry_after="60"),  # type: ignore[arg-type]
        RateLimitedError("slower", retry_after=timedelta.max),
        RateLimitedError("slower", retry_after=timedelta(seconds=-1)),
        RejectedError("no", problems=("to.address",)),  # type: ignore[arg-type]
        RejectedError("no", code=None),  # type: ignore[arg-type]
        OutcomeUnknownError("who knows", ref=7),  # type: ignore[arg-type]
        ConfigurationError([Problem(code="x", message="nul\0")]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_an_error_says_is_checked_too(start: Start, error: Exception) -> None:
    hub = start(mail=hostile(Family.CHANNEL, channel_poll=raises(error)))
    with pytest.raises(PluginCrashError, match="channel_poll raised a broken"):
        hub.channel("mail").poll(("a",), ON)


def test_the_words_of_an_error_can_be_stored(start: Start) -> None:
    act = raises(TemporaryError("nul\0 and \ud800" + "x" * 9000))
    hub = start(mail=hostile(Family.CHANNEL, channel_poll=act))
    with pytest.raises(TemporaryError) as raised:
        hub.channel("mail").poll(("a",), ON)
    assert len(str(raised.value)) <= 2000 and "\0" not in str(raised.value)
    str(raised.value).encode()
