"""A record as the API prints it. Only names and values that the documentation shows; see docs/fixtures.md."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from simulator.provider.holdings import ENDED, PLAYING, Fixture, League, Season, Team
from simulator.provider.nations import country_id

_STATES = {
    1: ("Not Started", "NS", "NS"),
    2: ("1st Half", "1st", "INPLAY_1ST_HALF"),
    5: ("Full Time", "FT", "FT"),
    10: ("Postponed", "POST", "POSTPONED"),
    12: ("Cancelled", "CANC", "CANCELLED"),
}
"""Id -> name, short name, developer's name."""

_FIRST_VENUE = 500_000
_CURRENT = 1525
_EPOCH_DAY = date(1970, 1, 1).toordinal()


def country(name: str) -> dict[str, Any]:
    """A country of the core API."""
    return {"id": country_id(name), "continent_id": 1, "name": name, "official_name": name, "iso2": None}


def league(one: League, includes: frozenset[str], season: Season | None) -> dict[str, Any]:
    """A league; `season`: the one that runs."""
    row: dict[str, Any] = {
        "id": one.id,
        "sport_id": 1,
        "country_id": country_id(one.country),
        "name": one.name,
        "active": True,
        "short_code": one.short_code,
        "type": "league",
        "sub_type": "domestic",
        "category": 1,
    }
    if "country" in includes:
        row["country"] = country(one.country)
    if "currentSeason" in includes:
        row["currentseason"] = {"id": season.id, "name": season.name} if season else None
    return row


def season(one: Season, time: int) -> dict[str, Any]:
    """A season."""
    first, last = (date.fromordinal(_EPOCH_DAY + day).isoformat() for day in (one.first_day, one.last_day))
    return {
        "id": one.id,
        "sport_id": 1,
        "league_id": one.league.id,
        "tie_breaker_rule_id": 171,
        "name": one.name,
        "finished": one.is_over(time),
        "pending": time < one.first_day * 86_400,
        "is_current": one.is_current(time),
        "starting_at": first,
        "ending_at": last,
        "standings_recalculated_at": None,
        "games_in_current_week": False,
    }


def fixture(one: Fixture, includes: frozenset[str], time: int) -> dict[str, Any]:
    """A match with what was asked for beside it."""
    state = one.state(time)
    row: dict[str, Any] = {
        "id": one.id,
        "sport_id": 1,
        "league_id": one.season.league.id,
        "season_id": one.season.id,
        "stage_id": one.season.id * 10,
        "group_id": None,
        "aggregate_id": None,
        "round_id": None,
        "state_id": state,
        "venue_id": _FIRST_VENUE + one.home.id,
        "name": f"{one.home.name} vs {one.away.name}",
        "starting_at": datetime.fromtimestamp(one.kickoff, UTC).strftime("%Y-%m-%d %H:%M:%S"),
        "result_info": None,
        "leg": "1/1",
        "details": None,
        "length": 90,
        "placeholder": False,
        "has_odds": True,
        "starting_at_timestamp": one.kickoff,
    }
    if "state" in includes:
        name, short, developer = _STATES[state]
        row["state"] = {
            "id": state,
            "state": developer,
            "name": name,
            "short_name": short,
            "developer_name": developer,
        }
    if "participants" in includes:
        won = one.goals[0] > one.goals[1], one.goals[1] > one.goals[0]
        row["participants"] = [
            _participant(team, where, winner if state == ENDED else None)
            for team, where, winner in zip((one.home, one.away), ("home", "away"), won, strict=True)
        ]
    if "scores" in includes:
        row["scores"] = _scores(one, state)
    if "venue" in includes:
        row["venue"] = {
            "id": _FIRST_VENUE + one.home.id,
            "country_id": country_id(one.home.country),
            "name": f"Estádio {one.home.name}",
            "capacity": 20_000 + one.home.id % 40_000,
            "city_name": one.home.name,
            "surface": "grass",
            "national_team": False,
        }
    return row


def _participant(team: Team, where: str, winner: bool | None) -> dict[str, Any]:
    return {
        "id": team.id,
        "sport_id": 1,
        "country_id": country_id(team.country),
        "venue_id": _FIRST_VENUE + team.id,
        "gender": "male",
        "name": team.name,
        "short_code": team.short_code,
        "image_path": f"https://cdn.sportmonks.com/images/soccer/teams/{team.id}.png",
        "founded": 1900 + team.id % 100,
        "type": "domestic",
        "placeholder": False,
        "meta": {"location": where, "winner": winner, "position": None},
    }


def _scores(one: Fixture, state: int) -> list[dict[str, Any]]:
    if state not in (PLAYING, ENDED):
        return []
    shown = one.goals if state == ENDED else (0, 0)
    return [
        {
            "id": one.id * 10 + number,
            "fixture_id": one.id,
            "type_id": _CURRENT,
            "participant_id": team.id,
            "score": {"goals": many, "participant": where},
            "description": "CURRENT",
        }
        for number, (team, where, many) in enumerate(
            zip((one.home, one.away), ("home", "away"), shown, strict=True)
        )
    ]
