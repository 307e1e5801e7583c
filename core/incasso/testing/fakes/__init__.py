"""Plugins in memory that really behave, for tests of services and of partners' own code."""

from incasso.testing.fakes.callbacks import signed
from incasso.testing.fakes.channel import FakeChannel, Sent
from incasso.testing.fakes.connector import FakeConnector
from incasso.testing.fakes.provider import FakeProvider
from incasso.testing.fakes.registry import Fake, kind_of, registry_of
from incasso.testing.script import after, behaves, exits, for_ever, gives, raises, sleeps

__all__ = [
    "Fake",
    "FakeChannel",
    "FakeConnector",
    "FakeProvider",
    "Sent",
    "after",
    "behaves",
    "exits",
    "for_ever",
    "gives",
    "kind_of",
    "raises",
    "registry_of",
    "signed",
    "sleeps",
]
