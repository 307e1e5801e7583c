"""What a mail is: addresses, headers, the exact bytes, and reports about mails of ours. No I/O.

Plugins have it as `incasso.api.mail`; the servers themselves are behind `ctx.mail`.
"""

from incasso.mail.accounts import (
    password_ended,
    password_ends,
    password_outdated,
    wrong,
    wrong_addresses,
    wrong_files,
    wrong_numbers,
    wrong_password,
)
from incasso.mail.addresses import BadAddressError, mailable
from incasso.mail.composing import UnfitError, compose
from incasso.mail.envelope import Envelope, addressed, message_id
from incasso.mail.refusals import Cause, cause_of
from incasso.mail.replies import means_bad_address
from incasso.mail.reports import REPORT_HEADERS, load_readers, may_be_report, read_report
from incasso.mail.senders import origin_of

__all__ = [
    "REPORT_HEADERS",
    "BadAddressError",
    "Cause",
    "Envelope",
    "UnfitError",
    "addressed",
    "cause_of",
    "compose",
    "load_readers",
    "mailable",
    "may_be_report",
    "means_bad_address",
    "message_id",
    "origin_of",
    "password_ended",
    "password_ends",
    "password_outdated",
    "read_report",
    "wrong",
    "wrong_addresses",
    "wrong_files",
    "wrong_numbers",
    "wrong_password",
]
