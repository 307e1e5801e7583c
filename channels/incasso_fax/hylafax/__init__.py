"""A HylaFAX server: its settings, its protocol, its jobs, the channel."""
