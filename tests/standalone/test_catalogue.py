"""The catalogue is whole in itself, whatever others write while it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg

from standalone.catalogue import CatalogueCache
from store.backend import Backend
from store.postgres import PostgresBackend


class Interrupted:
    """A backend behind which another process creates a match with two new teams before every call."""

    def __init__(self, inner: Backend, database_url: str) -> None:
        self._inner = inner
        self._url = database_url
        self.created = 0

    def call(self, function: str, args: Mapping[str, Any]) -> Any:
        self.create()
        return self._inner.call(function, args)

    def create(self) -> None:
        self.created += 1
        with psycopg.connect(self._url) as connection:
            connection.execute("update catalogue_state set version = version + 1")
            teams = [
                connection.execute(
                    "insert into teams (sport, name, folded, version)"
                    " select 'football', %s, %s, version from catalogue_state returning team_id",
                    (name, name.casefold()),
                ).fetchone()
                for name in (f"Home {self.created}", f"Away {self.created}")
            ]
            connection.execute(
                "insert into matches (sport, home_team_id, away_team_id, starts_at, version)"
                " select 'football', %s, %s, now() + interval '1 day', version from catalogue_state",
                [team[0] for team in teams if team],
            )

    def close(self) -> None:
        self._inner.close()


def test_every_team_that_a_match_names_is_there(backend: PostgresBackend, database_url: str) -> None:
    interrupted = Interrupted(backend, database_url)
    cache = CatalogueCache(interrupted)
    for _ in range(3):
        catalogue = cache.fresh()
        assert catalogue.matches
        for match in catalogue.matches.values():
            assert {match.home_team_id, match.away_team_id} <= set(catalogue.teams)


def test_only_what_changed_is_read_again(backend: PostgresBackend, database_url: str) -> None:
    writer = Interrupted(backend, database_url)
    writer.create()
    cache = CatalogueCache(backend)
    first = cache.fresh()
    version = first.version
    writer.create()
    again = cache.fresh()
    assert again is first
    assert len(again.matches) == 2
    assert again.version == version + 1
    cache.drop()
    assert len(cache.fresh().matches) == 2


def test_the_version_is_never_newer_than_what_was_read(backend: PostgresBackend, database_url: str) -> None:
    interrupted = Interrupted(backend, database_url)
    catalogue = CatalogueCache(interrupted).fresh()
    # A decision to create made on this catalogue must be refused: more was created while it was read.
    assert catalogue.version < interrupted.created


def test_a_catalogue_that_may_hold_what_is_gone_is_read_anew(backend: PostgresBackend, database_url: str) -> None:
    writer = Interrupted(backend, database_url)
    writer.create()
    writer.create()
    cache = CatalogueCache(backend)
    first = cache.fresh()
    keep, gone = sorted(first.teams)[:2]
    with psycopg.connect(database_url) as connection:
        connection.execute("delete from matches where %s in (home_team_id, away_team_id)", [keep])
    args = {"p_keep": keep, "p_gone": gone, "p_actor": "ana", "p_reason": ""}
    backend.call("merge_teams", args)
    again = cache.fresh()
    assert again is not first
    assert set(again.teams) == set(first.teams) - {gone}
    assert len(again.matches) == 1
    assert again.alias_status(keep, "away 1", "") == "confirmed"
    assert cache.fresh() is again
