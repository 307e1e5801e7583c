"""The plain way to do each job, written by hand: what the machine can do without a hub."""
