"""Find the document of a credit, keep it, show it."""
