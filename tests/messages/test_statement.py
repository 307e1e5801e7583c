"""The statement of interest: published figures row by row, and sums worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from pypdf import PdfReader

from incasso.api import DocumentKind, Money
from incasso.domain.sending.rewording import Rewording
from incasso.messages import Debtor, Line, MessageContext, Template, languages, render, reworded
from incasso.messages.letter import letter_facts
from incasso.messages.render import with_interest
from incasso.messages.view import view
from incasso.messages.words import STATEMENT, paragraphs
from tests.messages.samples import built_in, context, line
from tests.profiles import tries

ANNA = Debtor(name="Anna Conti", is_person=True)
BEFORE_2013, SINCE_2013 = date(2012, 6, 1), date(2014, 6, 1)


def stated(key: str, language: str = "it", asked: bool | None = None) -> Template:
    """A text that ships, as a stage with `statement = true` wants it."""
    return with_interest(built_in(key, language), asked, statement=True)


def message(*lines: Line, on: str, **facts: object) -> MessageContext:
    return replace(context(*lines, **facts), on=date.fromisoformat(on))  # type: ignore[arg-type]


def pages(words: Template, of: MessageContext) -> list[str]:
    """What each page of the letter says, with single spaces."""
    pdf = render(words, of, want_letter=True).letter_pdf
    assert pdf is not None
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


def words(template: Template, of: MessageContext) -> str:
    """The plain mail in one line."""
    return " ".join(render(template, of).text.split())


def owed(amount: str, due: str, concluded: date = SINCE_2013) -> Line:
    return line("7/A", amount, due_date=date.fromisoformat(due), document_date=concluded)


@pytest.mark.parametrize(
    ("amount", "due", "on", "concluded", "rows", "total"),
    [
        ("10000", "2026-03-31", "2026-09-30", SINCE_2013,
         "10,15/91/253,05 10,40/92/262,14", "515,19"),
        ("10000", "2023-01-01", "2024-01-01", SINCE_2013,
         "10,50/180/517,81 12,00/184/604,93 12,50/1/3,42", "1.126,16"),
        ("10000", "2024-01-01", "2024-12-31", SINCE_2013,
         "12,50/181/619,86 12,25/184/617,53", "1.237,39"),
        ("10000", "2012-01-01", "2012-12-31", BEFORE_2013,
         "8,00/181/396,71 8,00/184/403,29", "800,00"),
        ("10000", "2013-01-01", "2013-12-31", SINCE_2013,
         "8,75/180/431,51 8,50/184/428,49", "860,00"),
        ("10000", "2003-01-01", "2003-12-31", BEFORE_2013,
         "9,85/180/485,75 9,10/184/458,74", "944,49"),
        ("10000", "2002-08-31", "2002-12-31", BEFORE_2013, "10,35/122/345,95", "345,95"),
        ("5000", "2012-10-15", "2012-12-31", BEFORE_2013, "8,00/77/84,38", "84,38"),
        ("100000", "2023-12-15", "2024-01-15", SINCE_2013,
         "12,00/16/526,03 12,50/15/513,70", "1.039,73"),
        ("1000", "2010-01-01", "2012-01-01", BEFORE_2013,
         "8,00/180/39,45 8,00/184/40,33 8,00/181/39,67 8,25/184/41,59 8,00/1/0,22", "161,26"),
        ("50000", "2023-10-31", "2025-02-28", SINCE_2013,
         "12,00/61/1.002,74 12,50/182/3.116,44 12,25/184/3.087,67 11,15/59/901,16", "8.108,01"),
    ],
)  # fmt: skip
def test_published_figures_are_printed_row_by_row(
    amount: str, due: str, on: str, concluded: date, rows: str, total: str
) -> None:
    of = message(owed(amount, due, concluded), on=on)
    seen = view(of, languages()["it"], states_interest=True)
    assert seen.statement is not None
    printed = [
        f"{row.rate.removesuffix('%')}/{row.days}/{row.amount.split()[0]}"
        for row in seen.statement.parts[0].rows
        if row.first
    ]
    assert printed == rows.split()
    assert seen.statement.feet[0][1].split()[0] == total


def test_the_days_follow_each_other_from_the_day_after_the_due_date() -> None:
    of = message(owed("10000", "2026-03-31"), on="2026-09-30")
    text = words(stated("secondo_sollecito"), of)
    for row in (
        "01/04/2026 30/06/2026 91 10,15% 10.000,00 € 253,05 €",
        "01/07/2026 30/09/2026 92 10,40% 10.000,00 € 262,14 €",
        "Risarcimento forfettario 40,00 €",
        "Interessi di mora al 30/09/2026 515,19 €",
        "Risarcimento forfettario (1 fattura) 40,00 €",
        "Totale interessi e spese 555,19 €",
        "Importo: 10.555,19 €",  # 10,000.00 + 515.19 + 40.00 is what is asked
    ):
        assert row in text


def test_it_stands_on_a_page_of_its_own_behind_the_signature() -> None:
    of = message(owed("10000", "2026-03-31"), on="2026-09-30")
    letter, annex = pages(stated("messa_in_mora"), of)
    assert "Prospetto" not in letter
    assert annex.startswith("Prospetto degli interessi di mora al 30/09/2026 Rif. C00123-45")
    for said in (
        "01/04/2026 30/06/2026 91 10,15% 10.000,00 € 253,05 €", "n. 231", "555,19 €",
        "Pagina 2 di 2",
    ):  # fmt: skip
        assert said in annex


def test_a_letter_without_it_has_all_its_page() -> None:
    """The line that says what a page carries over takes room only where there is one."""
    message_to = message(*[owed("1000", "2026-03-31")] * 3, on="2026-09-30")
    for words in (built_in("messa_in_mora"), stated("messa_in_mora")):
        seen = view(message_to, languages()["it"], states_interest=True)
        body = paragraphs(STATEMENT if words.adds_statement else "Niente")
        facts = letter_facts("Oggetto", body, seen)
        assert bool(facts["statement"]["parts"]) is words.adds_statement


def test_a_long_statement_carries_its_sum_from_page_to_page() -> None:
    """The last page brings what the one before carried; the table of the letter carries its own."""
    lines = [owed("1000", f"2025-{1 + n % 12:02}-10") for n in range(40)]
    named = [replace(each, document_number=f"{n}/A") for n, each in enumerate(lines)]
    found = pages(stated("messa_in_mora"), message(*named, on="2026-09-30"))
    annex = [each for each in found if "Capitale Importo" in each]
    assert len(annex) > 2
    for before, after in pairwise(annex):
        carried = before.split("A riportare ")[1].split(" €")[0]
        assert after.split("Riporto ")[1].split(" €")[0] == carried
    assert "Riporto" not in annex[0]
    assert "A riportare" not in annex[-1]


def test_a_debt_of_more_half_years_than_a_page_has_rows() -> None:
    """From 2003 to 2026 there are 47; every one is on paper."""
    of = message(
        owed("1000", "2003-03-31", BEFORE_2013), owed("1000", "2003-04-30"), on="2026-09-30"
    )
    found = " ".join(pages(stated("messa_in_mora"), of)[1:])
    assert found.count("30/06/2016") == 2
    assert "01/07/2026 30/09/2026" in found


def test_two_installments_of_one_invoice_bear_the_fixed_sum_once() -> None:
    first = owed("1000", "2026-03-31")
    of = message(first, replace(first, installment_number=2), on="2026-09-30")
    seen = view(of, languages()["it"], states_interest=True).statement
    assert seen is not None
    assert [len(part.rows) for part in seen.parts] == [3, 2]
    assert seen.parts[1].due == "rata 2, scadenza 31/03/2026"


def test_a_consumer_is_shown_the_legal_rate_and_no_fixed_sum() -> None:
    """1,000 for 31 days at 2 % is 1.70, for 31 days at 1.6 % 1.36."""
    of = message(owed("1000", "2025-11-30"), on="2026-01-31", client=ANNA)
    text = words(stated("secondo_sollecito"), of)
    for row in ("2,00% 1.000,00 € 1,70 €", "1,60% 1.000,00 € 1,36 €", "art. 1284"):
        assert row in text
    assert "forfettario" not in text


def test_interest_runs_on_what_credits_leave_and_says_so() -> None:
    """2,000 less a credit of 500: 1,500 × 10.15 × 31 / 36500 = 12.93."""
    credit = line("9/NC", "-500.00", document_kind=DocumentKind.CREDIT_NOTE)
    of = message(owed("2000", "2026-05-30"), on="2026-06-30", credits=(credit,))
    text = words(stated("secondo_sollecito"), of)
    assert "31 10,15% 1.500,00 € 12,93 €" in text
    assert "I crediti aperti sono detratti" in text


def test_what_is_not_late_is_left_out() -> None:
    of = message(owed("1000", "2026-05-30"), owed("1000", "2026-12-31"), on="2026-06-30")
    seen = view(of, languages()["it"], states_interest=True).statement
    assert seen is not None
    assert len(seen.parts) == 1


@pytest.mark.parametrize("asked", [None, True])
def test_without_figures_there_is_none(asked: bool | None) -> None:
    francs = replace(owed("10", "2026-05-30"), residual=Money(amount=Decimal(10), currency="CHF"))
    made = render(stated("secondo_sollecito", asked=asked), message(francs, on="2026-06-30"))
    assert "Prospetto" not in made.text + made.html


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("Statement of interest up to 30/09/2026", "10.15%", "Total of interest and costs")),
        ("de", ("Zinsaufstellung bis 30.09.2026", "10,15 %", "Zinsen und Kosten insgesamt")),
        ("fr", ("Décompte des intérêts de retard au 30/09/2026", "10,15 %", "Total des intérêts")),
    ],
)
def test_every_language_has_its_words(language: str, said: tuple[str, ...]) -> None:
    of = message(owed("10000", "2026-03-31"), on="2026-09-30", language=language)
    template = stated("messa_in_mora", language)
    made = render(template, of)
    for each in said:
        assert each in made.text.replace("\u202f", " ")
        assert each in made.html.replace("\xa0", " ").replace("\u202f", " ")
        assert any(each in page.replace("\u202f", " ") for page in pages(template, of)[1:])


def test_a_text_may_place_it_itself() -> None:
    own = replace(built_in("secondo_sollecito"), text="{{ statement }}\n\nResta {{ total }}.")
    of = message(owed("10000", "2026-03-31"), on="2026-09-30")
    text = render(own, of).text
    assert text.index("Prospetto") < text.index("Resta")
    again = with_interest(own, None, statement=True)
    assert render(again, of).text.count("Prospetto") == 1


def test_a_persons_own_words_keep_it_unless_they_are_bare() -> None:
    of = message(owed("10000", "2026-03-31"), on="2026-09-30")
    wanted = stated("secondo_sollecito")
    kept = reworded(wanted, Rewording(text="Vogliate versare {{ total }}."))
    bare = reworded(wanted, Rewording(text="Vogliate versare {{ total }}.", bare=True))
    assert "Prospetto" in render(kept, of).text
    assert "Prospetto" not in render(bare, of).text


@given(
    st.lists(
        st.tuples(st.integers(1, 10**9), st.integers(-40, 4000), st.integers(1, 3)),
        min_size=1,
        max_size=6,
    ),
    st.integers(0, 10**9),
)
@tries(40)
def test_the_rows_add_up_to_what_is_asked(debts: list[tuple[int, int, int]], credit: int) -> None:
    """Whatever is owed: every row is carried on, and the last sum is what comes on top."""
    on = date(2026, 9, 30)
    lines = [
        line(f"{number}/A", f"{cents / 100:.2f}", due_date=on - timedelta(days=late))
        for cents, late, number in debts
    ]
    taken = (line("NC", f"-{credit / 100:.2f}"),) if credit else ()
    of = message(*lines, on=on.isoformat(), credits=taken)
    seen = view(of, languages()["it"], states_interest=True)
    extra = seen.asked.amount - seen.total.amount
    rows = [row for part in seen.statement.parts for row in part.rows] if seen.statement else []
    if rows:
        assert rows[-1].carried == languages()["it"].money(Money(amount=extra))
    else:
        assert extra % 40 == 0  # a day on a cent bears no cent of interest
