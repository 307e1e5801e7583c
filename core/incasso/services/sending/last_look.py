"""The last look before steps leave: what was paid or blocked meanwhile drops out of them."""

from __future__ import annotations

from collections.abc import Sequence

from incasso.services.sending.recheck import ask_erp, drop_blocked
from incasso.services.sending.run import Run
from incasso.store.sending import outbox, outbox_queue
from incasso.store.sending.outbox_queue import ReadyStep


def last_look(run: Run, steps: Sequence[ReadyStep]) -> list[ReadyStep]:
    """Those that may still leave, as they are now."""
    trusted = [step for step in steps if step.source not in run.untrusted]
    why = {step.id: run.untrusted.get(step.source, "") for step in steps}
    silent = ask_erp(run.hub, run.turn, trusted, run.on)
    asked = [step for step in trusted if step.source not in silent]
    why |= {step.id: silent[step.source] for step in trusted if step.source in silent}
    waiting = {step: reason for step, reason in why.items() if reason}
    run.tally.waiting.update(waiting.values())
    with run.turn.write() as connection:
        outbox.set_reasons(connection, waiting)
        run.tally.left_out += drop_blocked(connection, asked, run.on)
        ids = [step.id for step in asked]
        return outbox_queue.waiting(connection, ids, run.turn.owner)
