"""The flat shape brought into the nested one: maps of events, markets and selections, joined by id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scrapers.platforms.reading import Row, id_of, name_of, object_of, rows_of


@dataclass(frozen=True, slots=True)
class Joined:
    """Events with their markets inside, markets with their selections inside; and what nothing names.

    Ids without an entry are ordinary; entries without an id that names them are not.
    """

    events: list[Any]
    loose_markets: list[Any]
    loose_selections: list[str]


def joined(root: Row, events: Row) -> Joined:
    """Bring the maps of `root` together; each entry is used once, by the first that names it.

    Args:
        root: holds `markets` and `selections`, maybe `leagues` and `zones`, as maps of id text -> object.
        events: the map of events.
    """
    return _Join(root).of(events)


def flat_part(root: Row) -> tuple[Row, Row] | None:
    """The object that holds the maps, and its map of events; None when `root` is not of the flat shape.

    A live overview has many events, the feed of one match has it as `event`.
    """
    part = object_of(object_of(root.get("data")).get("topEventsV2")) or root
    if not all(isinstance(part.get(key), dict) for key in ("markets", "selections")):
        return None
    if isinstance(part.get("events"), dict):
        return part, part["events"]
    return (part, {"": part["event"]}) if isinstance(part.get("event"), dict) else None


class _Join:
    """The maps, and which of their entries are still free."""

    def __init__(self, root: Row) -> None:
        self._markets: Row = root["markets"]
        self._selections: Row = root["selections"]
        self._leagues = object_of(root.get("leagues"))
        self._zones = object_of(root.get("zones"))
        self._free_markets = dict.fromkeys(self._markets)
        self._free_selections = dict.fromkeys(self._selections)

    def of(self, events: Row) -> Joined:
        whole = [self._event(event) if isinstance(event, dict) else event for event in events.values()]
        loose_markets = [self._market(self._markets[key]) for key in self._free_markets]
        ids = [id_of(object_of(self._selections[key]).get("id")) or key for key in self._free_selections]
        return Joined(whole, loose_markets, ids)

    def _event(self, event: Row) -> Row:
        own = _taken(event.get("marketIdList"), self._markets, self._free_markets)
        return {
            **event,
            "markets": [self._market(market) for market in own],
            "leagueDescription": _name(self._leagues, event.get("leagueId")),
            "regionName": _name(self._zones, event.get("zoneId")),
            "participants": _home_first(event.get("participants")),
        }

    def _market(self, market: object) -> object:
        if not isinstance(market, dict):
            return market
        own = _taken(market.get("selectionIdList"), self._selections, self._free_selections)
        return {**market, "selections": own}


def _taken(ids: object, rows: Row, free: dict[str, None]) -> list[Any]:
    """The rows that a list of ids names, as far as they exist and nobody took them before."""
    found = []
    for key in map(id_of, rows_of(ids)):
        if key is not None and key in free:
            del free[key]
            found.append(rows[key])
    return found


def _name(rows: Row, key: object) -> str:
    return name_of(object_of(rows.get(id_of(key) or "")).get("name"))


def _home_first(participants: object) -> object:
    """Participants in the nested order: exactly one is marked as home, and it may stand second."""
    rows = rows_of(participants)
    if len(rows) != 2 or sum(object_of(row).get("isHome") is True for row in rows) != 1:
        return participants
    return sorted(rows, key=lambda row: object_of(row).get("isHome") is not True)
