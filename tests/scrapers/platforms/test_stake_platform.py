"""What is asked of Stake: events of each league, odds together, odds alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from scrapers.platforms.stake.platform import BATCH, PLATFORM
from scrapers.records import Event, LeagueName, Sport
from scrapers.registry import load_registry

BASE = "https://sbweb.stake.bet.br/api/v1/br/pt-br"
STAKE = load_registry().bookmaker("stake")
NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)


def matches(count, league="1000095001", sport=Sport.FOOTBALL, first=1):
    name = LeagueName(league, "L")
    return [Event(str(first + n), sport, name, f"A{n}", f"B{n}", NOON + timedelta(minutes=n)) for n in range(count)]


def test_a_list_per_league():
    leagues = [load_registry().leagues[key] for key in ("serie_a", "nba")]
    football, basketball = PLATFORM.requests(STAKE, leagues)
    assert (football.scope, football.url) == ("league:serie_a", f"{BASE}/tournament/1000095001/live-upcoming")
    assert (basketball.league, basketball.url) == ("nba", f"{BASE}/tournament/1000093652/live-upcoming")
    assert football.kinds == {"events"}
    assert dict(football.headers)["referer"] == "https://stake.bet.br/"


def test_odds_together_come_before_odds_alone_and_basketball_has_only_those():
    events = matches(2) + matches(1, "1000093652", Sport.BASKETBALL, first=50) + matches(1, "1000095049", first=70)
    requests = PLATFORM.details(STAKE, events)
    assert [request.scope for request in requests] == [
        "events:1000095001/0",
        "events:1000095049/0",
        "event:1",
        "event:2",
        "event:50",
        "event:70",
    ]
    together, alone = requests[0], requests[2]
    assert (together.url, together.params) == (f"{BASE}/events/odds", (("events", "1,2"),))
    assert together.events == ("1", "2")
    assert (alone.url, alone.params, alone.events) == (f"{BASE}/events/1/odds", (), ("1",))
    assert {kind for request in requests for kind in request.kinds} == {"odds"}
    assert PLATFORM.details(STAKE, []) == []


def test_an_event_keeps_its_batch_as_others_come_and_go():
    many = matches(3 * BATCH)

    def batch_of(events):
        return {
            key: request.scope
            for request in PLATFORM.details(STAKE, events)[: -len(events)]
            for key in request.events
        }

    before, after = batch_of(many), batch_of(many[5:])
    assert set(before) == {event.source_id for event in many}
    assert len(set(before.values())) == 3
    assert all(after[key] == before[key] for key in after)
    moved = [replace(event, starts_at=event.starts_at + timedelta(days=1)) for event in many]
    assert batch_of(moved) == before


@pytest.mark.parametrize("declared", [{"session_page": "pt-br"}, {"token": "x"}])
def test_wrong_options_are_refused(declared):
    with pytest.raises(ValidationError):
        PLATFORM.options(declared)
