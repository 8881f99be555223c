"""Whether two teams of the catalogue are one club, as what bookmakers print says, or what the fixtures say.

A bookmaker calls a club the same in each of its competitions, so one that lists two teams says by their names if
they are one club or two: nobody asks what names mean. Brands of one family share their data and are one witness.
No team plays two matches at a minute, so where a fixture has one team and bookmakers another against the same
opponent, both are one club, or somebody is mistaken.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from normalizer.names import parse_team
from normalizer.regions import covers
from normalizer.similarity import compare_names

WITNESSES = 3
"""Families that must print both teams alike. One that never does speaks against it, and is enough."""

ALIKE = 0.6
"""Names that agree so far are no mistake of one bookmaker's: Betis and Real Betis, QPR and Queens Park Rangers, but
not Manchester City and Manchester United."""

Row = Mapping[str, Any]


def witnesses(pair: Row) -> list[str]:
    """The families that print both teams of a row of `list_team_witnesses` alike, if that makes them one club.

    None where a bookmaker prints them differently, their names tell of two states or countries, or nothing says
    that they play in one part of the world.
    """
    prints = pair["prints"]
    if not all(set(seen["one"]) & set(seen["other"]) for seen in prints):
        return []
    if not _may_meet(pair["one"], pair["other"]) or _differ_in_place(prints):
        return []
    families = sorted({seen["family"] for seen in prints})
    return families if len(families) >= WITNESSES else []


def calendar_says_one(pair: Row) -> bool:
    """Whether a row of `list_fixture_witnesses` makes two teams one club.

    Their opponents are one team, or called alike; and their own names are alike, or so many families list the
    fixture under the other name that none of them can be mistaken. States and countries must not differ.
    """
    if not all(_agreement(*names) >= ALIKE for names in pair["opponents"]):
        return False
    own = _agreement(pair["one"], pair["other"])
    return own >= ALIKE or (own >= 0 and len(pair["families"]) >= WITNESSES)


def _agreement(one: str, other: str) -> float:
    """How far two names agree, 0 to 1; below 0 where they cannot be one club's."""
    found = compare_names(parse_team(one), parse_team(other))
    return -1.0 if found.veto else found.score


def _may_meet(one: Row, other: Row) -> bool:
    """Whether two teams can be of one country: where that of one is not known, as its competitions tell."""
    if one["country"] and other["country"]:
        return bool(one["country"] == other["country"])
    return any(_overlap(place, there) for place in _places(one) for there in _places(other))


def _places(team: Row) -> Collection[str]:
    return [team["country"]] if team["country"] else team["leagues"]


def _overlap(place: str, other: str) -> bool:
    return place == other or covers(place, other) or covers(other, place)


def _differ_in_place(prints: Sequence[Row]) -> bool:
    for read in ("state", "country"):
        one, other = ({_mark(name, read) for seen in prints for name in seen[side]} for side in ("one", "other"))
        told, there = one - {""}, other - {""}
        if told and there and told.isdisjoint(there):
            return True
    return False


def _mark(name: str, read: str) -> str:
    mark: str = getattr(parse_team(name), read)
    return mark
