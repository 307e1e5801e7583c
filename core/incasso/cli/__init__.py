"""The command line: what an office, a scheduler and an integrator type."""
