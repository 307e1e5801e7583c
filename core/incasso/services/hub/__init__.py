"""An office with plugins, and what is kept about them."""
