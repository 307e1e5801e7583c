"""The order block: made and released with its trace, written into the ERP, told to order programs.

`block` and `release` work inside a caller's transaction; `settle` follows the ledger after a sync;
`write_back` changes the ERP; `feed` writes the file that order programs read.
"""

from incasso.services.orders.after_sync import UpdatedBlocks, update_blocks
from incasso.services.orders.block import Blocked, block
from incasso.services.orders.feed import feed_problems, write_feed
from incasso.services.orders.release import release
from incasso.services.orders.write_back import WriteBackReport, write_back

__all__ = [
    "Blocked",
    "UpdatedBlocks",
    "WriteBackReport",
    "block",
    "feed_problems",
    "release",
    "update_blocks",
    "write_back",
    "write_feed",
]
