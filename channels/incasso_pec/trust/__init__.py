"""Who may sign receipts, and whether one is signed by them."""
