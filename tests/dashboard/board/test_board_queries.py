"""The board's questions to the database, put into a grid: right prices, right side, nothing stale."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from dashboard.board.filters import BoardFilter
from dashboard.board.grid import Grid, build_grid
from store.backend import Backend
from tests.support.cycles import House, kickoff, listing

MAX_AGE_S = 180.0


def page(backend: Backend, shown: BoardFilter = BoardFilter(), limit: int = 20) -> dict[str, Any]:  # noqa: B008
    after = None if shown.after is None else list(shown.after)
    answer: dict[str, Any] = backend.call(
        "board_page",
        {"p_filter": shown.as_json(), "p_after": after, "p_limit": limit, "p_max_age_s": MAX_AGE_S},
    )
    return answer


def grid_of(answer: dict[str, Any], home: str) -> Grid:
    (match,) = [each for each in answer["matches"] if each["home"] == home]
    return build_grid(answer["listed"][str(match["match_id"])], answer["bookmakers"], sport="football")


def test_prices_stand_side_by_side_in_the_matchs_own_view(backend: Backend, houses: dict[str, House]) -> None:
    at = kickoff(5)
    offers = {"match_result:home": 2.0, "match_result:draw": 3.1, "match_result:away": 4.0}
    houses["alpha"].commit(
        [listing("1", "Flamengo", "Santos", at, {**offers, "match_result:home!early_payout": 1.9})]
    )
    turned = {"match_result:away": 2.2, "match_result:draw": 3.1, "match_result:home": 3.8}
    houses["beta"].commit([listing("7", "Santos", "Flamengo", at, turned, swapped=True)])
    grid = grid_of(page(backend), "Flamengo")
    assert [column.slug for column in grid.columns] == ["alpha", "beta"]
    (section,) = grid.sections
    assert [(row.selection, row.rules) for row in section.rows] == [
        ("home", "standard"),
        ("draw", "standard"),
        ("away", "standard"),
        ("home", "early_payout"),
    ]
    home, draw, away, early = section.rows
    assert {slug: cell.price for slug, cell in home.cells.items()} == {"alpha": 2.0, "beta": 2.2}
    assert (home.cells["beta"].best, home.cells["alpha"].worst) == (True, True)
    assert not any(cell.best or cell.worst for cell in draw.cells.values()), "equal prices: neither"
    assert {cell.price for cell in away.cells.values()} == {3.8, 4.0}
    assert set(early.cells) == {"alpha"}


def test_stale_suspended_and_past_prices_are_not_shown(backend: Backend, houses: dict[str, House]) -> None:
    later, offers = kickoff(5), {"match_result:home": 2.0}
    long_ago = datetime.now(UTC) - timedelta(seconds=MAX_AGE_S + 60)
    houses["alpha"].commit([listing("1", "Flamengo", "Santos", later, {"match_result:home": None})])
    houses["beta"].commit([listing("1", "Flamengo", "Santos", later, offers)], at=long_ago)
    houses["gamma"].commit([listing("2", "Bahia", "Vitória", kickoff(-1), offers)])
    answer = page(backend)
    assert (answer["matches"], answer["listed"]) == ([], {})
    houses["beta"].commit([listing("1", "Flamengo", "Santos", later, offers)])
    (section,) = grid_of(page(backend), "Flamengo").sections
    assert [list(row.cells) for row in section.rows] == [["beta"]]


def test_a_silent_scraper_leaves_the_board(backend: Backend, houses: dict[str, House], database_url: str) -> None:
    houses["alpha"].commit([listing("1", "Flamengo", "Santos", kickoff(5), {"match_result:home": 2.0})])
    assert page(backend)["matches"]
    with psycopg.connect(database_url) as connection:
        connection.execute("update scraper_status set last_success = now() - interval '1 hour'")
    assert not page(backend)["matches"]


def test_filters_and_pages(backend: Backend, houses: dict[str, House]) -> None:
    names = ["Flamengo", "Bahia", "Gremio", "Sport"]
    offers = {"match_result:home": 2.0}
    houses["alpha"].commit(
        [listing(str(hour), name, f"{name} rival", kickoff(hour + 1), offers) for hour, name in enumerate(names)]
    )
    houses["beta"].commit([listing("9", "Bahia", "Bahia rival", kickoff(2), offers)])

    def homes(shown: BoardFilter, limit: int = 20) -> list[str]:
        return [match["home"] for match in page(backend, shown, limit)["matches"]]

    assert homes(BoardFilter()) == names
    assert homes(BoardFilter(text="GRÊM")) == ["Gremio"]
    assert homes(BoardFilter(bookmakers=("beta",))) == ["Bahia"]
    assert homes(BoardFilter(leagues=("brasileirao_a",))) == names
    assert homes(BoardFilter(leagues=("nba",))) == []
    assert homes(BoardFilter(sport="basketball")) == []
    first = page(backend, limit=3)
    assert first["more"]
    last = first["matches"][-1]
    assert homes(BoardFilter().beyond(last["starts_at"], last["match_id"])) == names[3:]
    assert [league[0] for league in first["leagues"]] == ["brasileirao_a"]


def test_a_match_with_all_it_offers(backend: Backend, houses: dict[str, House]) -> None:
    offers = {"totals:over@2.5": 1.9, "totals:under@2.5": 1.9, "match_result:home": 2.0, "handicap:home@-1": 2.4}
    houses["alpha"].commit([listing("1", "Flamengo", "Santos", kickoff(5), offers)])
    match_id = page(backend)["matches"][0]["match_id"]
    answer = backend.call("board_match", {"p_match_id": match_id, "p_max_age_s": MAX_AGE_S})
    grid = build_grid(answer["listed"][str(match_id)], answer["bookmakers"], sport="football")
    assert [(section.market, section.line) for section in grid.sections] == [
        ("match_result", None),
        ("totals", 2.5),
        ("handicap", -1.0),
    ]
    assert answer["match"]["home"] == "Flamengo"
    gone = backend.call("board_match", {"p_match_id": 999_999, "p_max_age_s": MAX_AGE_S})
    assert (gone["match"], gone["listed"]) == (None, {})
