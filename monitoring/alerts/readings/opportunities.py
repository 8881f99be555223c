"""Readings of the published lists of opportunities: open surebets and duplo greens, with a link for each leg."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from monitoring.alerts.readings import Reading

Row = Mapping[str, Any]


class Listing(NamedTuple):
    """Where a kind of opportunity is published.

    rows    the field that lists them
    profit  the field with what is guaranteed per unit of outlay
    worst   the field with the same as an amount of money
    path    the dashboard's page
    """

    kind: str
    file: str
    rows: str
    profit: str
    worst: str
    path: str


LISTINGS = (
    Listing("surebet", "surebets.json", "surebets", "edge", "worst", "/surebets"),
    Listing("duplo_green", "duplo-green.json", "duplo_greens", "return", "both", "/duplo-green"),
)


def opportunity_readings(folder: Path) -> list[Reading]:
    """Everything that is listed now. A list that is not published, or too old to act on, has nothing.

    Raises ValueError, KeyError or TypeError when a file is not such a list.
    """
    found: list[Reading] = []
    for listing in LISTINGS:
        path = folder / listing.file
        if path.exists():
            document = orjson.loads(path.read_bytes())
            if datetime.fromisoformat(document["valid_until"]).timestamp() >= time.time():
                found += [_reading(listing, row) for row in document[listing.rows]]
    return found


def _reading(listing: Listing, row: Row) -> Reading:
    match = row.get("match", row)
    legs: Sequence[Row] = row["legs"]
    kickoff = datetime.fromisoformat(match["starts_at"]).astimezone()
    sides = f"{match['home']} x {match['away']}"
    return Reading(
        subject=f"{match['match_id']}-{_name(row, legs)}",
        label=sides,
        fields={
            "kind": listing.kind,
            "match": sides,
            "league": match["league"]["name"] if match.get("league") else None,
            "profit_percent": 100 * row[listing.profit],
            "profit": row.get(listing.worst),
            "outlay": row.get("outlay"),
            "legs": "; ".join(_bet(leg) for leg in legs),
            # A list that does not look twice has no such field.
            "confirmed": row.get("confirmed_at", True) is not None,
            "kickoff": f"{kickoff:%d/%m %H:%M}",
        },
        path=listing.path,
        links=tuple((_bet(leg), leg["url"]) for leg in legs if leg["url"]),
    )


def _bet(leg: Row) -> str:
    """A leg as it is placed: 'kto: totals over 2.5 @ 1.95, aposta 51.2'."""
    line = "" if leg.get("line") is None else f" {leg['line']:g}"
    market = f"{leg['market']} " if "market" in leg else ""
    lay = " (lay)" if leg.get("side") == "lay" else ""
    stake = f", aposta {leg['stake']:g}" if "stake" in leg else ""
    return f"{leg['bookmaker']}: {market}{leg['selection']}{line}{lay} @ {leg['price']}{stake}"


def _name(row: Row, legs: Sequence[Row]) -> str:
    """A short name of what makes it this one: its key where it has one, else who offers what, at whatever price."""
    parts = sorted(f"{leg['bookmaker']}|{leg.get('market')}|{leg['selection']}|{leg.get('line')}" for leg in legs)
    key = str(row.get("key") or "\n".join(parts))
    return blake2b(key.encode(), digest_size=6).hexdigest()
