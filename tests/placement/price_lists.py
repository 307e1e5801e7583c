"""Price lists that the tests of fees share, as an office would write them."""

from __future__ import annotations

from incasso.domain.placement.prices import PriceList
from incasso.domain.placement.provider_file import read_provider_file

WHOLE = """
[[price_list]]
key = "rossi"

[[price_list.version]]
from = 2026-01-01
minimum = "5.00"
maximum = "500.00"
opening = [{ up_to = "1000.00", fee = "10.00" }, { fee = "25.00" }]
rate = [
    { days_to = 90, up_to = "5000.00", percent = "8" },
    { days_to = 90, percent = "6" },
    { percent = "12.5" },
]
direct = { percent = "6", free_days = 5, after_end_days = 15 }
reports = { due_diligence = "35.00" }
"""

MARGINAL = """
[[price_list]]
key = "scaglioni"

[[price_list.version]]
from = 2026-01-01
bands = "marginal"
rate = [
    { up_to = "1000.00", percent = "10" },
    { up_to = "5000.00", percent = "8" },
    { percent = "5" },
]
direct = {}
"""


def price_list(written: str) -> PriceList:
    """The only price list of a file."""
    read = read_provider_file(written)
    assert read.problems == ()
    (found,) = read.tables.price_lists
    return found
