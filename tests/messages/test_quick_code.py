"""QR codes: module by module what segno draws, and what a reader by the standard reads."""

from __future__ import annotations

from random import Random

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from incasso.messages.quick_code import MASK, QUIET, modules
from tests.messages.qr_reader import text_in
from tests.profiles import tries


@pytest.mark.parametrize("first", range(1, 8))
def test_every_size_is_as_segno_draws_it(first: int) -> None:
    random = Random(first)
    for size in range(first, 332, 7):
        data = random.randbytes(size)
        code = segno.make_qr(data, error="m", mask=MASK, boost_error=False, mode="byte")
        drawn = ["".join(map(str, row)) for row in code.matrix_iter(border=QUIET)]
        assert modules(data) == drawn


@tries(30)
@given(text=st.text(min_size=1, max_size=80))
def test_a_reader_reads_what_was_written(text: str) -> None:
    assert (
        text_in(modules(text.encode("utf-8", "replace")))
        == text.encode("utf-8", "replace").decode()
    )


def test_more_than_the_guideline_allows_is_refused() -> None:
    with pytest.raises(ValueError, match="332"):
        modules(b"x" * 332)
