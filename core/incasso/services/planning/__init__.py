"""The parts of planning: one page of decisions turned into rows, and trials of it."""
