"""What a dossier for a lawyer is made from: credits, payments, messages, what was agreed."""
