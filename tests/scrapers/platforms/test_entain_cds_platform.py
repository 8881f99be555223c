"""What Entain's API is asked for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from scrapers.declarations import League
from scrapers.errors import DeclarationError
from scrapers.platforms.entain_cds.platform import PLATFORM
from scrapers.records import Event, LeagueName, Sport
from scrapers.registry import load_registry

BOOKMAKER = load_registry().bookmaker("sportingbet")
API = "https://www.sportingbet.bet.br/cds-api/bettingoffer/"


def test_a_football_league_is_asked_for_by_region_and_competition():
    (request,) = PLATFORM.requests(BOOKMAKER, [load_registry().leagues["serie_a"]])
    assert (request.scope, request.league, request.kinds) == ("league:serie_a", "serie_a", {"list"})
    assert request.url == f"{API}fixtures"
    params = dict(request.params)
    assert (params["sportIds"], params["regionIds"], params["competitionIds"]) == ("4", "20", "102846")
    assert (params["skip"], params["take"], params["offerMapping"], params["lang"]) == (
        "0",
        "100",
        "Filtered",
        "pt-br",
    )
    assert dict(request.headers)["referer"] == "https://www.sportingbet.bet.br/"


def test_the_nba_is_asked_for_as_all_basketball():
    (request,) = PLATFORM.requests(BOOKMAKER, [load_registry().leagues["nba"]])
    params = dict(request.params)
    assert (request.scope, request.league, params["sportIds"], params["take"]) == ("league:nba", "nba", "7", "400")
    assert not {"regionIds", "competitionIds"} & params.keys()


def test_the_access_id_is_in_no_request():
    registry = load_registry()
    for request in PLATFORM.requests(BOOKMAKER, registry.leagues_of(BOOKMAKER)):
        assert "x-bwin-accessid" not in {name.lower() for name, _ in (*request.params, *request.headers)}


def test_every_event_leads_to_its_view():
    names = ("2:77", "19203874")
    starts_at = datetime(2026, 3, 15, tzinfo=UTC)
    league = LeagueName("1", "Liga")
    events = [Event(name, Sport.FOOTBALL, league, "Santos", "Bahia", starts_at) for name in names]
    requests = PLATFORM.details(BOOKMAKER, events)
    assert [request.scope for request in requests] == ["event:2:77", "event:19203874"]
    assert [request.events for request in requests] == [("2:77",), ("19203874",)]
    assert [dict(request.params)["fixtureIds"] for request in requests] == list(names)
    assert {request.url for request in requests} == {f"{API}fixture-view"}
    assert {kind for request in requests for kind in request.kinds} == {"detail"}


def test_a_league_without_a_region_is_refused():
    league = League(key="copa", name="Copa", country="Brazil", sport="football", ids={"entain_cds": "1"})
    with pytest.raises(DeclarationError, match=r"leagues\.json: copa: paths"):
        PLATFORM.requests(BOOKMAKER, [league])


@pytest.mark.parametrize("declared", [{}, {"session_page": "pt-br"}, {"session_page": "/", "access_id": "secret"}])
def test_wrong_options_are_refused(declared):
    with pytest.raises(ValidationError):
        PLATFORM.options(declared)
