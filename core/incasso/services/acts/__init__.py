"""What a person does to a client, installment, case or step: one function per verb.

Each takes the hub, the subject as a person types it, who (`by`), the business date (`on`) and the
reason (`why`); it checks, changes everything in one transaction with its trace in the history and
the journal, and returns one sentence. It raises ActError or SubjectError and then changes nothing.
"""

from incasso.services.acts.act import ActError
from incasso.services.acts.agreements import Payment, dispute, extend, hold, plan, promise
from incasso.services.acts.assignment import assign, choose_iter, exclude, park
from incasso.services.acts.deliveries import resolve
from incasso.services.acts.orders import block_orders, release_orders, settle_write_back
from incasso.services.acts.release import RELEASABLE, release
from incasso.services.acts.stages import add, enter, one_more_stage, private_stages, skip
from incasso.services.acts.steps import PromiseMade, approve, done, edit, move, reject

__all__ = [
    "RELEASABLE",
    "ActError",
    "Payment",
    "PromiseMade",
    "add",
    "approve",
    "assign",
    "block_orders",
    "choose_iter",
    "dispute",
    "done",
    "edit",
    "enter",
    "exclude",
    "extend",
    "hold",
    "move",
    "one_more_stage",
    "park",
    "plan",
    "private_stages",
    "promise",
    "reject",
    "release",
    "release_orders",
    "resolve",
    "settle_write_back",
    "skip",
]
