"""The office itself: who works which client, and when the hub works by itself."""
