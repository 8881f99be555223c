"""Tradeball's wire format as the simulator writes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from simulator.answers import Answer, Request
from simulator.platforms import serving, tradeball
from simulator.world import World

from .conftest import NOON

HOST = "tradeball.betbra.bet.br"
WORLD = World(4)


def ask(path: str = tradeball.LIST_PATH, time: int = NOON, *, date: str = "", **query: str) -> Answer:
    chosen = {"line": 1, "periodTypeId": 1, "tradingTypeId": 2, "marketId": 2} | ({"date": date} if date else {})
    asked = {"filter": orjson.dumps(chosen).decode(), **query}
    return tradeball.answer(WORLD, Request(HOST, path, asked, time))


def test_the_list_is_on_the_site_itself() -> None:
    assert serving(HOST, tradeball.LIST_PATH) is tradeball
    assert serving(HOST, "/dballTradingFeed") is None


def test_customers_have_an_endpoint_of_their_own() -> None:
    assert ask(tradeball.CUSTOMER_PATH).status == 401


@pytest.mark.parametrize("query", [{"filter": "{"}, {"filter": ""}, {"start": "two"}])
def test_a_question_that_is_none_is_refused(query: dict[str, str]) -> None:
    assert ask(**query).status == 400


def test_another_market_has_no_rows() -> None:
    assert ask(filter='{"marketId":3}').body == {"total": 0, "init": []}


def test_pages_make_up_the_day() -> None:
    day = ask(limit="100").body
    assert day["total"] == len(day["init"]) > 8
    first, rest = ask(limit="5"), ask(limit="5", start="5")
    assert first.body["init"] + rest.body["init"] == day["init"][:10]
    assert first.body["total"] == day["total"]


def test_a_day_is_one_of_the_service_s_own_clock() -> None:
    """23:30 UTC is half past midnight there: the list without a date is tomorrow's by then."""
    midnight = datetime.fromtimestamp(NOON, UTC).replace(hour=0, minute=0, second=0)
    late, tomorrow = int(midnight.timestamp()) + 84_600, (midnight + timedelta(days=1)).date().isoformat()
    assert ask(time=late).body == ask(time=late, date=tomorrow).body


def test_kick_offs_prices_and_ids_are_written_in_several_ways() -> None:
    rows = [row for day in range(1, 4) for row in ask(date=f"2026-09-{21 + day}", limit="100").body["init"]]
    for key, kinds in (("dg", {str, int}), ("wldHm", {str, float}), ("ceId", {str, int})):
        assert kinds <= {type(row[key]) for row in rows if key in row}
    assert all(row["clName"].endswith(" ") for row in rows)
