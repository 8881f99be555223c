"""The traps of Superbet's payloads, one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.errors import PayloadShapeError
from scrapers.platforms import Context
from scrapers.platforms.superbet.platform import PLATFORM, Superbet
from scrapers.registry import load_registry
from tests.support.recordings import price_as_text

NOW = datetime(2026, 3, 14, 15, tzinfo=UTC)
IDS = count(1)
RESULT, TOTAL, BOTH, DOUBLE, DRAW_NO_BET = 547, 200734, 539, 531, 555
WINNER, SPREAD, POINTS, REGULAR = 759, 768, 753, 777
UNRECORDED = 99001


def parse(root, **known):
    body = root if isinstance(root, bytes) else orjson.dumps(root)
    return PLATFORM.parse(body, fetched_at=NOW, context=Context(**known) if known else None)


def odd(market, price=1.9, *, outcome=None, code=None, name="", line=None, key="total", **more):
    row = {"uuid": f"u{next(IDS)}", "marketId": market, "price": price, "status": "active", "name": name}
    if outcome is not None:
        row["outcomeId"] = outcome
    if code is not None:
        row["code"] = code
    if line is not None:
        row |= {"specialBetValue": line, "specifiers": {key: line}}
    return row | more


def event(*odds, event_id=1, **more):
    row = {
        "eventId": event_id,
        "matchName": "Casa·Fora",
        "matchDate": "2026-03-15 19:00:00",
        "utcDate": "2026-03-15T19:00:00Z",
        "sportId": 5,
        "tournamentId": 1698,
        "tournamentName": None,
        "offerStateStatus": {"1": "active"},
        "odds": list(odds),
    }
    return {key: value for key, value in (row | more).items() if value != "absent"}


def view(*odds, **more):
    return parse({"error": False, "data": [event(*odds, **more)]})


def prices(found):
    return [price_as_text(price) for price in found.prices()]


def reasons(found):
    return [str(row.reason) for row in found.rejected]


def listed(**more):
    """The event as its list described it."""
    (found,) = view(**more).events
    return {found.source_id: found}


def test_results_are_told_by_outcome_or_by_code_in_any_order():
    found = view(
        odd(RESULT, 4.1, code="2"),
        odd(RESULT, 2, outcome=1470),
        odd(RESULT, 3.35, outcome=1471, code="0", name="X"),
    )
    assert prices(found) == [
        "match_result match - away 4.1 standard open",
        "match_result match - home 2 standard open",
        "match_result match - draw 3.35 standard open",
    ]
    assert (found.events[0].home, found.events[0].away) == ("Casa", "Fora")


@pytest.mark.parametrize(
    "marks", [{"outcome": 1470, "code": "2"}, {"outcome": 1472, "name": "Casa"}, {"code": "1", "name": "X"}]
)
def test_marks_that_contradict_each_other_are_not_guessed(marks):
    found = view(odd(RESULT, **marks))
    assert (prices(found), reasons(found)) == ([], ["side_conflict"])


def test_one_code_means_different_things_in_different_markets():
    found = view(odd(BOTH, code="1", name="Sim"), odd(BOTH, code="2", name="Não"), odd(RESULT, code="2"))
    assert [price.selection for price in found.prices()] == ["yes", "no", "away"]


def test_double_chance_and_draw_no_bet_go_by_name():
    rows = [odd(DOUBLE, 1.3, name=name) for name in ("X2", "1X", "12")]
    rows += [odd(DRAW_NO_BET, 2.8, name="Fora"), odd(DRAW_NO_BET, 1.4, name="Casa")]
    found = view(*rows)
    assert [price.selection for price in found.prices()] == ["draw_away", "home_draw", "home_away", "away", "home"]


def test_a_team_that_ends_in_a_number_has_no_line():
    rows = [odd(DRAW_NO_BET, 1.4, name="Schalke 04"), odd(DRAW_NO_BET, 2.8, name="Mainz 05")]
    found = view(*rows, matchName="Schalke 04·Mainz 05")
    assert prices(found) == [
        "draw_no_bet match - home 1.4 standard open",
        "draw_no_bet match - away 2.8 standard open",
    ]


@pytest.mark.parametrize("line", ["2.5", "2.25", "3", "10"])
def test_totals_share_the_market_id_and_differ_by_line(line):
    found = view(
        odd(TOTAL, 1.9, outcome=151889, code="+", name=f"Mais de {line}", line=line),
        odd(TOTAL, 1.8, outcome=151888, code="-", name=f"Menos de {line}", line=line),
        odd(TOTAL, 5, outcome=151889, line="6.5"),
    )
    assert prices(found)[:2] == [
        f"totals match {line} over 1.9 standard open",
        f"totals match {line} under 1.8 standard open",
    ]
    assert prices(found)[2] == "totals match 6.5 over 5 standard open"


def test_a_flattened_line_serves_where_there_are_no_specifiers():
    assert prices(view(odd(TOTAL, outcome=151889, specialBetValue="2.5"))) == [
        "totals match 2.5 over 1.9 standard open"
    ]
    found = view(odd(TOTAL, outcome=151889, specialBetValue="1-37.5"))
    assert (prices(found), reasons(found)) == ([], ["bad_line"])


def test_a_line_that_the_name_denies_is_another_bet():
    found = view(odd(TOTAL, code="+", name="Mais de 3.5", line="2.5"))
    assert (prices(found), reasons(found)) == ([], ["line_conflict"])


def test_rows_of_one_market_line_must_agree_on_the_line():
    rows = [odd(TOTAL, code=code, line=line, marketUuid="m") for code, line in (("+", "2.5"), ("-", "3.5"))]
    found = view(*rows)
    assert (prices(found), reasons(found)) == ([], ["line_conflict"] * 2)


def test_a_further_specifier_makes_another_market():
    found = view(odd(POINTS, code="+", specifiers={"total": "55.5", "quarternr": "1"}), sportId=4)
    assert (prices(found), reasons(found)) == ([], ["unknown_market"])


def test_basketball_handicaps_are_the_first_teams_line_on_both_rows():
    found = view(
        odd(SPREAD, 2.87, outcome=2202, code="1", name="Casa (-21.5)", line="-21.5", key="hcp"),
        odd(SPREAD, 1.31, outcome=2203, code="2", name="Fora (21.5)", line="-21.5", key="hcp"),
        sportId=4,
    )
    assert prices(found) == [
        "handicap match -21.5 home 2.87 standard open",
        "handicap match -21.5 away 1.31 standard open",
    ]


def test_regular_time_in_basketball_is_no_moneyline():
    found = view(odd(WINNER, code="1"), odd(REGULAR, 15, outcome=2222), sportId=4)
    assert [(price.market, price.selection) for price in found.prices()] == [
        ("moneyline", "home"),
        ("match_result", "draw"),
    ]


@pytest.mark.parametrize(("sport", "market"), [(5, WINNER), (4, RESULT), (5, 544), (5, 704), (4, 758), (4, 775)])
def test_markets_of_the_other_sport_of_teams_and_of_corners_are_unknown(sport, market):
    found = view(odd(market, code="1", name="1"), sportId=sport)
    assert (prices(found), reasons(found)) == ([], ["unknown_market"])


def asian(home="Casa (-0.75)", away="Fora (0.75)", name="Handicap Asiático", market=UNRECORDED, **more):
    return [
        odd(market, 2.2, code="1", name=home, marketName=name, marketUuid="a", **more),
        odd(market, 1.66, code="2", name=away, marketName=name, marketUuid="a", **more),
    ]


def test_the_asian_handicap_is_known_by_its_name_and_two_mirrored_teams():
    expected = ["handicap match -0.75 home 2.2 standard open", "handicap match -0.75 away 1.66 standard open"]
    assert prices(view(*asian())) == expected
    assert prices(view(*asian(line="-0.75", key="hcp"))) == expected


@pytest.mark.parametrize(
    "rows",
    [
        asian(name="1º Tempo - Handicap Asiático"),
        asian(name="Handicap"),
        asian(away="Fora (-0.75)"),
        asian(away="Outro (0.75)"),
        asian(home="Casa", away="Fora"),
        asian()[:1],
        [*asian(), odd(UNRECORDED, 3.6, name="Empate (-0.75)", marketName="Handicap Asiático", marketUuid="a")],
        asian(specifiers={"hcp": "-0.75", "periodnr": "1"}),
    ],
)
def test_anything_less_certain_is_no_asian_handicap(rows):
    found = view(*rows)
    assert (prices(found), reasons(found)) == ([], ["unknown_market"])


@given(st.integers(-80, 80))
def test_every_asian_line_is_read_from_the_home_side(quarters):
    line = Decimal(quarters) / 4
    found = view(*asian(home=f"Casa ({line})", away=f"Fora ({-line})", line=str(line), key="hcp"))
    assert {price.line for price in found.prices()} == {line}
    assert [price.selection for price in found.prices()] == ["home", "away"]


@pytest.mark.parametrize("status", ["suspended", "inactive", "blocked"])
def test_what_is_not_active_is_suspended_and_a_price_of_one_is_none(status):
    found = view(odd(RESULT, 1, code="1", status=status), odd(RESULT, 3.4, code="0", status=status))
    assert prices(found) == [
        "match_result match - home - standard suspended",
        "match_result match - draw 3.4 standard suspended",
    ]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"status": "won"}, "not_offered"),
        ({"status": "lost"}, "not_offered"),
        ({"status": "paused"}, "unknown_status"),
        ({"status": None}, "unknown_status"),
        ({"price": 1}, "price_out_of_range"),
        ({"price": 0.5}, "price_out_of_range"),
        ({"price": "1.90"}, "bad_price"),
        ({"price": True}, "bad_price"),
        ({"offerStateId": 2}, "not_offered"),
    ],
)
def test_odds_that_are_no_offers(more, reason):
    found = view(odd(RESULT, code="1", **more))
    assert (prices(found), reasons(found)) == ([], [reason])


def test_an_event_without_odds_is_an_event():
    found = view(odds=None)
    assert (len(found.events), prices(found), found.rejected) == (1, [], ())


def test_a_stopped_offer_is_suspended_as_a_whole():
    found = view(odd(RESULT, code="1"), offerStateStatus={"1": "stop"})
    assert prices(found) == ["match_result match - home 1.9 standard suspended"]


@pytest.mark.parametrize(
    "more",
    [{"metadata": {"status": "STARTED"}}, {"offerStateStatus": {"1": "stop", "2": "active"}}],
)
def test_any_sign_of_a_live_offer_makes_the_event_live(more):
    found = view(odd(RESULT, code="1", offerStateId=2), odd(RESULT, code="2", offerStateId=1), **more)
    assert found.events[0].phase == "live"
    assert [price.selection for price in found.prices()] == ["home"]
    assert reasons(found) == ["not_offered"]


def test_a_price_boost_is_kept_apart_and_touches_the_winner_only():
    found = view(odd(RESULT, code="1"), odd(BOTH, code="1"), matchTags="v2, price_boost")
    assert [price.rules for price in found.prices()] == ["boosted", "standard"]
    found = view(odd(RESULT, code="1", tags="pm_boostable_market"), matchTags="v2")
    assert [price.rules for price in found.prices()] == ["standard"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"eventId": None}, "bad_event"),
        ({"eventId": "../struct"}, "bad_event"),
        ({"sportId": 75}, "unknown_sport"),
        ({"sportId": True}, "unknown_sport"),
        ({"tournamentName": "eComp - Premier League"}, "not_a_match"),
        ({"tournamentName": "Rodada Inglaterra - Premier League"}, "not_a_match"),
        ({"matchName": "Campeão da Copa"}, "not_a_match"),
        ({"matchName": "Premier League - Campeão"}, "not_a_match"),
        ({"matchName": "A·B·C"}, "not_a_match"),
        ({"matchName": "Casa·"}, "no_sides"),
        ({"matchName": "Casa·Casa"}, "no_sides"),
        ({"matchName": "absent"}, "no_sides"),
        ({"utcDate": "2026-03-15 19:00:00"}, "bad_kickoff"),
        ({"utcDate": "absent", "matchDate": "15/03/2026 19:00"}, "bad_kickoff"),
        ({"metadata": {"status": "FINISHED"}}, "unknown_event_status"),
        ({"offerStateStatus": {"1": "finished"}}, "not_offered"),
    ],
)
def test_events_that_are_left_out_whole(more, reason):
    found = view(odd(RESULT, code="1"), **more)
    assert (found.events, reasons(found)) == ((), [reason])


def test_names_without_the_middle_dot_need_two_teams_with_an_id():
    found = view(matchName="Casa - Fora", homeTeamId="1", awayTeamId="2")
    assert (found.events[0].home, found.events[0].away) == ("Casa", "Fora")


def test_match_date_is_utc_although_it_does_not_say_so():
    found = view(utcDate="absent")
    assert found.events[0].starts_at == datetime(2026, 3, 15, 19, tzinfo=UTC)


def test_the_same_event_and_the_same_bet_count_once():
    found = parse({"data": [event(odd(RESULT, 2, code="1"), odd(RESULT, 2.1, code="1")), event()]})
    assert prices(found) == ["match_result match - home 2 standard open"]
    assert reasons(found) == ["duplicate_selection", "duplicate_event"]


def test_rows_that_are_no_objects_are_counted():
    found = parse({"data": [None, event(None, odd(RESULT, code="1")), 5]})
    assert reasons(found) == ["bad_event", "bad_odd", "bad_event"]
    assert len(prices(found)) == 1


def test_a_list_of_another_league_is_left_out():
    league = load_registry().leagues["serie_a"]
    found = parse({"data": [event(odd(RESULT, code="1"))]}, league=league)
    assert (found.events, reasons(found)) == ((), ["other_league"])


def test_what_a_trimmed_event_lacks_comes_from_what_was_asked_for():
    league = load_registry().leagues["brasileirao_a"]
    bare = event(odd(RESULT, code="1"), sportId="absent", tournamentId="absent")
    assert parse({"data": [bare]}, league=league).events[0].league.source_id == "1698"
    assert reasons(parse({"data": [bare]})) == ["no_league"]
    known = listed()
    bare = event(odd(RESULT, code="1"), sportId="absent", tournamentId="absent", matchName="absent")
    bare = {key: value for key, value in bare.items() if key not in ("utcDate", "matchDate")}
    (found,) = parse({"data": [bare]}, events=known).events
    assert (found.home, found.away, found.starts_at, found.league) == (
        known["1"].home,
        known["1"].away,
        known["1"].starts_at,
        known["1"].league,
    )


def test_details_of_another_event_are_not_taken():
    found = parse({"data": [event(odd(RESULT, code="1"), event_id=2)]}, events=listed())
    assert (found.events, reasons(found)) == ((), ["unknown_event"])


@pytest.mark.parametrize(("announced", "cut"), [(3, True), (2, False), (1, False), (None, False), ("3", False)])
def test_details_that_hold_less_than_they_announce_are_cut(announced, cut):
    row = event(odd(RESULT, code="1"), odd(RESULT, code="2"), odd(RESULT, code="0", offerStateId=2))
    row["counts"] = {"odds": {"1": announced, "2": 1}}
    found = parse({"data": [row]}, events=listed())
    assert ("cut_answer" in reasons(found)) is cut
    assert found.kind == "detail"
    assert "cut_answer" not in reasons(parse({"data": [row]}))


def test_rows_that_repeat_a_uuid_do_not_hide_a_cut():
    row = event(*[odd(RESULT, code=code, uuid="same") for code in "12"], counts={"odds": {"1": 2}})
    assert "cut_answer" in reasons(parse({"data": [row]}, events=listed()))


def v3(*markets, **fixture):
    head = {
        "event_name": "Casa·Fora",
        "utc_date": "2026-03-15T19:00:00Z",
        "sport_id": 4,
        "tournament_id": 164,
        "offer_state_status": {"1": 1},
    }
    return parse({"events": [{"event_id": 1, "fixture": head | fixture, "markets": list(markets)}]})


def v3_odd(status=1, price=1.9, **more):
    meta = {"outcome_id": 2182, "code": "1", "market_line_uuid": "m", "offer_state_id": 1}
    return {"uuid": "u", "price": price, "status": status, "display": True, "metadata": meta | more}


def test_the_v3_shape_gives_the_same_records():
    found = v3({"id": WINNER, "name": "Vencedor", "odds": [v3_odd(), v3_odd(2, 1.0, outcome_id=2183, code="2")]})
    assert prices(found) == [
        "moneyline match - home 1.9 standard open",
        "moneyline match - away - standard suspended",
    ]
    total = v3_odd(outcome_id=2170, code="+", specifiers={"total": "149.5"})
    assert prices(v3({"id": POINTS, "odds": [total]})) == ["totals match 149.5 over 1.9 standard open"]
    assert (found.kind, found.events[0].league.source_id) == ("v3", "164")


def test_the_v3_shape_keeps_what_cannot_be_bet_apart():
    assert reasons(v3({"id": WINNER, "odds": [v3_odd() | {"display": False}]})) == ["not_offered"]
    assert reasons(v3({"id": WINNER, "odds": [v3_odd(9)]})) == ["unknown_status"]
    assert reasons(v3({"id": WINNER}, None)) == ["bad_odd", "bad_odd"]
    found = v3({"id": WINNER, "odds": [v3_odd()]}, offer_state_status={"1": 2})
    assert prices(found) == ["moneyline match - home 1.9 standard suspended"]


def test_the_dictionary_holds_no_prices():
    assert parse({"data": {"tournaments": [{"id": "1698"}], "sports": []}}).kind == "struct"


def test_an_empty_list_is_honest():
    for root in ({"error": False, "data": []}, {"events": []}):
        found = parse(root)
        assert (found.events, found.rejected) == ((), ())


@pytest.mark.parametrize(
    ("root", "said"),
    [
        (b"", "an empty body"),
        (b"<html>", "HTML"),
        (b'data:[{"eventId":1}]', "not JSON"),
        ({"error": "startDate is not valid", "data": []}, "reports an error (startDate is not valid)"),
        ({"error": True, "data": []}, "reports an error"),
        ({"error": False}, "an object with error"),
        ({"data": [{"mi": 1, "oc": []}]}, "no eventId"),
        ({"data": [1]}, "no eventId"),
        ({"events": [{"event": {}, "betOffers": []}]}, "an object with events"),
        ([], "a JSON list"),
    ],
)
def test_other_bodies_are_refused_in_one_line(root, said):
    with pytest.raises(PayloadShapeError) as error:
        parse(root)
    assert said in str(error.value)


def test_lists_ask_for_a_month_from_the_beginning_of_the_day():
    registry = load_registry()
    platform = Superbet(clock=lambda: datetime(2026, 3, 14, 15, 9, 26, 535, tzinfo=UTC))
    leagues = [registry.leagues[key] for key in ("serie_a", "nba")]
    football, basketball = platform.requests(registry.bookmaker("superbet"), leagues)
    assert football.url == "https://production-superbet-offer-br.freetls.fastly.net/v2/pt-BR/events/by-date"
    assert dict(football.params) == {
        "offerState": "prematch",
        "sportId": "5",
        "tournamentIds": "104",
        "startDate": "2026-03-14 00:00:00",
        "endDate": "2026-04-13 00:00:00",
    }
    assert (football.scope, football.league, football.kinds) == ("league:serie_a", "serie_a", {"list"})
    assert dict(football.headers)["origin"] == "https://superbet.bet.br"
    assert (dict(basketball.params)["sportId"], dict(basketball.params)["tournamentIds"]) == ("4", "164")


def test_details_ask_for_one_event_each():
    events = [*listed().values(), *listed(event_id=2).values()]
    first, second = PLATFORM.details(load_registry().bookmaker("superbet"), events)
    assert (first.scope, second.scope) == ("event:1", "event:2")
    assert second.url.endswith("/v2/pt-BR/events/2")
    assert (first.events, first.kinds, first.empty_status) == (("1",), {"detail"}, {404})
