"""The InterFAX service: its settings, its answers, the channel."""
