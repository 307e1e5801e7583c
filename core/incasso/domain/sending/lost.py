"""Which messages of the log of what left a database must be told of."""

from __future__ import annotations

from typing import Final

from incasso.domain.proof.left import Fate
from incasso.domain.sending.delivery import DeliveryStatus

NOT_OVER: Final = (DeliveryStatus.QUEUED, DeliveryStatus.SENDING, DeliveryStatus.UNCERTAIN)
"""As far as the database knows, it has not left."""


def is_unknown(fate: Fate, status: DeliveryStatus | None, *, put_back: bool) -> bool:
    """Whether the log knows more of a message than the database; `status` None: it has none.

    `put_back`: the database is a copy from earlier, so what waits in it may have left since.
    Otherwise what waits was judged after a crash and the database knows better.
    """
    if fate is Fate.NOT_LEFT or (status is not None and status not in NOT_OVER):
        return False
    if fate is Fate.LEFT or status is None:
        return True
    return put_back and status is not DeliveryStatus.UNCERTAIN
