"""Following the board on a real Postgres: what was committed is what is held, however it got there."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson
import psycopg
import pytest

from board.changes import Changes
from board.feed import FeedBuilder
from board.follow import BoardFollower
from board.listing import Listing as HeldListing
from board.state import Board
from scrapers.errors import StoreUnavailableError
from store.postgres import PostgresBackend
from tests.board.sketch import LIMITS, built, written
from tests.support.cycles import House, Listing, catalogue_rows, kickoff, listing

RESULT = {"match_result:home": 2.1, "match_result:draw": 3.3, "match_result:away": 3.6}


@pytest.fixture
def db(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """For what only time or a person's hand does to the database."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def derby(**more: Any) -> Listing:
    return listing("e1", "Flamengo", "Fluminense", kickoff(3), dict(RESULT), **more)


def shown(board: Board) -> dict[str, dict[str, float]]:
    """Bookmaker -> market:selection[@line] -> price, of the board's document."""
    document = orjson.loads(written(built(board)[0])[0])
    prices: dict[str, dict[str, float]] = {}
    for match in document["matches"]:
        for market in match["markets"]:
            line = "" if market["line"] is None else f"@{market['line']:g}"
            for selection in market["selections"]:
                for price in selection["prices"]:
                    what = f"{market['market']}:{selection['selection']}{line}"
                    prices.setdefault(price["bookmaker"], {})[what] = price["price"]
    return prices


def listings(board: Board) -> list[HeldListing]:
    return [listing for part in board.parts.values() for listing in part.listings.values()]


def test_an_empty_database_is_an_empty_board(backend: PostgresBackend) -> None:
    follower = BoardFollower(backend)
    follower.sync()
    assert {head.slug for head in follower.board.heads.values()} == {"alpha", "beta", "gamma", "delta"}
    assert shown(follower.board) == {}


def test_prices_of_two_houses_meet_in_one_match_and_a_swapped_one_is_turned(backend: PostgresBackend) -> None:
    House(backend, "alpha").commit([derby()])
    offers = {"match_result:home": 3.7, "handicap:home@-0.5": 1.85}
    swapped = listing("9", "Fluminense", "Flamengo", kickoff(3), offers, swapped=True)
    House(backend, "gamma").commit([swapped])
    follower = BoardFollower(backend)
    follower.sync()
    assert len(follower.board.matches) == 1
    assert shown(follower.board) == {
        "alpha": RESULT,
        "gamma": {"match_result:away": 3.7, "handicap:away@0.5": 1.85},
    }


def test_changes_suspensions_and_departures_are_followed(backend: PostgresBackend) -> None:
    alpha = House(backend, "alpha")
    alpha.commit([derby()])
    follower = BoardFollower(backend)
    follower.sync()
    alpha.commit([replace(derby(), offers={"match_result:home": 2.2, "match_result:draw": None})])
    follower.sync()
    assert shown(follower.board) == {"alpha": {"match_result:home": 2.2}}
    alpha.commit([derby()])
    follower.sync()
    assert shown(follower.board) == {"alpha": RESULT}
    alpha.commit([])
    follower.sync()
    assert shown(follower.board) == {}
    assert not any(map(len, listings(follower.board))), "gone prices leave the memory"


def test_a_link_that_comes_later_or_changes_is_followed(
    backend: PostgresBackend, db: psycopg.Connection[Any]
) -> None:
    alpha, beta = House(backend, "alpha"), House(backend, "beta")
    alpha.commit([derby(), listing("e2", "Bahia", "Vitória", kickoff(4), {"match_result:home": 1.7})])
    beta.commit([derby(linked=False)])
    follower = BoardFollower(backend)
    follower.sync()
    assert "beta" not in shown(follower.board)
    matches = [row[1] for row in catalogue_rows(backend, "matches")[1]]
    beta.relink("e1", min(matches))
    follower.sync()
    assert shown(follower.board)["beta"] == RESULT
    # A person takes the link back; the same event is then given to another match, the other way round.
    db.execute(
        "update bookmaker_events e set match_id = null, commit_seq = s.commit_seq + 1 from scraper_status s "
        "where s.scraper_name = 'beta' and e.bookmaker_id = s.bookmaker_id"
    )
    db.execute("update scraper_status set commit_seq = commit_seq + 1 where scraper_name = 'beta'")
    follower.sync()
    assert "beta" not in shown(follower.board)
    beta.relink("e1", max(matches), swapped=True)
    follower.sync()
    assert shown(follower.board)["beta"]["match_result:home"] == RESULT["match_result:away"]


