"""The hub at work: set up, one cycle, by the clock."""
