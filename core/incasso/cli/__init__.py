"""The command line of offices, schedulers and integrators."""
