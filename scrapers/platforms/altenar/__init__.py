"""Altenar's SB2 widget API, used by many brands; `integration` names the brand."""
