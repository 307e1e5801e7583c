"""Credits handed to outside providers: to whom they may go, lots, their rows, what comes back."""
