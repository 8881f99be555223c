"""A scraper's cycle: fetch, parse, normalise, difference, one transaction. Every mode runs it."""
