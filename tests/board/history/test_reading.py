"""Histories from real commits: what the database keeps of a price, during its match and after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from board.history import MatchHistory, PriceHistory, find_matches, read_match, read_selection
from board.orientation import Offer
from store.backend import Backend
from tests.support.cycles import House, kickoff, listing

HOME = "match_result:home"
HOME_WIN = Offer("match_result", "match", None, "home", "standard", "back")


@pytest.fixture
def db(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def told(
    backend: Backend,
    starts_at: datetime,
    prices: list[tuple[float, float | None]],
    slug: str = "alpha",
    **more: Any,
) -> House:
    """A house that shows these prices of the home side at these minutes from kick-off."""
    house = House(backend, slug)
    for minute, price in prices:
        match = listing(f"{slug}-1", "Flamengo", "Santos", starts_at, {HOME: price}, **more)
        house.commit([match], at=starts_at + timedelta(minutes=minute))
    return house


def only_match(backend: Backend, **asked: Any) -> MatchHistory:
    (match,) = find_matches(backend, "flamengo")
    history = read_match(backend, match.match_id, **asked)
    assert history is not None
    return history


def only_price(history: MatchHistory) -> PriceHistory:
    (price,) = history.prices
    return price


def put_away(backend: Backend) -> None:
    answer = backend.call("cleanup_old_matches", {"p_keep_hours": 1, "p_limit": 10})
    assert answer["prices"]


def figures(price: PriceHistory) -> tuple[float | None, ...]:
    return price.opening, price.lowest, price.highest, price.closing


def test_before_kick_off_every_change_and_no_closing_price(backend: Backend) -> None:
    starts_at = datetime.now(UTC) + timedelta(minutes=10)
    told(backend, starts_at, [(-40, 2.0), (-30, 2.4), (-20, None), (-15, 1.9)])
    history = only_match(backend)
    price = only_price(history)
    assert figures(price) == (2.0, 1.9, 2.4, None)
    assert (price.last, price.final, price.status, price.put_away) == (1.9, 1.9, "open", False)
    assert [(round((one.at - starts_at.timestamp()) / 60), one.price, one.status) for one in price.changes] == [
        (-40, 2.0, "open"),
        (-30, 2.4, "open"),
        (-20, None, "suspended"),
        (-15, 1.9, "open"),
    ]
    assert history.is_whole(price)


@pytest.mark.parametrize("away", [False, True], ids=["listed", "put away"])
class TestKickOff:
    """Before cleaning up and after it the figures are the same."""

    def read(self, backend: Backend, away: bool) -> PriceHistory:
        if away:
            put_away(backend)
        price = only_price(only_match(backend))
        assert price.put_away is away
        return price

    def test_the_last_open_price_closes(self, backend: Backend, away: bool) -> None:
        house = told(backend, kickoff(-2), [(-30, 2.0), (-20, 2.3), (-10, 2.2)])
        house.commit([], at=kickoff(-2) + timedelta(minutes=1))
        assert figures(self.read(backend, away)) == (2.0, 2.0, 2.3, 2.2)

    def test_a_price_after_kick_off_does_not_count(self, backend: Backend, away: bool) -> None:
        told(backend, kickoff(-2), [(-30, 2.0), (-20, 2.3), (5, 1.2), (40, 9.0)])
        price = self.read(backend, away)
        assert figures(price) == (2.0, 2.0, 2.3, 2.3)
        assert len(price.changes) == 4

    def test_a_selection_that_was_suspended_closes_with_its_last_open_price(
        self, backend: Backend, away: bool
    ) -> None:
        told(backend, kickoff(-2), [(-30, 2.0), (-10, None)])
        assert figures(self.read(backend, away)) == (2.0, 2.0, 2.0, 2.0)

    def test_a_selection_first_shown_after_kick_off_has_no_figures(self, backend: Backend, away: bool) -> None:
        told(backend, kickoff(-2), [(5, 1.2)])
        assert figures(self.read(backend, away)) == (None, None, None, None)

    def test_the_match_decides_when_kick_off_was(
        self, backend: Backend, db: psycopg.Connection[Any], away: bool
    ) -> None:
        told(backend, kickoff(-2), [(-30, 2.0), (-10, 2.5)])
        db.execute("update matches set starts_at = starts_at - interval '20 minutes'")
        assert figures(self.read(backend, away)) == (2.0, 2.0, 2.0, 2.0)

    def test_without_the_dropped_days_the_last_price_closes_if_none_came_late(
        self, backend: Backend, db: psycopg.Connection[Any], away: bool
    ) -> None:
        house = told(backend, kickoff(-2), [(-30, 2.0)])
        house.commit([], at=kickoff(-2) + timedelta(minutes=1))
        db.execute("delete from price_history where status = 'open'")
        assert figures(self.read(backend, away)) == (2.0, 2.0, 2.0, 2.0)

    def test_swapped_sides_are_turned_round(self, backend: Backend, away: bool) -> None:
        offers = {"match_result:away": 2.0, "handicap:away@1.5": 1.8, "totals:over@2.5": 1.7}
        house = House(backend, "beta")
        swapped = listing("b", "Santos", "Flamengo", kickoff(-2), offers, swapped=True)
        house.commit([swapped], at=kickoff(-2) - timedelta(minutes=9))
        if away:
            put_away(backend)
        seen = {price.offer for price in only_match(backend).prices}
        assert seen == {
            HOME_WIN,
            Offer("handicap", "match", -1.5, "home", "standard", "back"),
            Offer("totals", "match", 2.5, "over", "standard", "back"),
        }


def test_changes_outlive_the_match_and_the_summary_outlives_the_changes(
    backend: Backend, db: psycopg.Connection[Any]
) -> None:
    told(backend, kickoff(-2), [(-30, 2.0), (-20, 2.3)])
    put_away(backend)
    assert len(only_price(only_match(backend)).changes) == 2
    for (partition,) in db.execute(
        "select relname from pg_class where relname ~ '^price_history_\\d{8}$'"
    ).fetchall():
        db.execute(f"drop table {partition}")
    history = only_match(backend)
    price = only_price(history)
    assert (figures(price), price.changes, history.is_whole(price)) == ((2.0, 2.0, 2.3, 2.3), (), False)


def test_a_match_put_off_is_put_away_a_second_time_with_its_first_opening(
    backend: Backend, db: psycopg.Connection[Any]
) -> None:
    told(backend, kickoff(-2), [(-30, 2.0), (-20, 2.3)])
    put_away(backend)
    again = listing("alpha-1", "Flamengo", "Santos", kickoff(3), {HOME: 1.8})
    House(backend, "alpha").commit([again], at=datetime.now(UTC))
    assert only_price(only_match(backend)).last == 1.8
    # As if everything had been ten hours ago.
    db.execute("update bookmaker_events set starts_at = starts_at - interval '10 hours'")
    db.execute("update matches set starts_at = starts_at - interval '10 hours'")
    db.execute("update prices set first_seen_at = first_seen_at - interval '10 hours'")
    db.execute("update price_history set observed_at = observed_at - interval '10 hours' where price = 1.8")
    put_away(backend)
    assert figures(only_price(only_match(backend))) == (2.0, 1.8, 2.3, 1.8)


def test_a_window_begins_with_the_change_in_force(backend: Backend) -> None:
    starts_at = datetime.now(UTC) + timedelta(minutes=5)
    told(backend, starts_at, [(-40, 2.0), (-30, 2.4), (-20, 2.5), (-10, 2.6)])
    since = (starts_at - timedelta(minutes=25)).timestamp()
    assert [change.price for change in only_price(only_match(backend, since=since)).changes] == [2.4, 2.5, 2.6]


def test_one_selection_of_every_bookmaker_in_the_matchs_view(backend: Backend) -> None:
    told(backend, kickoff(2), [(-200, 2.0)])
    House(backend, "beta").commit(
        [listing("b", "Santos", "Flamengo", kickoff(2), {"match_result:away": 2.2, HOME: 3.3}, swapped=True)]
    )
    (match,) = find_matches(backend, "Flamengo x Santos")
    history = read_selection(backend, match.match_id, HOME_WIN)
    assert history is not None
    assert {price.bookmaker: (price.offer, price.last) for price in history.prices} == {
        "alpha": (HOME_WIN, 2.0),
        "beta": (HOME_WIN, 2.2),
    }
    handicap = Offer("handicap", "match", -1.5, "home", "standard", "back")
    assert read_selection(backend, match.match_id, handicap) == MatchHistory(match, history.history_from, [])


def test_everything_is_read_whatever_the_page_and_can_be_narrowed(backend: Backend) -> None:
    offers = {f"totals:{side}@{line}": 1.9 for side in ("over", "under") for line in (0.5, 1.5, 2.5)}
    for slug in ("alpha", "beta"):
        House(backend, slug).commit(
            [listing("e", "Flamengo", "Santos", kickoff(2), {**offers, HOME: 2.0, "totals:over@1/first_half": 2.5})]
        )
    assert len(only_match(backend, page=3).prices) == 16
    assert len(only_match(backend, page=1, bookmaker="beta").prices) == 8
    assert len(only_match(backend, market="totals").prices) == 14
    assert len(only_match(backend, market="totals", period="first_half").prices) == 2


def test_matches_are_found_by_words_of_teams_and_league(backend: Backend) -> None:
    house = House(backend, "alpha")
    pairs = [("Atlético-MG", "São Paulo"), ("Atlético-GO", "Flamengo"), ("Água Santa", "Santos")]
    house.commit([listing(str(n), *pair, kickoff(n + 1), {HOME: 2.0}) for n, pair in enumerate(pairs)])

    def found(text: str) -> list[str]:
        return [match.home for match in find_matches(backend, text)]

    assert found("ATLETICO") == ["Atlético-MG", "Atlético-GO"]
    assert found("atlético-go vs flamengo") == ["Atlético-GO"]
    assert found("agua") == ["Água Santa"]
    assert found("série a santos") == ["Água Santa"]
    assert found("flamengo palmeiras") == found("  x ") == []
    assert len(find_matches(backend, "brasileirao", limit=2)) == 2


def test_an_unknown_match_is_none(backend: Backend) -> None:
    assert read_match(backend, 404) is None
