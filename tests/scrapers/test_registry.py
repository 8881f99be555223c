"""A wrong declaration fails when it loads, and the message names file and entry."""

from __future__ import annotations

import json

import pytest

from scrapers.errors import DeclarationError
from scrapers.platforms import Platform
from scrapers.registry import load_platform, load_registry

LEAGUE = {"key": "liga", "name": "Liga", "country": "Brazil", "sport": "football", "ids": {"altenar": "7"}}
BOOKMAKER = {
    "slug": "acmebet",
    "name": "Acmebet",
    "platform": "altenar",
    "options": {"integration": "acmebet"},
    "sports": ["football"],
    "leagues": ["liga"],
    "site": "https://acmebet.example",
}


@pytest.fixture
def declare(tmp_path):
    """Write both declarations and load them."""

    def write(bookmakers, leagues=(LEAGUE,)):
        for name, rows in (("bookmakers", bookmakers), ("leagues", leagues)):
            text = rows if isinstance(rows, str) else json.dumps(list(rows))
            (tmp_path / f"{name}.json").write_text(text)
        return load_registry(tmp_path).check()

    return write


def test_a_whole_declaration_loads_with_its_defaults(declare):
    bookmaker = declare([BOOKMAKER]).bookmaker("acmebet")
    assert (bookmaker.family, bookmaker.transport, bookmaker.interval_s) == ("altenar", "http", 30)


def without(key):
    return {name: value for name, value in BOOKMAKER.items() if name != key}


@pytest.mark.parametrize(
    ("bookmakers", "leagues", "expected"),
    [
        ("[{", [LEAGUE], r"bookmakers\.json: not readable as JSON"),
        ("{}", [LEAGUE], r"bookmakers\.json: expected a list of objects, found dict"),
        ([BOOKMAKER], "nope", r"leagues\.json: not readable as JSON"),
        (["acmebet"], [LEAGUE], r"bookmakers\.json: entry 1: "),
        ([without("site")], [LEAGUE], r"bookmakers\.json: acmebet: site: "),
        ([{**BOOKMAKER, "colour": "red"}], [LEAGUE], r"bookmakers\.json: acmebet: colour: "),
        ([{**BOOKMAKER, "slug": "Acme-Bet"}], [LEAGUE], r"bookmakers\.json: Acme-Bet: slug: "),
        ([{**BOOKMAKER, "interval_s": 1}], [LEAGUE], r"bookmakers\.json: acmebet: interval_s: "),
        ([BOOKMAKER, BOOKMAKER], [LEAGUE], r"bookmakers\.json: acmebet: declared twice"),
        ([BOOKMAKER], [LEAGUE, LEAGUE], r"leagues\.json: liga: declared twice"),
        ([BOOKMAKER], [{**LEAGUE, "sport": "chess"}], r"leagues\.json: liga: sport: "),
        ([{**BOOKMAKER, "platform": "nobody"}], [LEAGUE], r"acmebet: no platform 'nobody'; known: .*altenar"),
        ([{**BOOKMAKER, "options": {}}], [LEAGUE], r"bookmakers\.json: acmebet: options: integration: "),
        (
            [{**BOOKMAKER, "options": {"integration": "a", "token": "x"}}],
            [LEAGUE],
            r"bookmakers\.json: acmebet: options: token: ",
        ),
        ([{**BOOKMAKER, "leagues": ["copa"]}], [LEAGUE], r"acmebet: league 'copa' is not in leagues\.json"),
        ([BOOKMAKER], [{**LEAGUE, "ids": {"kambi": "7"}}], r"acmebet: league 'liga' has no id on platform altenar"),
        ([BOOKMAKER], [{**LEAGUE, "sport": "basketball"}], r"acmebet: league 'liga' is basketball, not among"),
    ],
)
def test_a_wrong_declaration_names_file_and_entry(declare, bookmakers, leagues, expected):
    with pytest.raises(DeclarationError, match=expected):
        declare(bookmakers, leagues)


def test_an_unknown_slug_is_answered_with_the_known_ones():
    with pytest.raises(DeclarationError, match=r"no bookmaker 'nobet'.*estrelabet.*kto"):
        load_registry().bookmaker("nobet")


def test_a_league_is_found_by_the_platforms_id():
    registry = load_registry()
    assert registry.league_key("altenar", "11318") == "brasileirao_a"
    assert registry.league_key("kambi", "1000094569") == "brasileirao_a"
    assert registry.league_key("kambi", "11318") is None


@pytest.mark.parametrize("bookmaker", load_registry().bookmakers.values(), ids=lambda b: b.slug)
def test_every_bookmaker_asks_for_each_of_its_leagues_once(bookmaker):
    platform: Platform = load_platform(bookmaker.platform)
    leagues = load_registry().leagues_of(bookmaker)
    requests = platform.requests(bookmaker, leagues)
    scopes = [request.scope for request in requests]
    assert len(scopes) == len(set(scopes))
    by_league = {scope.split("/")[0] for scope in scopes if scope.startswith("league:")}
    # A bookmaker whose lists hold several leagues asks for none by itself.
    assert by_league in ({f"league:{key}" for key in bookmaker.leagues}, set())
    assert scopes
    assert len({(request.url, request.params) for request in requests}) == len(requests)
