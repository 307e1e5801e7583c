"""plugins.toml: reading, checking, reporting what is wrong."""
