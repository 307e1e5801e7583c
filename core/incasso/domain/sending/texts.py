"""Where a version of one of the office's texts stands."""

from __future__ import annotations

from enum import StrEnum


class TextStatus(StrEnum):
    """Of the versions of a text at most one is a draft and one published."""

    DRAFT = "draft"
    PUBLISHED = "published"
    """In use: messages are written with it."""
    RETIRED = "retired"
