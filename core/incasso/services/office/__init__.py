"""People, tokens, texts and set-up of the office."""
