"""The dossier for a lawyer: what is claimed, what proves it, drafts, and a seal on the whole."""
