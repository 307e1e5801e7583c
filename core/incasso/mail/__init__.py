"""What a mail is: addresses, headers, the exact bytes, answers and reports that come in. No I/O.

Plugins have it as `incasso.api.mail`; the servers themselves are behind `ctx.mail`.
"""

from incasso.mail.accounts import (
    password_ended,
    password_ends,
    password_outdated,
    wrong_addresses,
    wrong_files,
    wrong_numbers,
    wrong_password,
)
from incasso.mail.addresses import BadAddressError, mailable
from incasso.mail.composing import UnfitError, compose
from incasso.mail.envelope import Envelope, addressed, message_id
from incasso.mail.incoming import (
    INCOMING_HEADERS,
    MailFile,
    MailInside,
    Replies,
    mail_inside,
    may_be_incoming,
    read_incoming,
)
from incasso.mail.refusals import Cause, cause_of
from incasso.mail.replies import means_bad_address
from incasso.mail.reports import REPORT_HEADERS, load_readers, may_be_report, read_report
from incasso.mail.senders import origin_of

__all__ = [
    "INCOMING_HEADERS",
    "REPORT_HEADERS",
    "BadAddressError",
    "Cause",
    "Envelope",
    "MailFile",
    "MailInside",
    "Replies",
    "UnfitError",
    "addressed",
    "cause_of",
    "compose",
    "load_readers",
    "mail_inside",
    "mailable",
    "may_be_incoming",
    "may_be_report",
    "means_bad_address",
    "message_id",
    "origin_of",
    "password_ended",
    "password_ends",
    "password_outdated",
    "read_incoming",
    "read_report",
    "wrong_addresses",
    "wrong_files",
    "wrong_numbers",
    "wrong_password",
]
