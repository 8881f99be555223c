"""The document: its contract, its order, what it lists, and what its hash is about."""

from __future__ import annotations

import random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from board.feed import content_hash
from board.freshness import max_age_of
from board.links import deep_link, name_slug
from board.orientation import Offer, mirrored
from board.records import Description
from board.state import Board
from scrapers.records import MARKETS_WITH_LINE, SELECTIONS, Market, Period, Rules, Side
from tests.board.sketch import LIMITS, MAX_AGE_S, NOW, Sketch, built, head, offer, schema, written

SCHEMA = schema("odds")


def listed(document: dict[str, Any]) -> set[tuple[Any, ...]]:
    """Every price of a document as (match, market, line, selection, bookmaker, price)."""
    return {
        (match["match_id"], market["market"], market["line"], selection["selection"], p["bookmaker"], p["price"])
        for match in document["matches"]
        for market in match["markets"]
        for selection in market["selections"]
        for p in selection["prices"]
    }


def test_an_empty_board_is_a_valid_document() -> None:
    document = orjson.loads(written(built(Board(now=NOW), simulated=False)[0])[0])
    SCHEMA.validate(document)
    assert (document["matches"], document["bookmakers"], document["simulated"]) == ([], [], False)
    assert document["generated_at"] == "2027-01-15T08:00:00Z"
    assert document["valid_until"] == "2027-01-15T08:01:00Z"


def test_the_schema_refuses_what_is_not_the_contract() -> None:
    sketch = Sketch()
    sketch.price(1, offer("match_result", "home"), 2.1)
    document = sketch.feed()
    assert not SCHEMA.is_valid({**document, "matches": [{**document["matches"][0], "markets": []}]})
    assert not SCHEMA.is_valid({name: value for name, value in document.items() if name != "simulated"})


def test_a_swapped_listing_reads_in_the_match_s_own_view() -> None:
    sketch = Sketch()
    sketch.price(1, offer("match_result", "home"), 2.1)
    sketch.price(2, offer("match_result", "home"), 3.4)
    sketch.price(2, offer("handicap", "home", -1.5), 1.8)
    sketch.price(2, offer("handicap", "away", 0.0), 1.7)
    sketch.price(2, offer("double_chance", "home_draw"), 1.3)
    sketch.price(2, offer("double_chance", "home_away"), 1.2)
    sketch.price(2, offer("totals", "over", 2.5), 1.9)
    assert listed(sketch.feed()) == {
        (7, "match_result", None, "home", "kto", 2.1),
        (7, "match_result", None, "away", "betano", 3.4),
        (7, "handicap", 1.5, "away", "betano", 1.8),
        (7, "handicap", 0.0, "home", "betano", 1.7),
        (7, "double_chance", None, "draw_away", "betano", 1.3),
        (7, "double_chance", None, "home_away", "betano", 1.2),
        (7, "totals", 2.5, "over", "betano", 1.9),
    }
    assert b"-0" not in orjson.dumps([market["line"] for market in sketch.feed()["matches"][0]["markets"]])


offers = st.sampled_from(list(Market)).flatmap(
    lambda market: st.builds(
        Offer,
        st.just(market.value),
        st.sampled_from([period.value for period in Period]),
        st.integers(-20, 20).map(lambda n: n / 4) if market in MARKETS_WITH_LINE else st.none(),
        st.sampled_from(sorted(selection.value for selection in SELECTIONS[market])),
        st.sampled_from([rules.value for rules in Rules]),
        st.sampled_from([side.value for side in Side]),
    )
)


@given(offers)
def test_mirroring_stays_within_the_market_and_is_its_own_inverse(given_offer: Offer) -> None:
    turned = mirrored(given_offer)
    assert mirrored(turned) == given_offer
    assert turned.selection in SELECTIONS[Market(turned.market)]
    assert abs(turned.line or 0) == abs(given_offer.line or 0)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([1, 2]), offers, st.integers(101, 90_000)), max_size=25), st.randoms())
def test_the_document_depends_on_what_is_held_not_on_the_order_it_came_in(
    rows: list[tuple[int, Offer, int]], shuffler: random.Random
) -> None:
    sketch = Sketch()
    for bookmaker_id, what, hundredths in rows:
        sketch.price(bookmaker_id, what, hundredths / 100)
    document = sketch.feed()
    assert sum(bookmaker["prices"] for bookmaker in document["bookmakers"]) == len(rows)
    again = Sketch()
    held = [
        (listing, listing.at(place))
        for part in sketch.board.parts.values()
        for listing in part.listings.values()
        for place in range(len(listing))
    ]
    shuffler.shuffle(held)
    for listing, price in held:
        number = again.board.offers.number(sketch.board.offers.offers[price.offer])
        again.board.put(listing.bookmaker_id, listing.event_id, price._replace(offer=number))
    again.board.heads = dict(reversed(again.board.heads.items()))
    assert orjson.dumps(again.feed()) == orjson.dumps(document)


