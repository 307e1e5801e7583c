"""Sending through Microsoft Graph, for tenants where SMTP with sign-in is switched off."""
