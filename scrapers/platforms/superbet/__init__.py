"""Superbet's offer API: public, one host per country, no token."""
