"""Closing prices and results together: margins, closing-line value, what bets paid (docs/results.md)."""
