"""Which match a bookmaker's event is: decided for the event as a whole, one to one, precision before recall.

An event is its two sides, its league and its kick-off together. Categories, states and known leagues are never
fuzzy. What cannot be decided stays unmatched with its best candidates, and its odds wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from normalizer.catalogue import WINDOW_S, Catalogue, Match, MatchIndex, Team
from normalizer.names import TeamName, block_keys, league_category, parse_team, with_league
from normalizer.similarity import Agreement, compare_names
from normalizer.vocabulary import STOP
from scrapers.records import Sport

SAME_KICK_OFF_S = 5 * 60
"""Sources differ by a few minutes about the same kick-off; within this it is the same."""
CLOSE_KICK_OFF_S = 30 * 60
"""A delay that needs clear names on both sides. Beyond, up to WINDOW_S, it is a postponement: strong names."""

MARGIN = 0.06
"""Two candidates closer than this are ambiguous, unless only one of them is exact."""

_CLEAR = 0.9
"""A side this sure lends certainty to the other."""
_PROPOSED = 0.85
"""What a proposed alias is worth: somebody's fuzzy hit, not yet confirmed."""
_PLATFORM = 0.99
_LATE_PENALTY = 0.15
_SAME_LEAGUE_BONUS = 0.02
_SWAPPED_PENALTY = 0.03
_NEAR = 0.55
_CANDIDATES_SHOWN = 3
_TEAM_ALONE = 0.93


