"""Which matches an event could be: those near it in the catalogue, and what other brands of its platform linked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from normalizer.catalogue import WINDOW_S, Catalogue
from normalizer.matches.judging import NEAR, Candidate, better_way_round
from normalizer.matches.sides import PreparedEvent, Side, Sides, Target, as_printed, target_of
from normalizer.names import league_category, parse_team, with_league

_PLATFORM = 0.99


def targets(one: PreparedEvent, catalogue: Catalogue) -> list[Target]:
    names = [(side.name, side.category) for side in (one.home, one.away)]
    return [target_of(match, catalogue) for match in catalogue.matches_near(one.event.sport, one.at, names)]


def candidates_of(one: PreparedEvent, catalogue: Catalogue, sides: Sides) -> list[Candidate]:
    found = [better_way_round(one, target, sides) for target in targets(one, catalogue)]
    return sorted((each for each in found if each.accepted or each.near), key=Candidate.rank)


def with_platform_link(
    one: PreparedEvent,
    link: Mapping[str, Any],
    found: list[Candidate],
    catalogue: Catalogue,
    sides: Sides,
    platform: str,
) -> list[Candidate]:
    """The candidates with the match that another brand of the platform linked this event id to, if it holds up.

    The other brand's own words are compared: same kick-off, category and state, and names that do not contradict.
    """
    home = parse_team(str(link["home"]))
    away = parse_team(str(link["away"]))
    match_id = int(link["match_id"])
    match = catalogue.matches.get(match_id)
    if match is not None:
        target = target_of(match, catalogue)
        categories = (target.home.category, target.away.category)
        categories = (categories[1], categories[0]) if link["swapped"] else categories
        known = one.event.league_key is not None and match.league_key is not None
        if known and one.event.league_key != match.league_key:
            return found
    else:
        # The other brand's league is not told, so its categories are those of this event's league.
        told = "women" if "women" in f"{home.category}+{away.category}".split("+") else ""
        league = with_league(told, league_category(one.event.league_name))
        categories = (with_league(home.category, league), with_league(away.category, league))
        target = Target(
            match_id, Side(home, categories[0]), Side(away, categories[1]), None, int(link["starts_at"])
        )
    if abs(one.at - int(link["starts_at"])) > WINDOW_S:
        return found
    agreed_home = sides.compare(one.home, Side(home, categories[0]))
    agreed_away = sides.compare(one.away, Side(away, categories[1]))
    rejected = any(
        team.team_id is not None
        and catalogue.alias_status(team.team_id, side.name.folded, side.category) == "rejected"
        for side, team in zip((one.home, one.away), as_printed(target, bool(link["swapped"])), strict=True)
    )
    if rejected or agreed_home.veto or agreed_away.veto or min(agreed_home.score, agreed_away.score) < NEAR:
        return found
    if match is not None and abs(one.at - match.starts_at) > WINDOW_S:
        return found
    rest = [each for each in found if each.target.match_id != match_id]
    linked = Candidate(
        target,
        bool(link["swapped"]),
        agreed_home,
        agreed_away,
        _PLATFORM,
        True,
        True,
        f"another brand of {platform or 'the platform'} linked this event id",
        f"platform:{platform}" if platform else "platform",
    )
    return sorted([linked, *rest], key=Candidate.rank)
