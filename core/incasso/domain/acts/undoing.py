"""Taking an act back while nothing followed from it."""

from __future__ import annotations

from typing import ClassVar, Final

from incasso.domain.acts.act import About, Act, UndoBy
from incasso.domain.acts.permission import WITH_THE_CLIENT
from incasso.domain.office.actor import Role

LAST: Final = "last"


class Undo(Act, frozen=True, kw_only=True, tag="undo"):
    """Takes an act back, by the number of its event in the journal, or one's own last one.

    Everything it changed is as before. Refused where something followed: a message left, a step
    was carried out, a record was changed again.
    """

    about: ClassVar[About] = About.EVENT
    allowed: ClassVar[frozenset[Role]] = WITH_THE_CLIENT
    undo_by: ClassVar[UndoBy] = UndoBy.NOTHING