@dataclass(frozen=True, slots=True)
class EventToLink:
    """A bookmaker's event whose match is not known yet.

    league_key  of the registry; None when the fleet does not know the bookmaker's league
    starts_at   kick-off, aware UTC
    """

    source_event_id: str
    sport: Sport
    league_key: str | None
    league_name: str
    home: str
    away: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Link:
    """What was decided about one event.

    event       the event itself
    decision    match: it is `match_id`; create: it is a match nobody listed before; unmatched: not decided
    swapped     the event's home side is the match's away side
    method      'exact', 'names', or 'platform:<name>'; '' when unmatched
    score       0 to 1; 0 when unmatched
    home, away  create: {"team_id"} or {"name", "folded", "country", "category"}
    aliases     match: spellings that were taken for a known team and are now proposed
    reason      unmatched: 'ambiguous' (several fit), 'uncertain' (something is near, but not near enough),
                'duplicate' (another event of this bookmaker is that match), 'unnamed' (a side without a letter),
                'same_team' (both sides are one team)
    candidates  unmatched: the best ones, best first: {"match_id" (None: made in this batch), "home", "away",
                "starts_at" (epoch s), "score", "why"}
    """

    event: EventToLink
    decision: Literal["match", "create", "unmatched"]
    match_id: int | None = None
    swapped: bool = False
    method: str = ""
    score: float = 0.0
    league_key: str | None = None
    home: Mapping[str, Any] = field(default_factory=dict)
    away: Mapping[str, Any] = field(default_factory=dict)
    aliases: tuple[Mapping[str, Any], ...] = ()
    reason: str = ""
    candidates: tuple[Mapping[str, Any], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The object that the SQL function fleet_apply_links takes."""
        link: dict[str, Any] = {"event": self.event.source_event_id, "decision": self.decision}
        if self.decision == "match":
            link |= {"match_id": self.match_id, "swapped": self.swapped, "aliases": list(self.aliases)}
        elif self.decision == "create":
            link |= {"league_key": self.league_key, "home": dict(self.home), "away": dict(self.away)}
        else:
            return link | {"reason": self.reason, "candidates": list(self.candidates)}
        return link | {"method": self.method, "score": self.score}


@dataclass(frozen=True, slots=True)
class _Side:
    name: TeamName
    category: str
    team_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Target:
    """What an event is held against: a match of the catalogue, or (match_id None) one made in this batch."""

    match_id: int | None
    home: _Side
    away: _Side
    league_key: str | None
    at: int


@dataclass(frozen=True, slots=True)
class _Prepared:
    event: EventToLink
    home: _Side
    away: _Side
    at: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    target: _Target
    swapped: bool
    home: Agreement
    away: Agreement
    total: float
    accepted: bool
    near: bool
    why: str
    method: str = "names"

    @property
    def exact(self) -> bool:
        return self.home.exact and self.away.exact

    def rank(self) -> tuple[float, int]:
        return (-self.total, self.target.match_id or 0)

    def as_json(self) -> dict[str, Any]:
        return {
            "match_id": self.target.match_id,
            "home": self.target.home.name.raw,
            "away": self.target.away.name.raw,
            "starts_at": self.target.at,
            "score": round(self.total, 4),
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class TeamAnswer:
    """A team found by its name alone. `score` 1 is an exact name or a confirmed alias."""

    team: Team
    score: float


def resolve_events(
    events: Iterable[EventToLink],
    catalogue: Catalogue,
    platform_links: Mapping[str, Mapping[str, Any]],
    *,
    bookmaker_platform: str = "",
) -> list[Link]:
    """Decide every event of one bookmaker. Deterministic, and independent of the events' order.

    Args:
        events: not linked yet, each source id once.
        catalogue: teams, leagues and matches known now; not changed.
        platform_links: answer of the SQL function platform_links: source event id -> the link that another
            brand of the same platform has. Strong evidence, still checked.
        bookmaker_platform: name of that platform, for the link's method.

    Returns:
        One link per event, ordered by source event id. No two name the same match.
    """
    prepared = sorted((_prepare(event, catalogue) for event in events), key=lambda one: one.event.source_event_id)
    decided: dict[str, Link] = {}
    candidates: dict[str, list[_Candidate]] = {}
    sides = _Sides(catalogue)
    for one in prepared:
        if not (one.home.name.folded and one.away.name.folded):
            decided[one.event.source_event_id] = _unmatched(one, "unnamed", ())
            continue
        found = _candidates(one, catalogue, sides)
        link = platform_links.get(one.event.source_event_id)
        if link is not None:
            found = _with_platform_link(one, link, found, catalogue, sides, bookmaker_platform)
        candidates[one.event.source_event_id] = found

    chosen = _assign(candidates)
    taken = {candidate.target.match_id for candidate in chosen.values()}
    new = []
    for one in prepared:
        number = one.event.source_event_id
        if number in decided:
            continue
        if number in chosen:
            decided[number] = _match(one, chosen[number])
        elif candidates[number]:
            decided[number] = _undecided(one, candidates[number], taken)
        else:
            new.append(one)
    for link_made in _create(new, catalogue, sides):
        decided[link_made.event.source_event_id] = link_made
    return [decided[one.event.source_event_id] for one in prepared]


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
            if agreement.score >= _NEAR and _nothing_extra_differs(parsed, catalogue.name_of(team.team_id)):
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


def explain(event: EventToLink, catalogue: Catalogue) -> list[str]:
    """How an event is decided on its own, step by step, for a person: the names as read, each candidate with what
    speaks for and against it, the decision. Other events of the bookmaker and its platform are not considered."""
    one = _prepare(event, catalogue)
    lines = [
        f"{label}: {side.name.raw!r} is {' '.join(side.name.tokens) or 'nothing'}"
        f", category {side.category or 'senior men'}, state {side.name.state or 'none'}"
        for label, side in (("home", one.home), ("away", one.away))
    ]
    lines.append(
        f"league: {event.league_key or 'unknown'} ({event.league_name}), kick-off {event.starts_at:%F %H:%MZ}"
    )
    sides = _Sides(catalogue)
    for target in _targets(one, catalogue):
        for swapped in (False, True):
            candidate = _judge(one, target, swapped, sides)
            if candidate.near or candidate.accepted or not swapped:
                verdict = "fits" if candidate.accepted else "near" if candidate.near else "no"
                lines.append(
                    f"match {target.match_id} {target.home.name.raw} - {target.away.name.raw}"
                    f"{' swapped' if swapped else ''}: {verdict}, {candidate.total:.3f}: {candidate.why}"
                )
    if len(lines) == 3:
        lines.append("no match in the catalogue shares a word with it near its kick-off")
    (link,) = resolve_events([event], catalogue, {})
    lines.append(
        f"decision: {link.decision}"
        + (f" {link.match_id} by {link.method}, score {link.score}" if link.decision == "match" else "")
        + (f", {link.reason}" if link.reason else "")
    )
    return lines


class _Sides:
    """Compares sides, remembering what was compared in this batch."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._seen: dict[tuple[str, str, int], Agreement] = {}

    def compare(self, side: _Side, known: _Side) -> Agreement:
        if known.team_id is None:
            return self._compare(side, known)
        key = (side.name.raw, side.category, known.team_id)
        agreement = self._seen.get(key)
        if agreement is None:
            agreement = self._seen[key] = self._compare(side, known)
        return agreement

    def _compare(self, side: _Side, known: _Side) -> Agreement:
        if side.category != known.category:
            return Agreement(
                0.0, f"category {side.category or 'senior'} is not {known.category or 'senior'}", veto=True
            )
        status = ""
        if known.team_id is not None:
            status = self._catalogue.alias_status(known.team_id, side.name.folded, side.category)
        if status == "confirmed":
            return Agreement(1.0, "alias")
        if status == "rejected":
            return Agreement(0.0, "rejected alias", veto=True)
        agreement = compare_names(side.name, known.name)
        if status == "proposed" and agreement.score < _PROPOSED:
            return Agreement(_PROPOSED, "proposed")
        return agreement


def _prepare(event: EventToLink, catalogue: Catalogue) -> _Prepared:
    league = league_category(event.league_name)
    if event.league_key in catalogue.leagues:
        league = with_league(league, league_category(catalogue.leagues[event.league_key].name))
    home = parse_team(event.home)
    away = parse_team(event.away)
    # Women play women: one marked side tells the other. Age and reserve sides do meet seniors.
    if "women" in f"{home.category}+{away.category}".split("+"):
        league = with_league("women", league)
    return _Prepared(
        event,
        _Side(home, with_league(home.category, league)),
        _Side(away, with_league(away.category, league)),
        int(event.starts_at.astimezone(UTC).timestamp()),
    )


def _target_of(match: Match, catalogue: Catalogue) -> _Target:
    home = catalogue.name_of(match.home_team_id)
    away = catalogue.name_of(match.away_team_id)
    return _Target(
        match.match_id,
        _Side(home, home.category, match.home_team_id),
        _Side(away, away.category, match.away_team_id),
        match.league_key,
        match.starts_at,
    )


def _as_printed(target: _Target, swapped: bool) -> tuple[_Side, _Side]:
    """The target's sides in the order in which the bookmaker names them."""
    return (target.away, target.home) if swapped else (target.home, target.away)


def _targets(one: _Prepared, catalogue: Catalogue) -> list[_Target]:
    names = [(side.name, side.category) for side in (one.home, one.away)]
    return [_target_of(match, catalogue) for match in catalogue.matches_near(one.event.sport, one.at, names)]


def _candidates(one: _Prepared, catalogue: Catalogue, sides: _Sides) -> list[_Candidate]:
    found = [_better_way_round(one, target, sides) for target in _targets(one, catalogue)]
    return sorted((each for each in found if each.accepted or each.near), key=_Candidate.rank)


def _better_way_round(one: _Prepared, target: _Target, sides: _Sides) -> _Candidate:
    direct = _judge(one, target, False, sides)
    if direct.accepted or direct.near:
        return direct
    swapped = _judge(one, target, True, sides)
    return swapped if swapped.accepted or swapped.near else direct


def _judge(one: _Prepared, target: _Target, swapped: bool, sides: _Sides) -> _Candidate:
    """Everything about one event and one match, one way round."""
    first, second = _as_printed(target, swapped)
    home = sides.compare(one.home, first)
    away = sides.compare(one.away, second)
    late = abs(one.at - target.at)
    leagues_known = one.event.league_key is not None and target.league_key is not None
    why = f"home {home.score:.2f} ({home.why}), away {away.score:.2f} ({away.why}), {late // 60} min apart"
    if leagues_known and one.event.league_key != target.league_key:
        return _Candidate(target, swapped, home, away, 0.0, False, False, f"{why}, other league")
    total = (home.score + away.score) / 2 * (1 - _LATE_PENALTY * late / WINDOW_S)
    total += _SAME_LEAGUE_BONUS if leagues_known else 0.0
    total -= _SWAPPED_PENALTY if swapped else 0.0
    total = round(min(1.0, max(0.0, total)), 6)
    low, high = sorted((home.score, away.score))
    vetoed = home.veto or away.veto
    exact = home.exact and away.exact
    if swapped:
        # Football has a reverse fixture with the same names: only the very same kick-off can be a swap.
        tolerance = SAME_KICK_OFF_S if one.event.sport is Sport.FOOTBALL else CLOSE_KICK_OFF_S
        accepted = not vetoed and low >= _CLEAR and late <= tolerance and (leagues_known or exact)
        near = not vetoed and low >= _CLEAR and late <= tolerance
        return _Candidate(target, swapped, home, away, total, accepted, near, f"{why}, swapped")
    if late <= SAME_KICK_OFF_S:
        enough = (
            low >= (0.55 if leagues_known else 0.65) if high >= _CLEAR else low >= (0.7 if leagues_known else 0.75)
        )
    elif late <= CLOSE_KICK_OFF_S:
        enough = low >= (0.8 if leagues_known else 0.85)
    else:
        enough = low >= _CLEAR and (leagues_known or exact)
    accepted = enough and not vetoed
    # A team does not play twice within the window: one sure side in the same league, or at the same minute, is
    # too near for a new match even when the other side's name says otherwise.
    other_category = any(side.why.startswith("category") for side in (home, away))
    one_sure_side = high >= _CLEAR and not other_category and (leagues_known or late <= SAME_KICK_OFF_S)
    near = accepted or one_sure_side or (not vetoed and (home.score + away.score) / 2 >= _NEAR)
    return _Candidate(target, swapped, home, away, total, accepted, near, why, "exact" if exact else "names")


def _with_platform_link(
    one: _Prepared,
    link: Mapping[str, Any],
    found: list[_Candidate],
    catalogue: Catalogue,
    sides: _Sides,
    platform: str,
) -> list[_Candidate]:
    """The candidates with the match that another brand of the platform linked this event id to, if it holds up.

    The other brand's own words are compared: same kick-off, category and state, and names that do not contradict.
    """
    home = parse_team(str(link["home"]))
    away = parse_team(str(link["away"]))
    match_id = int(link["match_id"])
    match = catalogue.matches.get(match_id)
    if match is not None:
        target = _target_of(match, catalogue)
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
        target = _Target(
            match_id, _Side(home, categories[0]), _Side(away, categories[1]), None, int(link["starts_at"])
        )
    if abs(one.at - int(link["starts_at"])) > WINDOW_S:
        return found
    agreed_home = sides.compare(one.home, _Side(home, categories[0]))
    agreed_away = sides.compare(one.away, _Side(away, categories[1]))
    rejected = any(
        team.team_id is not None
        and catalogue.alias_status(team.team_id, side.name.folded, side.category) == "rejected"
        for side, team in zip((one.home, one.away), _as_printed(target, bool(link["swapped"])), strict=True)
    )
    if rejected or agreed_home.veto or agreed_away.veto or min(agreed_home.score, agreed_away.score) < _NEAR:
        return found
    if match is not None and abs(one.at - match.starts_at) > WINDOW_S:
        return found
    rest = [each for each in found if each.target.match_id != match_id]
    linked = _Candidate(
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
    return sorted([linked, *rest], key=_Candidate.rank)


def _assign(candidates: Mapping[str, Sequence[_Candidate]]) -> dict[str, _Candidate]:
    """One to one, the clearest first. An event that two matches fit waits; so do two events for one match, unless
    one of them is exact where the other is not, or both are (a bookmaker that lists a match twice)."""
    chosen: dict[str, _Candidate] = {}
    taken: set[int | None] = set()
    while True:
        claims: dict[int | None, list[tuple[str, _Candidate]]] = {}
        for number, found in candidates.items():
            if number not in chosen:
                best = _clear_best([each for each in found if each.target.match_id not in taken])
                if best is not None:
                    claims.setdefault(best.target.match_id, []).append((number, best))
        won = {match_id: winner for match_id, rivals in claims.items() if (winner := _winner(rivals)) is not None}
        if not won:
            return chosen
        for match_id, (number, candidate) in won.items():
            chosen[number] = candidate
            taken.add(match_id)


def _clear_best(found: Sequence[_Candidate]) -> _Candidate | None:
    """The accepted candidate that stands out, None when there is none or another comes too close."""
    accepted = [each for each in found if each.accepted]
    if not accepted:
        return None
    best = min(accepted, key=_stands_out)
    for other in found:
        if other is not best and not _outdoes(best, other):
            return None
    return best


def _winner(rivals: list[tuple[str, _Candidate]]) -> tuple[str, _Candidate] | None:
    rivals = sorted(rivals, key=lambda rival: (*_stands_out(rival[1]), rival[0]))
    if len(rivals) == 1 or _outdoes(rivals[0][1], rivals[1][1]):
        return rivals[0]
    first, second = rivals[0][1], rivals[1][1]
    if first.swapped != second.swapped or (_is_sure(first) and _is_sure(second)):
        return rivals[0]
    return None


def _stands_out(candidate: _Candidate) -> tuple[bool, bool, float, int]:
    return (not _is_sure(candidate), candidate.swapped, *candidate.rank())


def _is_sure(candidate: _Candidate) -> bool:
    return candidate.accepted and (candidate.exact or candidate.method.startswith("platform"))


def _outdoes(best: _Candidate, other: _Candidate) -> bool:
    if _is_sure(best) and not _is_sure(other):
        return True
    return best.total - other.total >= MARGIN


def _match(one: _Prepared, candidate: _Candidate) -> Link:
    target = candidate.target
    known = _as_printed(target, candidate.swapped)
    aliases = []
    for side, team, agreement in zip((one.home, one.away), known, (candidate.home, candidate.away), strict=True):
        fuzzy = not agreement.exact or side.name.folded != team.name.folded
        if team.team_id is not None and fuzzy and agreement.why != "alias":
            aliases.append(
                {
                    "team_id": team.team_id,
                    "alias": side.name.raw,
                    "folded": side.name.folded,
                    "category": side.category,
                }
            )
    return Link(
        one.event,
        "match",
        match_id=target.match_id,
        swapped=candidate.swapped,
        method=candidate.method,
        score=round(candidate.total, 4),
        aliases=tuple(aliases),
    )


def _undecided(one: _Prepared, found: Sequence[_Candidate], taken: set[int | None]) -> Link:
    accepted = [each for each in found if each.accepted]
    if not accepted:
        reason = "uncertain"
    elif accepted[0].target.match_id in taken:
        reason = "duplicate"
    else:
        reason = "ambiguous"
    return _unmatched(one, reason, found)


def _unmatched(one: _Prepared, reason: str, found: Sequence[_Candidate]) -> Link:
    shown = tuple(each.as_json() for each in found[:_CANDIDATES_SHOWN])
    return Link(one.event, "unmatched", reason=reason, candidates=shown)


def _create(new: Sequence[_Prepared], catalogue: Catalogue, sides: _Sides) -> list[Link]:
    """New matches, each held against those made before it in this batch: two spellings of one match must not both
    become matches. The second one waits, and finds the first in the catalogue next time."""
    made: list[_Target] = []
    index = MatchIndex()
    links = []
    for one in sorted(new, key=lambda each: (each.at, each.event.source_event_id)):
        keys = block_keys(one.home.name) | block_keys(one.away.name)
        beside = (made[number] for number in index.near(one.event.sport, one.at, keys))
        twins = [
            twin
            for target in beside
            if abs(target.at - one.at) <= WINDOW_S
            and ((twin := _better_way_round(one, target, sides)).accepted or twin.near)
        ]
        home = _team_of(one, one.home, catalogue)
        away = _team_of(one, one.away, catalogue)
        if twins:
            links.append(_unmatched(one, "duplicate", sorted(twins, key=_Candidate.rank)))
        elif _same_team(home, away):
            links.append(_unmatched(one, "same_team", ()))
        else:
            index.add(len(made), one.event.sport, one.at, keys)
            made.append(_Target(None, one.home, one.away, one.event.league_key, one.at))
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


def _team_of(one: _Prepared, side: _Side, catalogue: Catalogue) -> dict[str, Any]:
    """A side of a new match: the one team known by exactly this name, else the makings of a new one."""
    country = catalogue.country_of_league(one.event.league_key)
    known = catalogue.known_as(one.event.sport, side.name.folded, side.category)
    at_home = [number for number in known if catalogue.teams[number].country == country]
    if not at_home and not country:
        at_home = known
    if len(at_home) == 1:
        return {"team_id": at_home[0]}
    return {
        "name": side.name.raw.strip(),
        "folded": side.name.folded,
        "country": country,
        "category": side.category,
    }


def _same_team(home: Mapping[str, Any], away: Mapping[str, Any]) -> bool:
    if "team_id" in home or "team_id" in away:
        return home.get("team_id") == away.get("team_id")
    return (home["folded"], home["category"]) == (away["folded"], away["category"])
