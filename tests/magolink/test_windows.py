"""A service without pages that cuts its answers without a word: nothing is lost, nothing twice."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from incasso.contract.errors import ConfigurationError, TemporaryError
from incasso.testing.network import Answer
from incasso_fake_mago4 import MagoCompany
from incasso_fake_mago4.soap import MagoServer
from incasso_fake_mago4.soap_documents import Archive
from tests.magolink.office import Office, Table, office

DUE = [(date(2026, 2, 28), "10.00")]
DAY = date(2026, 1, 10)
DIGITS = {"code_alphabet": "0123456789C"}


def many_customers(company: MagoCompany, codes: list[str]) -> None:
    for code in codes:
        company.customer(code, f"Cliente {code}")
        company.invoice(code, f"F-{code}", on=DAY, due=DUE)


@pytest.mark.parametrize("cut", [10, None])
def test_a_server_that_cuts_its_answers_loses_nothing(
    company: MagoCompany, server: MagoServer, table: Table, tmp_path: Path, cut: int | None
) -> None:
    many_customers(company, [f"{number:03}" for number in range(37)])
    server.cut_at = cut
    with office({**table, **DIGITS}, tmp_path) as acme:
        assert len(acme.clients()) == 40
        assert len(acme.installments()) == 41


def test_a_short_answer_needs_one_question(acme: Office, server: MagoServer) -> None:
    acme.clients()
    assert server.calls.count("GetData") == 1


def test_answers_as_long_as_the_limit_are_split(
    company: MagoCompany, server: MagoServer, table: Table, tmp_path: Path
) -> None:
    many_customers(company, [f"{number:02}" for number in range(8)])
    with office({**table, **DIGITS, "max_documents": 5}, tmp_path) as acme:
        assert len(acme.clients()) == 11
        assert len(acme.installments()) == 12


def test_a_length_that_was_found_to_be_whole_is_believed_afterwards(
    company: MagoCompany, server: MagoServer, table: Table, tmp_path: Path
) -> None:
    codes = [f"{first}{number}" for first in "0123456789" for number in range(10)]
    many_customers(company, codes)
    with office({**table, **DIGITS, "max_documents": 9}, tmp_path) as acme:
        assert len(acme.clients()) == 103
    # Everything, ten letters, what begins with 0 in pieces; the other tens are whole like it.
    assert server.calls.count("GetData") < 30


def test_what_was_seen_is_told_although_the_alphabet_lacks_its_letters(
    company: MagoCompany, server: MagoServer, table: Table, tmp_path: Path
) -> None:
    """Codes in small letters, on a server that tells them from capitals."""
    many_customers(company, [f"b{number}" for number in range(8)])
    find = Archive.find

    def exactly(self: Archive, question: str, cut_at: int | None = None) -> list[str]:
        return (
            []
            if "CustSupp type='String'>B" in question.replace('"', "'")
            else find(self, question, cut_at)
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Archive, "find", exactly)
        with office({**table, "code_alphabet": "BC", "max_documents": 5}, tmp_path) as acme:
            assert len(acme.clients()) == 11


def test_one_customer_with_many_documents_is_split_by_their_numbers(
    company: MagoCompany, server: MagoServer, table: Table, tmp_path: Path
) -> None:
    for number in range(25):
        company.invoice("C001", f"26/{number:04}", on=DAY, due=DUE)
    server.cut_at = 10
    with office({**table, "code_alphabet": "0123456789C/"}, tmp_path) as acme:
        assert len(acme.installments()) == 4 + 25


def test_documents_without_a_number_are_not_lost(
    company: MagoCompany, server: MagoServer, table: Table, tmp_path: Path
) -> None:
    for number in range(9):
        company.invoice("C001", "" if number < 3 else f"{number}", on=DAY, due=DUE)
    with office({**table, **DIGITS, "max_documents": 10}, tmp_path) as acme:
        assert len(acme.installments()) == 4 + 9


def test_ten_documents_with_the_same_number_are_no_cut_answer(
    company: MagoCompany, acme: Office
) -> None:
    for _ in range(9):
        company.invoice("C001", "26/1", on=DAY, due=DUE)
    assert len(acme.installments()) == 4 + 9


def test_letters_that_nobody_told_are_learnt(
    company: MagoCompany, server: MagoServer, table: Table, tmp_path: Path
) -> None:
    many_customers(company, ["é1", "#2", "a 3", "C00", "c0011", *(f"Z{n}" for n in range(6))])
    with office({**table, **DIGITS, "max_documents": 12}, tmp_path) as acme:
        assert len(acme.clients()) == 3 + 11


def test_a_joker_in_a_code_is_said_instead_of_searched(
    company: MagoCompany, table: Table, tmp_path: Path
) -> None:
    many_customers(company, ["_1", "%2"])
    words = r"a CustSupp holds '%', a joker in searches; raise max_documents above 5"
    short = {**table, "max_documents": 5}
    with office(short, tmp_path) as acme, pytest.raises(ConfigurationError, match=words):
        acme.clients()
    with office({**table, "max_documents": 50}, tmp_path) as acme:
        assert len(acme.clients()) == 5


def test_what_cannot_be_split_is_said(company: MagoCompany, table: Table, tmp_path: Path) -> None:
    for _ in range(7):
        company.invoice("C001", "26/1", on=DAY, due=DUE)
    words = "5 documents or more for CustSupp C001, DocNo 26/1.*raise max_documents"
    short = {**table, "max_documents": 5}
    with office(short, tmp_path) as acme, pytest.raises(ConfigurationError, match=words):
        acme.installments()


def test_a_filter_narrows_what_is_read(
    company: MagoCompany, server: MagoServer, table: Table, tmp_path: Path
) -> None:
    company.pay(1, 1, "100.00", on=date(2026, 2, 20))
    narrowed = {**table, "receivables_filter": {"Settled": "false"}}
    with office(narrowed, tmp_path) as acme:
        assert sorted(acme.installments()) == ["2|1", "3|1", "3|2"]


def test_a_question_that_gets_no_answer_is_asked_in_pieces(
    acme: Office, server: MagoServer
) -> None:
    """A server may choke on everything at once. Then nothing is closed for being absent."""
    server.faults["GetData"] = [Answer(status=503)]
    assert len(acme.clients()) == 3
    assert server.calls.count("GetData") > 10
    server.faults["GetData"] = [Answer(silent=True)]
    pages = acme.pages()
    assert len([item for page in pages for item in page.items]) == 4
    assert not any(page.complete for page in pages)


def test_a_server_that_answers_nothing_is_not_asked_for_ever(
    acme: Office, server: MagoServer
) -> None:
    server.faults["GetData"] = [Answer(status=503)] * 9
    with pytest.raises(TemporaryError):
        acme.clients()
    assert server.calls.count("GetData") == 2


def test_an_empty_ledger_is_not_believed(company: MagoCompany, acme: Office) -> None:
    """A wrong right or filter looks like a company without debts: nothing is closed by it."""
    for table in ("MA_PyblsRcvblsDetails", "MA_PyblsRcvbls"):
        company.remove(table)
    pages = acme.pages()
    assert not any(page.complete for page in pages)


def test_a_full_ledger_is(acme: Office) -> None:
    assert [page.complete for page in acme.pages()][-1]
