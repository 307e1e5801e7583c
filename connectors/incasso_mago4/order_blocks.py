"""Which way an order block takes into a Mago whose database is read: MagicLink or the flag."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from incasso.api import CallContext, CheckReport, PluginError, Problem, Receipt, WriteBack, text
from incasso_mago4 import flag
from incasso_mago4.database.mago import Mago
from incasso_mago4.link.clients import options_block
from incasso_mago4.link.questions import Questions
from incasso_mago4.link.session import MagicLink
from incasso_mago4.link.settings import LinkSettings
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
        require(
            self._settings.flag_update, change, text("give it magiclink, or flag_update = true")
        )
        return flag.update(mago(), change, ctx, self._settings.flag_user)

    def checked(self, report: CheckReport, ctx: CallContext) -> CheckReport:
        """The check of the reading side, with what is to be said about writing.

        A way that does not work is a warning: the ledger is read all the same.
        """
        written_by, warnings = text("not written"), list[Problem]()
        if self._settings.flag_update:
            written_by = text("by an UPDATE of one column")
        if self._link:
            written_by = text("through MagicLink, {identity}", identity=self._link[0].identity())
            warnings = list(_tried(*self._link, ctx))
        return msgspec.structs.replace(
            report,
            facts={**report.facts, text("order blocks"): written_by},
            warnings=(*report.warnings, *warnings),
        )

    def close(self) -> None:
        """Logs off sessions that an interrupted call left open."""
        if self._link:
            self._link[0].close()


def _tried(way: MagicLink, link: LinkSettings, ctx: CallContext) -> Iterator[Problem]:
    """Log in and look for the flag, as a block would."""
    try:
        with way.session(ctx) as session:
            customers = Questions(session, link).some_customers()
    except PluginError as error:
        yield Problem(
            code="magiclink",
            field="magiclink",
            message=text("order blocks cannot be written: {error}", error=str(error)),
            hint=text("correct magiclink; the ledger is read all the same"),
        )
        return
    if customers and options_block(customers[0]) is None:
        yield Problem(
            code="no_options",
            field="magiclink",
            message=text(
                "order blocks cannot be written: the profile {customers_profile} leaves "
                "the customer's options out",
                customers_profile=link.customers_profile,
            ),
            hint=text("export a profile of Customers with its options and name it in magiclink"),
        )
