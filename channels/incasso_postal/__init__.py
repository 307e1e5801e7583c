"""Send letters, registered letters and telegrams through a postal service that prints them."""

from incasso_postal.kind import hub_kinds

__all__ = ["hub_kinds"]
