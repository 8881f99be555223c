"""Bookmakers of a chosen size in a real database, and commits as their scrapers would send them."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.odds import LEAGUES, MARGINS, OFFERS, Bet, fair_chances, price_of
from store.backend import Backend


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
    """One bookmaker's scraper, reduced to its commits.

    fair   the chances of each event's bets
    early  whether it pays its result market early
    """

    backend: Backend
    slug: str
    chance: random.Random
    fair: Sequence[Mapping[Bet, float]]
    early: bool
    token: int = 0
    seq: int = 0
    keys: list[int] = field(default_factory=list)
    league_of: list[int] = field(default_factory=list)
    """The league's number of each key; leagues are scopes."""
    chances: list[float] = field(default_factory=list)
    """What is priced under each key."""
    margin: float = 1.0

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
        self.margin = self.chance.uniform(*MARGINS)
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
                    self.chances.append(self.fair[number][market, line, selection])
                    rules = "early_payout" if self.early and market == "match_result" else "standard"
                    what = [market, "match", None if line is None else str(line), selection, rules, "back"]
                    new.append([key, source_id, league, *what, self.price(len(self.keys) - 1), "open", None, 0])
        self._send(events=events, new=new, links=links, catalogue_version=catalogue_version)

    @property
    def offered(self) -> int:
        """How many prices it offers."""
        return len(self.keys)

    def price(self, place: int) -> str:
        """Another price for the key at that place."""
        return str(price_of(self.chances[place], self.margin, self.chance))

    def move(self, share: float) -> int:
        """Commit another price for `share` of the offer, at least for one; how many."""
        chosen = self.chance.sample(range(len(self.keys)), max(1, round(len(self.keys) * share)))
        changed = [[self.keys[n], self.league_of[n], self.price(n), "open", None] for n in chosen]
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
    """Register the bookmakers of a size and commit their whole offer, in an empty database.

    Two at a time are one family, and every third one pays its result market early.
    """
    slugs = [f"casa{number:03d}" for number in range(size.bookmakers)]
    backend.call(
        "register_declarations",
        {
            "p_bookmakers": [
                {
                    "slug": slug,
                    "name": slug.title(),
                    "platform": "bench",
                    "family": f"mesa{number // 2}",
                    "transport": "http",
                    "logo": "",
                    "site": f"https://{slug}.example",
                    "event_url": f"https://{slug}.example/apostas/{{sport}}/{{home}}-x-{{away}}/{{event_id}}",
                    "interval_s": 30,
                }
                for number, slug in enumerate(slugs)
            ],
            "p_leagues": [
                {"key": f"liga_{n}", "name": f"Liga {n}", "country": "Brazil", "sport": "football"}
                for n in range(LEAGUES)
            ],
        },
    )
    chance = random.Random(seed)
    fair = [fair_chances(chance) for _ in range(size.events)]
    houses = [
        House(backend, slug, random.Random(f"{seed}:{slug}"), fair, early=number % 3 == 0)
        for number, slug in enumerate(slugs)
    ]
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
