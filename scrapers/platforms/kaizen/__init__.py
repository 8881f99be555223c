"""Kaizen Gaming's own sportsbook ("Danae"): Betano and its sisters, one host per country."""