def test_best_is_the_highest_back_price_of_each_contract() -> None:
    sketch = Sketch()
    home = offer("match_result", "home")
    sketch.price(1, home, 2.1)
    sketch.price(2, offer("match_result", "away"), 2.1)  # swapped: home
    sketch.price(1, home._replace(rules="early_payout"), 2.0)
    sketch.price(2, offer("match_result", "away", rules="boosted"), 9.0)
    sketch.price(1, home._replace(side="lay"), 30.0, available=12.5, commission=0.05)
    markets = {market["rules"]: market["selections"] for market in sketch.feed()["matches"][0]["markets"]}
    assert {rules: selection["best"] for rules, [selection] in markets.items()} == {
        "standard": {"price": 2.1, "bookmakers": ["betano", "kto"]},
        "early_payout": {"price": 2.0, "bookmakers": ["kto"]},
        "boosted": {"price": 9.0, "bookmakers": ["betano"]},
    }
    [lay] = markets["standard"][0]["lay"]
    assert (lay["available"], lay["commission"]) == (12.5, 0.05)


def test_only_lay_prices_leave_best_empty() -> None:
    sketch = Sketch()
    sketch.price(1, offer("match_result", "home", side="lay"), 2.2)
    [selection] = sketch.feed()["matches"][0]["markets"][0]["selections"]
    assert (selection["best"], selection["prices"], len(selection["lay"])) == (None, [], 1)


def test_the_hash_is_about_content_and_not_about_clocks() -> None:
    sketch = Sketch()
    sketch.price(1, offer("match_result", "home"), 2.1)
    before = sketch.feed()
    sketch.head(1, last_success=NOW + 30)
    sketch.seen(1, NOW + 30)
    later = sketch.feed(now=NOW + 30, sequence=99)
    assert later["content_hash"] == before["content_hash"]
    assert later["matches"] == before["matches"]
    assert [before["last_seen"], later["last_seen"]] == [
        {"1": "2027-01-15T07:59:50Z"},
        {"1": "2027-01-15T08:00:30Z"},
    ]
    sketch.match(starts_at=int(NOW) + 7200)
    moved = sketch.feed()
    assert moved["content_hash"] != before["content_hash"]
    sketch.head(2, status="error")
    assert sketch.feed()["content_hash"] != moved["content_hash"]
    assert content_hash(before) == before["content_hash"]


@pytest.mark.parametrize(("status", "takes_part"), [("ok", 1), ("warning", 1), ("error", 0), ("offline", 0)])
def test_a_price_takes_part_while_its_scraper_is_trusted(status: str, takes_part: int) -> None:
    sketch = Sketch()
    sketch.price(1, offer("match_result", "home"), 2.1)
    sketch.head(1, status=status)
    assert len(listed(sketch.feed())) == takes_part


def test_a_price_takes_part_while_its_scope_was_seen_recently_by_its_scraper_s_own_rhythm() -> None:
    sketch = Sketch()
    sketch.price(1, offer("match_result", "home"), 2.1)
    sketch.seen(1, NOW - MAX_AGE_S)
    assert listed(sketch.feed())
    assert not listed(sketch.feed(now=NOW + 0.5))
    sketch.head(1, expected_interval_s=120)
    assert listed(sketch.feed(now=NOW + 3 * MAX_AGE_S))
    assert not listed(sketch.feed(now=NOW + 3 * MAX_AGE_S + 1))
    assert max_age_of(head(1, "kto", expected_interval_s=5), LIMITS) == MAX_AGE_S


def test_a_price_takes_part_until_kick_off_by_either_clock() -> None:
    sketch = Sketch()
    sketch.price(1, offer("match_result", "home"), 2.1)
    sketch.seen(1, NOW + 3600)
    assert listed(sketch.feed(now=NOW + 3599))
    assert not listed(sketch.feed(now=NOW + 3600))
    sketch.describe(1, starts_at=int(NOW))
    assert not listed(sketch.feed())


def test_a_price_that_nobody_moved_beyond_all_measure_leaves() -> None:
    sketch = Sketch()
    sketch.match(starts_at=int(NOW) + 60 * 86_400)
    sketch.describe(1, starts_at=int(NOW) + 60 * 86_400)
    sketch.price(1, offer("match_result", "home"), 2.1)
    still = NOW - 60 + LIMITS.max_unchanged_s
    sketch.seen(1, still)
    assert listed(sketch.feed(now=still - 1))
    assert not listed(sketch.feed(now=still))


def test_prices_wait_for_their_event_match_and_scope() -> None:
    sketch = Sketch()
    sketch.price(1, offer("match_result", "home"), 2.1)
    sketch.price(1, offer("match_result", "draw"), 3.1, event_id=404)
    sketch.price(1, offer("match_result", "away"), 4.1, scope_id=404)
    assert len(listed(sketch.feed())) == 1
    sketch.describe(1, match_id=None)
    assert not listed(sketch.feed())
    sketch.describe(1, match_id=404)
    assert not listed(sketch.feed())


