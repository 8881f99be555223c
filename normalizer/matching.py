"""Which match a bookmaker's event is: decided for the event as a whole, one to one, precision before recall.

An event is its two sides, its league and its kick-off together. Categories, states and known leagues are never
fuzzy. What cannot be decided stays unmatched with its best candidates, and its odds wait.
The parts are in `matches`.
"""

from __future__ import annotations

from normalizer.matches.explaining import explain
from normalizer.matches.links import EventToLink, Link
from normalizer.matches.resolving import doubtful_matches, resolve_events

__all__ = ["EventToLink", "Link", "doubtful_matches", "explain", "resolve_events"]
