"""The traps of NSX's payloads, one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.errors import PayloadShapeError
from scrapers.platforms import Context
from scrapers.platforms.nsx.platform import PLATFORM
from scrapers.registry import load_registry
from tests.support.recordings import price_as_text

NOW = datetime(2026, 3, 14, 15, tzinfo=UTC)
RESULT, DOUBLE, DRAW_NO_BET, HANDICAP, TOTAL, BOTH = 1, 10, 11, 16, 18, 29
WINNER, SPREAD, POINTS = 219, 223, 225
NEW = 999133


def parse(root, **known):
    body = root if isinstance(root, bytes) else orjson.dumps(root)
    return PLATFORM.parse(body, fetched_at=NOW, context=Context(**known) if known else None)


def head(event_id=5001, **more):
    row = {
        "event_id": event_id,
        "sport_id": 1,
        "category_name": "Brasil",
        "tournament_id": 325,
        "tournament_name": "Brasileirão Série A",
        "home": "Atlético-MG ",
        "away": "Atlético-GO",
        "date_start": "2026-03-15 16:00:00",
        "is_live": 0,
        "event_status_id": 0,
    }
    return {key: value for key, value in (row | more).items() if value != "absent"}


def odd(market, outcome=None, price=1.9, specifier="", **more):
    row = {"market_id": market, "odd": price, "specifier": specifier}
    if outcome is not None:
        row["outcome_id"] = outcome
    return row | more


def coded(code, name, price="1.900", specifier=None, **more):
    row = {"market_id": NEW, "market_code": code, "outcome_name": name, "odd": price}
    return row | ({} if specifier is None else {"specifier": specifier}) | more


def view(*odds, **more):
    """A list of one event."""
    return parse({"odds": [head(**more) | row for row in odds]})


def listed(**more):
    """The event as its list described it."""
    (found,) = view(odd(RESULT, "1"), **more).events
    return {found.source_id: found}


def alone(*odds, **more):
    """Rows that name no event, of the one that was asked for."""
    return parse({"odds": list(odds)}, events=listed(**more))


def prices(found):
    return [price_as_text(price) for price in found.prices()]


def reasons(found):
    return [str(row.reason) for row in found.rejected]


def test_times_are_those_of_brasilia():
    (event,) = view(odd(RESULT, "1")).events
    assert event.starts_at == datetime(2026, 3, 15, 19, tzinfo=UTC)
    (event,) = view(odd(RESULT, "1"), date_start="2026-03-15 22:30:00").events
    assert event.starts_at == datetime(2026, 3, 16, 1, 30, tzinfo=UTC)


def test_names_lose_their_trailing_blanks_and_the_league_is_told_by_id():
    (event,) = view(odd(RESULT, "1")).events
    assert (event.home, event.away) == ("Atlético-MG", "Atlético-GO")
    assert (event.league.source_id, event.league.name, event.league.country) == (
        "325",
        "Brasileirão Série A",
        "Brasil",
    )


def test_rows_of_several_events_may_be_mixed_and_prices_may_be_text():
    rows = [head(1) | odd(RESULT, "3", "12.000"), head(2) | odd(RESULT, 1, 2), head(1) | odd(RESULT, 2, 3.25)]
    first, second = parse({"odds": rows}).events
    assert [price_as_text(price) for price in first.prices] == [
        "match_result match - away 12 standard open",
        "match_result match - draw 3.25 standard open",
    ]
    assert [price_as_text(price) for price in second.prices] == ["match_result match - home 2 standard open"]


@pytest.mark.parametrize(
    ("market", "outcomes", "selections"),
    [
        (RESULT, "1 2 3", "home draw away"),
        (DOUBLE, "9 10 11", "home_draw home_away draw_away"),
        (DRAW_NO_BET, "4 5", "home away"),
        (BOTH, "74 76", "yes no"),
        (60, "1 2 3", "home draw away"),
    ],
)
def test_classic_outcomes_are_told_by_their_ids(market, outcomes, selections):
    found = view(*(odd(market, outcome) for outcome in outcomes.split()))
    assert [price.selection for price in found.prices()] == selections.split()


@pytest.mark.parametrize(("sport", "market"), [(1, WINNER), (2, RESULT), (2, TOTAL), (1, 14), (1, 166), (2, 236)])
def test_markets_of_the_other_sport_of_corners_and_of_quarters_are_unknown(sport, market):
    found = view(odd(market, "1"), sport_id=sport)
    assert (prices(found), reasons(found)) == ([], ["unknown_market"])


def test_basketball_with_overtime():
    found = view(
        odd(WINNER, "5", 2.6),
        odd(SPREAD, "1715", 1.9, "hcp=-4.5"),
        odd(POINTS, "12", 1.8, "total=224.5"),
        sport_id=2,
    )
    assert prices(found) == [
        "moneyline match - away 2.6 standard open",
        "handicap match -4.5 away 1.9 standard open",
        "totals match 224.5 over 1.8 standard open",
    ]


@pytest.mark.parametrize("specifier", ["total=2.5", "total=2,5", " total = 2.5 "])
def test_the_line_may_be_written_with_a_comma(specifier):
    assert prices(view(odd(TOTAL, "12", specifier=specifier))) == ["totals match 2.5 over 1.9 standard open"]


@pytest.mark.parametrize("specifier", ["", None, "total=", "total=2.6", "total=0:1", 5])
def test_a_total_without_its_line_is_no_bet(specifier):
    found = view(odd(TOTAL, "12", specifier=specifier))
    assert (prices(found), reasons(found)) == ([], ["bad_line"])


@pytest.mark.parametrize("specifier", ["quarternr=1|total=2.5", "nhc=H:2", "2.5", "total"])
def test_a_specifier_that_the_market_has_not_makes_another_market(specifier):
    found = view(odd(TOTAL if specifier != "total" else RESULT, "12", specifier=specifier))
    assert (prices(found), reasons(found)) == ([], ["unknown_market"])


def test_the_newer_feed_goes_by_codes_and_names():
    found = alone(
        coded("|Win-Draw-Win|", "Empate", "3.600"),
        coded("|Win-Draw-Win|", "Atletico GO", "3.400"),
        coded("Total", "Menos de 2,5 gols", specifier="total=2,5"),
        coded("|Alternate Total Goals|", "Mais de 3,5 gols"),
        coded("|Both Teams To Score|", "Não", market_display_status=0),
        coded("|Draw No Bet|", "Atlético-MG"),
    )
    assert found.kind == "detail"
    assert prices(found) == [
        "match_result match - draw 3.6 standard open",
        "match_result match - away 3.4 standard open",
        "totals match 2.5 under 1.9 standard open",
        "totals match 3.5 over 1.9 standard open",
        "both_teams_to_score match - no 1.9 standard open",
        "draw_no_bet match - home 1.9 standard open",
    ]


def test_one_id_may_hold_many_lines_in_any_order():
    rows = [coded("Total", f"{word} de {line} gols") for line in ("1,5", "2,5") for word in ("Menos", "Mais")]
    assert [(str(price.line), price.selection) for price in alone(*rows[::-1]).prices()] == [
        ("2.5", "over"),
        ("2.5", "under"),
        ("1.5", "over"),
        ("1.5", "under"),
    ]


@pytest.mark.parametrize("name", ["Atlético", "Atlético-PR", "Casa", "", "Mais de 2,5 gols"])
def test_a_name_that_is_neither_team_is_nobody(name):
    found = alone(coded("|Win-Draw-Win|", name))
    assert (prices(found), reasons(found)) == ([], ["unknown_selection"])


@pytest.mark.parametrize(
    ("name", "specifier", "expected"),
    [
        ("Atlético-GO (-1.5)", None, "handicap match 1.5 away"),
        ("Atlético-GO (-1.5)", "hc=A:-1.5", "handicap match 1.5 away"),
        ("Atlético-MG (+1,5)", "hc=A:-1.5", "handicap match 1.5 home"),
        ("Atlético-MG", "hc=H:-0.25", "handicap match -0.25 home"),
        ("Atlético-GO", "hc=H:-0.25", "handicap match -0.25 away"),
        ("Atlético-GO (0)", "hc=A:0", "handicap match 0 away"),
    ],
)
def test_two_way_handicaps_are_turned_to_the_home_side(name, specifier, expected):
    assert prices(alone(coded("|2-Way Handicap Betting|", name, specifier=specifier))) == [
        f"{expected} 1.9 standard open"
    ]


def test_a_name_and_a_specifier_that_tell_different_lines_are_no_bet():
    found = alone(coded("|2-Way Handicap Betting|", "Atlético-GO (-1.5)", specifier="hc=H:-1.5"))
    assert (prices(found), reasons(found)) == ([], ["line_conflict"])
    found = view(odd(TOTAL, "12", specifier="total=2.5", outcome_name="Mais de 3.5"))
    assert (prices(found), reasons(found)) == ([], ["line_conflict"])


@given(st.integers(-80, 80), st.booleans())
def test_both_numberings_read_the_same_handicap(quarters, away):
    line = Decimal(quarters) / 4
    own = -line if away else line
    classic = odd(HANDICAP, "1715" if away else "1714", specifier=f"hcp={line}")
    name = f"Atlético-{'GO' if away else 'MG'} ({own:+})"
    newer = coded("|2-Way Handicap Betting|", name, specifier=f"hc=A:{-line}")
    assert prices(view(classic)) == prices(alone(newer))
    (price,) = view(classic).prices()
    assert (price.line, price.selection) == (line, "away" if away else "home")


@pytest.mark.parametrize(
    "row",
    [
        coded("|Handicap Betting|", "Empate", specifier="nhc=H:2"),
        coded("TOTAL_1ST_HALF", "Mais de 2,5 gols no 1º tempo", specifier="total=2,5"),
        coded("|Both Teams to Score in the First Half|", "Sim"),
        coded("|Point Spread|", "Atlético-MG (-1.5)"),
        coded("", "Atlético-MG"),
        coded("|Draw No Bet|", "Atlético-MG") | {"market_id": RESULT},
        coded("|Win-Draw-Win|", "Atlético-MG") | {"market_id": 60},
        coded("TOTAL_1ST_HALF", "", specifier="total=2,5") | {"market_id": TOTAL, "outcome_id": "12"},
    ],
)
def test_codes_that_are_not_ours_or_contradict_the_id_are_unknown(row):
    found = alone(row)
    assert (prices(found), reasons(found)) == ([], ["unknown_market"])


def test_a_half_in_the_name_alone_is_no_total_of_the_match():
    found = alone(coded("Total", "Mais de 2,5 gols no 1º tempo", specifier="total=2,5"))
    assert (prices(found), reasons(found)) == ([], ["unknown_selection"])


def test_basketball_spreads_of_the_newer_feed_but_no_totals():
    found = alone(coded("|Point Spread|", "Atlético-MG (-4.5)"), coded("Total", "Mais de 224,5 pontos"), sport_id=2)
    assert prices(found) == ["handicap match -4.5 home 1.9 standard open"]
    assert reasons(found) == ["unknown_market"]


def test_a_market_name_serves_where_there_is_no_code():
    found = alone({"market_id": NEW, "market_name": "Resultado da Partida", "outcome_name": "Empate", "odd": 3})
    assert prices(found) == ["match_result match - draw 3 standard open"]


@pytest.mark.parametrize(
    "marks",
    [
        {"outcome_id": "1", "outcome_name": "Atlético-GO"},
        {"outcome_id": "1", "outcome_code": "{$competitor2}"},
        {"outcome_code": "draw", "outcome_name": "Atlético-MG"},
    ],
)
def test_marks_that_contradict_each_other_are_not_guessed(marks):
    found = view(odd(RESULT, **marks))
    assert (prices(found), reasons(found)) == ([], ["side_conflict"])


def test_outcome_codes_tell_the_side_too():
    found = view(
        odd(TOTAL, specifier="total=2.5", outcome_code="under {total}"), odd(RESULT, outcome_code="{$competitor2}")
    )
    assert [price.selection for price in found.prices()] == ["under", "away"]


@pytest.mark.parametrize("number", [0, -1])
def test_inactive_and_suspended_markets_cannot_be_bet(number):
    found = view(odd(RESULT, "1", 2.1, market_status_id=number), odd(RESULT, "2", "1.000", market_status_id=number))
    assert prices(found) == [
        "match_result match - home 2.1 standard suspended",
        "match_result match - draw - standard suspended",
    ]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"market_status_id": 7}, "unknown_status"),
        ({"market_status_id": []}, "unknown_status"),
        ({"selection_display_status": 0}, "not_offered"),
        ({"odd": 1}, "price_out_of_range"),
        ({"odd": "1.000"}, "price_out_of_range"),
        ({"odd": "1,90"}, "bad_price"),
        ({"odd": None}, "bad_price"),
        ({"odd": True}, "bad_price"),
    ],
)
def test_odds_that_are_no_offers(more, reason):
    found = view(odd(RESULT, "1", **{"odd": 1.9} | more))
    assert (prices(found), reasons(found)) == ([], [reason])


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"sport_id": 3}, "unknown_sport"),
        ({"sport_id": "absent"}, "unknown_sport"),
        ({"category_name": "Simulated Reality League"}, "not_a_match"),
        ({"home": "Flamengo SRL"}, "not_a_match"),
        ({"tournament_name": "E-Soccer - Battle"}, "not_a_match"),
        ({"event_status_id": 3}, "not_offered"),
        ({"event_status_id": 9}, "unknown_event_status"),
        ({"event_status_id": []}, "unknown_event_status"),
        ({"home": " "}, "no_sides"),
        ({"away": "Atletico MG"}, "no_sides"),
        ({"date_start": "2026-03-15T16:00:00Z"}, "bad_kickoff"),
        ({"date_start": "absent"}, "bad_kickoff"),
    ],
)
def test_events_that_are_left_out_whole(more, reason):
    found = view(odd(RESULT, "1"), **more)
    assert (found.events, reasons(found)) == ((), [reason])


@pytest.mark.parametrize("more", [{"is_live": 1}, {"event_status_id": 1}])
def test_any_sign_of_play_makes_the_event_live(more):
    assert view(odd(RESULT, "1"), **more).events[0].phase == "live"
    assert view(odd(RESULT, "1"), odd(RESULT, "2", **more)).events[0].phase == "live"


def test_the_three_shapes_of_details_give_the_same_records():
    known = listed()
    rows = [odd(RESULT, "1", 2.1), odd(TOTAL, "13", 1.8, "total=2.5"), odd(HANDICAP, "1715", 2, "hcp=-0.25")]
    bare = {key: value for key, value in head().items() if key not in ("sport_id", "tournament_id")}
    shapes = (
        {"events": [{**bare, "id": 77, "odds": rows}]},
        {"events": [bare], "odds": [{"event_id": 5001, **row} for row in rows]},
        {"odds": rows},
    )
    first, second, third = (parse(shape, events=known) for shape in shapes)
    assert first == second
    assert prices(first) == prices(third)
    assert len(prices(first)) == 3
    for page in (first, third):
        assert page.kind == "detail"
        assert page.events[0].league == known["5001"].league
        assert page.events[0].starts_at == known["5001"].starts_at


def test_rows_of_an_event_that_nobody_names_belong_to_nobody():
    rows = [coded("|Win-Draw-Win|", "Empate"), coded("Total", "Mais de 2,5 gols")]
    found = parse({"odds": rows})
    assert (found.kind, found.events, reasons(found)) == ("detail", (), ["unknown_event"] * 2)
    found = parse({"events": [head(1), head(2)], "odds": rows})
    assert reasons(found) == ["unknown_event"] * 2
    found = parse({"events": [head(1)], "odds": [{"event_id": 2, **odd(RESULT, "1")}]})
    assert (prices(found), reasons(found)) == ([], ["unknown_event"])


def test_an_event_beside_its_rows_may_have_the_bare_id():
    bare = head(event_id="absent", id=5001)
    found = parse({"events": [bare], "odds": [{"event_id": 5001, **odd(RESULT, "1")}]}, events=listed())
    assert prices(found) == ["match_result match - home 1.9 standard open"]


def test_details_of_another_event_are_not_taken():
    found = parse({"events": [head(1)], "odds": [{"event_id": 1, **odd(RESULT, "1")}]}, events=listed())
    assert (found.events, reasons(found)) == ((), ["unknown_event"])


def test_a_list_of_another_league_is_left_out():
    found = parse({"odds": [head() | odd(RESULT, "1")]}, league=load_registry().leagues["serie_a"])
    assert (found.events, reasons(found)) == ((), ["other_league"])


def test_what_no_row_says_comes_from_what_was_asked_for():
    league = load_registry().leagues["brasileirao_a"]
    bare = {"odds": [head(tournament_id="absent") | odd(RESULT, "1")]}
    assert parse(bare, league=league).events[0].league.source_id == "325"
    assert reasons(parse(bare)) == ["no_league"]


def test_the_same_bet_and_the_same_event_count_once():
    found = parse({"events": [head(), head()], "odds": [{"event_id": 5001, **odd(RESULT, "1")}] * 2})
    assert len(prices(found)) == 1
    assert reasons(found) == ["duplicate_event", "duplicate_selection"]


def test_rows_that_are_no_objects_are_counted():
    found = parse({"events": [None, head()], "odds": [None, {"event_id": 5001, **odd(RESULT, "1")}]})
    assert reasons(found) == ["bad_event", "bad_odd"]
    assert len(prices(found)) == 1


def test_empty_answers_are_honest():
    for root in ({"odds": []}, {"odds": [], "scores": []}, {"events": []}, {"events": [], "odds": []}):
        found = parse(root)
        assert (found.events, found.rejected) == ((), ())
    assert parse({"odds": []}).kind == "list"
    assert parse({"odds": []}, events=listed()).kind == "detail"


def test_the_tournaments_hold_no_prices():
    assert parse({"importants": [], "tourneys": [{"tournament_id": 7}]}).kind == "tournaments"


@pytest.mark.parametrize(
    ("root", "said"),
    [
        (b"", "an empty body"),
        (b"<!DOCTYPE html>", "HTML"),
        ({"odds": [{"typeId": 1}]}, "no market_id"),
        ({"odds": {}}, "an object with odds"),
        ({"events": [{"event": {}}]}, "no id"),
        ({"events": {}, "odds": []}, "an object with events, odds"),
        ({"message": "error"}, "an object with message"),
        ([], "a JSON list"),
    ],
)
def test_other_bodies_are_refused_in_one_line(root, said):
    with pytest.raises(PayloadShapeError) as error:
        parse(root)
    assert said in str(error.value)


def test_lists_ask_for_the_main_market_of_one_league():
    registry = load_registry()
    leagues = [registry.leagues[key] for key in ("serie_a", "nba")]
    football, basketball = PLATFORM.requests(registry.bookmaker("betnacional"), leagues)
    assert football.url == "https://prod-global-bff-events.bet6.com.br/api/odds/1/events-by-seasons"
    assert dict(football.params) == {
        "sport_id": "1",
        "category_id": "0",
        "tournament_id": "23",
        "markets": "1",
        "filter_time_event": "",
    }
    assert (football.scope, football.league, football.kinds) == ("league:serie_a", "serie_a", {"list"})
    assert dict(football.headers)["referer"] == "https://betnacional.bet.br/"
    params = dict(basketball.params)
    assert (params["sport_id"], params["tournament_id"], params["markets"]) == ("2", "132", "219")


def test_details_ask_for_every_market_of_one_event():
    bookmaker = load_registry().bookmaker("betnacional")
    (request,) = PLATFORM.details(bookmaker, list(listed().values()))
    assert (request.scope, request.events, request.kinds) == ("event:5001", ("5001",), {"detail"})
    assert request.url.endswith("/api/event-odds/5001")
    assert dict(request.params) == {"languageId": "1", "marketIds": "", "outcomeIds": "", "statusId": "0"}
    brand = bookmaker.model_copy(update={"options": {"provider": "ramp"}})
    (request,) = PLATFORM.details(brand, list(listed().values()))
    assert dict(request.params)["provider"] == "ramp"