def test_a_league_that_the_fleet_does_not_know_is_named_by_nobody() -> None:
    sketch = Sketch()
    sketch.price(1, offer("match_result", "home"), 2.1)
    sketch.match(league_key=None, league="", country="")
    assert sketch.feed()["matches"][0]["league"] == {"key": None, "name": "", "country": ""}


def test_every_price_names_the_part_of_the_offer_that_tells_when_it_was_seen() -> None:
    sketch = Sketch()
    sketch.board.set_scopes(1, {1: NOW - 10, 5: NOW - 40, 6: NOW - 50})
    sketch.price(1, offer("match_result", "home"), 2.1)
    sketch.price(1, offer("match_result", "home", side="lay"), 2.2)
    sketch.price(1, offer("totals", "over", 2.5), 1.9, scope_id=5, changed_at=NOW - 60.5)
    document = sketch.feed()
    assert document["last_seen"] == {"1": "2027-01-15T07:59:50Z", "5": "2027-01-15T07:59:20Z"}
    result, totals = document["matches"][0]["markets"]
    [home] = result["selections"]
    assert [price["scope"] for price in (*home["prices"], *home["lay"])] == ["1", "1"]
    assert totals["selections"][0]["prices"] == [
        {"bookmaker": "kto", "price": 1.9, "scope": "5", "last_changed": "2027-01-15T07:58:59Z"}
    ]


def test_links_use_the_house_s_own_names_and_order() -> None:
    sketch = Sketch()
    sketch.price(1, offer("match_result", "home"), 2.1)
    assert sketch.feed()["matches"][0]["links"] == {"kto": "https://kto.example/sao-paulo-fc-x-santos/e%2F1"}
    sketch.price(2, offer("match_result", "away"), 2.2)
    assert sketch.feed()["matches"][0]["links"] == {
        "betano": "https://betano.example/santos-x-sao-paulo/e2",
        "kto": "https://kto.example/sao-paulo-fc-x-santos/e%2F1",
    }


def test_of_a_match_that_a_house_lists_twice_the_later_event_s_prices_have_links_of_their_own() -> None:
    sketch = Sketch()
    again = Description("again", 7, False, "São Paulo", "Santos", int(NOW) + 3600)
    sketch.board.describe(1, 12, again)
    sketch.price(1, offer("match_result", "home"), 2.1)
    sketch.price(1, offer("match_result", "home"), 2.3, event_id=12)
    [match] = sketch.feed()["matches"]
    assert match["links"] == {"kto": "https://kto.example/sao-paulo-fc-x-santos/e%2F1"}
    [selection] = match["markets"][0]["selections"]
    assert {price["price"]: price.get("url") for price in selection["prices"]} == {
        2.1: None,
        2.3: "https://kto.example/sao-paulo-x-santos/again",
    }
    assert selection["best"] == {"price": 2.3, "bookmakers": ["kto"]}


def test_a_house_whose_pages_nobody_knows_has_no_link() -> None:
    sketch = Sketch()
    sketch.head(1, event_url="")
    sketch.price(1, offer("match_result", "home"), 2.1)
    assert sketch.feed()["matches"][0]["links"] == {}


def test_no_link_holds_a_brace() -> None:
    link = deep_link("https://x.example/{{a}}/{event_id}", event_id="{5}", home="", away="", sport="football")
    assert link == "https://x.example/%7Ba%7D/%7B5%7D"


@pytest.mark.parametrize(("sport", "number"), [("football", "66"), ("basketball", "67")])
def test_links_may_ask_for_the_sport_s_number(sport: str, number: str) -> None:
    template = "https://x.example/#/sport/{sport_id}/event/{event_id}"
    assert deep_link(template, event_id="5", home="", away="", sport=sport).endswith(f"/sport/{number}/event/5")


@pytest.mark.parametrize(
    ("sport", "word", "number"), [("football", "futebol", "1"), ("basketball", "basquete", "2")]
)
def test_links_may_ask_for_the_sport_s_word_and_sportradar_s_number(sport: str, word: str, number: str) -> None:
    template = "https://x.example/odds/{sport}/{home}-x-{away}-{event_id}/?s={sportradar_id}"
    link = deep_link(template, event_id="5", home="São Paulo", away="Vasco", sport=sport)
    assert link == f"https://x.example/odds/{word}/sao-paulo-x-vasco-5/?s={number}"


def test_a_house_without_a_template_has_no_links() -> None:
    assert deep_link("", event_id="5", home="A", away="B", sport="football") == ""


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Grêmio  Novorizontino/SP", "gremio-novorizontino-sp"), (" 1. FC Köln", "1-fc-koln"), ("東", "")],
)
def test_names_become_slugs(name: str, slug: str) -> None:
    assert name_slug(name) == slug
