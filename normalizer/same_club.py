"""Whether two teams of the catalogue are one club, as what bookmakers print says; nobody asks what names mean.

A bookmaker calls a club the same in each of its competitions, so one that lists two teams says by their names if
they are one club or two. Brands of one family share their data and are one witness.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from normalizer.names import parse_team
from normalizer.regions import covers

WITNESSES = 3
"""Families that must print both teams alike. One that never does speaks against it, and is enough."""

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