def test_a_postponed_match_moves_with_its_houses(backend: PostgresBackend) -> None:
    alpha = House(backend, "alpha")
    alpha.commit([derby()])
    follower = BoardFollower(backend)
    follower.sync()
    later = kickoff(48)
    alpha.commit([replace(derby(), starts_at=later)])
    follower.sync()
    [match] = follower.board.matches.values()
    assert match.starts_at == later.timestamp()
    assert shown(follower.board) == {"alpha": RESULT}


def test_stale_scopes_and_silent_scrapers_drop_out(backend: PostgresBackend, db: psycopg.Connection[Any]) -> None:
    House(backend, "alpha").commit(
        [derby(), replace(derby(), source_id="e2", offers={"totals:over@2.5": 1.9}, scope="b")]
    )
    follower = BoardFollower(backend)
    db.execute("update price_scopes set last_seen_at = now() - interval '181 s' where scope = 'b'")
    follower.sync()
    assert shown(follower.board) == {"alpha": RESULT}
    db.execute("update scraper_status set last_success = now() - interval '179 s' where scraper_name = 'alpha'")
    follower.sync()
    assert shown(follower.board) == {"alpha": RESULT}, "late, but still trusted"
    db.execute("update scraper_status set last_success = now() - interval '181 s' where scraper_name = 'alpha'")
    follower.sync()
    assert shown(follower.board) == {}


def test_a_bookmaker_that_is_no_longer_declared_leaves(
    backend: PostgresBackend, db: psycopg.Connection[Any]
) -> None:
    House(backend, "alpha").commit([derby()])
    follower = BoardFollower(backend)
    follower.sync()
    db.execute("update bookmakers set active = false where slug = 'alpha'")
    follower.sync()
    assert shown(follower.board) == {}
    assert "alpha" not in {head.slug for head in follower.board.heads.values()}


def test_a_database_that_went_back_in_time_is_read_anew(
    backend: PostgresBackend, db: psycopg.Connection[Any]
) -> None:
    alpha = House(backend, "alpha")
    alpha.commit([derby()])
    alpha.commit([replace(derby(), offers={**RESULT, "totals:over@2.5": 1.9})])
    follower = BoardFollower(backend)
    follower.sync()
    db.execute("delete from prices where market = 'totals'")
    db.execute("update prices set commit_seq = 1")
    db.execute("update bookmaker_events set commit_seq = 1")
    db.execute("update scraper_status set commit_seq = 1 where scraper_name = 'alpha'")
    follower.sync()
    assert shown(follower.board) == {"alpha": RESULT}


def test_what_the_cleanup_deletes_leaves_when_its_bookmaker_s_turn_comes(
    backend: PostgresBackend, db: psycopg.Connection[Any]
) -> None:
    alpha, beta = House(backend, "alpha"), House(backend, "beta")
    alpha.commit([derby()])
    beta.commit([derby()])
    follower = BoardFollower(backend, reload_every_s=0)
    follower.sync()
    db.execute("delete from bookmaker_events")
    for _ in follower.board.heads:
        follower.sync()
    assert listings(follower.board) == []
    assert follower.board.matches == {}


class Listening:
    """A backend that notes which functions were called."""

    def __init__(self, inner: PostgresBackend) -> None:
        self.inner = inner
        self.called: list[str] = []

    def call(self, function: str, args: Mapping[str, Any]) -> Any:
        self.called.append(function)
        return self.inner.call(function, args)

    def close(self) -> None:
        self.inner.close()


def test_an_idle_round_asks_once_and_a_commit_without_changes_reads_its_scopes_only(
    backend: PostgresBackend,
) -> None:
    alpha = House(backend, "alpha")
    alpha.commit([derby()])
    listening = Listening(backend)
    follower = BoardFollower(listening)
    follower.sync()
    follower.board.take_changes()
    listening.called.clear()
    follower.sync()
    assert listening.called == ["board_heads_v2"]
    assert follower.board.take_changes() == Changes()
    alpha.commit([derby()])
    alpha.fail("timeout", "no page in time")
    follower.sync()
    changes = follower.board.take_changes()
    assert (changes.matches, len(changes.scopes)) == ({}, 1)
    alpha.commit([replace(derby(), offers={**RESULT, "match_result:home": 2.2})])
    listening.called.clear()
    follower.sync()
    assert listening.called == ["board_heads_v2", "board_changes"]
    [contracts] = follower.board.take_changes().matches.values()
    assert contracts is not None
    assert len(contracts) == 1


