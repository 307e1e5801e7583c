"""Background jobs: their rows, and who wakes a process for them."""
