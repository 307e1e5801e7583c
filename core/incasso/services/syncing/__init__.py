"""The parts of a sync: pull, judge, settle, apply, and what is read beside the ledger."""
