"""Rules of law, and the dossier for a lawyer."""
