"""The traps of Entain's fixtures, one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

import orjson
import pytest

from scrapers.errors import PayloadShapeError
from scrapers.platforms import Context
from scrapers.platforms.entain_cds.platform import PLATFORM
from scrapers.registry import load_registry
from tests.support.recordings import price_as_text

NOW = datetime(2026, 3, 14, 15, tzinfo=UTC)
IDS = count(1)
HOME, AWAY = 501, 502


def parse(root, context=None):
    body = root if isinstance(root, bytes) else orjson.dumps(root)
    return PLATFORM.parse(body, fetched_at=NOW, context=context)


def named(value):
    return {"value": value, "sign": "q83vEg=="}


def option(name, odds=1.9, types=(), team=None, source=None, **more):
    parameters = {"optionTypes": list(types), **({"fixtureParticipant": team} if team else {})}
    row = {"id": next(IDS), "name": named(name), "status": "Visible", "parameters": parameters}
    row |= {"sourceName": {"value": source}} if source else {}
    return row | {"price": {"numerator": 1, "denominator": 1, "odds": odds, "americanOdds": 100}} | more


def market(name, options, parameters=None, **more):
    rows = [{"key": key, "type": "String", "value": value} for key, value in (parameters or {}).items()]
    return {
        "id": next(IDS),
        "name": named(name),
        "status": "Visible",
        "options": options,
        "parameters": rows,
        **more,
    }


def goals(kind, period="RegularTime", **more):
    return {"MarketType": kind, "Happening": "Goal", "Period": period, **more}


def three_way(**more):
    return [
        option("Santos", 2.5, ["Max"], HOME, **more),
        option("X", 3.1, ["Draw"], **more),
        option("Bahia", 2.9, ["Max"], AWAY, **more),
    ]


def fixture(*markets, **more):
    return {
        "id": "2:77",
        "source": "V2",
        "name": named("Santos - Bahia"),
        "stage": "PreMatch",
        "startDate": "2026-03-15T19:00:00Z",
        "cutOffDate": "2026-03-15T21:00:00Z",
        "sport": {"id": 4, "name": named("Futebol")},
        "competition": {"id": 102838, "compoundId": "2:102838", "name": named("Série A")},
        "region": {"id": 33, "name": named("Brasil")},
        "viewType": "NotSet",
        "isOpenForBetting": True,
        "isVirtual": False,
        "participants": [
            {"id": HOME, "participantId": 9, "name": named("Santos"), "properties": {"type": "HomeTeam"}},
            {"id": AWAY, "participantId": 8, "name": named("Bahia"), "properties": {"type": "AwayTeam"}},
            {"id": 503, "participantId": 7, "name": named("Neymar"), "properties": {"type": "Player", "team": 9}},
        ],
        "optionMarkets": list(markets),
        "games": [],
        **more,
    }


def view(*markets, **more):
    return parse({"fixture": fixture(*markets, **more), "splitFixtures": []})


def result(name, odds=1.9, **more):
    return {"id": -next(IDS), "name": named(name), "odds": odds, "visibility": "Visible", **more}


def game(name, category, results, **more):
    head = {"id": next(IDS), "name": named(name), "categoryId": category, "visibility": "Visible"}
    return {**head, "results": results, **more}


def american(*games, name="Los Angeles Lakers at Boston Celtics", **more):
    """The older form: participants without types, guest first."""
    people = [
        {"participantId": 1, "name": {**named("Los Angeles Lakers"), "short": "Lakers"}},
        {"participantId": 2, "name": {**named("Boston Celtics"), "short": "Celtics"}},
    ]
    old = {
        "source": "V1",
        "optionMarkets": [],
        "games": list(games),
        "participants": people,
        "viewType": "American",
    }
    league = {"id": 6004, "compoundId": "1:6004", "name": named("NBA")}
    return view(**{"id": "19203874", "name": named(name), "sport": {"id": 7}, "competition": league, **old, **more})


def prices(found):
    return [price_as_text(price) for price in found.prices()]


def reasons(found):
    return [str(row.reason) for row in found.rejected]


RESULT = goals("3way")


def test_a_fixture_is_read_by_its_parameters_and_its_kickoff_is_no_cut_off():
    found = view(market("Resultado da Partida", three_way(), RESULT))
    assert (found.kind, reasons(found)) == ("detail", [])
    (event,) = found.events
    assert (event.source_id, event.home, event.away, event.phase) == ("2:77", "Santos", "Bahia", "prematch")
    assert (event.league.source_id, event.league.name, event.league.country) == ("102838", "Série A", "Brasil")
    assert event.starts_at == datetime(2026, 3, 15, 19, tzinfo=UTC)
    assert prices(found) == [
        "match_result match - home 2.5 standard open",
        "match_result match - draw 3.1 standard open",
        "match_result match - away 2.9 standard open",
    ]


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("Resultado da Partida VP (+2)", {"MarketSubType": "2Up3wayPricing"}),
        ("Resultado da Partida", {"MarketSubType": "2Up3wayPricing"}),
        ("Resultado da Partida VP (+2)", {}),
        ("Match Result - 2Up", {}),
    ],
)
def test_early_payout_stands_apart_from_the_plain_result(name, more):
    found = view(market(name, three_way(), {**RESULT, **more}), market("Resultado da Partida", three_way(), RESULT))
    assert [line.split()[-2] for line in prices(found)] == ["early_payout"] * 3 + ["standard"] * 3
    assert reasons(found) == []


@pytest.mark.parametrize(
    ("parameters", "more"),
    [
        ({**RESULT, "MarketSubType": "FirstGoal"}, {}),
        ({**RESULT, "FixtureParticipant": str(HOME)}, {}),
        ({**RESULT, "RangeValue": "1-15"}, {}),
        ({**RESULT, "Period": "FirstQuarter"}, {}),
        ({**RESULT, "Happening": "Corner"}, {}),
        ({"MarketType": "3way", "Period": "RegularTime"}, {}),
        ({"MarketType": "3way", "Happening": "Goal"}, {}),
        ({**RESULT, "Handicap": "-1.0000"}, {}),
        (goals("HomeNoBet"), {}),
        (goals("Handicap", Handicap="-1.0000"), {}),
        (goals("BTTS", MarketSubType="2Up3wayPricing"), {}),
        (RESULT, {"fixtureParticipantId": HOME}),
        ({}, {"name": named("Resultado da Partida - Santos")}),
    ],
)
def test_a_market_of_a_part_a_team_or_anything_else_is_not_the_result(parameters, more):
    found = view({**market("Resultado da Partida", three_way(), parameters), **more})
    assert (prices(found), reasons(found)) == ([], ["unknown_market"])


@pytest.mark.parametrize(("period", "shown"), [("FirstHalf", "first_half"), ("SecondHalf", "second_half")])
def test_halves_are_periods_of_their_own(period, shown):
    found = view(market("Resultado", three_way(), goals("3way", period)))
    assert {line.split()[1] for line in prices(found)} == {shown}


def test_a_double_chance_of_both_teams_names_one_of_them():
    rows = [
        option("Santos ou Empate", 1.3, ["Max", "Draw"], HOME),
        option("Empate ou Bahia", 1.5, ["Max", "Draw"], AWAY),
        option("Santos ou Bahia", 1.2, ["Max", "Max"], AWAY),
    ]
    assert prices(view(market("Chance Dupla", rows, goals("DoubleChance")))) == [
        "double_chance match - home_draw 1.3 standard open",
        "double_chance match - draw_away 1.5 standard open",
        "double_chance match - home_away 1.2 standard open",
    ]


def test_both_teams_to_score_names_a_team_that_says_nothing():
    rows = [
        option("Sim", 1.6, ["ToHappen", "ToHappen"], AWAY),
        option("Não", 2.15, ["NotToHappen", "NotToHappen"], AWAY),
        option("Talvez", 9, ["ToHappen", "NotToHappen"], AWAY),
    ]
    found = view(market("Ambas equipes marcam gol", rows, goals("BTTS")))
    assert [line.split()[3:5] for line in prices(found)] == [["yes", "1.6"], ["no", "2.15"]]
    assert reasons(found) == ["unknown_selection"]


def totals(over, under, **parameters):
    rows = [option(over, 1.8, ["Over"]), option(under, 2.0, ["Under"])]
    return market("Total de Gols", rows, goals("Over/Under", **parameters))


@pytest.mark.parametrize("written", ["2.5000", "2.5", "2,5"])
def test_totals_however_the_line_is_written(written):
    assert prices(view(totals("Mais de 2,5", "Menos de 2,5", DecimalValue=written))) == [
        "totals match 2.5 over 1.8 standard open",
        "totals match 2.5 under 2 standard open",
    ]


def test_a_total_whose_name_denies_its_line_is_not_believed():
    found = view(totals("Mais de 2,5", "Menos de 3,5", DecimalValue="2.5000"))
    assert prices(found) == ["totals match 2.5 over 1.8 standard open"]
    assert reasons(found) == ["line_conflict"]


def test_a_total_without_any_line_is_not_read():
    assert reasons(view(totals("Mais", "Menos"))) == ["bad_line", "bad_line"]


def handicap(home, away, **parameters):
    rows = [option(home, 1.9, ["Max"], HOME), option(away, 1.95, ["Max"], AWAY)]
    return view(market("Handicap Asiático", rows, goals("2wayHandicap", **parameters)))


@pytest.mark.parametrize(
    ("home", "away", "line"),
    [
        ("Santos (-0,5)", "Bahia (+0,5)", "-0.5"),
        ("Santos (\N{MINUS SIGN}0.75)", "Bahia (+0.75)", "-0.75"),
        ("Santos (+1)", "Bahia (-1)", "1"),
        ("Santos (0)", "Bahia (0)", "0"),
        ("Santos +0.25", "Bahia -0.25", "0.25"),
    ],
)
def test_a_handicap_has_one_line_from_the_home_side(home, away, line):
    assert prices(handicap(home, away)) == [
        f"handicap match {line} home 1.9 standard open",
        f"handicap match {line} away 1.95 standard open",
    ]


@pytest.mark.parametrize(
    ("home", "away", "reason"),
    [
        ("Santos (-0,5)", "Bahia (-0,5)", "line_conflict"),
        ("Santos (0, -0.5)", "Bahia (0, +0.5)", "bad_line"),
        ("Santos", "Bahia", "bad_line"),
        ("Santos (-0,3)", "Bahia (+0,3)", "bad_line"),
    ],
)
def test_a_handicap_that_is_not_one_mirrored_line_is_not_read(home, away, reason):
    found = handicap(home, away)
    assert (prices(found), reasons(found)) == ([], [reason] * 2)


def test_a_handicap_of_another_size_than_its_market_is_not_believed():
    assert reasons(handicap("Santos (-0,5)", "Bahia (+0,5)", Handicap="-1.5000")) == ["line_conflict"] * 2


def test_digits_at_the_end_of_a_club_are_no_line():
    people = fixture()["participants"]
    people[0]["name"] = named("Mainz 05")
    rows = [option("Mainz 05", 2.5, ["Max"], HOME), option("Bahia", 2.9, ["Max"], AWAY)]
    spread = [option("Mainz 05 (-0,5)", 1.9, ["Max"], HOME), option("Bahia (+0,5)", 1.9, ["Max"], AWAY)]
    found = view(
        market("Empate Anula Aposta", rows, goals("DrawNoBet")),
        market("Handicap", spread, goals("2wayHandicap")),
        participants=people,
    )
    assert [line.split()[2:5] for line in prices(found)] == [
        ["-", "home", "2.5"],
        ["-", "away", "2.9"],
        ["-0.5", "home", "1.9"],
        ["-0.5", "away", "1.9"],
    ]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([option("Bahia", 2.5, ["Max"], HOME)], "side_conflict"),
        ([option("Outro", 2.5, ["Max"], 999, source="1")], "unknown_selection"),
        ([option("Outro", 2.5)], "unknown_selection"),
        ([option("Santos", None, ["Max"], HOME)], "bad_price"),
        ([option("Santos", "2.5", ["Max"], HOME)], "bad_price"),
        ([option("Santos", 1.0, ["Max"], HOME)], "price_out_of_range"),
        ([option("Santos", 2.5, ["Max"], HOME, status="Paused")], "unknown_status"),
        ([option("Santos", 2.5, ["Max"], HOME, status="Hidden")], "not_offered"),
        ([None], "unknown_selection"),
    ],
)
def test_an_option_that_cannot_be_read_costs_itself_only(rows, reason):
    found = view(market("Resultado da Partida", [*rows, option("X", 3.1, ["Draw"])], RESULT))
    assert prices(found) == ["match_result match - draw 3.1 standard open"]
    assert reasons(found) == [reason]


def test_source_names_decide_where_nothing_else_does():
    rows = [option("Mandante", 2.5, source="1"), option("Visitante", 2.9, source="2"), option("-", 3.1, source="X")]
    assert [line.split()[3] for line in prices(view(market("Resultado da Partida", rows)))] == [
        "home",
        "away",
        "draw",
    ]


@pytest.mark.parametrize(
    "suspended",
    [
        lambda: view(market("Resultado da Partida", three_way(status="Suspended"), RESULT)),
        lambda: view(market("Resultado da Partida", three_way(), RESULT, status="Suspended")),
        lambda: view(market("Resultado da Partida", three_way(), RESULT), isOpenForBetting=False),
    ],
)
def test_what_is_on_the_page_and_cannot_be_bet_on_is_suspended(suspended):
    assert [line.split()[4:] for line in prices(suspended())] == [
        ["2.5", "standard", "suspended"],
        ["3.1", "standard", "suspended"],
        ["2.9", "standard", "suspended"],
    ]


def test_a_hidden_market_is_not_offered_and_its_second_copy_is_one():
    first = market("Resultado da Partida", three_way(), RESULT)
    hidden = market("Empate Anula Aposta", three_way(), goals("DrawNoBet"), status="Hidden")
    found = view(first, hidden, first, {**first, "id": 9999, "options": three_way()}, None)
    assert len(prices(found)) == 3
    assert sorted(reasons(found)) == [
        "bad_market",
        "duplicate_market",
        *["duplicate_selection"] * 3,
        "not_offered",
    ]


def test_a_boosted_price_stands_beside_the_ordinary_one():
    rows = three_way()
    rows[0]["boostedPrice"] = {"odds": 3.0}
    assert prices(view(market("Resultado da Partida", rows, RESULT)))[:2] == [
        "match_result match - home 2.5 standard open",
        "match_result match - home 3 boosted open",
    ]


def test_parameters_may_be_an_object():
    row = market("Resultado da Partida", three_way())
    assert len(prices(view({**row, "parameters": RESULT}))) == 3


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"isVirtual": True}, "not_a_match"),
        ({"sport": {"id": 4, "isEsport": True}}, "not_a_match"),
        ({"sport": {"id": 5}}, "unknown_sport"),
        ({"sport": None}, "unknown_sport"),
        ({"stage": "Ended"}, "unknown_event_status"),
        ({"startDate": "2026-03-15"}, "bad_kickoff"),
        ({"competition": {}}, "no_league"),
        ({"participants": [], "name": named("Campeão")}, "not_a_match"),
        ({"participants": [], "name": named("Brasil – Noruega – Super Boost")}, "not_a_match"),
        ({"participants": [{"name": named(name)} for name in "ABC"]}, "not_a_match"),
        ({"participants": [{"name": named(name)} for name in "AB"]}, "no_sides"),
        ({"participants": [], "viewType": "American"}, "side_conflict"),
    ],
)
def test_a_fixture_that_is_no_match_is_rejected(more, reason):
    found = view(market("Resultado da Partida", three_way(), RESULT), **more)
    assert (found.events, reasons(found)) == ((), [reason])


@pytest.mark.parametrize("more", [{"stage": "Live"}, {"scoreboard": {"started": True}}])
def test_a_running_match_is_live(more):
    assert view(**more).events[0].phase == "live"


@pytest.mark.parametrize("stage", ["PreMatch", "Prematch", "PREMATCH"])
def test_the_stage_is_spelled_in_several_ways(stage):
    assert view(stage=stage).events[0].phase == "prematch"


def moneyline():
    return game("Vencedor", 43, [result("Lakers", 2.75, sourceName=named("1")), result("Celtics", 1.47)])


@pytest.mark.parametrize("between", [" at ", " @ ", " em "])
def test_in_american_order_the_guest_stands_first(between):
    spread = [result("Los Angeles Lakers +5,5", attr="+5,5"), result("Boston Celtics -5,5", attr="-5,5")]
    found = american(
        moneyline(),
        game("Handicap", 44, spread, spread=3.4),
        name=f"Los Angeles Lakers{between}Boston Celtics",
    )
    assert (found.events[0].home, found.events[0].away) == ("Boston Celtics", "Los Angeles Lakers")
    assert prices(found) == [
        "moneyline match - away 2.75 standard open",
        "moneyline match - home 1.47 standard open",
        "handicap match -5.5 away 1.9 standard open",
        "handicap match -5.5 home 1.9 standard open",
    ]


def test_numbered_results_follow_the_order_of_the_name():
    nameless = [result("", 2.75, sourceName=named("1")), result("", 1.47, sourceName=named("2"))]
    rows = [game("Vencedor", 43, nameless)]
    assert [line.split()[3] for line in prices(american(*rows))] == ["away", "home"]
    european = american(*rows, name="Los Angeles Lakers - Boston Celtics", viewType="European")
    assert [line.split()[3] for line in prices(european)] == ["home", "away"]
    assert european.events[0].home == "Los Angeles Lakers"


def test_an_american_fixture_may_come_in_the_newer_form():
    rows = [option("Lakers", 2.75, team=21), option("Celtics", 1.47, team=22)]
    people = [
        {"id": 21, "name": named("Los Angeles Lakers")},
        {"id": 22, "name": named("Boston Celtics")},
        {"id": 23, "name": named("L. James"), "properties": {"type": "Player", "team": 21}},
    ]
    half = market("Vencedor", rows, {"MarketType": "2way", "Period": "FirstQuarter"})
    found = american(participants=people, games=[], optionMarkets=[market("Vencedor", rows), half])
    assert [line.split()[3:5] for line in prices(found)] == [["away", "2.75"], ["home", "1.47"]]
    assert reasons(found) == ["unknown_market"]


OVER, UNDER = (
    result("Mais de 224,5", 1.87, totalsPrefix="Over"),
    result("Menos de 224,5", 1.95, totalsPrefix="Under"),
)


@pytest.mark.parametrize(
    "row",
    [
        game("Total: Ímpar/Par", 48, [result("Ímpar"), result("Par")]),
        game("Total", 48, [OVER, result("Menos de 224,5")], attr="224,5"),
        game("Total (1º Tempo)", 730, [OVER, UNDER], attr="224,5"),
        game("Total", 730, [OVER, UNDER], attr="224,5"),
        game("Vencedor", 623, [result("Lakers"), result("Celtics")]),
        game("Boston Celtics: Total", 48, [OVER, UNDER], attr="224,5"),
    ],
)
def test_a_category_or_a_name_alone_is_not_the_whole_game(row):
    found = american(row)
    assert (prices(found), reasons(found)) == ([], ["unknown_market"])


@pytest.mark.parametrize("name", ["Total", "Totals", "Total (incl. prorrogação)", "Totals (including overtime)"])
def test_points_in_all_with_overtime(name):
    found = american(game(name, 48, [OVER, UNDER], attr="224,5", spread=0.08))
    assert prices(found) == [
        "totals match 224.5 over 1.87 standard open",
        "totals match 224.5 under 1.95 standard open",
    ]


NBA = load_registry().leagues["nba"]


def asked_for_nba(**competition):
    rows = {"sport": {"id": 7}, "competition": competition, "viewType": "European"}
    return parse({"fixtures": [fixture(**rows)], "totalCount": 1}, Context(league=NBA))


def test_the_nba_is_found_in_all_basketball_by_id_or_by_its_whole_name():
    by_id, by_name = asked_for_nba(id=6004, name=named("NBA 2026")), asked_for_nba(id=264, name=named("NBA"))
    assert {page.events[0].league.source_id for page in (by_id, by_name)} == {"6004"}
    assert reasons(asked_for_nba(id=265, name=named("WNBA"))) == ["other_league"]


def test_a_fixture_keeps_the_league_of_its_list():
    listed = asked_for_nba(id=264, name=named("NBA")).events[0]
    body = {"fixture": fixture(sport={"id": 7}, competition={"id": 264, "name": named("NBA")})}
    assert parse(body, Context(events={"2:77": listed})).events[0].league == listed.league
    assert parse(body).events[0].league.source_id == "264"


@pytest.mark.parametrize("key", ["totalCount", "TotalCount"])
def test_a_list_shorter_than_it_announces_is_cut(key):
    found = parse({"fixtures": [fixture(), None, fixture()], key: 4})
    assert (found.kind, len(found.events)) == ("list", 1)
    assert reasons(found) == ["bad_event", "duplicate_event", "cut_answer"]


def test_a_fixture_that_is_gone_is_an_empty_view():
    found = parse({"splitFixtures": [], "groupingVersion": "mg_x"})
    assert (found.kind, found.events, found.rejected) == ("detail", (), ())


def test_what_is_split_off_is_counted():
    found = parse({"fixture": fixture(), "splitFixtures": [{"id": "2:78"}]})
    assert [(row.source_id, str(row.reason)) for row in found.rejected] == [("event:2:78", "not_a_match")]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "an empty body"),
        (b"<html>Attention Required!</html>", "an HTML or XML page"),
        (b'{"fixtures": [', "broken or truncated JSON"),
        (b'{"message": "Access id is not valid"}', "a refusal: Access id is not valid"),
        (b'{"fixtures": [1, 2]}', "fixtures are not objects"),
        (b'{"markets": []}', "an object with markets"),
        (b"[]", "a JSON list"),
    ],
)
def test_anything_else_is_called_by_its_name(body, said):
    with pytest.raises(PayloadShapeError, match=said):
        parse(body)
