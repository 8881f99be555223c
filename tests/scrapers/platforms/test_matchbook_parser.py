"""The traps of the exchange's payloads, one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.errors import PayloadShapeError
from scrapers.platforms import Context
from scrapers.platforms.matchbook.platform import PLATFORM, MatchbookOptions
from scrapers.registry import load_registry

NOW = datetime(2026, 3, 14, 15, tzinfo=UTC)
HOME, AWAY = "9007199254740993", "9007199254740995"


def parse(root, **known):
    body = root if isinstance(root, bytes) else orjson.dumps(root)
    return PLATFORM.parse(body, fetched_at=NOW, context=Context(**known) if known else None)


def entry(side, odds, amount=10.0, **more):
    return {"side": side, "decimal-odds": odds, "available-amount": amount, "odds-type": "DECIMAL", **more}


BOOK = (entry("back", 1.9), entry("lay", 2.0))


def runner(name, participant=0, prices=BOOK, **more):
    return {
        "id": f"r-{name}",
        "name": name,
        "event-participant-id": participant,
        "status": "open",
        "withdrawn": False,
        "prices": list(prices),
        **more,
    }


def market(kind, runners, **more):
    return {"id": "m", "market-type": kind, "name": "", "status": "open", "runners": runners, **more}


def event(*markets, **more):
    return {
        "id": "1",
        "name": "Casa vs Fora",
        "sport-id": 15,
        "start": "2026-03-15T19:00:00.000Z",
        "status": "open",
        "in-running-flag": False,
        "event-participants": [
            {"id": AWAY, "number": 2, "participant-name": "Fora"},
            {"id": HOME, "number": 1, "participant-name": "Casa"},
        ],
        "meta-tags": [{"type": "COMPETITION", "name": "Liga", "url-name": "liga"}],
        "markets": list(markets),
        **more,
    }


def american(name="Fora em Casa", **more):
    participants = [
        {"id": AWAY, "number": 1, "participant-name": "Fora"},
        {"id": HOME, "number": 2, "participant-name": "Casa"},
    ]
    return event(
        *more.pop("markets", ()), **{"sport-id": 4, "event-participants": participants, "name": name, **more}
    )


def one_market(kind, *runners, of=event, **more):
    return parse(of(markets=[market(kind, list(runners), **more)]))


def backs(found):
    """market line selection price of every back price."""
    return [
        f"{p.market} {'-' if p.line is None else p.line} {p.selection} {p.value}"
        for p in found.prices()
        if p.side == "back"
    ]


def reasons(found):
    return [(row.source_id, str(row.reason)) for row in found.rejected]


def test_the_best_of_each_side_is_taken_whatever_the_order():
    book = [
        entry("lay", 2.1, 5),
        entry("back", 1.9, 7),
        entry("lay", 2.02, 8.999),
        entry("back", 1.97087, 31.05113),
    ]
    found = one_market("one_x_two", runner("Casa", HOME, book))
    assert [(p.side, p.value, p.available, p.commission) for p in found.prices()] == [
        ("back", Decimal("1.9709"), Decimal("31.05"), Decimal("0.045")),
        ("lay", Decimal("2.02"), Decimal("8.99"), Decimal("0.045")),
    ]


@given(st.permutations([("back", 1.5), ("back", 1.62), ("back", 1.62), ("lay", 1.7), ("lay", 1.66), ("lay", 30)]))
def test_a_lay_price_is_never_a_back_price(order):
    found = one_market("one_x_two", runner("Casa", HOME, [entry(side, odds) for side, odds in order]))
    assert {p.side: p.value for p in found.prices()} == {"back": Decimal("1.62"), "lay": Decimal("1.66")}


def test_a_side_that_nobody_offers_is_not_there_and_nothing_was_lost():
    found = one_market("one_x_two", runner("Casa", HOME, [entry("lay", 3)]), runner("Fora", AWAY, []))
    assert [(p.selection, p.side) for p in found.prices()] == [("home", "lay")]
    assert reasons(found) == []


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (None, "bad_price"),
        (entry("win", 1.8), "bad_price"),
        (entry("back", None), "bad_price"),
        (entry("back", "1.8"), "bad_price"),
        (entry("back", True), "bad_price"),
        (entry("back", 1), "price_out_of_range"),
        (entry("back", 1001.5), "price_out_of_range"),
        (entry("back", 1.8, 0), "bad_price"),
        (entry("back", 1.8, 0.004), "bad_price"),
        (entry("back", 1.8, -5), "bad_price"),
        (entry("back", 1.8, None), "bad_price"),
        ({"side": "back", "odds": 180, "odds-type": "US", "available-amount": 5}, "bad_price"),
    ],
)
def test_an_entry_that_cannot_be_read_costs_itself(bad, reason):
    found = one_market("one_x_two", runner("Casa", HOME, [bad, entry("back", 1.5), entry("lay", 1.6)]))
    assert [p.value for p in found.prices()] == [Decimal("1.5"), Decimal("1.6")]
    assert reasons(found) == [("odd:r-Casa", reason)]


def test_odds_stand_in_for_missing_decimal_odds():
    old = {"side": "back", "odds": 1.8, "odds-type": "DECIMAL", "available-amount": 5}
    assert backs(one_market("one_x_two", runner("Casa", HOME, [old]))) == ["match_result - home 1.8"]


@pytest.mark.parametrize("draw", ["Empate", "Draw", "DRAW (Cas/For)", "X", "The Draw"])
def test_the_draw_in_every_spelling(draw):
    found = one_market("one_x_two", runner(draw), runner("Fora ", AWAY), runner("CASA", None))
    assert backs(found) == ["match_result - draw 1.9", "match_result - away 1.9", "match_result - home 1.9"]


@pytest.mark.parametrize("name", ["Fora em Casa", "Fora at Casa", "Fora @ Casa", "Fora (Silva) at Casa (Souza)"])
def test_who_plays_at_somebodys_is_the_guest(name):
    found = one_market("money_line", runner("Fora", AWAY), runner("Casa", HOME), of=lambda **m: american(name, **m))
    (row,) = found.events
    assert (row.sport, row.home, row.away) == ("basketball", "Casa", "Fora")
    assert backs(found) == ["moneyline - away 1.9", "moneyline - home 1.9"]


def test_the_name_tells_the_host_where_participants_are_all_numbered_zero():
    participants = [{"id": HOME, "number": 0, "participant-name": "Casa"}, {"id": AWAY, "participant-name": "Fora"}]
    (row,) = parse(american(**{"event-participants": participants})).events
    assert (row.home, row.away) == ("Casa", "Fora")


def test_names_that_hold_the_word_between_them():
    participants = [
        {"id": "1", "number": 1, "participant-name": "Em Casa"},
        {"id": "2", "number": 2, "participant-name": "Real x Fora"},
    ]
    (row,) = parse(event(**{"event-participants": participants, "name": "Em Casa v Real x Fora"})).events
    assert (row.home, row.away) == ("Em Casa", "Real x Fora")


def test_translated_names_keep_the_order_of_the_numbers():
    (row,) = parse(event(name="House vs Guest")).events
    assert (row.home, row.away) == ("Casa", "Fora")
    (row,) = parse(american("Guest em House")).events
    assert (row.home, row.away) == ("Casa", "Fora")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (event(**{"sport-id": 9}), "unknown_sport"),
        (event(**{"event-participants": [{"id": "1", "participant-name": "Só"}]}), "not_a_match"),
        (event(**{"event-participants": [], "name": "Vencedor da liga"}), "not_a_match"),
        (event(name="Fora vs Casa"), "side_conflict"),
        (american("Casa em Fora"), "side_conflict"),
        (american("Final"), "no_sides"),
        (event(**{"event-participants": [{"id": "1", "participant-name": n} for n in ("A", "A")]}), "no_sides"),
        (event(status="graded"), "not_offered"),
        (event(status="sleeping"), "unknown_event_status"),
        (event(start="2026-03-15T19:00:00"), "bad_kickoff"),
        (event(**{"meta-tags": []}), "no_league"),
    ],
)
def test_an_event_that_is_no_match_of_ours_is_left_out_with_its_reason(row, reason):
    assert reasons(parse({"events": [row, event(id="2")], "total": 2, "offset": 0})) == [("event:1", reason)]


def test_the_league_is_the_tag_that_was_asked_for():
    serie_a = load_registry().leagues["serie_a"]
    tags = [
        {"type": "COMPETITION", "name": "Outra", "url-name": "outra"},
        {"type": "COMPETITION", "name": "Serie A", "url-name": "italy-serie-a"},
        {"type": "COUNTRY", "name": "Itália", "url-name": "italy"},
    ]
    body = {"events": [event(**{"meta-tags": tags})], "total": 1}
    (asked,) = parse(body, options=MatchbookOptions(), league=serie_a).events
    assert (asked.league.source_id, asked.league.country) == ("italy-serie-a", "Itália")
    assert parse(body).events[0].league.source_id == "outra"
    untagged = {"events": [event(**{"meta-tags": []})], "total": 1}
    assert parse(untagged, options=MatchbookOptions(), league=serie_a).events[0].league.source_id == "italy-serie-a"


def test_the_commission_is_the_brands():
    body = {"events": [event(market("one_x_two", [runner("Casa", HOME)]))], "total": 1}
    found = parse(body, options=MatchbookOptions(commission=Decimal("0.02")))
    assert {p.commission for p in found.prices()} == {Decimal("0.02")}


@pytest.mark.parametrize(
    ("over", "line", "market_line"),
    [("OVER 2.5", 2.5, 2.5), ("Mais de 2,5", None, None), ("Mais 2.5", None, 2.5), ("Acima de", "2.5", None)],
)
def test_the_line_of_totals_stands_in_three_places(over, line, market_line):
    found = one_market("total", runner(over, handicap=line), handicap=market_line)
    assert backs(found) == ["totals 2.5 over 1.9"]


def test_a_line_that_another_place_denies_is_rejected():
    found = one_market("total", runner("OVER 2.5", handicap=3.5), runner("UNDER 3.5", handicap=3.5), handicap=3.5)
    assert backs(found) == ["totals 3.5 under 1.9"]
    assert reasons(found) == [("odd:r-OVER 2.5", "line_conflict")]
    assert reasons(one_market("total", runner("OVER"))) == [("odd:r-OVER", "bad_line")]


def test_both_sides_of_a_handicap_have_the_home_sides_line():
    sides = runner("Casa -0.75", HOME, handicap=-0.75), runner("Fora +0.75", AWAY)
    expected = ["handicap -0.75 home 1.9", "handicap -0.75 away 1.9"]
    assert backs(one_market("handicap", *sides, handicap=0.75)) == expected


def test_sides_of_a_handicap_that_do_not_mirror_each_other_are_rejected():
    found = one_market("handicap", runner("Casa -1.5", HOME), runner("Fora -1.5", AWAY))
    assert [reason for _, reason in reasons(found)] == ["line_conflict", "line_conflict"]


def test_a_club_that_ends_in_a_number_has_no_line():
    participants = [
        {"id": "1", "number": 1, "participant-name": "Schalke 04"},
        {"id": "2", "number": 2, "participant-name": "Mainz 05"},
    ]
    sides = runner("Schalke 04", "1", handicap=1.5), runner("Mainz 05 -1.5", "2")
    found = parse(
        event(market("handicap", sides), **{"event-participants": participants, "name": "Schalke 04 vs Mainz 05"})
    )
    assert backs(found) == ["handicap 1.5 home 1.9", "handicap 1.5 away 1.9"]


def test_a_handicap_with_a_draw_is_another_bet():
    found = one_market("handicap", runner("Casa -1", HOME), runner("Empate"), runner("Fora +1", AWAY))
    assert reasons(found) == [("market:m", "unknown_market")]


@pytest.mark.parametrize(
    ("name", "selection"),
    [
        ("Casa ou Fora", "home_away"),
        ("Fora or Casa", "home_away"),
        ("Empate ou Fora", "draw_away"),
        ("Casa or Draw", "home_draw"),
        ("Draw or Casa", "home_draw"),
    ],
)
def test_a_double_chance_is_told_by_the_names_of_both_results(name, selection):
    found = one_market("other", runner(name), name="Dupla Chance")
    assert backs(found) == [f"double_chance - {selection} 1.9"]


def test_markets_of_type_other_are_told_by_their_names():
    found = one_market(
        "other", runner("Fora", AWAY), name="Empate Anula a Aposta", **{"name-original": "Draw No Bet"}
    )
    assert backs(found) == ["draw_no_bet - away 1.9"]
    found = one_market("other", runner("Fora", AWAY), name="Quem marca primeiro")
    assert reasons(found) == [("market:m", "unknown_market")]
    found = one_market("other", runner("Casa", HOME), name="Draw No Bet", **{"name-original": "Double Chance"})
    assert reasons(found) == [("market:m", "unknown_market")]


@pytest.mark.parametrize(
    "names",
    [
        {"name": "Total 1º Tempo"},
        {"name": "Total", "name-original": "First Half Total"},
        {"name": "Total de Escanteios"},
        {"name": "Home Team Total"},
        {"name": "Total Casa"},
        {"name": "Fora Total Goals"},
    ],
)
def test_the_total_of_something_else_is_not_the_matchs(names):
    assert reasons(one_market("total", runner("OVER 1.5"), **names)) == [("market:m", "unknown_market")]


@pytest.mark.parametrize("kind", ["correct_score", "half_time_full_time", "outright", "money_line", None, 7, ["x"]])
def test_markets_outside_the_model_are_rejected_whole(kind):
    found = one_market(kind, runner("Casa", HOME), runner("Fora", AWAY))
    assert (backs(found), reasons(found)) == ([], [("market:m", "unknown_market")])


def test_an_id_and_a_name_that_disagree_are_not_guessed():
    assert reasons(one_market("one_x_two", runner("Casa", AWAY))) == [("odd:r-Casa", "side_conflict")]
    assert reasons(one_market("one_x_two", runner("Outro", "7"))) == [("odd:r-Outro", "unknown_selection")]


@pytest.mark.parametrize("where", ["event", "market", "runner"])
def test_what_is_suspended_is_so_on_both_sides_with_or_without_prices(where):
    def status(place):
        return "suspended" if place == where else "open"

    runners = [runner("Casa", HOME, status=status("runner")), runner("Fora", AWAY, [], status=status("runner"))]
    found = parse(event(market("one_x_two", runners, status=status("market")), status=status("event")))
    assert [(p.selection, p.side, p.value, p.status) for p in found.prices()] == [
        ("home", "back", Decimal("1.9"), "suspended"),
        ("home", "lay", Decimal(2), "suspended"),
        ("away", "back", None, "suspended"),
        ("away", "lay", None, "suspended"),
    ]


def test_what_is_over_is_rejected():
    found = parse(
        event(
            market("one_x_two", [runner("Casa", HOME, withdrawn=True), runner("Fora", AWAY, status="closed")]),
            market("both_to_score", [runner("Sim")], status="graded"),
            market("both_to_score", [runner("Sim")], status=None),
        )
    )
    assert reasons(found) == [
        ("odd:r-Casa", "not_offered"),
        ("odd:r-Fora", "not_offered"),
        ("market:m", "not_offered"),
        ("market:m", "unknown_status"),
    ]


def test_a_match_in_running_is_live():
    assert parse(event()).events[0].phase == "prematch"
    assert parse(event(**{"in-running-flag": True})).events[0].phase == "live"
    assert parse(event(market("one_x_two", [], live=True))).events[0].phase == "live"


def test_markets_beside_the_events_are_joined_by_id():
    beside = [{**market("both_to_score", [runner("Não")]), "event-id": number} for number in ("1", "7")]
    found = parse({"events": [event()], "markets": beside})
    assert backs(found) == ["both_teams_to_score - no 1.9"]
    assert reasons(found) == [("market:m", "unknown_event")]


def test_the_same_bet_twice_keeps_the_first():
    again = market("both_to_score", [runner("Sim", prices=[entry("back", 1.5)])])
    found = parse(event(market("both_to_score", [runner("Sim")]), again))
    assert backs(found) == ["both_teams_to_score - yes 1.9"]
    assert reasons(found) == [("odd:r-Sim", "duplicate_selection")]


@pytest.mark.parametrize(
    ("extent", "pages", "cut"),
    [
        ({"offset": 0, "total": 1}, 1, False),
        ({"offset": 0, "total": 2}, 1, True),
        ({"offset": 0, "total": 150}, 2, True),
        ({"offset": 100, "total": 101}, 2, False),
        ({"offset": 100, "total": 150}, 2, True),
        ({}, 1, False),
    ],
)
def test_a_list_with_fewer_events_than_it_announces_is_cut(extent, pages, cut):
    found = parse({"events": [event()], **extent}, options=MatchbookOptions(pages=pages))
    assert [reason for _, reason in reasons(found)] == (["cut_answer"] if cut else [])


def test_a_full_first_page_of_two_is_whole_and_a_full_page_without_a_total_is_not():
    full = [event(id=str(number)) for number in range(100)]
    two = MatchbookOptions(pages=2)
    assert parse({"events": full, "offset": 0, "total": 150}, options=two).rejected == ()
    assert reasons(parse({"events": full})) == [("page", "cut_answer")]


def test_as_many_markets_as_were_asked_for_may_be_too_few():
    body = {"events": [event(*(market("correct_score", []) for _ in range(100)))], "total": 1}
    league = load_registry().leagues["serie_a"]
    assert ("page", "cut_answer") in reasons(parse(body, options=MatchbookOptions(), league=league))
    assert ("page", "cut_answer") not in reasons(parse(body))


@pytest.mark.parametrize(
    ("body", "came"),
    [
        (b"", "an empty body"),
        (b"<!DOCTYPE html>", "an HTML or XML page"),
        (b"{'events': [{'id': 1}]}", "broken or truncated JSON"),
        (b"[]", "a JSON list"),
        (b'{"errors":[]}', "an object with errors"),
        (b'{"events":["a"]}', "a list whose events are not objects"),
        (b'{"prices":[]}', "an object with prices"),
        (b'{"runners":[],"total":0}', "an object with runners, total"),
    ],
)
def test_anything_else_is_refused_in_one_clear_line(body, came):
    with pytest.raises(PayloadShapeError) as refusal:
        parse(body)
    assert came in str(refusal.value)
    assert "\n" not in str(refusal.value)
