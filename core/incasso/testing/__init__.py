"""Shipped for partners and for us: contract suites to inherit, fakes that behave, hostile twins.

`BaseConnectorContract`, `BaseChannelContract` and `BaseProviderContract` need pytest
(`pip install incasso[testing]`); the fakes do not.
"""

from __future__ import annotations

from importlib.util import find_spec

if find_spec("pytest"):
    import pytest

    for name in (
        "suite",
        "faults",
        "records",
        "connector",
        "channel_news",
        "provider_news",
        "channel",
        "provider",
    ):
        pytest.register_assert_rewrite(f"incasso.testing.{name}")

    from incasso.testing.channel import BaseChannelContract
    from incasso.testing.connector import BaseConnectorContract
    from incasso.testing.provider import BaseProviderContract

    __all__ = ["BaseChannelContract", "BaseConnectorContract", "BaseProviderContract"]
