"""Background jobs: cycles in parts, several processes, kills."""
