"""What Tradeball is asked for: today, the next three days, in pages."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest
from pydantic import ValidationError

from scrapers.platforms.tradeball.platform import Tradeball
from scrapers.registry import load_registry

BOOKMAKER = load_registry().bookmaker("tradeball")
LEAGUES = load_registry().leagues_of(BOOKMAKER)


def requests_at(*moment):
    return Tradeball(clock=lambda: datetime(*moment, tzinfo=UTC)).requests(BOOKMAKER, LEAGUES)


def chosen(request):
    return orjson.loads(dict(request.params)["filter"])


def test_four_days_in_two_pages_each_whatever_the_leagues():
    requests = requests_at(2026, 3, 14, 15)
    assert [request.scope for request in requests] == [
        "day:0",
        "day:0/2",
        "day:1",
        "day:1/2",
        "day:2",
        "day:2/2",
        "day:3",
        "day:3/2",
    ]
    assert [dict(request.params)["start"] for request in requests] == ["0", "100"] * 4
    assert [dict(request.params)["page"] for request in requests] == ["1", "2"] * 4
    assert {dict(request.params)["limit"] for request in requests} == {"100"}
    assert {request.url for request in requests} == {"https://tradeball.betbra.bet.br/api/feedDballGuest/list"}
    assert {request.league for request in requests} == {""}


def test_today_has_no_date_and_the_next_days_have_theirs():
    lists = [chosen(request) for request in requests_at(2026, 12, 30, 15)[::2]]
    assert [row.get("date") for row in lists] == [None, "2026-12-31", "2027-01-01", "2027-01-02"]
    assert {row["marketId"] for row in lists} == {2}


def test_days_change_with_the_date_of_brasilia():
    assert chosen(requests_at(2026, 3, 15, 2, 59)[2])["date"] == "2026-03-15"
    assert chosen(requests_at(2026, 3, 15, 3, 0)[2])["date"] == "2026-03-16"


def test_json_parameters_are_compact():
    params = dict(requests_at(2026, 3, 14, 15)[0].params)
    assert params["filter"] == '{"line":1,"periodTypeId":1,"tradingTypeId":2,"marketId":2}'
    assert params["sort"] == '[{"property":"created_at","direction":"desc"}]'


def test_the_first_page_may_not_be_the_rest_of_a_list():
    first, second = requests_at(2026, 3, 14, 15)[:2]
    assert first.kinds == {"list", "first_page", "full_page"}
    assert second.kinds == {"list", "last_page", "beyond", "full_page"}


def test_lists_are_all():
    assert Tradeball().details(BOOKMAKER, []) == []


@pytest.mark.parametrize("declared", [{"utc_offset_minutes": 900}, {"token": "secret"}])
def test_wrong_options_are_refused(declared):
    with pytest.raises(ValidationError):
        Tradeball().options(declared)
