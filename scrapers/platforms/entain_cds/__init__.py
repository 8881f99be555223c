"""Entain's betting-offer API ("CDS"), the same at every brand; each brand serves it from its own site."""
