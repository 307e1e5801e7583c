"""The order block by a person: block a client, release it, settle what goes into the ERP."""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

from incasso.domain.acts.act import About, Act, UndoBy
from incasso.domain.acts.permission import MANAGERS
from incasso.domain.office.actor import Role

Found: TypeAlias = Literal["done", "not_done", "again"]


class BlockOrders(Act, frozen=True, kw_only=True, tag="block-orders"):
    """Take no more orders from a client, until it has paid or, with `keep`, until a person says.

    Without `keep` the company's rule ends it; a client that owes nothing past due is blocked until
    a person releases it.
    """

    keep: bool = False

    about: ClassVar[About] = About.CLIENT
    needs_why: ClassVar[bool] = True
    undo_by: ClassVar[UndoBy] = UndoBy.ANOTHER_ACT


class ReleaseOrders(Act, frozen=True, kw_only=True, tag="release-orders"):
    """Take orders from a client again; what was written into the ERP is given back."""

    about: ClassVar[About] = About.CLIENT
    allowed: ClassVar[frozenset[Role]] = MANAGERS
    needs_why: ClassVar[bool] = True
    undo_by: ClassVar[UndoBy] = UndoBy.ANOTHER_ACT


class SettleWriteBack(Act, frozen=True, kw_only=True, tag="write-back"):
    """Say what a person did, or found, about a write-back that waits for people.

    `done`: it stands in the ERP now. `not_done`: it does not, and shall not. `again`: the hub tries
    once more.
    """

    found: Found

    about: ClassVar[About] = About.WRITE_BACK
    undo_by: ClassVar[UndoBy] = UndoBy.NOTHING
