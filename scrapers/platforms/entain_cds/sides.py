"""Who is at home: by the participants' own types, else by the order in which the fixture's name is written.

An American fixture ("Away at Home") names the guest first, and its `sourceName` "1" is the guest then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scrapers.platforms.entain_cds.fields import text_of
from scrapers.platforms.entain_cds.markets import PLAYER, TEAM_SIDES
from scrapers.platforms.reading import Reason, Row, Unreadable, id_of, name_of, object_of, rows_of
from scrapers.records import Selection

_HOST_FIRST = re.compile(r"\s+(?:-|–|x|vs?\.?)\s+", re.IGNORECASE)
_GUEST_FIRST = re.compile(r"\s+(?:@|at|em)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sides:
    """The two teams of a fixture.

    ids    participant id -> side, for fixtures that have such ids
    names  every name of a team in small letters -> side
    first  the side that `sourceName` "1" means
    """

    home: str
    away: str
    ids: Mapping[str, Selection]
    names: Mapping[str, Selection]
    first: Selection


def sides_of(fixture: Row, name: str) -> Sides:
    """Home and away by the participants' types, else by the order that the fixture's name is written in."""
    people = [object_of(row) for row in rows_of(fixture.get("participants"))]
    typed = [row for row in people if _type_of(row) in TEAM_SIDES]
    teams = typed or [row for row in people if _type_of(row) != PLAYER]
    written = _order(name, american=fixture.get("viewType") == "American" and not typed)
    if len(teams) > 2 or (len(teams) < 2 and written is None):
        raise Unreadable(Reason.NOT_A_MATCH, f"{len(teams)} teams: {name}")
    by_side: dict[Selection, tuple[list[str], str | None]]
    if not teams and written is not None:
        by_side = {side: ([spelling], None) for spelling, side in written}
    else:
        by_side = {_side_of(team, written, name): (_spellings(team), id_of(team.get("id"))) for team in teams}
    if len(by_side) != 2 or not all(spellings for spellings, _ in by_side.values()):
        raise Unreadable(Reason.NO_SIDES, name)
    (homes, home_id), (aways, away_id) = by_side[Selection.HOME], by_side[Selection.AWAY]
    if homes[0].lower() == aways[0].lower():
        raise Unreadable(Reason.NO_SIDES, f"the same name twice: {homes[0]}")
    names = {spelling.lower(): Selection.HOME for spelling in homes}
    for spelling in (spelling.lower() for spelling in aways):
        if names.pop(spelling, None) is None:  # a short name of both names nobody
            names[spelling] = Selection.AWAY
    ids = {key: side for key, side in ((home_id, Selection.HOME), (away_id, Selection.AWAY)) if key is not None}
    first = names.get(written[0][0].lower(), written[0][1]) if written is not None else Selection.HOME
    return Sides(homes[0], aways[0], ids if len(ids) == 2 else {}, names, first)


def _order(name: str, *, american: bool) -> tuple[tuple[str, Selection], tuple[str, Selection]] | None:
    """The two teams in the order of the fixture's name; None when the name is not of two teams.

    american: the fixture is shown guest first and nothing but the name says which team that is.
    """
    host_first, guest_first = _HOST_FIRST.split(name), _GUEST_FIRST.split(name)
    if len(host_first) == 2 and len(guest_first) == 1 and all(host_first):
        if american:
            raise Unreadable(Reason.SIDE_CONFLICT, f"American order in a European name: {name}")
        return (host_first[0], Selection.HOME), (host_first[1], Selection.AWAY)
    if len(host_first) == 1 and len(guest_first) == 2 and all(guest_first):
        return (guest_first[0], Selection.AWAY), (guest_first[1], Selection.HOME)
    return None


def _type_of(participant: Row) -> str:
    """HomeTeam, AwayTeam, Player; empty where the participant has no type."""
    return name_of(object_of(participant.get("properties")).get("type"))


def _spellings(team: Row) -> list[str]:
    """A team's name, then its short one."""
    full, short = text_of(team.get("name")), name_of(object_of(team.get("name")).get("short"))
    return list(dict.fromkeys(spelling for spelling in (full, short) if spelling))


def _side_of(team: Row, written: tuple[tuple[str, Selection], ...] | None, name: str) -> Selection:
    if _type_of(team) in TEAM_SIDES:
        return TEAM_SIDES[_type_of(team)]
    spellings = {spelling.lower() for spelling in _spellings(team)}
    for spelling, side in written or ():
        if spelling.lower() in spellings:
            return side
    raise Unreadable(Reason.NO_SIDES, f"{text_of(team.get('name'))!r} in {name!r}")
