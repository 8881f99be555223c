"""What Kaizen is asked for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from scrapers.platforms.kaizen.platform import PLATFORM
from scrapers.records import Event, LeagueName, Sport
from scrapers.registry import load_registry

BETANO = load_registry().bookmaker("betano")
SITE = "https://www.betano.bet.br"


def lists(*keys):
    return PLATFORM.requests(BETANO, [load_registry().leagues[key] for key in keys])


def test_football_and_basketball_lists_have_addresses_of_their_own():
    football, basketball = lists("brasileirao_a", "nba")
    assert (football.scope, football.league) == ("league:brasileirao_a", "brasileirao_a")
    assert football.url == f"{SITE}/api/league/hot/upcoming/"
    assert football.params == (("leagueId", "10016"), ("req", "s,stnf,c,mb"))
    assert basketball.url == f"{SITE}/api/sports/BASK/hot/trending/leagues/441g/events/"
    assert basketball.params == (("req", "s,stnf,c,mb"),)
    assert football.kinds == basketball.kinds == {"list"}
    headers = dict(football.headers)
    assert (headers["origin"], headers["referer"]) == (SITE, f"{SITE}/")
    # A plain client must not claim to be a page.
    assert not any(name.startswith("sec-fetch") for name in headers)


def match(source_id, home, away):
    starts_at = datetime(2026, 3, 15, 19, tzinfo=UTC)
    return Event(source_id, Sport.FOOTBALL, LeagueName("10016", "Série A"), home, away, starts_at)


def test_one_page_per_event_in_the_order_given():
    first, second = PLATFORM.details(BETANO, [match("8", "São Paulo", "Grêmio (F)"), match("7", "Ж", "Ж")])
    assert (first.scope, first.events, first.kinds) == ("event:8", ("8",), {"detail"})
    assert first.url == f"{SITE}/api/odds/sao-paulo-gremio-f/8/"
    assert first.params == (("bt", "0"), ("req", "s,stnf,c,mb"))
    assert second.url == f"{SITE}/api/odds/evento/7/"


@pytest.mark.parametrize("declared", [{"session_page": "home"}, {"token": "x"}])
def test_wrong_options_are_refused(declared):
    with pytest.raises(ValidationError):
        PLATFORM.options(declared)
