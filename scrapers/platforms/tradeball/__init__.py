"""Tradeball ("dball"), the 1X2 prices beside BetBra's exchange, read from its endpoint for guests."""
