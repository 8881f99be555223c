"""Novibet's feeds as they are written, with what is odd about them."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.answers import Answer, Request, source_id
from simulator.platforms import novibet
from simulator.world import World

from .conftest import NOON

HOST = "www.novibet.bet.br"
LOCATION = "/spt/feed/marketviews/location/v2/4324"
WORLD = World(4)
GATEWAY = {"x-gw-application-name": "NoviBR"}


def ask(path: str, headers: dict[str, str] = GATEWAY) -> Answer:
    return novibet.answer(WORLD, Request(HOST, path, {}, NOON, headers=headers))


def view(location: str) -> Any:
    answer = ask(f"{LOCATION}/{location}/")
    assert answer.status == 200
    (block,) = answer.body
    assert block["marketViewGroupId"] == int(location)
    (only,) = block["betViews"]
    return only


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{LOCATION}/5910485/", 200),
        (f"{LOCATION}/1/", 622),
        ("/spt/feed/marketviews/location/v2/66/5910485/", 404),
        ("/spt/feed/marketviews/event/4324/5", 404),
        ("/spt/feed/navigation/menu/4324", 404),
    ],
)
def test_statuses(path: str, status: int) -> None:
    assert ask(path).status == status


def test_without_the_gateways_headers_nothing_is_answered() -> None:
    answer = ask(f"{LOCATION}/5910485/", headers={})
    assert (answer.status, answer.body["code"], answer.holds_prices) == (500, 5000, False)


def test_a_competitions_page_and_one_in_the_form_of_popular_pages() -> None:
    assert view("5910485")["items"]
    (competition,) = view("6505458")["competitions"]
    assert competition["caption"] == "UEFA Europa League"
    assert all("betContextId" in event and "eventBetContextId" not in event for event in competition["events"])


def test_what_is_odd_about_location_feeds() -> None:
    locations = ("5910485", "5910661", "5922756", "5909300")
    events = [event for location in locations for event in view(location)["items"]]
    assert any(None in event["markets"] for event in events)
    assert all(event["additionalCaptions"]["competitor2"].endswith(" ") for event in events)
    assert {tag["tag"] for event in events for tag in event["marketTags"]} == {
        "ODDS_KEY_0",
        "SOCCER_2_GOALS_AHEAD_EARLY_PAYOUT",
    }
    markets = [market for event in events for market in event["markets"] if market]
    lines = {item["instanceCaption"] for market in markets for item in market["betItems"]} - {None}
    assert "2,5" in lines
    assert not any("." in line for line in lines)


def test_an_event_feed_repeats_its_main_markets_under_other_sysnames() -> None:
    fixture = WORLD.fixtures("serie_a", NOON)[0]
    answer = ask(f"/spt/feed/marketviews/event/4324/{source_id(WORLD.seed, 'novibet', fixture)}")
    main, every = (
        [market["marketId"] for item in category["items"] for market in item["betViews"]]
        for category in answer.body["marketCategories"]
    )
    assert len(set(every)) == len(every) > len(main) > 0
    assert set(main) < set(every)
    markets = [item["betViews"][0] for item in answer.body["marketCategories"][1]["items"]]
    assert all(market["marketSysname"].endswith("_PRELIVE") for market in markets)
    assert not any("betTypeSysname" in market for market in markets)
