"""Clubs and matches by name on a real database, and what a person does to them.

with open_clubs(backend, database_url) as clubs:
    clubs.list("alpha", "a1", "Galo", "Santos")
    review = clubs.merge("Atlético Mineiro", "Galo")
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import dict_row

from store.postgres import PostgresBackend
from tests.support.cycles import House, catalogue_rows, kickoff, listing

OFFERS = {"match_result:home": 2.1, "match_result:draw": 3.2, "match_result:away": 3.5}

IDENTITY = {
    "teams": "team_id, sport, name, folded, country, category, provisional, logo_url, created_at",
    "matches": "match_id, sport, league_id, home_team_id, away_team_id, starts_at, created_at",
    "team_aliases": "alias_id, team_id, alias, folded, category, status, evidence, families",
    "team_alias_sightings": "alias_id, event_id, match_id, bookmaker_id, method, score, seen_at",
    "team_alias_matches": "alias_id, match_id",
    "bookmaker_events": "event_id, match_id, swapped, link_method, link_score, linked_at, not_matches",
    "price_summaries": "selection_key, match_id, swapped",
    "merged_teams": "team_id, into_team_id",
    "merged_matches": "match_id, into_match_id, swapped",
    "kept_apart": "subject, low_id, high_id",
}
"""Everything that says who is who, without counters of versions and commits."""


def identity(db: psycopg.Connection[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    return {
        table: db.execute(f"select {columns} from {table} order by 1, 2").fetchall()
        for table, columns in IDENTITY.items()
    }


class Clubs:
    """Clubs and matches by name, as the houses here create them, and what is done to them."""

    def __init__(self, backend: PostgresBackend, db: psycopg.Connection[dict[str, Any]]) -> None:
        self.backend = backend
        self.db = db
        self.houses = {slug: House(backend, slug) for slug in ("alpha", "beta", "gamma", "delta")}
        self._listed: dict[str, list[Any]] = {slug: [] for slug in self.houses}

    def list(self, slug: str, source_id: str, home: str, away: str, hours: float = 30, **more: Any) -> int:
        """A house lists a match under these names, which make the match unless it is there; its id."""
        self._listed[slug].append(listing(source_id, home, away, kickoff(hours), OFFERS, **more))
        self.houses[slug].commit(self._listed[slug])
        return self.match_of(source_id) or 0

    def team(self, name: str) -> int:
        (row,) = self.db.execute("select team_id from teams where name = %s", [name]).fetchall()
        return int(row["team_id"])

    def match_of(self, source_id: str) -> int | None:
        return self.placed(source_id)[0]

    def placed(self, source_id: str) -> tuple[int | None, bool]:
        """The match of an event, and whether it lists the sides the other way round."""
        query = "select match_id, swapped from bookmaker_events where source_event_id = %s"
        (row,) = self.db.execute(query, [source_id]).fetchall()
        return row["match_id"], row["swapped"]

    def link(self, slug: str, source_id: str, match_id: int, team: int = 0, alias: str = "", **more: Any) -> Any:
        """The matcher links an event, having read `alias` as `team`."""
        spelling = {"team_id": team, "alias": alias, "folded": alias.lower(), "category": ""}
        link = {
            "event": source_id,
            "decision": "match",
            "match_id": match_id,
            "method": "names",
            "score": 0.9,
            "aliases": [spelling] if team else [],
            **more,
        }
        return self.call_link(slug, link)

    def call_link(self, slug: str, link: dict[str, Any]) -> Any:
        return self.backend.call(
            "link_events",
            {
                "p_scraper": slug,
                "p_lease_token": self.houses[slug].token,
                "p_catalogue_version": catalogue_rows(self.backend, "matches")[0],
                "p_links": [link],
            },
        )

    def merge(self, keep: str, gone: str) -> Any:
        args = {"p_keep": self.team(keep), "p_gone": self.team(gone), "p_actor": "ana", "p_reason": ""}
        return self.backend.call("merge_teams", args)

    def call(self, function: str, **args: Any) -> Any:
        """A function of the contract by its arguments without p_."""
        return self.backend.call(function, {f"p_{name}": value for name, value in args.items()})

    def edit(self, function: str, **args: Any) -> Any:
        """The same for one that is audited."""
        return self.call(function, **args, actor="ana", reason="")

    def merge_matches(self, keep: int, gone: int, *, swapped: bool | None = None) -> Any:
        return self.backend.call(
            "merge_matches",
            {"p_keep": keep, "p_gone": gone, "p_swapped": swapped, "p_actor": "ana", "p_reason": ""},
        )

    def undo(self, review: Any) -> Any:
        return self.backend.call(
            "undo_review", {"p_review_id": review["review_id"], "p_actor": "rui", "p_reason": ""}
        )

    def heads(self) -> dict[str, int]:
        rows = self.db.execute("select scraper_name, commit_seq from scraper_status").fetchall()
        return {row["scraper_name"]: row["commit_seq"] for row in rows}


@contextmanager
def open_clubs(backend: PostgresBackend, database_url: str) -> Iterator[Clubs]:
    """Clubs on a database in which the bookmakers of tests/support/postgres.py are registered."""
    with psycopg.connect(database_url, autocommit=True, row_factory=dict_row) as connection:
        yield Clubs(backend, connection)
