"""Credits handed to outside providers: lots, their rows, and what comes back."""
