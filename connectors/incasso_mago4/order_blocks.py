"""Which way an order block takes into a Mago whose database is read: MagicLink or the flag."""

from __future__ import annotations

from collections.abc import Callable

from incasso.api import CallContext, Receipt, WriteBack
from incasso_mago4 import flag
from incasso_mago4.link_session import MagicLink
from incasso_mago4.mago import Mago
from incasso_mago4.settings import Mago4Settings
from incasso_mago4.writing import require, write_back


class OrderBlocks:
    """Blocks and releases customers of one company."""

    def __init__(self, settings: Mago4Settings) -> None:
        self._settings = settings
        link = settings.link
        self._link = link and (MagicLink(link), link)

    def write(self, change: WriteBack, ctx: CallContext, mago: Callable[[], Mago]) -> Receipt:
        """One change. Raises UnsupportedError with the cure if no way is switched on."""
        if self._link:
            return write_back(*self._link, change, ctx)
        require(self._settings.flag_update, change, "give it magiclink, or flag_update = true")
        return flag.update(mago(), change, ctx, self._settings.flag_user)

    def close(self) -> None:
        """Log off what an interrupted call left behind."""
        if self._link:
            self._link[0].close()
