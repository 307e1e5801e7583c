"""The names of lots, placements and rows outside the house: short, and never used again."""

from __future__ import annotations


def placement_name(number: int) -> str:
    """`P-0000123`."""
    return f"P-{number:07}"
