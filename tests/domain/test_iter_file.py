"""The iter file: all problems at once, and the same bytes back."""

from __future__ import annotations

import re
from datetime import time
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.contract.ledger import DocumentKind, PaymentMethod
from incasso.contract.media import Medium
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.contact_policy import WEEKDAYS, ContactPolicy, Window
from incasso.domain.recovery.exclusions import Exclusions
from incasso.domain.recovery.iter_export import write_iter_file
from incasso.domain.recovery.iter_file import read_iter_file
from incasso.domain.recovery.iters import (
    AdvanceOn,
    Anchor,
    CatchUp,
    Grouping,
    Iter,
    Mode,
    Otherwise,
    Stage,
)
from incasso.domain.recovery.matching import Match
from incasso.locale.file_problems import iter_problem_text
from tests.profiles import tries

GOOD = """
[[iter]]
key = "bonifico"
label = "Mancato bonifico"
priority = 10
tolerance = "5.00"

[iter.match]
payment_methods = ["transfer", "direct"]
unpaid = false
min_amount = "50.00"

[[iter.stage]]
key = "promemoria"
days = -5
channels = ["email"]
template = "promemoria"

[[iter.stage]]
key = "telefonata"
anchor = "previous"
days = 10
action = "call"
"""


def test_what_a_good_file_says() -> None:
    read = read_iter_file(GOOD)
    assert read.problems == ()
    (one,) = read.iters
    assert (one.key, one.priority, one.tolerance) == ("bonifico", 10, Decimal("5.00"))
    assert one.match.min_amount == Decimal("50.00")
    reminder, call = one.stages
    assert (reminder.days, reminder.channels) == (-5, (Medium.EMAIL,))
    assert (call.mode, call.advance_on) == (Mode.MANUAL, AdvanceOn.DONE)


def test_every_problem_is_reported_at_once_with_its_place_and_cure() -> None:
    text = (
        GOOD.replace('label = "Mancato', 'labell = "Mancato')
        .replace('"transfer"', '"tranfer"')
        .replace('"5.00"', "5.00")
        .replace('"email"', '"emial"')
        .replace('"promemoria"\n\n', '"promemorai"\n\n')
        .replace('anchor = "previous"', 'anchor = "prevoius"')
    )
    read = read_iter_file(text, "office.toml", templates=["promemoria", "sollecito"])
    told = [iter_problem_text(problem) for problem in read.problems]
    for expected in (
        "key labell: unknown key (did you mean 'label'?)",
        "key match.payment_methods[1]: 'tranfer' is not possible (did you mean 'transfer'?)",
        "key tolerance: must be an exact number, not 5.0 (write it in quotes",
        "stage promemoria, key channels[1]: 'emial' is not possible (did you mean 'email'?)",
        "stage promemoria, key template: there is no template 'promemorai' (did you mean 'prom",
        "stage telefonata, key anchor: 'prevoius' is not possible (did you mean 'previous'?)",
    ):
        assert any(expected in line for line in told), (expected, told)
    assert all(line.startswith("office.toml: iter bonifico") for line in told)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("days = -5", 'anchor = "previous"\ndays = 5'), "no stage before it"),
        (('key = "telefonata"', 'key = "promemoria"'), "two stages"),
        (('action = "call"', 'action = "park"'), "needs a container"),
        (('action = "call"', 'action = "place"'), "needs a service"),
        (('action = "call"', 'action = "notify"\ntemplate = "x"'), "somebody to go to"),
        (('action = "call"', 'action = "call"\nmode = "auto"'), "done by a person"),
        (('min_amount = "50.00"', 'min_amount = "9"\nmax_amount = "5"'), "nothing would ever"),
        (('key = "bonifico"', 'key = "Bonifico!"'), "is not written as it should be"),
        (("priority = 10", "min_gap_days = 0"), "out of range"),
        (('channels = ["email"]\n', ""), "at least one medium"),
    ],
)
def test_what_makes_no_sense_is_refused(change: tuple[str, str], problem: str) -> None:
    assert change[0] in GOOD
    read = read_iter_file(GOOD.replace(*change))
    told = [iter_problem_text(one) for one in read.problems]
    assert any(problem in line for line in told), told


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            ("days = 10", 'days = "10"'),
            "office.toml: iter bonifico, stage telefonata, key days: must be a whole number, not "
            "'10' (write it without quotes: 10)",
        ),
        (
            ("priority = 10", 'priority = "10"'),
            "office.toml: iter bonifico, key priority: must be a whole number, not '10' "
            "(write it without quotes: 10)",
        ),
        (
            ("unpaid = false", 'unpaid = "false"'),
            "office.toml: iter bonifico, key match.unpaid: must be true or false, not 'false' "
            "(write it without quotes: false)",
        ),
        (
            ('action = "call"', 'action = "cal"'),
            "office.toml: iter bonifico, stage telefonata, key action: 'cal' is not possible "
            "(did you mean 'call'?)",
        ),
    ],
)
def test_one_mistake_is_one_problem(change: tuple[str, str], problem: str) -> None:
    """Also a wrong action, from which no want of media or template may be inferred."""
    assert change[0] in GOOD
    read = read_iter_file(GOOD.replace(*change), "office.toml")
    assert [str(iter_problem_text(one)) for one in read.problems] == [problem]


@pytest.mark.parametrize(
    "text",
    ["", "[[iter", "iter = 3", "[[iter]]", "[iter]\nkey='a'", "[[iter]]\nstage=[1,2]", "x=1"],
)
def test_no_text_is_too_bad_to_be_told(text: str) -> None:
    read = read_iter_file(text)
    assert not read.iters or read.problems


