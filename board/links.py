"""The link to a match's page at its bookmaker."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote

SPORT_IDS = {"football": "66", "basketball": "67"}
"""The sport's number in Altenar front ends."""
SPORTRADAR_IDS = {"football": "1", "basketball": "2"}
"""The sport's number in front ends that count as Sportradar does (Betnacional)."""
SPORT_WORDS = {"football": "futebol", "basketball": "basquete"}
"""The sport as Brazilian addresses spell it."""

_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def deep_link(template: str, *, event_id: str, home: str, away: str, sport: str) -> str:
    """The page of an event, from the bookmaker's `event_url` template; '' when it declares none.

    `home` and `away` are the bookmaker's own names in its own order.
    """
    if not template:
        return ""
    address = template.format(
        event_id=quote(event_id, safe=""),
        home=name_slug(home),
        away=name_slug(away),
        sport_id=SPORT_IDS.get(sport, ""),
        sportradar_id=SPORTRADAR_IDS.get(sport, ""),
        sport=SPORT_WORDS.get(sport, ""),
    )
    return address.replace("{", "%7B").replace("}", "%7D")  # no address holds them plain (RFC 3986)


@lru_cache(maxsize=4096)
def name_slug(name: str) -> str:
    """A name as addresses spell it: lower-case ASCII words joined by hyphens; '' when it has no such letter."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _NOT_SLUG.sub("-", plain).strip("-")
