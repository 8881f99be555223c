"""What is asked of an exchange on Matchbook's engine."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from scrapers.platforms.matchbook.platform import PLATFORM
from scrapers.registry import load_registry

BETBRA = load_registry().bookmaker("betbra")
LEAGUES = [load_registry().leagues[key] for key in ("serie_a", "nba")]


def test_a_list_per_league_at_the_brands_own_host():
    football, basketball = PLATFORM.requests(BETBRA, LEAGUES)
    assert football.scope == "league:serie_a"
    assert football.url == "https://mexchange-api.betbra.bet.br/api/events"
    params = dict(football.params)
    assert (params["offset"], params["per-page"]) == ("0", "100")
    assert params["tag-url-names"] == "italy-serie-a,soccer"
    assert {"one_x_two", "total", "handicap", "both_to_score", "other"} <= set(params["market-types"].split(","))
    assert dict(basketball.params)["tag-url-names"] == "nba,basketball"
    assert dict(football.headers)["origin"] == "https://betbra.bet.br"
    sister = BETBRA.model_copy(update={"site": "https://bolsadeaposta.bet.br"})
    assert PLATFORM.requests(sister, LEAGUES)[0].url == "https://mexchange-api.bolsadeaposta.bet.br/api/events"


def test_a_long_league_is_asked_for_in_pages_of_scopes_of_their_own():
    brand = BETBRA.model_copy(update={"options": {"pages": 2}})
    requests = PLATFORM.requests(brand, LEAGUES)
    assert [(request.scope, dict(request.params)["offset"]) for request in requests] == [
        ("league:serie_a", "0"),
        ("league:serie_a/2", "100"),
        ("league:nba", "0"),
        ("league:nba/2", "100"),
    ]


def test_lists_are_all():
    assert PLATFORM.details(BETBRA, []) == []


@pytest.mark.parametrize(
    "declared",
    [
        {"commission": "1"},
        {"commission": "-0.01"},
        {"pages": 0},
        {"session_page": "x"},
        {"a": 1},
    ],
)
def test_wrong_options_are_refused(declared):
    with pytest.raises(ValidationError):
        PLATFORM.options(declared)
