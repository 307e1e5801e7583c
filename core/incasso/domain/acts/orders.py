"""The order block by a person: block a client, release it, settle a write-back."""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

from incasso.domain.acts.act import About, Act, UndoBy
from incasso.domain.acts.permission import MANAGERS
from incasso.domain.office.actor import Role

Found: TypeAlias = Literal["done", "not_done", "again"]


class BlockOrders(Act, frozen=True, kw_only=True, tag="block-orders"):
    """Blocks a client's orders until it has paid or, with `keep`, until a person releases it.

    Without `keep` the company's rule ends the block; a client that owes nothing past due is blocked
    until a person releases it.
    """

    keep: bool = False

    about: ClassVar[About] = About.CLIENT
    needs_why: ClassVar[bool] = True
    undo_by: ClassVar[UndoBy] = UndoBy.ANOTHER_ACT


class ReleaseOrders(Act, frozen=True, kw_only=True, tag="release-orders"):
    """Releases a client's orders and restores what the block replaced in the ERP."""

    about: ClassVar[About] = About.CLIENT
    allowed: ClassVar[frozenset[Role]] = MANAGERS
    needs_why: ClassVar[bool] = True
    undo_by: ClassVar[UndoBy] = UndoBy.ANOTHER_ACT


class SettleWriteBack(Act, frozen=True, kw_only=True, tag="write-back"):
    """Records what a person did, or found, about a write-back that waits for people.

    `done`: it is in the ERP. `not_done`: it is not and will not be. `again`: the hub retries.
    """

    found: Found

    about: ClassVar[About] = About.WRITE_BACK
    undo_by: ClassVar[UndoBy] = UndoBy.NOTHING
