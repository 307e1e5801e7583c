"""A ready office to try: a seeded Italian portfolio and what happens to it day by day."""
