"""The parts of the Mexal connector one by one, without a server."""
