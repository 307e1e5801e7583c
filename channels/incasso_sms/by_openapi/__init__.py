"""Messages through Openapi's SMS v2."""
