"""What another brand of the same platform decided about the same event: strong evidence, and still checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from normalizer.catalogue import Catalogue
from normalizer.events.judging import Verdict
from normalizer.events.sides import Side, category_between
from normalizer.match_index import WINDOW_S
from normalizer.matches.candidates import NEAR, Candidate
from normalizer.matches.sides import (
    PreparedEvent,
    Sides,
    Target,
    as_printed,
    of_declared_other_leagues,
    target_of,
)
from normalizer.names import league_category, parse_team, with_league

_LINKED = Verdict(0.99, True)


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
    home, away = parse_team(str(link["home"])), parse_team(str(link["away"]))
    swapped = bool(link["swapped"])
    match = catalogue.matches.get(int(link["match_id"]))
    if match is not None:
        target = target_of(match, catalogue)
        categories = [side.category for side in as_printed(target, swapped)]
    else:
        # The other brand's league is not told, so its categories are those of this event's league.
        league = category_between(league_category(one.event.league_name), home, away)
        categories = [with_league(name.category, league) for name in (home, away)]
        there = Side(home, categories[0]), Side(away, categories[1])
        target = Target(int(link["match_id"]), there[0], there[1], None, None, int(link["starts_at"]))
    agreed_home = sides.compare(one.home, Side(home, categories[0]))
    agreed_away = sides.compare(one.away, Side(away, categories[1]))
    rejected = any(
        team.team_id is not None and catalogue.alias_status(team.team_id, *side.key) == "rejected"
        for side, team in zip((one.home, one.away), as_printed(target, swapped), strict=True)
    )
    too_late = any(abs(one.at - at) > WINDOW_S for at in (int(link["starts_at"]), target.at))
    unlike = min(agreed_home.strength, agreed_away.strength) < NEAR
    if rejected or too_late or unlike or of_declared_other_leagues(one, target):
        return found
    linked = Candidate(
        target,
        swapped,
        agreed_home,
        agreed_away,
        _LINKED,
        True,
        f"another brand of {platform or 'the platform'} linked this event id",
        f"platform:{platform}" if platform else "platform",
    )
    rest = [each for each in found if each.target.match_id != target.match_id]
    return sorted([linked, *rest], key=Candidate.rank)
