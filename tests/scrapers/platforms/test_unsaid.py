"""Odds whose event is left out: read in a saved file with stand-ins, never in a cycle."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from scrapers.platforms import Context, unsaid
from scrapers.records import Event, LeagueName, Sport
from scrapers.registry import load_platform

NOW = datetime(2026, 3, 14, 15, tzinfo=UTC)
HALF_PAST = "2026-03-15T16:30:00Z"


def altenar() -> Any:
    odds = [{"id": n, "typeId": n, "price": 2.5, "oddStatus": 0} for n in (1, 2, 3)]
    return {
        "id": 7,
        "name": "Bahia vs. Santos",
        "sport": {"id": 66},
        "markets": [{"id": 70, "typeId": 1, "desktopOddIds": [[1], [2], [3]]}],
        "odds": odds,
    }


def superbet() -> Any:
    rows = [{"marketId": 547, "outcomeId": n, "price": 2.5, "status": "active"} for n in (1470, 1471, 1472)]
    return {
        "data": [{"eventId": 7, "odds": [*rows, {"marketId": 704, "outcomeId": 1, "price": 2, "status": "active"}]}]
    }


def nsx() -> Any:
    over, under = (
        {"market_id": 999167, "market_code": "Total", "outcome_name": f"{word} de 2,5 gols", "odd": "1.900", **line}
        for word, line in (("Mais", {"specifier": "total=2,5"}), ("Menos", {"specifier": "total=2,5"}))
    )
    draw = {"market_id": 999133, "market_code": "|Win-Draw-Win|", "outcome_name": "Empate", "odd": "3.100"}
    return {"odds": [over, under, draw]}


def novibet() -> Any:
    items = [{"id": n, "code": code, "caption": code, "price": 2.5} for n, code in enumerate("1X2")]
    market = {"marketId": 70, "marketSysname": "SOCCER_MATCH_RESULT", "betItems": items}
    return {"betContextId": 7, "marketCategories": [{"items": [{"betViews": [market]}]}]}


def kaizen() -> Any:
    rows = [{"id": n, "name": name, "price": 2.5} for n, name in enumerate("1X2")]
    market = {"id": 70, "type": "MRES", "selections": rows}
    return {"data": {"event": {"id": 7, "sportId": "FOOT", "markets": [market]}}}


def bet365() -> Any:
    rows = [{"id": n, "header": side, "odds": "2.5"} for n, side in enumerate(("1", "Draw", "2"))]
    return {"success": 1, "results": [{"FI": "7", "main": {"sp": {"full_time_result": rows}}}]}


def stake() -> Any:
    rows = [{"eventId": 7, "marketId": "1001159858", "columnId": n, "oddValue": 2.5} for n in (0, 1, 2)]
    return {"odds": rows}


def matchbook() -> Any:
    book = [{"side": "back", "decimal-odds": 2.5, "available-amount": 20}]
    runners = [{"id": n, "name": name, "status": "open", "prices": book} for n, name in enumerate(("Sim", "Não"))]
    market = {"event-id": 7, "id": 70, "market-type": "both_to_score", "name": "Ambas marcam", "status": "open"}
    return {"markets": [{**market, "runners": runners}]}


def entain_cds() -> Any:
    rows = [
        {"id": n, "status": "Visible", "parameters": {"optionTypes": [kind]}, "price": {"odds": 1.9}}
        for n, kind in enumerate(("ToHappen", "NotToHappen"))
    ]
    values = {"MarketType": "BTTS", "Happening": "Goal", "Period": "RegularTime"}
    parameters = [{"key": key, "value": value} for key, value in values.items()]
    market = {"id": 70, "name": {"value": "Ambas"}, "status": "Visible", "parameters": parameters, "options": rows}
    fixture = {"id": 7, "name": {"value": "Bahia - Santos"}, "sport": {"id": 4}, "stage": "PreMatch"}
    teams = [{"id": n, "name": {"value": name}} for n, name in ((1, "Bahia"), (2, "Santos"))]
    return {"fixture": {**fixture, "participants": teams, "optionMarkets": [market]}}


BODIES = {
    "altenar": (altenar, 3, "bad_kickoff"),
    "bet365": (bet365, 3, "unknown_event"),
    "entain_cds": (entain_cds, 2, "no_league"),
    "kaizen": (kaizen, 3, "no_sides"),
    "matchbook": (matchbook, 2, "unknown_event"),
    "novibet": (novibet, 3, "no_sides"),
    "nsx": (nsx, 3, "unknown_event"),
    "stake": (stake, 3, "unknown_event"),
    "superbet": (superbet, 3, "no_sides"),
}
"""Platform -> odds without their event's head, how many can be told, why a cycle rejects the event."""

by_platform = pytest.mark.parametrize("name", BODIES)


def parse(name: str, root: Any, context: Context | None) -> Any:
    return load_platform(name).parse(orjson.dumps(root), fetched_at=NOW, context=context)


@by_platform
def test_a_saved_file_s_odds_are_read_without_their_event(name: str) -> None:
    body, count, _ = BODIES[name]
    (event,) = parse(name, body(), Context(saved=True)).events
    assert len(event.prices) == count
    assert event.sport is Sport.FOOTBALL
    assert event.starts_at == unsaid.KICKOFF
    assert not unsaid.is_whole(event)


@by_platform
@pytest.mark.parametrize("context", [None, Context()])
def test_a_cycle_rejects_odds_without_their_event(name: str, context: Context | None) -> None:
    body, _, reason = BODIES[name]
    page = parse(name, body(), context)
    assert page.events == ()
    assert reason in page.rejected_by_reason()


@by_platform
def test_an_event_that_a_list_described_needs_no_stand_in(name: str) -> None:
    body, count, _ = BODIES[name]
    listed = Event("7", Sport.FOOTBALL, LeagueName("1", "L"), "Bahia", "Santos", NOW)
    (event,) = parse(name, body(), Context(events={"7": listed}, saved=True)).events
    whole = unsaid.completed(event, listed)
    assert (whole.home, whole.away, whole.starts_at) == ("Bahia", "Santos", NOW)
    assert whole.league.source_id
    assert len(event.prices) == count


@pytest.mark.parametrize(
    ("name", "broken", "reason"),
    [
        ("altenar", {"startDate": "tomorrow", "champ": {"id": 1}}, "bad_kickoff"),
        ("altenar", {"name": "Bahia", "startDate": HALF_PAST}, "no_sides"),
    ],
)
def test_an_unreadable_head_is_no_absent_one(name: str, broken: Any, reason: str) -> None:
    page = parse(name, altenar() | broken, Context(saved=True))
    assert page.events == ()
    assert reason in page.rejected_by_reason()


def test_the_sport_is_the_one_whose_own_markets_are_there() -> None:
    markets = {Sport.FOOTBALL: {"result", "total"}, Sport.BASKETBALL: {"winner", "total"}}
    assert unsaid.sport_of(markets, ["result", "total", "corners"]) is Sport.FOOTBALL
    assert unsaid.sport_of(markets, ["total"]) is None
    assert unsaid.sport_of(markets, ["result", "winner"]) is None
    assert unsaid.sport_of(markets, []) is None
