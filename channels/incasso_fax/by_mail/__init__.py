"""A gateway that takes mail: its settings, the mail it gets, what it writes back, the channel."""
