"""The traps of Stake's payloads, one by one: the Brazilian REST host, then stake.com."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import orjson
import pytest

from scrapers.errors import PayloadShapeError
from scrapers.platforms import Context
from scrapers.platforms.stake.platform import PLATFORM
from scrapers.records import Event, LeagueName, Sport
from scrapers.registry import load_registry
from tests.support.recordings import price_as_text

NOW = datetime(2026, 3, 14, 15, tzinfo=UTC)
LEAGUE = load_registry().leagues["serie_a"]
MATCH = Event(
    "7", Sport.FOOTBALL, LeagueName("1000095001", "Serie A"), "Roma", "Lazio", datetime(2026, 3, 15, 19, tzinfo=UTC)
)
GAME = replace(MATCH, sport=Sport.BASKETBALL, home="Los Angeles Lakers", away="Boston Celtics")


def parse(root, context=None):
    body = root if isinstance(root, bytes) else orjson.dumps(root)
    return PLATFORM.parse(body, fetched_at=NOW, context=context)


def events_of(*rows):
    return parse({"events": list(rows)}, Context(league=LEAGUE))


def listed(event_id=7, **more):
    return {
        "id": event_id,
        "teams": {"home": "Roma", "away": "Lazio"},
        "dateStart": "2026-03-15T19:00:00.000Z",
        "isLive": False,
        **more,
    }


def row(market, column, name="", price=1.9, **more):
    return {"eventId": 7, "marketId": market, "columnId": column, "name": name, "oddValue": price, **more}


def odds(*rows, event=MATCH):
    return parse({"odds": list(rows)}, Context(events={"7": event}))


def prices(found):
    return [price_as_text(price) for price in found.prices()]


def reasons(found):
    return [(row.source_id, str(row.reason)) for row in found.rejected]


def test_a_list_names_sides_and_kickoff_and_the_request_names_the_league():
    found = events_of(listed(teams={"home": " Roma  ", "away": "Lazio"}), listed("8", isLive=True))
    assert found.kind == "events"
    first, second = found.events
    assert (first.source_id, first.home, first.away, first.phase) == ("7", "Roma", "Lazio", "prematch")
    assert (first.league.source_id, first.sport) == ("1000095001", "football")
    assert first.starts_at == datetime(2026, 3, 15, 19, tzinfo=UTC)
    assert (second.source_id, second.phase) == ("8", "live")
    assert list(found.prices()) == []


@pytest.mark.parametrize(
    ("bad", "source_id", "reason"),
    [
        (None, "event:", "bad_event"),
        (listed(None), "event:", "bad_event"),
        (listed("../7?x=1"), "event:", "bad_event"),
        (listed("7,8"), "event:", "bad_event"),
        (listed(teams=None), "event:7", "no_sides"),
        (listed(teams={"home": "Roma", "away": "roma"}), "event:7", "no_sides"),
        (listed(dateStart="2026-03-15T19:00:00"), "event:7", "bad_kickoff"),
        (listed(dateStart=None), "event:7", "bad_kickoff"),
        (listed(isLive="yes"), "event:7", "unknown_event_status"),
    ],
)
def test_an_event_that_cannot_be_read_is_left_out_with_its_reason(bad, source_id, reason):
    assert reasons(events_of(bad, listed(8))) == [(source_id, reason)]
    assert reasons(events_of(listed(), listed())) == [("event:7", "duplicate_event")]


def test_saved_files_say_what_they_lack():
    assert reasons(parse({"events": [listed()]})) == [("event:7", "no_league")]
    found = parse({"odds": [row("1001159858", 0), row("1001159858", 1)]})
    assert reasons(found) == [("event:7", "unknown_event")]
    assert found.rejected[0].detail.startswith("2 selections")
    assert parse({"odds": []}).rejected == ()


def test_columns_tell_the_sides_of_the_proven_markets():
    found = odds(
        row("1001159858", 2, "Lazio", 4.1), row("1001159858", 0, "Roma", 1.9), row("1001159858", 1, "?", 3.4)
    )
    assert found.kind == "odds"
    assert prices(found) == [
        "match_result match - away 4.1 standard open",
        "match_result match - home 1.9 standard open",
        "match_result match - draw 3.4 standard open",
    ]
    found = odds(row("1001159732", 0, price=2.4), row("1001159732", 1, price=1.6), event=GAME)
    assert prices(found) == ["moneyline match - home 2.4 standard open", "moneyline match - away 1.6 standard open"]


def test_early_payout_stands_apart():
    found = odds(row("1001159858", 0, price=1.9), row("2100089307_0", 0, price=1.85))
    assert prices(found) == [
        "match_result match - home 1.9 standard open",
        "match_result match - home 1.85 early_payout open",
    ]


@pytest.mark.parametrize("market", ["1000316018", "2100089307", "2100089307_1", "1001159858_0", "1001159830", "x"])
def test_an_id_that_nobody_proved_is_no_market(market):
    found = odds(row(market, 0, "Roma"), row(market, 1, "Empate"), row(market, 2, "Lazio"))
    assert (prices(found), reasons(found)) == ([], [(f"market:7/{market}", "unknown_market")])


def test_markets_of_the_other_sport_are_unknown():
    assert reasons(odds(row("1001159732", 0))) == [("market:7/1001159732", "unknown_market")]
    assert reasons(odds(row("1001159858", 0), event=GAME)) == [("market:7/1001159858", "unknown_market")]


@pytest.mark.parametrize(
    ("column", "name", "reason"),
    [
        (0, "Lazio", "side_conflict"),
        (1, "Roma", "side_conflict"),
        (2, "Empate", "side_conflict"),
        (3, "Roma", "unknown_selection"),
        (True, "Empate", "unknown_selection"),
        ("0", "Roma", "unknown_selection"),
        (None, "Roma", "unknown_selection"),
    ],
)
def test_a_column_and_a_name_that_disagree_are_not_guessed(column, name, reason):
    assert [reason for _, reason in reasons(odds(row("1001159858", column, name)))] == [reason]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"oddValue": 1.85}, "1.85 standard open"),
        ({"oddValue": "1.85"}, "1.85 standard open"),
        ({"oddValue": None, "oddValues": {"decimal": "1.850"}}, "1.85 standard open"),
        ({"oddValue": None, "oddValues": {"decimal": 2}}, "2 standard open"),
        ({"oddValue": 1.85, "oddValues": {"decimal": 1.85}}, "1.85 standard open"),
        ({"oddValue": 0}, "- standard suspended"),
        ({"oddValue": None, "oddValues": {"decimal": "0"}}, "- standard suspended"),
        ({"oddValue": 1.85, "frozen": True}, "1.85 standard suspended"),
        ({"oddValue": 1, "isFrozen": True}, "- standard suspended"),
        ({"oddValue": None, "frozen": True}, "- standard suspended"),
        ({"oddValue": 1.85, "oddValues": {"decimal": 1.95}}, "bad_price"),
        ({"oddValue": None}, "bad_price"),
        ({"oddValue": True}, "bad_price"),
        ({"oddValue": "1,85"}, "bad_price"),
        ({"oddValue": "17/20"}, "bad_price"),
        ({"oddValue": 1}, "price_out_of_range"),
        ({"oddValue": -2.5}, "price_out_of_range"),
        ({"oddValue": 1001.5}, "price_out_of_range"),
        ({"frozen": "no"}, "unknown_status"),
    ],
)
def test_prices_in_both_spellings_and_what_cannot_be_bet_on(more, expected):
    found = odds(row("1001159858", 0, "Roma", **more))
    shown = [text.removeprefix("match_result match - home ") for text in prices(found)]
    assert shown + [reason for _, reason in reasons(found)] == [expected]


def test_inferred_markets_are_read_by_their_labels_alone():
    found = odds(
        row("1001642858", 5, "Não"),
        row("1001159922", 0, "X2"),
        row("1001159922", 0, "Roma ou Empate"),
        row("1001159666", 0, "Lazio"),
        row("1001159922", 0, "Roma"),
    )
    assert prices(found) == [
        "both_teams_to_score match - no 1.9 standard open",
        "double_chance match - draw_away 1.9 standard open",
        "double_chance match - home_draw 1.9 standard open",
        "draw_no_bet match - away 1.9 standard open",
    ]
    assert reasons(found) == [("odd:7/1001159922/0", "unknown_selection")]


@pytest.mark.parametrize(
    ("market", "name", "more", "expected"),
    [
        ("1001159926", "Mais de 2.5", {}, "2.5"),
        ("1001159926", "Mais de 2,5", {"line": 2.5}, "2.5"),
        ("1001159926", "Mais de", {"handicap": "2,5"}, "2.5"),
        ("1001159926_2.5", "Over", {}, "2.5"),
        ("1001159926_2.5", "Over 2.5", {"line": "2.5"}, "2.5"),
        ("1001159926", "Mais de", {}, "bad_line"),
        ("1001159926", "Mais de 2.5", {"line": "x"}, "bad_line"),
        ("1001159926_a", "Mais de 2.5", {}, "bad_line"),
        ("1001159926", "Mais de 2.5", {"line": 3.5}, "line_conflict"),
        ("1001159926_3.5", "Mais de 2.5", {}, "line_conflict"),
        ("1001159926_0", "Mais de 2.5", {}, "line_conflict"),
    ],
)
def test_a_line_is_what_every_place_that_tells_it_agrees_on(market, name, more, expected):
    found = odds(row(market, 0, name, **more))
    assert [str(p.line) for p in found.prices()] + [reason for _, reason in reasons(found)] == [expected]


def test_labels_tell_a_spread_from_a_total_of_the_same_id():
    found = odds(
        row("1001159512", 0, "Los Angeles Lakers (+4.5)"),
        row("1001159512", 1, "Boston Celtics (-4.5)"),
        row("1001159512", 0, "Mais de 224.5"),
        event=GAME,
    )
    assert prices(found) == [
        "handicap match 4.5 home 1.9 standard open",
        "handicap match 4.5 away 1.9 standard open",
        "totals match 224.5 over 1.9 standard open",
    ]


def test_a_spread_without_its_mirror_image_is_rejected():
    found = odds(
        row("1001159711", 0, "Los Angeles Lakers -4.5"), row("1001159711", 1, "Boston Celtics -4.5"), event=GAME
    )
    assert reasons(found) == [("odd:7/1001159711/0", "line_conflict"), ("odd:7/1001159711/1", "line_conflict")]
    unsigned = odds(row("1001159711", 0, "Los Angeles Lakers", line=-4.5), event=GAME)
    assert reasons(unsigned) == [("odd:7/1001159711/0", "bad_line")]


def test_rows_that_belong_nowhere_are_counted():
    found = odds(
        None, {"eventId": 7}, row("1001159858", 0), row("1001159858", 0), {**row("1001159858", 0), "eventId": 9}
    )
    assert len(prices(found)) == 1
    assert reasons(found) == [
        ("odd:", "bad_odd"),
        ("odd:", "bad_odd"),
        ("odd:7/1001159858/0", "duplicate_selection"),
        ("event:9", "unknown_event"),
    ]


# stake.com


def outcome(ext, odds_=1.9, **more):
    return {"id": f"o-{ext}", "extId": ext, "odds": odds_, "active": True, "name": "", **more}


def market(ext, outcomes, specifiers="", **more):
    return {"id": "m", "extId": ext, "specifiers": specifiers, "status": "active", "outcomes": outcomes, **more}


def fixture(*markets, sport="soccer", **more):
    return {
        "id": "f",
        "name": "Roma - Lazio",
        "status": "active",
        "tournament": {
            "name": "Serie A",
            "slug": "italy-serie-a",
            "category": {"name": "Italy", "sport": {"slug": sport}},
        },
        "data": {
            "__typename": "SportFixtureDataMatch",
            "startTime": "Sun, 15 Mar 2026 19:00:00 GMT",
            "teams": [{"name": "Lazio", "qualifier": "away"}, {"name": "Roma", "qualifier": "home"}],
        },
        "groups": [{"templates": [{"markets": list(markets)}]}],
        **more,
    }


def answer(*fixtures):
    return parse({"data": {"slugSport": {"fixtureList": list(fixtures)}}})


def test_a_fixture_holds_everything():
    found = answer(fixture(market("1", [outcome("3", 4.2), outcome("1", 1.9), outcome("2", 3.4)])))
    (event,) = found.events
    assert (found.kind, event.home, event.away) == ("graphql", "Roma", "Lazio")
    assert (event.league.source_id, event.league.name, event.league.country) == (
        "italy-serie-a",
        "Serie A",
        "Italy",
    )
    assert prices(found) == [
        "match_result match - away 4.2 standard open",
        "match_result match - home 1.9 standard open",
        "match_result match - draw 3.4 standard open",
    ]


@pytest.mark.parametrize(
    ("sport", "ext", "specifiers", "outcome_id", "expected"),
    [
        ("soccer", "18", "total=2.5", "13", "totals match 2.5 under"),
        ("soccer", "16", "hcp=-0.75", "1714", "handicap match -0.75 home"),
        ("soccer", "16", "hcp=-0.75", "1715", "handicap match -0.75 away"),
        ("soccer", "29", "", "76", "both_teams_to_score match - no"),
        ("soccer", "10", "", "11", "double_chance match - draw_away"),
        ("soccer", "11", "", "5", "draw_no_bet match - away"),
        ("basketball", "219", "", "4", "moneyline match - home"),
        ("basketball", "223", "hcp=4.5", "1715", "handicap match 4.5 away"),
        ("basketball", "225", "total=224.5", "12", "totals match 224.5 over"),
    ],
)
def test_markets_and_outcomes_go_by_their_ids(sport, ext, specifiers, outcome_id, expected):
    found = answer(fixture(market(ext, [outcome(outcome_id)], specifiers), sport=sport))
    assert prices(found) == [f"{expected} 1.9 standard open"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (market("18", [outcome("12")], "total=2.5|quarternr=1"), "unknown_market"),
        (market("18", [outcome("12")]), "unknown_market"),
        (market("18", [outcome("12")], "total=2.3"), "bad_line"),
        (market("1", [outcome("1")], "total=2.5"), "unknown_market"),
        (market("219", [outcome("4")]), "unknown_market"),
        (market("1", [outcome("1")], status="deactivated"), "not_offered"),
        (market("1", [outcome("1")], status=None), "unknown_status"),
        (market("1", [outcome("1")], id=None), "bad_market"),
        (market("1", [outcome("4")]), "unknown_selection"),
        (market("1", [outcome("1", None)]), "bad_price"),
        (market("1", [outcome("1", 1)]), "price_out_of_range"),
        (market("1", [outcome("1", active=None)]), "unknown_status"),
    ],
)
def test_what_is_not_surely_a_price_is_rejected(bad, reason):
    found = answer(fixture(bad))
    assert (prices(found), [reason for _, reason in reasons(found)]) == ([], [reason])


def test_what_cannot_be_bet_on_is_suspended():
    found = answer(
        fixture(
            market("1", [outcome("1", active=False)]), market("29", [outcome("74")], status="suspended", id="other")
        )
    )
    assert prices(found) == [
        "match_result match - home 1.9 standard suspended",
        "both_teams_to_score match - yes 1.9 standard suspended",
    ]


def test_the_order_of_competitors_tells_the_host_in_football_only():
    match = {"startTime": "2026-03-15T19:00:00Z", "competitors": [{"name": "Roma"}, {"name": "Lazio"}]}
    (event,) = answer(fixture(data=match)).events
    assert (event.home, event.away) == ("Roma", "Lazio")
    assert reasons(answer(fixture(data=match, sport="basketball"))) == [("event:f", "no_sides")]


@pytest.mark.parametrize(
    "start", ["Sun, 15 Mar 2026 19:00:00 GMT", "2026-03-15T19:00:00Z", 1773601200, "1773601200000"]
)
def test_a_kickoff_in_every_spelling(start):
    base = fixture()
    (event,) = answer({**base, "data": {**base["data"], "startTime": start}}).events
    assert event.starts_at == datetime(2026, 3, 15, 19, tzinfo=UTC)


@pytest.mark.parametrize("start", [None, "soon", "Sun, 15 Mar 2026 19:00:00 -0000", True, -1e30, 10**18, "²"])
def test_what_is_no_kickoff_is_rejected(start):
    base = fixture()
    assert reasons(answer({**base, "data": {**base["data"], "startTime": start}})) == [("event:f", "bad_kickoff")]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"sport": "esoccer"}, "unknown_sport"),
        ({"status": "ended"}, "not_offered"),
        ({"status": "maybe"}, "unknown_event_status"),
        ({"data": {"__typename": "SportFixtureDataOutright"}}, "not_a_match"),
        ({"data": None}, "no_sides"),
        ({"id": None}, "bad_event"),
        ({"tournament": {"category": {"sport": {"slug": "soccer"}}}}, "no_league"),
    ],
)
def test_a_fixture_that_is_no_match_of_ours_is_left_out_with_its_reason(more, reason):
    assert [reason for _, reason in reasons(answer(fixture(**more)))] == [reason]


def test_a_fixture_is_found_wherever_a_query_puts_it():
    plain = {key: value for key, value in fixture(market("29", [outcome("74")])).items() if key != "tournament"}
    tournament = {"slug": "italy-serie-a", "name": "Serie A", "fixtureList": [plain]}
    tree = {"slugSport": {"name": "Soccer", "categoryList": [{"name": "Italy", "tournamentList": [tournament]}]}}
    (event,) = parse({"data": tree}).events
    assert (event.sport, event.league) == ("football", LeagueName("italy-serie-a", "Serie A", "Italy"))
    alone = {**fixture(status="live"), "group": [{"markets": [market("29", [outcome("74")])]}], "groups": []}
    (event,) = parse({"data": {"slugFixture": alone}}).events
    assert (event.phase, event.prices[0].value) == ("live", Decimal("1.9"))
    assert parse({"data": {"sport": {"fixtureList": []}}}).events == ()


@pytest.mark.parametrize(
    ("body", "came"),
    [
        (b"", "an empty body"),
        (b"<!DOCTYPE html>", "an HTML or XML page"),
        (b'{"odds":[{"eventId"', "broken or truncated JSON"),
        (b"[]", "a JSON list"),
        (b'{"message":"x"}', "an object with message"),
        (b'{"events":["a"]}', "a list whose events are not objects"),
        (b'{"events":[],"markets":[],"odds":[]}', "an object with events, markets, odds"),
        (b'{"data":null,"errors":[{"message":"Not authorised"}]}', "an error of GraphQL: Not authorised"),
        (b'{"data":{"slugSport":null}}', "a GraphQL answer without data"),
        (b'{"data":{"user":{"id":1}}}', "GraphQL data without fixtures"),
    ],
)
def test_anything_else_is_refused_in_one_clear_line(body, came):
    with pytest.raises(PayloadShapeError) as refusal:
        parse(body)
    assert came in str(refusal.value)
    assert "\n" not in str(refusal.value)
