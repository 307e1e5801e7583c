"""Where documents are found, what they say, and how they are shown."""
