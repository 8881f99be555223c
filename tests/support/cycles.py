"""Readable commits: prices in plain words become `commit_cycle` payloads, through the contract alone.

    offers = {"match_result:home": 2.1, "totals:over@2.5": 1.9}
    House(backend, "alpha").commit([listing("e1", "Flamengo", "Santos", kickoff(2), offers)])

A House stands in for a scraper: it holds the lease, remembers what it committed, and sends differences. Offers
are written `market:selection[@line][/period][!rules][~lay]`; a value is a price, or None for a suspended one.
Two houses that list a match with the same `catalogue` names share the match.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from scrapers.records import Market, Period, Price, PriceStatus, Rules, Selection, Side
from store.backend import Backend
from store.keys import selection_key

LEASE_TTL_S = 60
LEAGUE = "brasileirao_a"
"""The league of every match here, and the scope its prices stand in unless a listing says otherwise."""


def kickoff(hours: float) -> datetime:
    """A kick-off so many hours from now (negative: past), whole minutes, aware UTC."""
    return datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(hours=hours)


@dataclass(frozen=True)
class Listing:
    """A match as a house lists it. `catalogue`: the match's sides if they differ from home and away;
    `swapped`: the house's home side is the catalogue's away side; `linked` False: its identity stays open."""

    source_id: str
    home: str
    away: str
    starts_at: datetime
    offers: Mapping[str, float | None]
    catalogue: tuple[str, str] | None = None
    swapped: bool = False
    linked: bool = True
    sport: str = "football"
    scope: str = LEAGUE

    @property
    def sides(self) -> tuple[str, str]:
        """Home and away as the catalogue names them."""
        return self.catalogue or ((self.away, self.home) if self.swapped else (self.home, self.away))


def listing(
    source_id: str,
    home: str,
    away: str,
    starts_at: datetime,
    offers: Mapping[str, float | None],
    **more: Any,
) -> Listing:
    """A Listing, positionally."""
    return Listing(source_id, home, away, starts_at, offers, **more)


def parse_offer(text: str, value: float | None) -> Price:
    """`market:selection[@line][/period][!rules][~lay]` and a price, or None for a suspended one, as a Price."""
    rest, _, side = text.partition("~")
    rest, _, rules = rest.partition("!")
    rest, _, period = rest.partition("/")
    rest, _, line = rest.partition("@")
    market, _, selection = rest.partition(":")
    return Price(
        Market(market),
        Selection(selection),
        None if value is None else Decimal(str(value)),
        line=Decimal(line) if line else None,
        period=Period(period or "match"),
        rules=Rules(rules or "standard"),
        side=Side(side or "back"),
        status=PriceStatus.SUSPENDED if value is None else PriceStatus.OPEN,
    )


@dataclass
class House:
    """A bookmaker's scraper, reduced to its commits. `slug` must be registered."""

    backend: Backend
    slug: str
    seq: int = 0
    token: int = 0
    mode: str = "parallel"
    _prices: dict[int, tuple[Decimal | None, str]] = field(default_factory=dict)
    _events: dict[str, Listing] = field(default_factory=dict)
    _linked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        lease = self.backend.call(
            "acquire_lease",
            {
                "p_scraper": self.slug,
                "p_holder": "test",
                "p_mode": self.mode,
                "p_machine": "test",
                "p_pid": 1,
                "p_ttl_s": LEASE_TTL_S,
                "p_expected_interval_s": 30,
            },
        )
        self.token, self.seq = lease["token"], lease["base_seq"]

    def commit(
        self, listings: Sequence[Listing], *, at: datetime | None = None, scopes: Iterable[str] = (LEAGUE,)
    ) -> dict[str, Any]:
        """Commit what the house lists now, as a difference to the last time; the answer of `commit_cycle`.

        `at`: when it was seen, now by default. `scopes`: answered parts of the offer besides those of the
        listings; what an answered scope no longer lists is gone.
        """
        at = at or datetime.now(UTC)
        names = sorted({*scopes, *(item.scope for item in listings)})
        offered: dict[int, tuple[Listing, Price]] = {}
        for item in listings:
            for text, value in item.offers.items():
                price = parse_offer(text, value)
                offered[selection_key(self.slug, item.source_id, price)] = (item, price)
        new, changed = [], []
        for key, (item, price) in offered.items():
            scope = names.index(item.scope)
            shown = None if price.value is None else str(price.value)
            before = self._prices.get(key)
            if before is None:
                line = None if price.line is None else str(price.line)
                what = [price.market, price.period, line, price.selection, price.rules, price.side]
                new.append([key, item.source_id, scope, *what, shown, price.status, None, 0])
            elif before != (price.value, item.scope):
                changed.append([key, scope, shown, price.status, None])
        gone = [
            [key, names.index(scope)]
            for key, (_, scope) in self._prices.items()
            if key not in offered and scope in names
        ]
        answer = self.send(
            at=at,
            odds_collected=len(offered),
            odds_inserted=len(offered),
            base_seq=self.seq,
            scopes=[[name, at.isoformat()] for name in names],
            events=[
                [e.source_id, e.sport, "1", "Série A", LEAGUE, e.home, e.away, e.starts_at.isoformat()]
                for e in listings
                if self._description(self._events.get(e.source_id)) != self._description(e)
            ],
            new=new,
            changed=changed,
            gone=gone,
            **self._links([item for item in listings if item.linked and item.source_id not in self._linked]),
        )
        self.seq = answer["base_seq"]
        for key, _ in gone:
            del self._prices[key]
        self._prices.update({key: (price.value, item.scope) for key, (item, price) in offered.items()})
        self._events.update({item.source_id: item for item in listings})
        self._linked.update(item.source_id for item in listings if item.linked)
        return answer

    def fail(self, outcome: str, error: str) -> dict[str, Any]:
        """A cycle that brought nothing: a heartbeat with its outcome."""
        return self.send(at=datetime.now(UTC), outcome=outcome, error=error, success=False)

    def send(self, *, at: datetime, **cycle: Any) -> dict[str, Any]:
        """`commit_cycle` with everything filled in that `cycle` does not say."""
        answer: dict[str, Any] = self.backend.call(
            "commit_cycle",
            {
                "p_cycle": {
                    "cycle_id": str(uuid.uuid4()),
                    "scraper": self.slug,
                    "lease_token": self.token,
                    "lease_ttl_s": LEASE_TTL_S,
                    "started_at": at.isoformat(),
                    "duration_ms": 0,
                    "outcome": "ok",
                    "error": None,
                    "success": True,
                    "expected_interval_s": 30,
                    "mode": "parallel",
                    "odds_collected": 0,
                    "odds_inserted": 0,
                    "rejected": 0,
                    "extra_data": {},
                    "new": [],
                    "changed": [],
                    "moved": [],
                    "gone": [],
                    "events": [],
                    "links": [],
                    "catalogue_version": 0,
                    **cycle,
                }
            },
        )
        return answer

    def relink(self, source_id: str, match_id: int, *, swapped: bool = False) -> None:
        """Give an event that waits for its identity to a match, outside a cycle."""
        link = self._decision({"decision": "match", "match_id": match_id, "swapped": swapped}, source_id)
        version = catalogue_rows(self.backend, "matches")[0]
        answer = self.backend.call(
            "link_events",
            {
                "p_scraper": self.slug,
                "p_lease_token": self.token,
                "p_catalogue_version": version,
                "p_links": [link],
            },
        )
        assert answer["linked"] == 1, answer

    def _links(self, listings: Sequence[Listing]) -> dict[str, Any]:
        """Decisions for events without one: join the match that the catalogue has, else create it."""
        if not listings:
            return {"links": [], "catalogue_version": 0}
        _, teams = catalogue_rows(self.backend, "teams")
        version, matches = catalogue_rows(self.backend, "matches")
        team_ids = {(row[2], row[3]): row[1] for row in teams}
        match_ids = {(row[4], row[5]): row[1] for row in matches}
        links = []
        for item in listings:
            home, away = item.sides
            known = match_ids.get((team_ids.get((item.sport, home)), team_ids.get((item.sport, away))))
            decision: dict[str, Any] = {"decision": "match", "match_id": known}
            if known is None:
                decision = {
                    "decision": "create",
                    "league_key": LEAGUE,
                    "home": {"name": home, "folded": home.lower()},
                    "away": {"name": away, "folded": away.lower()},
                }
            links.append(self._decision({**decision, "swapped": item.swapped}, item.source_id))
        return {"links": links, "catalogue_version": version}

    @staticmethod
    def _decision(decision: dict[str, Any], source_id: str) -> dict[str, Any]:
        return {"event": source_id, "method": "test", "score": 1.0, **decision}

    @staticmethod
    def _description(item: Listing | None) -> tuple[object, ...] | None:
        return None if item is None else (item.home, item.away, item.starts_at, item.sport)


def catalogue_rows(backend: Backend, kind: str) -> tuple[int, list[list[Any]]]:
    """The catalogue's version and every row of one kind (see `catalogue_page`)."""
    page = {"p_kind": kind, "p_after_version": -1, "p_after_id": 0, "p_limit": 100_000}
    answer = backend.call("catalogue_page", page)
    return answer["version"], answer["rows"]
