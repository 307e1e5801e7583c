"""The small office of the tests of sending."""

from __future__ import annotations

from tests.sending.conftest import make_office

__all__ = ["make_office"]
