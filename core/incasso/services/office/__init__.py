"""The office: configuration, database and clock; who acts, people, tokens, assignment."""
