"""Kambi's offering API; `offering` names the brand."""
