"""Novibet's "spt/feed": one feed per competition (location) and one per event, on the bookmaker's own host."""
