"""Bookmakers of a chosen size in a real database, and commits as their scrapers would send them."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from store.backend import Backend

LEAGUES = 20
OFFERS: tuple[tuple[str, float | None, tuple[str, ...]], ...] = (
    ("match_result", None, ("home", "draw", "away")),
    ("both_teams_to_score", None, ("yes", "no")),
    ("double_chance", None, ("home_draw", "home_away", "draw_away")),
    *(("totals", line, ("over", "under")) for line in (0.5, 1.5, 2.5, 3.5, 4.5)),
    *(("handicap", line, ("home", "away")) for line in (-1.5, -1.0, -0.5, 0.0, 0.5, 1.0)),
)
"""30 prices an event."""


@dataclass(frozen=True)
class Size:
    """How much is on offer: `bookmakers` list the same `events` each, with `OFFERS` per event."""

    name: str
    bookmakers: int
    events: int

    @property
    def prices(self) -> int:
        """Of all bookmakers together."""
        return self.bookmakers * self.events * sum(len(selections) for _, _, selections in OFFERS)


SIZES = {
    size.name: size
    for size in (
        Size("wide", 19, 300),
        Size("large", 20, 1000),
        Size("huge", 100, 1000),
    )
}


@dataclass
class House:
    """One bookmaker's scraper, reduced to its commits."""

    backend: Backend
    slug: str
    chance: random.Random
    token: int = 0
    seq: int = 0
    keys: list[int] = field(default_factory=list)
    league_of: list[int] = field(default_factory=list)
    """The league's number of each key; leagues are scopes."""

    def open(self, size: Size, match_ids: list[int] | None, catalogue_version: int) -> None:
        """Take the lease and commit the whole offer; `match_ids` None: its matches are the first of their kind."""
        lease = self.backend.call(
            "acquire_lease",
            {
                "p_scraper": self.slug,
                "p_holder": "bench",
                "p_mode": "bench",
                "p_machine": "bench",
                "p_pid": 1,
                "p_ttl_s": 3600,
                "p_expected_interval_s": 30,
            },
        )
        self.token, self.seq = lease["token"], lease["base_seq"]
        kickoff = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
        events, links, new = [], [], []
        for number in range(size.events):
            source_id, league = f"{self.slug}-{number}", number % LEAGUES
            home, away = f"Clube Atlético {2 * number:04d}", f"Esporte Clube {2 * number + 1:04d}"
            starts_at = (kickoff + timedelta(minutes=number)).isoformat()
            events.append(
                [source_id, "football", str(league), f"Liga {league}", f"liga_{league}", home, away, starts_at]
            )
            decision: dict[str, Any] = {"decision": "create", "league_key": f"liga_{league}"} | {
                side: {"name": name, "folded": name.lower()} for side, name in (("home", home), ("away", away))
            }
            if match_ids is not None:
                decision = {"decision": "match", "match_id": match_ids[number]}
            links.append({"event": source_id, "method": "bench", "score": 1.0, "swapped": False, **decision})
            for market, line, selections in OFFERS:
                for selection in selections:
                    key = self.chance.getrandbits(62)
                    self.keys.append(key)
                    self.league_of.append(league)
                    what = [market, "match", None if line is None else str(line), selection, "standard", "back"]
                    new.append([key, source_id, league, *what, self.price(), "open", None, 0])
        self._send(events=events, new=new, links=links, catalogue_version=catalogue_version)

    def price(self) -> str:
        """Some price with three decimals."""
        return f"{self.chance.randint(1100, 9000) / 1000}"

    def move(self, share: float) -> int:
        """Commit another price for `share` of the offer, at least for one; how many."""
        chosen = self.chance.sample(range(len(self.keys)), max(1, round(len(self.keys) * share)))
        changed = [[self.keys[n], self.league_of[n], self.price(), "open", None] for n in chosen]
        self._send(changed=changed)
        return len(changed)

    def _send(self, **data: Any) -> None:
        now = datetime.now(UTC).isoformat()
        answer = self.backend.call(
            "commit_cycle",
            {
                "p_cycle": {
                    "cycle_id": str(uuid.UUID(int=self.chance.getrandbits(128))),
                    "scraper": self.slug,
                    "lease_token": self.token,
                    "lease_ttl_s": 3600,
                    "started_at": now,
                    "duration_ms": 0,
                    "outcome": "ok",
                    "error": None,
                    "success": True,
                    "expected_interval_s": 30,
                    "mode": "bench",
                    "odds_collected": len(self.keys),
                    "odds_inserted": len(self.keys),
                    "rejected": 0,
                    "extra_data": {},
                    "base_seq": self.seq,
                    "scopes": [[f"liga_{league}", now] for league in range(LEAGUES)],
                    "events": [],
                    "new": [],
                    "changed": [],
                    "moved": [],
                    "gone": [],
                    "links": [],
                    "catalogue_version": 0,
                    **data,
                }
            },
        )
        self.seq = answer["base_seq"]


def fill(backend: Backend, size: Size, seed: int = 1) -> list[House]:
    """Register the bookmakers of a size and commit their whole offer, in an empty database."""
    slugs = [f"casa{number:03d}" for number in range(size.bookmakers)]
    backend.call(
        "register_declarations",
        {
            "p_bookmakers": [
                {
                    "slug": slug,
                    "name": slug.title(),
                    "platform": "bench",
                    "family": slug,
                    "transport": "http",
                    "logo": "",
                    "site": f"https://{slug}.example",
                    "event_url": f"https://{slug}.example/apostas/{{sport}}/{{home}}-x-{{away}}/{{event_id}}",
                    "interval_s": 30,
                }
                for slug in slugs
            ],
            "p_leagues": [
                {"key": f"liga_{n}", "name": f"Liga {n}", "country": "Brazil", "sport": "football"}
                for n in range(LEAGUES)
            ],
        },
    )
    houses = [House(backend, slug, random.Random(f"{seed}:{slug}")) for slug in slugs]
    houses[0].open(size, None, _catalogue(backend)["version"])
    catalogue = _catalogue(backend)
    match_ids = sorted(row[1] for row in catalogue["rows"])
    for house in houses[1:]:
        house.open(size, match_ids, catalogue["version"])
    return houses


def _catalogue(backend: Backend) -> dict[str, Any]:
    page = {"p_kind": "matches", "p_after_version": -1, "p_after_id": 0, "p_limit": 100_000}
    answer: dict[str, Any] = backend.call("catalogue_page", page)
    return answer