@given(st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    read_iter_file(text)


NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,12}", fullmatch=True)
WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
AMOUNTS = st.decimals(0, 10**6, places=2)
MANY_WORDS = st.lists(WORDS, max_size=3).map(tuple)
STAGES = st.builds(
    Stage,
    key=NAMES,
    label=WORDS.filter(bool),
    colour=st.sampled_from(["", "#2fb344"]),
    anchor=st.sampled_from([Anchor.DUE_DATE, Anchor.UNPAID_DATE]),
    days=st.integers(-365, 365),
    working_days=st.booleans(),
    channels=st.lists(st.sampled_from(Medium), min_size=1, max_size=3).map(tuple),
    template=NAMES,
    mode=st.sampled_from(Mode),
    advance_on=st.sampled_from(AdvanceOn),
    proof_days=st.integers(0, 30),
    otherwise=st.sampled_from(Otherwise),
    cc=st.lists(st.sampled_from(["responsabile", "a@example.it"]), max_size=2).map(tuple),
    while_placed=st.booleans(),
    action=st.just(Action.SEND),
)
ITERS = st.builds(
    Iter,
    key=NAMES,
    label=WORDS.filter(bool),
    priority=st.integers(0, 1000),
    grouping=st.sampled_from(Grouping),
    catch_up=st.sampled_from(CatchUp),
    min_gap_days=st.integers(1, 30),
    tolerance=AMOUNTS,
    net_credits=st.booleans(),
    bank_grace_days=st.none() | st.integers(0, 30),
    match=st.builds(
        Match,
        payment_methods=st.lists(st.sampled_from(PaymentMethod), max_size=3).map(tuple),
        unpaid=st.sampled_from([None, True, False]),
        areas=MANY_WORDS,
        clients=MANY_WORDS,
        client_from=WORDS,
        max_amount=st.none() | AMOUNTS,
    ),
    stages=st.lists(STAGES, min_size=1, max_size=3, unique_by=lambda stage: stage.key).map(tuple),
)
EXCLUSIONS = st.builds(
    Exclusions,
    categories=MANY_WORDS,
    document_kinds=st.lists(st.sampled_from(DocumentKind), max_size=2).map(tuple),
    min_amount=st.none() | AMOUNTS,
)
WINDOWS = st.sampled_from([(), (Window(time(8, 30), time(12)), Window(time(14), time.max))])
POLICIES = st.builds(
    ContactPolicy,
    enabled=st.booleans(),
    hours=st.dictionaries(
        st.sampled_from(["call", "sms"]), st.lists(WINDOWS, min_size=7, max_size=7).map(tuple)
    ),
    conversations_per_week=st.integers(1, 9),
    messages_per_day=st.integers(0, 9),
    messages_per_week=st.integers(0, 9),
    join_iters=st.booleans(),
)


@tries(60)
@given(st.lists(ITERS, max_size=2, unique_by=lambda one: one.key), EXCLUSIONS, st.none() | POLICIES)
def test_written_and_read_again_it_is_the_same_to_the_byte(
    iters: list[Iter], exclusions: Exclusions, policy: ContactPolicy | None
) -> None:
    text = write_iter_file(iters, exclusions, policy)
    read = read_iter_file(text)
    assert read.problems == ()
    assert list(read.iters) == iters
    assert (read.exclusions or Exclusions()) == exclusions
    assert read.policy == policy
    assert write_iter_file(read.iters, read.exclusions, read.policy) == text


@given(ITERS)
def test_what_the_database_keeps_is_the_same_iter(one: Iter) -> None:
    kept = msgspec.json.decode(msgspec.json.encode(msgspec.to_builtins(one)))
    assert msgspec.convert(kept, Iter) == one


def test_hours_are_read_by_weekday() -> None:
    read = read_iter_file('[contact_policy]\nhours.call.monday = ["8:30-12:30", "14:00-24:00"]')
    assert read.policy is not None
    assert read.policy.hours["call"][0] == (
        Window(time(8, 30), time(12, 30)),
        Window(time(14), time.max),
    )
    assert read.policy.hours["call"][1:] == ((),) * (len(WEEKDAYS) - 1)


REFERENCE = (Path(__file__).parents[2] / "docs/reference/iter-file.md").read_text("utf-8")


def test_the_example_of_the_reference_is_a_good_file() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", REFERENCE, re.DOTALL)
    assert len(blocks) == 2
    for text in blocks:
        assert read_iter_file(text).problems == ()


@pytest.mark.parametrize("kind", [Iter, Stage, Match, Exclusions, ContactPolicy])
def test_every_key_is_in_the_reference(kind: type[msgspec.Struct]) -> None:
    inside = {"match", "stages", "hours"}
    missing = [key for key in kind.__struct_fields__ if f"`{key}`" not in REFERENCE]
    assert set(missing) <= inside


@pytest.mark.parametrize(
    ("line", "by", "told"),
    [
        ('key = "promemoria"', 'key = ""', "key: missing"),
        ('label = "Mancato bonifico"', 'label = "Mancato\\u0000"', "label: holds a zero character"),
    ],
)
def test_what_no_database_or_file_could_hold_is_refused(line: str, by: str, told: str) -> None:
    """An empty key was lost when the file was written again; PostgreSQL refuses a zero."""
    (problem,) = read_iter_file(GOOD.replace(line, by)).problems
    assert told in iter_problem_text(problem)
