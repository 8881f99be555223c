"""What Novibet is asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

import pytest
from pydantic import ValidationError

from scrapers.platforms.novibet.platform import PLATFORM, Novibet
from scrapers.records import Event, LeagueName, Sport
from scrapers.registry import load_registry

NOVIBET = load_registry().bookmaker("novibet")
FEEDS = "https://www.novibet.bet.br/spt/feed/marketviews"


def lists(platform, *keys):
    return platform.requests(NOVIBET, [load_registry().leagues[key] for key in keys])


def test_one_location_feed_per_league():
    football, basketball = lists(Novibet(clock=lambda: 1_773_500_645_000_000), "premier_league", "nba")
    assert (football.scope, football.league, football.kinds) == (
        "league:premier_league",
        "premier_league",
        {"list"},
    )
    assert football.url == f"{FEEDS}/location/v2/4324/5909300/"
    assert basketball.url == f"{FEEDS}/location/v2/4324/6680221/"
    assert dict(football.params) == {
        "lang": "pt-BR",
        "timeZ": "E. South America Standard Time",
        "oddsR": "1",
        "usrGrp": "BR",
        "timestamp": "1773500645000000",
    }
    assert football.empty_status == {622}
    headers = dict(football.headers)
    assert (headers["x-gw-application-name"], headers["x-gw-odds-representation"]) == ("NoviBR", "Decimal")
    assert headers["referer"] == "https://www.novibet.bet.br/"


def test_only_the_timestamp_changes_from_cycle_to_cycle():
    platform = Novibet(clock=count(1).__next__)
    (first,), (second,) = lists(platform, "serie_a"), lists(platform, "serie_a")
    assert set(first.params) ^ set(second.params) == {("timestamp", "1"), ("timestamp", "2")}
    assert (first.scope, first.url, first.headers) == (second.scope, second.url, second.headers)


def test_the_clock_counts_microseconds():
    (request,) = lists(PLATFORM, "serie_a")
    moment = datetime.fromtimestamp(int(dict(request.params)["timestamp"]) / 1_000_000, UTC)
    assert abs((datetime.now(UTC) - moment).total_seconds()) < 60


def test_one_event_feed_per_event():
    league = LeagueName("5909300", "Premier League")
    event = Event("48310001", Sport.FOOTBALL, league, "Casa", "Fora", datetime(2026, 3, 15, 19, tzinfo=UTC))
    (request,) = PLATFORM.details(NOVIBET, [event])
    assert (request.scope, request.events, request.kinds) == ("event:48310001", ("48310001",), {"detail"})
    assert request.url == f"{FEEDS}/event/4324/48310001"
    assert ("filterAlias", "") in request.params


@pytest.mark.parametrize("declared", [{"host_in_basketball": 3}, {"session_page": "home"}, {"token": "x"}])
def test_wrong_options_are_refused(declared):
    with pytest.raises(ValidationError):
        PLATFORM.options(declared)
