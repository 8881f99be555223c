"""bet365 in the site's own text: masked, in London's time, the guest first; and BetsAPI's refusals."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scrapers.platforms import Context
from scrapers.registry import load_platform, load_registry
from simulator import truth
from simulator.answers import Answer, Request
from simulator.brands import load_bookmakers
from simulator.journal import Entry
from simulator.platforms import bet365
from simulator.world import World

from .conftest import NOON

SEED = 4
WORLD = World(SEED)
SITE = "www.bet365.bet.br"


def _coupon(event_id: str) -> Answer:
    query = {"lid": "33", "zid": "0", "pd": f"#AC#B1#C1#D8#E{event_id}#F3#"}
    return bet365.answer(WORLD, Request(SITE, "/SportsBook.API/web", query, NOON))


@pytest.mark.parametrize("league", ["premier_league", "brasileirao_a", "nba"])
def test_the_masked_text_holds_exactly_the_truth(league: str) -> None:
    platform = load_platform("bet365")
    bookmaker = load_registry().bookmaker("bet365")
    context = Context(platform.options(bookmaker.options))
    fixtures = WORLD.fixtures(league, NOON)[:5]
    for fixture in fixtures:
        answer = _coupon(truth.source_id(SEED, "bet365", fixture))
        assert answer.brand is not None
        assert b"OD=" in answer.body
        page = platform.parse(answer.body, fetched_at=datetime.fromtimestamp(NOON, UTC), context=context)
        (event,) = page.events
        entry = Entry(NOON, "bet365", answer.brand.key, {}, league, answer.kind, answer.events, None, None)
        found = {
            (event.source_id, p.market, p.period, p.line, p.selection, p.rules, p.side): (p.value, p.status)
            for p in event.prices
        }
        assert found == truth.served_prices(entry, SEED)
        assert len(found) >= 4
        assert event.starts_at == datetime.fromtimestamp(fixture.kickoff(NOON), UTC)
        assert event.league.source_id == league
        brand = load_bookmakers()["bet365"].brand
        assert (event.home, event.away) == tuple(
            brand.side(club, fixture.category) for club in (fixture.home, fixture.away)
        )
        assert set(page.rejected_by_reason()) == {"unknown_market"}
    assert fixtures


def test_odds_are_never_sent_in_clear() -> None:
    fixture = WORLD.fixtures("premier_league", NOON)[0]
    text = _coupon(truth.source_id(SEED, "bet365", fixture)).body.decode()
    coupon = text.partition("|CL;IT=#PB#")[0]
    assert "/" not in "".join(part.partition(";")[0] for part in coupon.split("OD=")[1:])


@pytest.mark.parametrize(
    ("path", "query", "status", "error"),
    [
        ("/v1/bet365/upcoming", {"sport_id": "1"}, 403, "AUTHORIZE_FAILED"),
        ("/v1/bet365/upcoming", {"token": "k"}, 400, "PARAM_REQUIRED"),
        ("/v3/bet365/prematch", {"token": "k"}, 400, "PARAM_REQUIRED"),
        ("/v3/bet365/prematch", {"token": "k", "FI": ",".join("12345678901")}, 400, "PARAM_INVALID"),
        ("/v1/bet365/nothing", {"token": "k"}, 404, "NOT_FOUND"),
        ("/v3/bet365/prematch", {"token": "k", "FI": "5"}, 200, None),
    ],
)
def test_statuses(path: str, query: dict[str, str], status: int, error: str | None) -> None:
    answer = bet365.answer(WORLD, Request("api.b365api.com", path, query, NOON))
    assert (answer.status, answer.body.get("error")) == (status, error)
    assert answer.holds_prices == (status == 200)


def test_only_the_text_s_address_is_the_platform_s_on_the_site() -> None:
    assert bet365.serves(SITE, "/SportsBook.API/web")
    assert not bet365.serves(SITE, "/")
    assert not bet365.serves("elsewhere.example", "/SportsBook.API/web")
    assert _coupon("5").status == 404
