"""Makes the declarations of the registry known to the database."""

from __future__ import annotations

from typing import Any

from scrapers.registry import Registry
from store.backend import Backend


def declarations(registry: Registry) -> dict[str, list[dict[str, Any]]]:
    """Bookmakers and leagues as `register_declarations` takes them."""
    return {
        "bookmakers": [
            {
                "slug": bookmaker.slug,
                "name": bookmaker.name,
                "platform": bookmaker.platform,
                "family": bookmaker.family,
                "transport": bookmaker.transport,
                "logo": bookmaker.logo,
                "site": bookmaker.site,
                "event_url": bookmaker.event_url,
                "interval_s": bookmaker.interval_s,
            }
            for bookmaker in registry.bookmakers.values()
        ],
        "leagues": [
            {"key": league.key, "name": league.name, "country": league.country, "sport": league.sport.value}
            for league in registry.leagues.values()
        ],
    }


def register(backend: Backend, registry: Registry) -> dict[str, int]:
    """Register them; how many bookmakers and leagues were new or different. Raises what Backend.call raises."""
    rows = declarations(registry)
    answer: dict[str, int] = backend.call(
        "register_declarations", {"p_bookmakers": rows["bookmakers"], "p_leagues": rows["leagues"]}
    )
    return answer
