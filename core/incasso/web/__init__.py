"""The HTTP face: read-only answers for outside programs, on database connections of its own."""
