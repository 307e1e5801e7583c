"""Send mail through any SMTP relay and read what bounced from its mailbox by IMAP."""

from incasso_smtp.kind import hub_kinds

__all__ = ["hub_kinds"]
