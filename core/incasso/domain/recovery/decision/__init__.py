"""The one pure function that decides what happens to an installment on a day.

Planning, explain, simulate and the check before a message leaves all use it. The rules in full:
`docs/explanation/decision.md`.
"""

from incasso.domain.recovery.decision.decide import blocks, decide
from incasso.domain.recovery.decision.result import Decision, Verdict

__all__ = ["Decision", "Verdict", "blocks", "decide"]
