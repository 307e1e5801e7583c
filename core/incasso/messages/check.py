"""Check templates before they are published: words, languages, worst cases."""

from __future__ import annotations
