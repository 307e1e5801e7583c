"""What the bank takes for a bill that came back, as the office may ask it of the client."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

MOST_CHARGES: Final = Decimal(1000)
"""For one bill; no bank takes more, so more is a slip of the finger."""
