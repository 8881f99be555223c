"""Matches that nobody listed before: made of an event, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from normalizer.catalogue import Catalogue
from normalizer.events.sides import Side, is_third_or_cut
from normalizer.match_index import WINDOW_S, MatchIndex
from normalizer.matches.candidates import Candidate, better_way_round
from normalizer.matches.deciding import unmatched
from normalizer.matches.known_teams import Called, Homes, known_team
from normalizer.matches.links import Link
from normalizer.matches.sides import PreparedEvent, Sides, Target
from normalizer.names import block_keys


def create(new: Sequence[PreparedEvent], catalogue: Catalogue, sides: Sides, called: Called) -> list[Link]:
    """New matches, each held against those made before it in this batch: two spellings of one match must not both
    become matches. The second one waits, and finds the first in the catalogue next time. `called`: what the same
    bookmaker calls teams in the matches it lists besides."""
    made: list[Target] = []
    index = MatchIndex()
    links = []
    homes = Homes(new, catalogue)
    for one in sorted(new, key=lambda each: (each.at, each.event.source_event_id)):
        keys = block_keys(one.home.name) | block_keys(one.away.name)
        beside = (made[number] for number in index.near(one.event.sport, one.at, keys))
        twins = [
            twin
            for target in beside
            if abs(target.at - one.at) <= WINDOW_S and (twin := better_way_round(one, target, sides)).near
        ]
        home, away = (_team_of(one, side, catalogue, homes, called) for side in (one.home, one.away))
        if twins:
            links.append(unmatched(one, "duplicate", sorted(twins, key=Candidate.rank)))
        elif _same_team(home, away):
            links.append(unmatched(one, "same_team", ()))
        elif _may_be_cut(one):
            links.append(unmatched(one, "uncertain", ()))
        else:
            index.add(len(made), one.event.sport, one.at, keys)
            made.append(Target(None, one.home, one.away, one.event.league_key, one.league, one.at))
            links.append(
                Link(
                    one.event,
                    "create",
                    method="new",
                    score=1.0,
                    league_key=one.event.league_key,
                    home=home,
                    away=away,
                )
            )
    return links


def _team_of(one: PreparedEvent, side: Side, catalogue: Catalogue, homes: Homes, called: Called) -> dict[str, Any]:
    """A side of a new match: a known team, else the makings of a new one."""
    known = known_team(one, side, catalogue, called)
    if known is not None:
        return {"team_id": known}
    return {
        "name": side.name.raw.strip(),
        "folded": side.name.folded,
        "country": homes.country_of(one, side),
        "category": side.category,
    }


def _may_be_cut(one: PreparedEvent) -> bool:
    """Whether a side's name may be cut short: third sides hardly meet seniors. Others have the whole name."""
    return any(
        is_third_or_cut(side) and not other.category for side, other in ((one.home, one.away), (one.away, one.home))
    )


def _same_team(home: Mapping[str, Any], away: Mapping[str, Any]) -> bool:
    if "team_id" in home or "team_id" in away:
        return home.get("team_id") == away.get("team_id")
    return (home["folded"], home["category"]) == (away["folded"], away["category"])
