"""The hub at work: wired together, one cycle, by the clock."""
