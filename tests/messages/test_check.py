"""Checking before publishing: what is wrong, in which line, and how to mend it."""

from __future__ import annotations

import pytest

from incasso.messages import Template, TemplateProblem, builtin_templates, check_templates
from tests.messages.samples import template

LANGUAGES = ("it", "en", "de", "fr")


def check(*templates: Template, languages: tuple[str, ...] = ("it",)) -> list[TemplateProblem]:
    """The problems of these templates."""
    return list(check_templates(templates, languages))


def test_the_texts_that_ship_are_without_fault() -> None:
    assert check_templates(builtin_templates(), LANGUAGES) == ()


def test_every_text_that_ships_exists_in_every_language_with_an_sms() -> None:
    found = {(each.key, each.language) for each in builtin_templates()}
    keys = {key for key, _ in found}
    assert keys == {
        "promemoria", "primo_sollecito", "secondo_sollecito", "ultimo_avviso",
        "insoluto_riba", "contrassegno", "comunicazione_interna", "primo_contatto",
        "messa_in_mora", "diffida", "riepilogo",
    }  # fmt: skip
    assert found == {(key, language) for key in keys for language in LANGUAGES}
    assert all(each.short for each in builtin_templates())


def test_an_unknown_placeholder_is_named_with_its_line_and_a_guess() -> None:
    [problem] = check(template("Buongiorno\n\n{{ client.nam }}"))
    assert (problem.code, problem.field, problem.line) == ("unknown_placeholder", "text", 3)
    assert (problem.template, problem.language) == ("prova", "it")
    assert "client.nam" in problem.message
    assert "name" in problem.hint


def test_a_placeholder_in_a_branch_that_is_never_taken_is_found_too() -> None:
    [problem] = check(template("{% if charges %}{{ chargs }}{% endif %}"))
    assert problem.code == "unknown_placeholder"


def test_fields_of_a_line_in_a_loop() -> None:
    words = "{% for row in lines %}{{ row.document }} {{ row.importo }}{% endfor %}"
    [problem] = check(template(words))
    assert "lines.importo" in problem.message


def test_placeholders_of_plugins_are_known_when_told() -> None:
    own = template("{{ acme_discount }}")
    assert check(own)
    assert check_templates([own], ["it"], extra=["acme_discount"]) == ()


def test_what_only_a_real_case_shows() -> None:
    [problem] = check(template("insoluto il\n{{ lines[0].unpaid_on }}"))
    assert (problem.code, problem.line) == ("fails", 2)
    assert "if" in problem.hint


def test_a_missing_language_and_a_missing_part() -> None:
    italian = template("Ciao", short="Ciao")
    english = template("Hello", language="en")
    assert [each.code for each in check(italian, languages=("it", "en"))] == ["missing_language"]
    [problem] = check(italian, english, languages=("it", "en"))
    assert (problem.code, problem.language, problem.field) == ("missing_part", "en", "short")


def test_an_envelope_must_be_neutral() -> None:
    [problem] = check(template("Testo", subject="Ufficio RECUPERO CREDITI"))
    assert (problem.code, problem.field) == ("forbidden", "subject")


def test_a_subject_that_can_come_out_empty() -> None:
    [problem] = check(template("Testo", subject="{% if charges %}x{% endif %}"))
    assert problem.code == "empty"


def test_too_long_for_an_sms() -> None:
    [problem] = check(template("Testo", short="parola " * 80))
    assert (problem.code, problem.field) == ("too_long", "short")


@pytest.mark.parametrize(
    "words",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ client.__class__ }}",
        "{{ lines.__class__.__base__.__subclasses__() }}",
        "{{ self._TemplateReference__context }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ company.name.format(company) }}",
        "{{ 'x' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%999999999d' % 1 }}",
        "{% for a in range(1000000000) %}x{% endfor %}",
        "{% for a in lines %}{% for b in lines %}x{% endfor %}{% endfor %}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends 'x' %}",
        "{% autoescape false %}{{ client.name }}{% endautoescape %}",
        "{% macro m() %}{% endmacro %}",
        "{% set x = 1 %}",
        "{{ client.name | safe }}",
        "{{ client.name | attr('__class__') }}",
        "{{ lines | map(attribute='__class__') | list }}",
        "{{ client.name | xmlattr }}",
        "{{ client['__class__'] }}",
        "{{ client['__struct_fields__'] }}",
        "{{ unclosed ",
        "{% if x %}",
    ],
)
def test_a_template_cannot_leave_its_sandbox(words: str) -> None:
    assert check(template(words))
    assert check(template("Testo", html=words))


def test_an_empty_text() -> None:
    assert {each.code for each in check(template("  "))} == {"empty"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("{{ client" + ".name" * 3000 + " }}", "nested too deeply"),
        ("{{ " + "-" * 300 + "3 }}", "nested too deeply"),
        ("{{ count }}" * 20_000, "at most 30000"),
        ("one\ntwo \0", "NUL"),
        ('{{ count | plural("a") }}', "more than one"),
        ("{{ count | plural }}", "more than one"),
        ('{{ count | plural("{n} bill", "{m} bills") }}', "{m} in plural"),
        ("{{ lines[(1, 2)] }}", ""),
        ("{{ -client }}", "does not fit this value"),
        ("{{ 3 | plural('a', 'b') | date }}", "does not fit this value"),
    ],
    ids=range(10),
)
def test_what_would_break_or_mislead_is_named_without_words_of_python(
    words: str, said: str
) -> None:
    problems = check(template(text=words))
    found = " ".join(str(problem.message) for problem in problems)
    assert problems
    assert said in found
    assert not any(sign in found for sign in ("tuple index", "operand", "attribute", "Recursion"))
