"""What a person found out about a message that may have left."""

from __future__ import annotations

from typing import ClassVar

from incasso.domain.acts.act import About, Act, UndoBy


class ResolveDelivery(Act, frozen=True, kw_only=True, tag="resolve"):
    """Say of an uncertain delivery that it left, or that it surely did not.

    Left: the step goes on as if the channel had said so. Not: the step is ready again and leaves
    with the next dispatch.
    """

    sent: bool

    about: ClassVar[About] = About.DELIVERY
    undo_by: ClassVar[UndoBy] = UndoBy.NOTHING
