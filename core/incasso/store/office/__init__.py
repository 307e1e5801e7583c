"""People, tokens, assignment rules and running jobs in the database."""
