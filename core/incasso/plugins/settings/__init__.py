"""plugins.toml: read it, check it, say what is wrong."""
