"""bet365 twice: as BetsAPI sells it (lists, and odds of up to ten matches), and a match in the site's own text."""

from __future__ import annotations

from simulator.answers import Answer, Request, brand_of
from simulator.brands import brand_at
from simulator.platforms.bet365.api import prematch, upcoming
from simulator.platforms.bet365.offers import PLATFORM, shows
from simulator.platforms.bet365.text import coupon
from simulator.world import World

__all__ = ["answer", "serves", "shows"]

API_HOSTS = frozenset({"api.b365api.com", "api.betsapi.com"})
UPCOMING, ODDS = "/v1/bet365/upcoming", "/v3/bet365/prematch"
TEXT = "/SportsBook.API/web"


def serves(host: str, path: str) -> bool:
    """Whether an address belongs to this platform's API, or to the text that the site's own page fetches."""
    return host in API_HOSTS or (path.startswith(TEXT) and brand_at(PLATFORM, host) is not None)


def answer(world: World, request: Request) -> Answer:
    """Answer a GET; BetsAPI refuses without a key (403) and says what it lacks (400), the site knows one text."""
    if request.host not in API_HOSTS:
        return coupon(world, brand_at(PLATFORM, request.host), request)
    brand = brand_of(PLATFORM, request)
    if not request.query.get("token"):
        return Answer(403, {"success": 0, "error": "AUTHORIZE_FAILED"}, brand)
    if brand is None or request.path not in (UPCOMING, ODDS):
        return Answer(404, {"success": 0, "error": "NOT_FOUND"}, brand)
    return upcoming(world, brand, request) if request.path == UPCOMING else prematch(world, brand, request)
