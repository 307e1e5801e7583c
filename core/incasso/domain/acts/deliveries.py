"""What a person found out about a message that may have left."""

from __future__ import annotations

from typing import ClassVar

from incasso.domain.acts.act import About, Act, UndoBy


class ResolveDelivery(Act, frozen=True, kw_only=True, tag="resolve"):
    """Records whether an uncertain delivery left.

    Left: the step continues as if the channel had accepted it. Not left: the step is ready again
    and leaves with the next dispatch.
    """

    sent: bool

    about: ClassVar[About] = About.DELIVERY
    undo_by: ClassVar[UndoBy] = UndoBy.NOTHING
