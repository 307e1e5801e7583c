"""Rules without I/O: iters, the decision, agreements, calendar, contact policy, money."""
