"""What a rendered message promises: right sums, one language, aligned columns, no injection."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.api import Money, PaymentMethod
from incasso.domain.money import from_minor
from incasso.messages import Debtor, Line, TemplateError, builtin_templates, languages, render
from tests.messages.samples import CLIENT, COMPANY, ON, built_in, context, euro, line, template
from tests.profiles import tries

KEYS = sorted({each.key for each in builtin_templates()})


def test_a_first_reminder_says_what_who_and_how() -> None:
    made = render(built_in("primo_sollecito"), context(line("7/A", "1234.5"), line("8/A", "10")))
    for part in (made.text, made.html):
        for word in ("7/A", "8/A", "10/10/2026", "IT60 X054 2811 1010 0000 0123 456", "C00123-45"):
            assert word in part
    assert "1.244,50 €" in made.text
    assert "1.244,50\xa0€" in made.html
    assert made.subject == "Pagamento in attesa: 2 documenti scaduti"
    assert "Chiara Ferri" in made.text


def test_the_reminder_before_the_due_date_blames_nobody() -> None:
    made = render(built_in("promemoria"), context(line(due_date=date(2026, 11, 28))))
    assert "Giorni" not in made.text
    assert "scadut" not in made.text


@pytest.mark.parametrize("key", KEYS)
def test_if_you_already_paid(key: str) -> None:
    if key in ("comunicazione_interna", "riepilogo"):
        return
    italian = render(built_in(key), context()).text
    english = render(built_in(key, "en"), context(language="en")).text
    assert any(words in italian for words in ("avete già", "è già stato", "stato eseguito"))
    assert any(words in english for words in ("have already", "have paid"))


def test_a_formal_notice_names_the_law_that_fits_the_client() -> None:
    business = render(built_in("ultimo_avviso"), context()).text
    consumer_client = Debtor(name="Anna Conti", is_person=True)
    consumer = render(built_in("ultimo_avviso"), context(client=consumer_client)).text
    assert "1219" in business
    assert "231" in business
    assert "1219" in consumer
    assert "231" not in consumer
    assert "Gentile Anna Conti" in consumer


def test_charges_are_a_row_of_their_own_and_part_of_the_total() -> None:
    unpaid = line(payment_method=PaymentMethod.RIBA, unpaid_on=date(2026, 11, 12))
    made = render(built_in("insoluto_riba"), context(unpaid, charges=euro("4.50")))
    assert "insoluto il 12/11/2026" in made.text
    assert "Spese bancarie di insoluto" in made.text
    assert "1.239,00 €" in made.text


def test_columns_are_aligned() -> None:
    made = render(template("{{ table }}"), context(line("7/A", "5"), line("12345/B", "12000")))
    rows = [row for row in made.text.splitlines() if row.endswith(",00 €")]
    assert len({len(row) for row in rows}) == 1


def test_no_line_of_a_text_mail_is_longer_than_72() -> None:
    for key in KEYS:
        made = render(built_in(key), context(*[line(f"{n}/A", f"{n}.10") for n in range(1, 9)]))
        assert max(map(len, made.text.splitlines())) <= 72


def test_a_long_document_number_keeps_all_its_characters() -> None:
    number = "FPR-" + "7" * 60
    assert number in render(built_in("primo_sollecito"), context(line(number))).text


def test_the_amount_column_appears_with_a_partial_payment_only() -> None:
    part = line(residual="400", amount=euro("1000"))
    whole = line(residual="400", amount=euro("400"))
    assert "Importo  " in render(template("{{ table }}"), context(part)).text
    assert "Importo" not in render(template("{{ table }}"), context(whole)).text


def test_a_mail_has_three_columns_whatever_they_hold() -> None:
    """380 pixels hold no more: days, the original amount and interest stand below."""
    part = line("7/A", residual="400", amount=euro("1000"))
    html = render(built_in("ultimo_avviso"), context(part, line("8/A"))).html
    assert html.count("<th ") == 3
    for words in ("44 giorni", "di 1.000,00\xa0€", "interessi "):
        assert words in html
    assert (
        "1 giorno<"
        in render(built_in("primo_sollecito"), context(line(due_date=date(2026, 11, 22)))).html
    )


def test_without_an_iban_the_client_is_told_whom_to_ask() -> None:
    bare = type(COMPANY)(name=COMPANY.name)
    made = render(built_in("primo_sollecito"), context(company=bare))
    assert "contattare il nostro ufficio" in " ".join(made.text.split())
    assert "IBAN" not in made.html


def test_an_sms_has_plain_spaces() -> None:
    short = render(built_in("primo_sollecito"), context()).short
    assert "1.234,50 €" in short
    assert "\xa0" not in short


def test_placeholders_print_themselves_in_the_message_language() -> None:
    words = template("{{ total }} {{ on }} {{ on | date('short') }} {{ oldest_due | plus(7) }}")
    assert (
        render(words, context()).text == "1.234,50 € 23 novembre 2026 23/11/2026 17 ottobre 2026\n"
    )


def test_two_currencies_are_refused() -> None:
    dollars = Line(
        document_number="9", due_date=ON, residual=Money(amount=Decimal(1), currency="USD")
    )
    with pytest.raises(ValueError, match="several currencies: EUR, USD"):
        context(line(), dollars)


def test_template_and_message_must_speak_one_language() -> None:
    with pytest.raises(ValueError, match="template is en, message is it"):
        render(built_in("promemoria", "en"), context())


def test_a_fault_names_template_part_and_line() -> None:
    with pytest.raises(TemplateError) as caught:
        render(template("prima riga\n\n{{ client.nome }}"), context())
    assert (caught.value.part, caught.value.line) == ("text", 3)
    assert "prova (it), text, line 3" in str(caught.value)


def test_an_empty_date_is_an_error_and_not_the_word_none() -> None:
    with pytest.raises(TemplateError, match="no single value"):
        render(template("insoluto il {{ lines[0].unpaid_on }}"), context())


HOSTILE = "<img src=x onerror=alert(1)> {{ 7 * 7 }} \ue000 **b** \"'& \u202egnp.exe"


def test_hostile_names_stay_words() -> None:
    client = Debtor(name=HOSTILE, code=HOSTILE, contact_person=HOSTILE)
    made = render(built_in("primo_sollecito"), context(line(HOSTILE), client=client))
    assert "<img src=x" not in made.html
    assert "&lt;img" in made.html
    assert "{{ 7 * 7 }}" in made.text
    for forbidden in ("\u202e", "\ue000"):
        assert forbidden not in made.text + made.html + made.subject


def test_an_offices_own_html_is_kept_without_scripts() -> None:
    own = template(
        "{{ table }}",
        html='<p style="color:red">Caro {{ client.name }}</p><script>x()</script>{{ table }}'
        "{% for line in lines %}<b>{{ line.document }}</b>{% endfor %}",
    )
    made = render(own, context(client=Debtor(name="A & B <s>")))
    assert '<p style="color:red">Caro A &amp; B &lt;s&gt;</p>' in made.html
    assert "script" not in made.html
    assert "Totale da pagare" in made.html
    assert "<b>Fattura 1200/A</b>" in made.html


def test_lists_and_folding() -> None:
    words = template("Inviare:\n- la contabile\n- il numero\n  di riferimento\n\nGrazie")
    assert render(words, context()).text == (
        "Inviare:\n\n  - la contabile\n  - il numero di riferimento\n\nGrazie\n"
    )


@tries(60)
@given(
    key=st.sampled_from(KEYS),
    language=st.sampled_from(sorted(languages())),
    currency=st.sampled_from(["EUR", "USD", "JPY", "TND"]),
    minors=st.lists(st.integers(-(10**9), 10**11).filter(bool), min_size=1, max_size=12),
    charges=st.integers(0, 10_000),
)
def test_totals_add_up_and_nothing_is_mixed(
    key: str, language: str, currency: str, minors: list[int], charges: int
) -> None:
    lines = tuple(
        Line(
            document_number=f"{place}/X",
            due_date=ON,
            residual=Money(amount=from_minor(minor, currency), currency=currency),
        )
        for place, minor in enumerate(minors)
    )
    extra = Money(amount=from_minor(charges, currency), currency=currency) if charges else None
    made = render(built_in(key, language), context(*lines, language=language, charges=extra))

    spoken = languages()[language]
    total = spoken.money(
        Money(amount=from_minor(sum(minors) + charges, currency), currency=currency)
    )
    assert total in made.html
    for one in lines:
        assert spoken.money(one.residual) in made.html
    other_currency = "USD" if currency == "EUR" else "EUR"
    foreign = spoken.money(Money(amount=Decimal(0), currency=other_currency)).strip("0,.\xa0")
    assert foreign not in made.text + made.html
    for code, other in languages().items():
        if code != language:
            assert other.labels["total"] not in made.text + made.html
            assert other.labels["due_date"] not in made.text + made.html


@tries(80)
@given(text=st.text(max_size=400))
def test_no_name_can_break_a_message(text: str) -> None:
    client = Debtor(name=text, address=(text, text), contact_person=text)
    made = render(built_in("secondo_sollecito"), context(line(text), client=client))
    assert "\n" not in made.subject
    assert made.html.count("<table") == made.html.count("</table>")
    assert made.html.count("<script") == 0
    assert CLIENT.name not in made.text
