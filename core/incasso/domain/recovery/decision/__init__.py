"""The one pure function that decides what happens to an installment on a day.

Planning, explain, simulate and the check before a message leaves all ask here. The rules in full:
`docs/explanation/decision.md`.
"""

from incasso.domain.recovery.decision.decide import IN_HAND, blocks, decide
from incasso.domain.recovery.decision.in_step import NOT_BEGUN
from incasso.domain.recovery.decision.result import Decision, Verdict

__all__ = ["IN_HAND", "NOT_BEGUN", "Decision", "Verdict", "blocks", "decide"]
