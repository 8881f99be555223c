"""Matchbook's exchange engine, used by BetBra and its sister brands: every runner has an order book."""
