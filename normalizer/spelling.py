"""A spelling as the catalogue keeps it: as it was written, as it is compared, and for which kind of side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from normalizer.names import league_category, parse_team, with_league


def spelling(name: str, category: str) -> dict[str, str]:
    """`name` as the SQL functions take a spelling. `category`: of the league or team that it stands beside."""
    read = parse_team(name)
    return {"alias": read.raw, "folded": read.folded, "category": with_league(read.category, category)}


def side_spellings(event: Mapping[str, Any]) -> list[dict[str, str]]:
    """Home and away of an event (`home_name`, `away_name`, `league_name`), as `review_event` takes them."""
    league = league_category(event["league_name"])
    return [spelling(event[side], league) for side in ("home_name", "away_name")]
