"""Fax services to test against: InterFAX over HTTP, and a HylaFAX server whose calls you decide."""

from incasso.testing.fax.hylafax import HylafaxServer
from incasso.testing.fax.interfax import InterfaxService

__all__ = ["HylafaxServer", "InterfaxService"]
