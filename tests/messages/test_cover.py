"""Certified mail: a short note, and the letter itself as a file."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader

from incasso.contract.media import Medium
from incasso.messages import render
from incasso.messages.cover import covered, letter_file
from tests.messages.samples import built_in, context, line


def test_the_note_names_the_letter_and_the_letter_holds_the_words() -> None:
    message = context(line("7/A", "250"), medium=Medium.PEC)
    rendered = render(built_in("ultimo_avviso"), message, want_letter=True)
    made = covered(rendered, message)
    note = " ".join(made.text.split())
    assert made.subject == rendered.subject
    assert "Spett.le Officine Bianchi S.n.c." in note
    assert "comunicazione del 23 novembre 2026" in note
    assert f"“{rendered.subject}” (file lettera-2026-11-23.pdf)" in note
    assert "1219" not in note
    assert "250,00" not in made.html
    file = letter_file(made, message)
    assert file.filename == "lettera-2026-11-23.pdf"
    words = " ".join(PdfReader(BytesIO(file.content)).pages[0].extract_text().split())
    assert "A mezzo PEC" in words
    assert "1219 del codice civile" in words
    assert "250,00" in words
