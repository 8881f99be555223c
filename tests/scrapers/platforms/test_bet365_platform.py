"""What is asked of BetsAPI: few requests, a key that stands nowhere, groups that keep their names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from scrapers.platforms.bet365.platform import BATCH, PLATFORM
from scrapers.records import Event, LeagueName, Sport
from scrapers.registry import load_registry

BET365 = load_registry().bookmaker("bet365")
DAY = datetime(2026, 3, 15, 12, tzinfo=UTC)


def event(number, *, league="premier_league", hours=0):
    return Event(
        str(number), Sport.FOOTBALL, LeagueName(league, ""), "Arsenal", "Chelsea", DAY + timedelta(hours=hours)
    )


def groups(events, bookmaker=BET365):
    return {request.scope: request.events for request in PLATFORM.details(bookmaker, events)}


def test_each_sport_s_list_is_asked_page_by_page():
    leagues = load_registry().leagues_of(BET365)
    requests = PLATFORM.requests(BET365, leagues)
    assert [request.scope for request in requests[:2]] == ["list:football/1", "list:football/2"]
    assert [request.scope for request in requests[-4:]] == [f"list:basketball/{page}" for page in range(1, 5)]
    assert len(requests) == 18
    first = requests[0]
    assert first.url == "https://api.b365api.com/v1/bet365/upcoming"
    assert dict(first.params) == {"sport_id": "1", "skip_esports": "1", "page": "1"}
    assert first.kinds == {"events"}
    football = [league for league in leagues if league.sport is Sport.FOOTBALL]
    assert all("football" in request.scope for request in PLATFORM.requests(BET365, football))


def test_the_key_is_named_and_stands_nowhere():
    for request in [
        *PLATFORM.requests(BET365, load_registry().leagues_of(BET365)),
        *PLATFORM.details(BET365, [event(1)]),
    ]:
        assert request.secrets == (("token", "BETSAPI_TOKEN"),)
        assert "token" not in dict(request.params)


def test_odds_are_asked_for_the_matches_of_a_league_and_day_together():
    listed = [event(3), event(1, hours=2), event(2, league="serie_a", hours=3), event(4, hours=30)]
    first, second, third = PLATFORM.details(BET365, listed)
    assert first.url == "https://api.b365api.com/v3/bet365/prematch"
    assert dict(first.params) == {"FI": "1,3"}
    assert (first.scope, first.events, first.kinds) == (
        "events:premier_league/2026-03-15/0",
        ("1", "3"),
        {"prematch"},
    )
    assert (second.scope, second.events) == ("events:serie_a/2026-03-15/0", ("2",))
    assert (third.scope, third.events) == ("events:premier_league/2026-03-16/0", ("4",))


def test_more_matches_than_one_request_takes_are_split():
    found = groups([event(number) for number in range(100, 100 + BATCH + 2)])
    assert [len(ids) for ids in found.values()] == [BATCH, 2]
    assert list(found) == ["events:premier_league/2026-03-15/0", "events:premier_league/2026-03-15/1"]


def test_a_group_keeps_its_name_when_a_match_of_it_starts():
    before = groups([event(1), event(2, hours=1)])
    after = groups([event(2, hours=1)])
    assert list(before) == list(after)


def test_leagues_that_the_bookmaker_does_not_declare_are_not_asked_for():
    fewer = BET365.model_copy(update={"leagues": ("serie_a",)})
    assert groups([event(1), event(2, league="serie_a"), event(3, league="678")], fewer) == {
        "events:serie_a/2026-03-15/0": ("2",)
    }


def test_a_cycle_stays_within_the_quota():
    """3,600 requests an hour; every cycle asks for each list and at most `details_per_cycle` groups."""
    lists = len(PLATFORM.requests(BET365, load_registry().leagues_of(BET365)))
    assert (lists + BET365.details_per_cycle) * 3600 / BET365.interval_s < 2000


@pytest.mark.parametrize(
    "declared", [{"football_pages": 0}, {"pages": 3}, {"basketball_pages": 41}, {"token": "x"}]
)
def test_wrong_options_are_refused(declared):
    with pytest.raises(ValidationError):
        PLATFORM.options(declared)
