"""What each platform asks for."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from scrapers.declarations import League
from scrapers.errors import DeclarationError
from scrapers.platforms.altenar.platform import PLATFORM as ALTENAR
from scrapers.platforms.kambi.platform import PLATFORM as KAMBI
from scrapers.registry import load_registry


def requests_of(slug, *keys):
    registry = load_registry()
    bookmaker = registry.bookmaker(slug)
    platform = {"altenar": ALTENAR, "kambi": KAMBI}[bookmaker.platform]
    return platform.requests(bookmaker, [registry.leagues[key] for key in keys])


def test_altenar_asks_one_list_per_league_in_the_brands_name():
    football, basketball = requests_of("esportivabet", "serie_a", "nba")
    assert football.scope == "league:serie_a"
    assert football.url == "https://sb2frontend-altenar2.biahosted.com/api/widget/GetEvents"
    assert dict(football.params) == {
        "culture": "pt-BR",
        "timezoneOffset": "180",
        "integration": "esportiva",
        "deviceType": "1",
        "numFormat": "en-GB",
        "countryCode": "BR",
        "eventCount": "0",
        "sportId": "66",
        "champIds": "2942",
    }
    assert dict(football.headers)["origin"] == "https://esportiva.bet.br"
    assert dict(football.headers)["referer"] == "https://esportiva.bet.br/"
    assert football.empty_status == frozenset()
    params = dict(basketball.params)
    assert (params["sportId"], params["champIds"]) == ("67", "2980")


KAMBI_LISTS = "https://us1.offering-api.kambicdn.com/offering/v2018/ktobr/listView/"


def test_kambi_asks_twice_per_football_league_and_once_in_basketball():
    plain, early, nba = requests_of("kto", "brasileirao_a", "nba")
    assert plain.scope == "league:brasileirao_a"
    assert plain.url == KAMBI_LISTS + "football/brazil/brasileirao_serie_a/all/matches.json"
    assert dict(plain.params) == {
        "channel_id": "1",
        "client_id": "200",
        "lang": "pt_BR",
        "market": "BR",
        "useCombined": "true",
    }
    assert plain.empty_status == {404}
    assert early.scope == "league:brasileirao_a/early_payout"
    assert early.url == plain.url
    assert dict(early.params) == {**dict(plain.params), "category": "10028163"}
    assert nba.url == KAMBI_LISTS + "basketball/nba/all/all/matches.json"
    assert dict(nba.params)["useCombinedLive"] == "true"


def test_kambi_without_an_early_payout_category_asks_once():
    registry = load_registry()
    brand = registry.bookmaker("kto").model_copy(update={"options": {"offering": "acmebr"}})
    (request,) = KAMBI.requests(brand, [registry.leagues["serie_a"]])
    assert "/acmebr/" in request.url


def test_kambi_refuses_a_league_without_a_path():
    league = League(key="copa", name="Copa", country="Brazil", sport="football", ids={"kambi": "1"})
    with pytest.raises(DeclarationError, match=r"leagues\.json: copa: paths"):
        KAMBI.requests(load_registry().bookmaker("kto"), [league])


@pytest.mark.parametrize(
    ("platform", "declared"),
    [
        (ALTENAR, {}),
        (ALTENAR, {"integration": "acme", "session_page": "futebol"}),
        (ALTENAR, {"integration": "acme", "token": "secret"}),
        (KAMBI, {"offering": "acme br"}),
        (KAMBI, {"offering": "acmebr", "early_payout_category": "2up"}),
    ],
)
def test_wrong_options_are_refused(platform, declared):
    with pytest.raises(ValidationError):
        platform.options(declared)