class Flaky:
    """A backend whose connection breaks at the n-th call from now."""

    def __init__(self, inner: PostgresBackend) -> None:
        self.inner = inner
        self.calls_left: int | None = None

    def call(self, function: str, args: Mapping[str, Any]) -> Any:
        if self.calls_left is not None:
            if self.calls_left == 0:
                self.calls_left = None
                raise StoreUnavailableError("the connection broke")
            self.calls_left -= 1
        return self.inner.call(function, args)

    def close(self) -> None:
        self.inner.close()


def held(board: Board) -> tuple[Any, ...]:
    """What a board holds; offers by what they are, since boards number them in the order they turn up."""
    parts = {
        bookmaker_id: (
            part.seq,
            part.scopes,
            {
                event_id: (
                    listing.description,
                    {
                        held.key: (board.offers.offers[held.offer], held._replace(offer=0))
                        for held in map(listing.at, range(len(listing)))
                    },
                )
                for event_id, listing in part.listings.items()
            },
        )
        for bookmaker_id, part in board.parts.items()
    }
    return parts, board.matches, {match_id: len(listed) for match_id, listed in board.listed.items()}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_following_equals_reading_everything(backend: PostgresBackend, seed: int) -> None:
    """Random commits, with connections that break in the middle: after each, what is followed is what is there."""
    chance = random.Random(seed)
    flaky = Flaky(backend)
    # With every round one house is read anew, which must change nothing.
    follower = BoardFollower(flaky, page_rows=7, reload_every_s=0 if seed == 3 else 60)
    builder = FeedBuilder(LIMITS, simulated=True)
    houses = {slug: House(backend, slug) for slug in ("alpha", "beta", "gamma")}
    pool = [
        *("match_result:home", "match_result:draw", "match_result:away", "double_chance:home_draw"),
        *("totals:over@2.5", "totals:under@2.5", "handicap:home@-1.25", "match_result:home!early_payout"),
    ]
    fixtures = [(f"Mandante {n}", f"Visitante {n}") for n in range(6)]
    listings: dict[str, dict[str, Listing]] = {slug: {} for slug in houses}
    seen = set()
    for _ in range(25):
        slug = chance.choice(sorted(houses))
        for number in chance.sample(range(len(fixtures)), 3):
            known = listings[slug].get(f"e{number}")
            if known is not None and chance.random() < 0.3:
                listings[slug][f"e{number}"] = replace(known, offers={})
                continue
            home, away = fixtures[number]
            swapped = known.swapped if known else chance.random() < 0.3
            offers = {
                what: None if chance.random() < 0.15 else round(chance.uniform(1.01, 9), 2)
                for what in chance.sample(pool, chance.randint(1, len(pool)))
            }
            listings[slug][f"e{number}"] = listing(
                f"e{number}",
                *((away, home) if swapped else (home, away)),
                kickoff(chance.choice([5, 5, 5, 29])),
                offers,
                swapped=swapped,
                linked=bool(known and known.linked) or chance.random() < 0.7,
                scope=chance.choice(["brasileirao_a", "other"]) if known is None else known.scope,
            )
        houses[slug].commit(list(listings[slug].values()))
        if chance.random() < 0.4:
            flaky.calls_left = chance.randint(0, 8)
            with contextlib.suppress(StoreUnavailableError):
                follower.sync()
        flaky.calls_left = None
        follower.sync()
        anew = BoardFollower(backend)
        anew.sync()
        assert held(follower.board) == held(anew.board)
        builder.update(follower.board, follower.board.take_changes())
        followed, scratch = builder.feeds(follower.board), built(anew.board)
        assert [feed.name for feed in followed] == [feed.name for feed in scratch]
        assert [written(feed) for feed in followed] == [written(feed) for feed in scratch]
        assert shown(follower.board) == shown(anew.board)
        seen.add(repr(held(follower.board)))
    assert len(seen) > 20
    assert len(shown(follower.board)) == 3
