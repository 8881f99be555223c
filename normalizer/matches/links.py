"""What is asked and what was decided: an event without a match, and its link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from normalizer.chances import Chances
from scrapers.records import Sport


@dataclass(frozen=True, slots=True)
class EventToLink:
    """A bookmaker's event whose match is not known yet.

    league_key  of the registry; None when the fleet does not know the bookmaker's league
    starts_at   kick-off, aware UTC
    chances     what its prices mean (normalizer.chances); None: it has none yet
    """

    source_event_id: str
    sport: Sport
    league_key: str | None
    league_name: str
    home: str
    away: str
    starts_at: datetime
    chances: Chances | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """What was decided about one event.

    event       the event itself
    decision    match: it is `match_id`; create: it is a match nobody listed before; unmatched: not decided
    swapped     the event's home side is the match's away side
    method      'exact', 'names', 'opponent' (one sure side spoke for both) or 'platform:<name>'; '' when unmatched
    score       0 to 1; 0 when unmatched
    home, away  create: {"team_id"} or {"name", "folded", "country", "category"}
    aliases     match: spellings that were taken for a known team and are not its own name: evidence
    reason      unmatched: 'ambiguous' (several fit), 'uncertain' (something is near, but not near enough;
                or no match is known and a name may be cut short),
                'duplicate' (another event of this bookmaker is that match), 'unnamed' (a side without a letter),
                'same_team' (both sides are one team)
    candidates  unmatched: the best ones, best first: {"match_id" (None: made in this batch), "home", "away",
                "starts_at" (epoch s), "swapped", "score", "why"}; create: those that prices could tell to be this
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
