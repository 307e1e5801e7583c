"""`plan`, `explain`, `simulate`, and iters in and out."""
