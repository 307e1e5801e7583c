"""The states of a version of one of the office's texts."""

from __future__ import annotations

from enum import StrEnum


class TextStatus(StrEnum):
    """At most one version of a text is a draft and at most one is published."""

    DRAFT = "draft"
    PUBLISHED = "published"
    """In use: messages are written with it."""
    RETIRED = "retired"
