"""`fleet history`: from commits to the printed table, JSON and CSV."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta

import orjson
import psycopg
import pytest
from click.testing import CliRunner, Result

from board.history import Change, PriceHistory
from board.orientation import Offer
from standalone.commands.history import command
from standalone.tables.prices import sparkline
from store.backend import Backend
from tests.support.cycles import House, kickoff, listing

HOME, OVER = "match_result:home", "totals:over@2.5"


@pytest.fixture(autouse=True)
def house(backend: Backend, database_url: str, monkeypatch: pytest.MonkeyPatch) -> House:
    """`alpha`, which moved two prices of one match and lists another."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    house = House(backend, "alpha")
    starts_at, begin = kickoff(1), datetime.now(UTC) - timedelta(minutes=30)
    other = listing("o", "Flamengo", "Bahia [BA]", starts_at, {HOME: 1.4})
    for minute, home, over in ((0, 2.0, 1.8), (10, 2.5, 1.8), (20, 2.2, 1.9)):
        match = listing("m", "Santos", "Vitória", starts_at, {HOME: home, OVER: over})
        house.commit([match, other], at=begin + timedelta(minutes=minute))
    return house


def fleet_history(*words: str) -> Result:
    return CliRunner().invoke(command, words)


def test_the_table_shows_the_main_market_and_names_the_others() -> None:
    done = fleet_history("santos", "vitoria")
    assert done.exit_code == 0, done.output
    assert "Santos x Vitória" in done.stdout
    (row,) = [line for line in done.stdout.splitlines() if "Alpha" in line]
    assert row.split()[:8] == ["home", "Alpha", "2.00", "2.00", "2.50", "2.20", "+10.0%", "3"]
    assert "totals 1" in done.stdout
    assert "totals 2.5" in fleet_history("santos", "--market", "all").stdout


def test_several_matches_are_listed_and_one_is_asked_for() -> None:
    done = fleet_history("brasileirao")
    assert done.exit_code == 1
    assert len(done.stdout.splitlines()) == 2
    assert "Flamengo x Bahia [BA]" in done.stdout
    assert len(orjson.loads(fleet_history("brasileirao", "--json").stdout)["matches"]) == 2


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["corinthians"], "no match found"),
        (["404"], "no match 404"),
        (["santos", "--bookmaker", "beta"], "no bookmaker offered this"),
    ],
)
def test_nothing_to_show_says_what_is_missing(words: list[str], reason: str) -> None:
    done = fleet_history(*words)
    assert done.exit_code == 1
    assert reason in done.stderr


def test_json_holds_figures_and_changes_of_every_market() -> None:
    document = orjson.loads(fleet_history("santos", "--json").stdout)
    assert [price["market"] for price in document["selections"]] == ["match_result", "totals"]
    home = document["selections"][0]
    assert (home["opening"], home["lowest"], home["highest"], home["last"], home["closing"]) == (
        2,
        2,
        2.5,
        2.2,
        None,
    )
    assert ([price for _, price, _ in home["changes"]], home["complete"]) == ([2.0, 2.5, 2.2], True)


def test_csv_holds_one_row_per_change() -> None:
    rows = list(csv.DictReader(fleet_history("santos", "--csv", "--selection", "over").stdout.splitlines()))
    assert [(row["bookmaker"], row["line"], row["price"], row["status"]) for row in rows] == [
        ("alpha", "2.5", "1.8", "open"),
        ("alpha", "2.5", "1.9", "open"),
    ]
    assert all(datetime.fromisoformat(row["observed_at"]).tzinfo for row in rows)


def test_the_last_hours_alone_begin_with_the_price_in_force() -> None:
    document = orjson.loads(fleet_history("santos", "--json", "--hours", "0.25", "--line", "2.5").stdout)
    (over,) = document["selections"]
    assert [price for _, price, _ in over["changes"]] == [1.8, 1.9]


def test_a_match_put_away_shows_its_closing_prices_and_what_is_kept(backend: Backend, database_url: str) -> None:
    house, begun = House(backend, "beta"), kickoff(-2)
    for minute, price in ((-20, 3.0), (-10, 3.3), (5, 9.0)):
        match = listing("p", "Palmeiras", "Bahia [BA]", begun, {HOME: price})
        house.commit([match], at=begun + timedelta(minutes=minute))
    backend.call("cleanup_old_matches", {"p_keep_hours": 1, "p_limit": 10})
    shown = fleet_history("palmeiras").stdout
    (row,) = [line for line in shown.splitlines() if "Beta" in line]
    assert row.split()[:8] == ["home", "Beta", "3.00", "3.00", "3.30", "3.30", "+10.0%", "3"]
    assert "Fecham. (closing)" in shown
    assert "já começou" in shown
    assert "Partida já arquivada" in shown
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("truncate price_history")
        found = connection.execute(
            "select relname from pg_class where relname ~ '^price_history_[0-9]{8}$'"
        ).fetchall()
        for (partition,) in found:
            connection.execute(f"drop table {partition}".encode())
    shown = fleet_history("palmeiras").stdout
    assert "Mudanças guardadas desde nunca" in shown
    done = fleet_history("palmeiras", "--csv")
    assert len(done.stdout.splitlines()) == 1
    assert "1 seleções sem mudanças guardadas" in done.stderr


def test_a_sparkline_rises_falls_and_leaves_gaps() -> None:
    def line(*changes: tuple[float, float | None, str]) -> str:
        offer = Offer("match_result", "match", None, "home", "standard", "back")
        history = PriceHistory(
            1, "alpha", "Alpha", "e", offer, "open", 2.0, 2.0, None, 2.0, 2.0, 0.0, 0.0,
            tuple(Change(*change) for change in changes),
        )  # fmt: skip
        return sparkline(history, until=8, columns=8)

    assert line((0, 2.0, "open"), (4, 3.0, "open")) == "▁▁▁▁████"
    assert line((0, 3.0, "open"), (2, None, "suspended"), (6, 2.0, "open")) == "██    ▁▁"
    assert line((0, 2.0, "open")) == "▄▄▄▄▄▄▄▄"
    assert line((0, None, "suspended")) == line((9, 2.0, "open")) == line() == ""
