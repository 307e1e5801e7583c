"""The recovery procedure: iters, the facts a decision looks at, the decision itself.

Rules are quoted by their numbers in `docs/explanation/decision.md`.
"""
