"""The traps of Altenar's payloads, one by one."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from scrapers.errors import PayloadShapeError
from scrapers.platforms.altenar.platform import PLATFORM
from tests.support.recordings import price_as_text

NOW = datetime(2026, 3, 14, 15, tzinfo=UTC)


def parse(root):
    body = root if isinstance(root, bytes) else orjson.dumps(root)
    return PLATFORM.parse(body, fetched_at=NOW)


def odd(odd_id, type_id, price, **more):
    return {"id": odd_id, "typeId": type_id, "price": price, "oddStatus": 0, "name": "", **more}


def market(market_id, type_id, odd_ids, **more):
    return {"id": market_id, "typeId": type_id, "oddIds": odd_ids, "name": "", **more}


def event(event_id=1, market_ids=(), **more):
    return {
        "id": event_id,
        "name": "Casa vs. Fora",
        "marketIds": list(market_ids),
        "competitorIds": [10, 20],
        "sportId": 66,
        "catId": 593,
        "champId": 11318,
        "status": 0,
        "et": 0,
        "startDate": "2026-03-15T19:00:00Z",
        **more,
    }


def page(events, markets=(), odds=(), **more):
    return {
        "events": events,
        "markets": list(markets),
        "odds": list(odds),
        "champs": [{"id": 11318, "name": "Série A"}],
        "categories": [{"id": 593, "name": "Brasil"}],
        "competitors": [{"id": 10, "name": "Casa"}, {"id": 20, "name": "Fora"}],
        "sports": [{"id": 66}],
        **more,
    }


def one_market(type_id, odds, sport=66, event_more=None, **market_more):
    """A page of one event with one market of these odds."""
    marks = market(5, type_id, [row["id"] for row in odds], **market_more)
    return parse(page([event(1, [5], sportId=sport, **(event_more or {}))], [marks], odds))


def prices(found):
    return [price_as_text(price) for price in found.prices()]


def reasons(found):
    return [(row.source_id, str(row.reason)) for row in found.rejected]


def test_ids_without_an_entry_are_ordinary():
    found = parse(page([event(1, [5, 6, 7])], [market(5, 29, [1, 2, 3])], [odd(1, 74, 1.8), odd(2, 76, 1.95)]))
    assert prices(found) == [
        "both_teams_to_score match - yes 1.8 standard open",
        "both_teams_to_score match - no 1.95 standard open",
    ]
    assert reasons(found) == []


def test_details_hold_columns_and_a_line_per_odd_and_a_smaller_copy():
    body = {
        "id": 1,
        "name": "Casa vs. Fora",
        "startDate": "2026-03-15T19:00:00Z",
        "sport": {"id": 66},
        "champ": {"id": 11318, "name": "Série A"},
        "category": {"id": 593, "name": "Brasil"},
        "competitors": [{"id": 10, "name": "Casa"}, {"id": 20, "name": "Fora"}],
        "markets": [
            {"id": 5, "typeId": 18, "name": "Total", "sv": "2.5", "isBB": True, "desktopOddIds": [[1], [2]]},
            {"id": 5, "typeId": 18, "name": "Total", "sv": "2.5", "desktopOddIds": [[1, 3], [2, 4]]},
        ],
        "odds": [
            odd(1, 12, 1.9, sv="2.5", name="Mais de 2.5"),
            odd(2, 13, 1.9, sv="2.5", name="Menos de 2.5"),
            odd(3, 12, 3.1, sv="3.5", name="Mais de 3.5"),
            odd(4, 13, 1.35, sv="3.5", name="Menos de 3.5"),
        ],
    }
    found = parse(body)
    assert found.kind == "detail"
    assert prices(found) == [
        "totals match 2.5 over 1.9 standard open",
        "totals match 3.5 over 3.1 standard open",
        "totals match 2.5 under 1.9 standard open",
        "totals match 3.5 under 1.35 standard open",
    ]
    assert reasons(found) == [("market:5", "duplicate_market")]
    assert found.events[0].phase == "prematch"
    assert parse({**body, "liveTime": "49'"}).events[0].phase == "live"


def test_both_sides_of_a_handicap_have_the_home_sides_line():
    found = one_market(16, [odd(1, 1714, 1.9, name="1 (+1.5)"), odd(2, 1715, 1.92, name="2 (-1.5)")], sv="+1.5")
    assert prices(found) == [
        "handicap match 1.5 home 1.9 standard open",
        "handicap match 1.5 away 1.92 standard open",
    ]


def test_a_line_that_its_name_denies_is_rejected():
    found = one_market(16, [odd(1, 1714, 1.9, name="1 (-1.5)"), odd(2, 1715, 1.92, name="2 (+1.5)")], sv="+1.5")
    assert [reason for _, reason in reasons(found)] == ["line_conflict", "line_conflict"]
    found = one_market(18, [odd(1, 12, 1.9, name="Mais de 2,5"), odd(2, 12, 3.1, name="Mais de 3,5")], sv="2.5")
    assert prices(found) == ["totals match 2.5 over 1.9 standard open"]
    assert reasons(found) == [("odd:2", "line_conflict")]


@pytest.mark.parametrize("line", ["1|5.5", "2,5", "", None, "2.3", "nan", "9999"])
def test_what_is_no_line_is_rejected(line):
    assert reasons(one_market(18, [odd(1, 12, 1.9)], sv=line)) == [("odd:1", "bad_line")]


def test_the_side_comes_from_type_then_competitor_then_name():
    found = one_market(
        219,
        [odd(1, 4, 1.5, competitorId=10, name="?"), odd(2, 5, 2.6, name="Fora")],
        sport=67,
    )
    assert prices(found) == ["moneyline match - home 1.5 standard open", "moneyline match - away 2.6 standard open"]
    found = one_market(1, [odd(1, 900, 3.2, name="Empate"), odd(2, 900, 3.2, name="Talvez")])
    assert prices(found) == ["match_result match - draw 3.2 standard open"]
    assert reasons(found) == [("odd:2", "unknown_selection")]


def test_a_type_and_a_competitor_that_disagree_are_not_guessed():
    assert reasons(one_market(1, [odd(1, 1, 1.5, competitorId=20)])) == [("odd:1", "side_conflict")]


@pytest.mark.parametrize(
    ("status", "price", "expected"),
    [
        (7, 1.85, "both_teams_to_score match - yes 1.85 standard suspended"),
        (7, 1, "both_teams_to_score match - yes - standard suspended"),
        (8, 0, "both_teams_to_score match - yes - standard suspended"),
        (7, None, "both_teams_to_score match - yes - standard suspended"),
        (0, {"parsedValue": 1.85}, "both_teams_to_score match - yes 1.85 standard open"),
        (0, 2, "both_teams_to_score match - yes 2 standard open"),
        (0, 1, "price_out_of_range"),
        (0, 1001.5, "price_out_of_range"),
        (0, None, "bad_price"),
        (0, "1.85", "bad_price"),
        (0, True, "bad_price"),
        (2, 1.85, "not_offered"),
        (4, 1.85, "not_offered"),
        (99, 1.85, "unknown_status"),
        (None, 1.85, "unknown_status"),
    ],
)
def test_status_and_price_of_an_odd(status, price, expected):
    found = one_market(29, [odd(1, 74, price, oddStatus=status)])
    assert prices(found) + [reason for _, reason in reasons(found)] == [expected]


def test_a_line_nobody_priced_is_rejected_on_both_sides_and_only_there():
    both = [odd(1, 12, 1.8334, sv="220.5"), odd(2, 13, 1.8334, sv="220.5")]
    one = [odd(3, 12, 1.8334, sv="221.5"), odd(4, 13, 2.0, sv="221.5")]
    found = one_market(225, both + one, sport=67)
    assert reasons(found) == [("odd:1", "placeholder_price"), ("odd:2", "placeholder_price")]
    assert len(prices(found)) == 2
    assert len(prices(one_market(29, [odd(1, 74, 1.8334), odd(2, 76, 1.8334)]))) == 2


OFFER = [{"type": 0, "parameter": 2}]


def results(*markets, offers=()):
    """The rules of the home prices of several markets of type 1."""
    rows, odds = [], []
    for number, more in enumerate(markets):
        first = 100 * number
        marked = more.pop("marked", None)
        ids = [first + 1, first + 2, first + 3]
        odds += [
            odd(i, i % 100, 2.0 + number / 10, **({"offers": marked} if marked and i % 100 != 2 else {}))
            for i in ids
        ]
        rows.append(market(5 + number, 1, ids, **more))
    found = parse(page([event(1, [row["id"] for row in rows], offers=list(offers))], rows, odds))
    assert all(reason == "duplicate_selection" for _, reason in reasons(found))
    return [str(price.rules) for price in found.prices() if price.selection == "draw"]


def test_several_results_in_one_event_are_told_apart_and_never_merged():
    assert results({}) == ["standard"]
    assert results({}, offers=OFFER) == ["early_payout"]
    assert results({"marked": OFFER}) == ["early_payout"]
    assert results({"name": "Vencedor"}, {"name": "Vencedor - Super Odds"}) == ["standard", "boosted"]
    assert results({}, {"name": "Vencedor - Super Odds"}, offers=OFFER) == ["early_payout", "boosted"]
    assert results({"marked": OFFER}, {"sportMarketId": 73990}, offers=OFFER) == ["early_payout", "boosted"]
    assert results({"marked": OFFER}, {}, offers=OFFER) == ["early_payout", "standard"]
    assert results({"marked": [{"type": 4}]}) == ["boosted"]
    assert results({}, {}) == ["standard"]


def test_early_payout_of_the_event_is_about_the_winner_only():
    found = one_market(10, [odd(1, 9, 1.3)], event_more={"offers": OFFER})
    assert prices(found) == ["double_chance match - home_draw 1.3 standard open"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"sportId": 146}, "unknown_sport"),
        ({"et": 1}, "not_a_match"),
        ({"et": 4}, "not_a_match"),
        ({"competitorIds": [10, 20, 30]}, "not_a_match"),
        ({"competitorIds": [10], "name": "Turbinada"}, "not_a_match"),
        ({"competitorIds": [98, 99], "name": "Turbinada"}, "no_sides"),
        ({"competitorIds": [10, 10]}, "no_sides"),
        ({"status": 3}, "unknown_event_status"),
        ({"startDate": "2026-03-15T19:00:00"}, "bad_kickoff"),
        ({"startDate": None}, "bad_kickoff"),
        ({"champId": None}, "no_league"),
    ],
)
def test_an_event_that_is_no_match_of_ours_is_left_out_with_its_reason(more, reason):
    rows = [event(1, [5], **more), event(2, [6])]
    marks = [market(5, 29, [1]), market(6, 29, [2])]
    found = parse(page(rows, marks, [odd(1, 74, 1.8), odd(2, 74, 1.8)]))
    assert [row.source_id for row in found.events] == ["2"]
    assert reasons(found) == [("event:1", reason)]


def test_names_are_split_where_competitors_are_missing():
    found = parse(page([event(1, name="Casa  da\tSerra vs.  Fora (F)")], competitors=[{"id": 10, "name": "Casa"}]))
    assert (found.events[0].home, found.events[0].away) == ("Casa da Serra", "Fora (F)")


def test_rows_that_belong_nowhere_are_counted():
    found = parse(
        page(
            [event(1), event(1), "event", {"name": "no id"}],
            [market(8, 29, [1]), market(9, 18, [2], isAlt=True), "market"],
            [odd(1, 74, 1.8), odd(2, 12, 1.9), odd(3, 74, 1.7), odd(1, 76, 2.0), None],
        )
    )
    assert sorted(reasons(found)) == [
        ("event:", "bad_event"),
        ("event:", "bad_event"),
        ("event:1", "duplicate_event"),
        ("market:", "bad_market"),
        ("market:8", "unknown_event"),
        ("market:9", "duplicate_market"),
        ("odd:", "bad_odd"),
        ("odd:1", "duplicate_selection"),
        ("odd:3", "unknown_odd"),
    ]


def test_an_answer_of_several_pages_does_not_pass_silently():
    found = parse(page([event(1)], page=1, pageCount=3))
    assert [(row.reason, row.detail) for row in found.rejected] == [("cut_answer", "page 1 of 3")]


def test_a_menu_has_no_odds_and_is_no_error():
    found = parse({"champs": [{"id": 1, "name": "Liga"}], "sports": [{"id": 66}], "categories": []})
    assert (found.kind, found.events, found.rejected) == ("menu", (), ())


@pytest.mark.parametrize(
    ("body", "came"),
    [
        (b"", "an empty body"),
        (b"  \n", "an empty body"),
        (b"<!DOCTYPE html><html>", "an HTML or XML page"),
        (b"Service Unavailable", "text that is not JSON"),
        (b'{"events":[{"id":1', "broken or truncated JSON"),
        (b"[]", "a JSON list"),
        (b"null", "a JSON constant"),
        (b"{}", "an object without any key"),
        (b'{"error":"x"}', "an object with error"),
        (b'{"events":[]}', "an object with events"),
        (b'{"events":[1],"markets":[],"odds":[]}', "a list whose events are not objects"),
        (b'{"events":[{"event":{}}],"terms":[]}', "an object with events, terms"),
        (b'{"Result":{"MarketGroups":[]}}', "the legacy Sportsbook API"),
    ],
)
def test_anything_else_is_refused_in_one_clear_line(body, came):
    with pytest.raises(PayloadShapeError) as refusal:
        parse(body)
    assert came in str(refusal.value)
    assert str(refusal.value).startswith("expected an Altenar widget answer")
    assert "\n" not in str(refusal.value)
    assert refusal.value.body == body
