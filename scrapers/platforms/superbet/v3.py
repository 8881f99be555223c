"""The newer v3 shape, which nests rows in markets, brought into v2's."""

from __future__ import annotations

from collections.abc import Iterator

from scrapers.platforms.reading import Row, object_of, rows_of
from scrapers.platforms.superbet.markets import ODD_STATUS_V3, OFFER_STATUS_V3


def event_from_v3(row: object) -> Row:
    """A v3 event in v2's words."""
    event = object_of(row)
    fixture = object_of(event.get("fixture"))
    states = object_of(fixture.get("offer_state_status"))
    return {
        "eventId": event.get("event_id"),
        "matchName": fixture.get("event_name"),
        "utcDate": fixture.get("utc_date"),
        "matchDate": fixture.get("event_date"),
        "sportId": fixture.get("sport_id"),
        "tournamentId": fixture.get("tournament_id"),
        "matchTags": fixture.get("event_tags"),
        "offerStateStatus": {
            key: OFFER_STATUS_V3.get(state) if isinstance(state, int) else None for key, state in states.items()
        },
        "metadata": event.get("inplay_stats_metadata"),
        "odds": [odd for market in rows_of(event.get("markets")) for odd in _odds_from_v3(market)],
    }


def _odds_from_v3(market: object) -> Iterator[object]:
    head = object_of(market)
    if not isinstance(head.get("odds"), list):
        yield None  # a market without its odds is no market: counted like an odd that is no object
        return
    for odd in head["odds"]:
        if not isinstance(odd, dict):
            yield odd
            continue
        more = object_of(odd.get("metadata"))
        status = odd.get("status")
        known = ODD_STATUS_V3.get(status) if isinstance(status, int) else None
        yield {
            "uuid": odd.get("uuid"),
            "marketUuid": more.get("market_line_uuid"),
            "marketId": head.get("id"),
            "marketName": head.get("name"),
            "outcomeId": more.get("outcome_id"),
            "code": more.get("code"),
            "name": more.get("name"),
            "price": odd.get("price"),
            "status": "hidden" if odd.get("display") is False else known or f"v3 {status}",
            "offerStateId": more.get("offer_state_id"),
            "specifiers": more.get("specifiers"),
        }
