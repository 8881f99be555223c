"""The traps of Tradeball's lists, one by one."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from scrapers.errors import PayloadShapeError
from scrapers.platforms import Context
from scrapers.platforms.tradeball.platform import PLATFORM
from tests.support.recordings import price_as_text

NOW = datetime(2026, 3, 14, 15, tzinfo=UTC)


def parse(root, **options):
    body = root if isinstance(root, bytes) else orjson.dumps(root)
    context = Context(PLATFORM.options(options)) if options else None
    return PLATFORM.parse(body, fetched_at=NOW, context=context)


def row(number=1, **more):
    return {
        "ceId": number,
        "cthName": "Santos",
        "ctaName": "Bahia",
        "clName": "Brazil Serie A ",
        "iso3": "BRA",
        "dg": "2026-03-14 22:30:00",
        "wldHm": "2.50",
        "wldDm": "3.10",
        "wldAm": "2.90",
        **more,
    }


def listed(*rows, total=None):
    return parse({"total": len(rows) if total is None else total, "init": list(rows)})


def prices(found):
    return [price_as_text(price) for price in found.prices()]


def reasons(found):
    return [str(row.reason) for row in found.rejected]


def test_a_row_is_a_match_with_its_result_market():
    found = listed(row())
    (event,) = found.events
    assert (event.source_id, event.home, event.away) == ("1", "Santos", "Bahia")
    assert (event.league.source_id, event.league.name, event.league.country) == (
        "Brazil Serie A",
        "Brazil Serie A",
        "BRA",
    )
    assert prices(found) == [
        "match_result match - home 2.5 standard open",
        "match_result match - draw 3.1 standard open",
        "match_result match - away 2.9 standard open",
    ]


@pytest.mark.parametrize(
    ("dg", "kickoff"),
    [
        ("2026-03-14 22:30:00", datetime(2026, 3, 14, 21, 30, tzinfo=UTC)),
        ("2026-03-15 00:15:00", datetime(2026, 3, 14, 23, 15, tzinfo=UTC)),
        (1773523800000, datetime(2026, 3, 14, 21, 30, tzinfo=UTC)),
        ("1773523800000", datetime(2026, 3, 14, 21, 30, tzinfo=UTC)),
    ],
)
def test_kickoffs_are_by_a_clock_one_hour_ahead_unless_they_are_epochs(dg, kickoff):
    assert listed(row(dg=dg)).events[0].starts_at == kickoff


def test_the_clock_is_an_option():
    found = parse({"total": 1, "init": [row()]}, utc_offset_minutes=-180)
    assert found.events[0].starts_at == datetime(2026, 3, 15, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("dg", [None, "", "14/03/2026 22:30", "2026-03-14", True, 5, "0001-01-01 00:00:00", []])
def test_a_kickoff_that_is_none_costs_the_match(dg):
    found = listed(row(dg=dg), row(2))
    assert ([event.source_id for event in found.events], reasons(found)) == (["2"], ["bad_kickoff"])


@pytest.mark.parametrize(
    ("shown", "value"), [("2.50", "2.5"), (2.5, "2.5"), ("2,5", "2.5"), (3, "3"), ("1001", "1001")]
)
def test_prices_are_text_or_numbers(shown, value):
    assert prices(listed(row(wldHm=shown)))[0] == f"match_result match - home {value} standard open"


@pytest.mark.parametrize("nothing", ["0", 0, "0.00", 0.0])
def test_a_price_of_zero_suspends_the_market(nothing):
    found = listed(row(), row(2, wldHm=nothing))
    assert prices(found)[3:] == [
        "match_result match - home - standard suspended",
        "match_result match - draw 3.1 standard suspended",
        "match_result match - away 2.9 standard suspended",
    ]


def test_a_price_that_is_missing_is_not_there():
    found = listed(row(), row(2, wldHm=None, wldDm="", wldAm=None))
    assert (len(found.events), len(prices(found)), reasons(found)) == (2, 3, [])


def test_a_page_without_a_single_price_was_priced_by_nobody():
    nothing = {"wldHm": 0, "wldDm": 0, "wldAm": 0}
    found = listed(row(**nothing), row(2, **nothing))
    assert (len(found.events), prices(found), reasons(found)) == (2, [], ["not_offered"])


@pytest.mark.parametrize(("shown", "reason"), [("abc", "bad_price"), ([], "bad_price"), ("-2", "bad_price")])
def test_a_price_that_is_none_is_rejected_and_closes_its_market(shown, reason):
    found = listed(row(), row(2, wldHm=shown))
    assert [line.split()[-1] for line in prices(found)[3:]] == ["suspended", "suspended"]
    assert [(str(r.reason), r.source_id) for r in found.rejected] == [(reason, "odd:2/wldHm")]


def test_a_price_outside_the_range_is_rejected():
    assert reasons(listed(row(), row(2, wldHm="1002"))) == ["price_out_of_range"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"ceId": None}, "bad_event"),
        ({"ceId": 1}, "duplicate_event"),
        ({"ctaName": " "}, "no_sides"),
        ({"ctaName": "Santos"}, "no_sides"),
        ({"clName": None}, "no_league"),
    ],
)
def test_a_row_that_is_no_match_is_rejected(more, reason):
    found = listed(row(), {**row(2), **more})
    assert (len(found.events), reasons(found)) == (1, [reason])


def rows(count):
    return [row(number) for number in range(count)]


@pytest.mark.parametrize(
    ("count", "total", "kind", "cut"),
    [
        (0, 0, "list", False),
        (80, 80, "list", False),
        (100, 100, "list", False),
        (100, 150, "first_page", False),
        (50, 150, "last_page", False),
        (0, 80, "beyond", False),
        (100, 200, "full_page", False),
        (100, 201, "first_page", True),
        (40, 150, "last_page", True),
        (0, 300, "beyond", True),
    ],
)
def test_a_page_says_which_part_of_the_list_it_is(count, total, kind, cut):
    found = listed(*rows(count), total=total)
    assert (found.kind, "cut_answer" in reasons(found), len(found.events)) == (kind, cut, count)


@pytest.mark.parametrize("wrapped", [lambda rows: {"data": rows}, lambda rows: rows])
def test_older_answers_have_no_total(wrapped):
    found = parse(wrapped([row()]))
    assert (found.kind, len(prices(found))) == ("list", 3)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "an empty body"),
        (b"<html><pre>{}</pre></html>", "an HTML or XML page"),
        (b'{"total": 1, "init": [', "broken or truncated JSON"),
        (b'[{"ceId": 1}', "broken or truncated JSON"),
        (b'{"message": "Unauthenticated."}', "an object with message"),
        (b'{"init": [1]}', "rows are not objects"),
        (b'"text"', "a JSON text"),
    ],
)
def test_anything_else_is_called_by_its_name(body, said):
    with pytest.raises(PayloadShapeError, match=said):
        parse(body)
