"""A team by its name alone, without an event around it."""

from __future__ import annotations

from dataclasses import dataclass

from normalizer.catalogue import Catalogue, Team
from normalizer.matches.judging import MARGIN, NEAR
from normalizer.names import TeamName, parse_team
from normalizer.similarity import compare_names
from normalizer.vocabulary import STOP
from scrapers.records import Sport

_TEAM_ALONE = 0.93


@dataclass(frozen=True, slots=True)
class TeamAnswer:
    """A team found by its name alone. `score` 1 is an exact name or a confirmed alias."""

    team: Team
    score: float


def resolve_team(name: str, sport: Sport, country: str, catalogue: Catalogue) -> TeamAnswer | None:
    """The team that a name alone means, without an event around it; None when that is not sure.

    `country` '' is unknown: then the answer must be the only one in every country.
    """
    parsed = parse_team(name)
    if not parsed.folded:
        return None

    def in_country(team: Team) -> bool:
        return not country or not team.country or team.country == country

    known = [catalogue.teams[number] for number in catalogue.known_as(sport, parsed.folded, parsed.category)]
    known = [team for team in known if in_country(team)]
    if known:
        return TeamAnswer(known[0], 1.0) if len(known) == 1 else None
    scored = []
    for team in catalogue.teams_near(sport, parsed, parsed.category):
        if in_country(team) and not catalogue.alias_status(team.team_id, parsed.folded, parsed.category):
            agreement = compare_names(parsed, catalogue.name_of(team.team_id))
            if agreement.score >= NEAR and _nothing_extra_differs(parsed, catalogue.name_of(team.team_id)):
                scored.append((-agreement.score, team.team_id))
    scored.sort()
    if not scored or -scored[0][0] < _TEAM_ALONE:
        return None
    if len(scored) > 1 and scored[1][0] - scored[0][0] < MARGIN:
        return None
    return TeamAnswer(catalogue.teams[scored[0][1]], -scored[0][0])


def _nothing_extra_differs(left: TeamName, right: TeamName) -> bool:
    """Without an event, what no fuzzy comparison looks at must not differ: a state that only one of them names,
    or legal forms of their own on both sides (SC Lusitania is not Lusitania FC)."""
    forms_left, forms_right = set(left.folded.split()) & STOP, set(right.folded.split()) & STOP
    return left.state == right.state and (forms_left <= forms_right or forms_right <= forms_left)
