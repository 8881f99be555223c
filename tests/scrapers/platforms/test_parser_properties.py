"""What holds for every body, however broken: parsers refuse in one way, and lose nothing uncounted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrapers.errors import PayloadShapeError
from scrapers.platforms import Context
from scrapers.platforms.altenar.platform import PLATFORM as ALTENAR
from scrapers.platforms.kambi.platform import PLATFORM as KAMBI
from scrapers.platforms.reading import line_of, name_of
from scrapers.records import ParsedPage
from scrapers.registry import load_platform, load_registry
from tests.support.recordings import context_of, recordings_of

NOW = datetime(2026, 3, 14, 15, tzinfo=UTC)


def altenar_odds(root: dict[str, Any]) -> Iterator[set[str]]:
    """For each distinct odd: itself, the markets that name it, and the events that name those."""
    events = root.get("events")
    rows = [row for row in (events if isinstance(events, list) else [root]) if isinstance(row, dict)]
    markets = [row for key in ("markets", "childMarkets") for row in listed(root, key) if isinstance(row, dict)]
    named = [(text(row.get("id")), flat(row)) for row in markets]
    called = [
        (text(row.get("id")), row is root, {text(value) for value in listed(row, "marketIds")}) for row in rows
    ]
    for odd_id in {text(row.get("id")) for row in listed(root, "odds") if isinstance(row, dict)} - {""}:
        above = {market_id for market_id, odd_ids in named if odd_id in odd_ids}
        owners = {f"odd:{odd_id}", *(f"market:{market_id}" for market_id in above)}
        yield owners | {
            f"event:{event_id}" for event_id, all_of_it, ids in called if all_of_it or above & ids - {""}
        }


def kambi_odds(root: dict[str, Any]) -> Iterator[set[str]]:
    """For each outcome: itself, its offer, and its event."""
    pairs: list[tuple[Any, Any]] = []
    if "betOffers" in root:
        pairs = [(row.get("eventId") if isinstance(row, dict) else None, row) for row in listed(root, "betOffers")]
    else:
        for row in listed(root, "events"):
            head = row.get("event") if isinstance(row, dict) else None
            head_id = head.get("id") if isinstance(head, dict) else None
            pairs += [(head_id, offer) for offer in listed(row, "betOffers")] if isinstance(row, dict) else []
    for event_id, offer in pairs:
        for outcome in listed(offer, "outcomes") if isinstance(offer, dict) else []:
            odd_id = outcome.get("id") if isinstance(outcome, dict) else None
            yield {f"event:{text(event_id)}", f"market:{text(offer.get('id'))}", f"odd:{text(odd_id)}"}


def superbet_odds(root: dict[str, Any]) -> Iterator[set[str]]:
    """For each row: itself, its market line, its event; of the v3 shape too."""
    for event in [*listed(root, "data"), *listed(root, "events")]:
        if not isinstance(event, dict):
            continue
        above = {f"event:{text(event.get('eventId') or event.get('event_id'))}"}
        for odd in listed(event, "odds"):
            yield above | superbet_owners(odd, odd)
        for market in listed(event, "markets"):
            for odd in listed(market, "odds") if isinstance(market, dict) else []:
                more = odd.get("metadata") if isinstance(odd, dict) else None
                more = more if isinstance(more, dict) else {}
                line = {"marketUuid": more.get("market_line_uuid"), "outcomeId": more.get("outcome_id")}
                line |= {"marketId": market.get("id"), "specifiers": more.get("specifiers")}
                yield above | superbet_owners(odd, line)


def superbet_owners(odd: Any, line: Any) -> set[str]:
    if not isinstance(odd, dict):
        return {"odd:"}
    specifiers = line.get("specifiers") if isinstance(line.get("specifiers"), dict) else {}
    texts = [f"{key}={specifiers[key]}" for key in sorted(specifiers)] or [name_of(line.get("specialBetValue"))]
    key = text(line.get("marketUuid")) or "/".join(part for part in (text(line.get("marketId")), *texts) if part)
    return {f"market:{key}", f"odd:{text(odd.get('uuid')) or key + ':' + text(line.get('outcomeId'))}"}


def nsx_odds(root: dict[str, Any]) -> Iterator[set[str]]:
    """For each row: itself, its market, its event; a row that names no event may belong to any."""
    events = [event for event in listed(root, "events") if isinstance(event, dict)]
    nested = [(event, odd) for event in events for odd in listed(event, "odds")]
    for event, odd in [*((None, odd) for odd in listed(root, "odds")), *nested]:
        if not isinstance(odd, dict):
            yield {"odd:"}
            continue
        own, market = text(odd.get("event_id")), text(odd.get("market_id"))
        above = [event] if event is not None else events if odd.get("event_id") is None else []
        name, line = name_of(odd.get("outcome_name")), name_of(odd.get("specifier"))
        market = "_".join(filter(None, (own, market)))
        built = f"{market}_{text(odd.get('outcome_id')) or name}_{line}"
        yield {f"event:{own}", f"market:{market}", f"odd:{text(odd.get('id')) or built}"} | {
            f"event:{text(row.get(key))}" for row in above for key in ("event_id", "id")
        }


def listed(row: dict[str, Any], key: str) -> list[Any]:
    value = row.get(key)
    return value if isinstance(value, list) else []


def dicts(rows: list[Any]) -> list[dict[str, Any]]:
    return [row for row in rows if isinstance(row, dict)]


def flat(market: dict[str, Any]) -> set[str]:
    values = [value for key in ("oddIds", "desktopOddIds", "mobileOddIds") for value in listed(market, key)]
    return {text(part) for value in values for part in (value if isinstance(value, list) else [value])}


def text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    return str(value).strip()


def matchbook_odds(root: dict[str, Any]) -> Iterator[set[str]]:
    """For each runner and side with an entry: the runner, its market, its event."""
    alone = not isinstance(root.get("events"), list) and "sport-id" in root
    pairs = [(root.get("id") if alone else row.get("event-id"), row) for row in dicts(listed(root, "markets"))]
    for row in dicts(listed(root, "events")):
        pairs += [(row.get("id"), market) for market in dicts(listed(row, "markets"))]
    for event_id, market in pairs:
        for runner in dicts(listed(market, "runners")):
            sides = [entry.get("side") for entry in dicts(listed(runner, "prices"))]
            for _ in {side for side in sides if isinstance(side, str)}:
                yield {
                    f"event:{text(event_id)}",
                    f"market:{text(market.get('id'))}",
                    f"odd:{text(runner.get('id'))}",
                }


def stake_odds(root: dict[str, Any]) -> Iterator[set[str]]:
    """For each row of the REST host and each outcome of GraphQL: itself, its market, its event."""
    for row in dicts(listed(root, "odds")):
        event_id, market_id = text(row.get("eventId")), text(row.get("marketId"))
        of_market = f"{event_id}/{market_id}"
        odd = f"odd:{of_market}/{text(row.get('columnId'))}" if event_id and market_id else "odd:"
        yield {f"event:{event_id}", f"market:{of_market}", odd}
    for sport in dicts([root["data"].get("slugSport")]) if isinstance(root.get("data"), dict) else []:
        for fixture in dicts(listed(sport, "fixtureList")):
            templates = [row for group in dicts(listed(fixture, "groups")) for row in listed(group, "templates")]
            for market in dicts([row for template in dicts(templates) for row in listed(template, "markets")]):
                for outcome in dicts(listed(market, "outcomes")):
                    yield {
                        f"event:{text(fixture.get('id'))}",
                        f"market:{text(market.get('id'))}",
                        f"odd:{text(outcome.get('id'))}",
                    }


def kaizen_odds(root: dict[str, Any]) -> Iterator[set[str]]:
    """For each selection: itself, its market, its event; nested in lists and on pages, joined in overviews."""
    data = root.get("data")
    events = [data["event"]] if isinstance(data, dict) and isinstance(data.get("event"), dict) else []
    events = events or [event for part in (data, *inner(data, "blocks")) for event in inner(part, "events")]
    for event in events:
        columns = [column for block in inner(event, "sixPackBlocks") for column in inner(block, "columns")]
        for market in [*inner(event, "markets"), *columns]:
            yield from (
                {*owner("event", event), *owner("market", market), *owner("odd", odd)}
                for odd in inner(market, "selections")
            )
    for key, odd in mapped(root, "selections").items():
        markets = {
            place: row
            for place, row in mapped(root, "markets").items()
            if key in map(text, inner(row, "selectionIdList"))
        }
        rows = [
            row
            for row in mapped(root, "events").values()
            if set(map(text, inner(row, "marketIdList"))) & markets.keys()
        ]
        above = [owner("market", row) for row in markets.values()] + [owner("event", row) for row in rows]
        yield {f"odd:{key}", *owner("odd", odd)}.union(*above)


def novibet_odds(root: Any) -> Iterator[set[str]]:
    """For each bet item: itself, its market, its event, in location feeds and in event feeds."""
    events: list[tuple[Any, list[Any]]] = []
    if isinstance(root, dict):
        items = [item for category in inner(root, "marketCategories") for item in inner(category, "items")]
        events.append((root, [market for item in items for market in inner(item, "betViews")]))
    for view in [view for block in root for view in inner(block, "betViews")] if isinstance(root, list) else []:
        rows = [row for part in inner(view, "competitions") for row in inner(part, "events")]
        events += [(row, inner(row, "markets")) for row in [*inner(view, "items"), *rows]]
    for event, markets in events:
        own = owner("event", event, "eventBetContextId") - {"event:"} or owner("event", event, "betContextId")
        for market in markets:
            for odd in inner(market, "betItems"):
                yield own | owner("market", market, "marketId") | owner("odd", odd)


def owner(kind: str, row: Any, key: str = "id") -> set[str]:
    return {f"{kind}:{text(row.get(key)) if isinstance(row, dict) else ''}"}


def inner(row: Any, key: str) -> list[Any]:
    return listed(row, key) if isinstance(row, dict) else []


def mapped(row: dict[str, Any], key: str) -> dict[str, Any]:
    value = row.get(key)
    return value if isinstance(value, dict) else {}


def entain_cds_odds(root: dict[str, Any]) -> Iterator[set[str]]:
    """For each option of the newer form and each result of the older: itself, its market, its fixture."""
    split = [row for row in listed(root, "splitFixtures") if isinstance(row, dict)]
    fixtures = listed(root, "fixtures") if isinstance(root.get("fixtures"), list) else [root.get("fixture"), *split]
    for fixture in (row for row in fixtures if isinstance(row, dict)):
        for market in [*listed(fixture, "optionMarkets"), *listed(fixture, "games")]:
            rows = [*listed(market, "options"), *listed(market, "results")] if isinstance(market, dict) else []
            for odd in rows:
                odd_id = odd.get("id") if isinstance(odd, dict) else None
                owners = {f"event:{text(fixture.get('id'))}", f"market:{text(market.get('id'))}"}
                yield owners | {f"odd:{text(odd_id)}"}


def tradeball_odds(root: Any) -> Iterator[set[str]]:
    """For each price of a row: itself, its match, its page."""
    named = [root[key] for key in ("init", "data") if isinstance(root.get(key), list)] if root else []
    for row in named[0] if named else []:
        for key in ("wldHm", "wldDm", "wldAm") if isinstance(row, dict) else ():
            if row.get(key) not in (None, ""):
                event_id = text(row.get("ceId"))
                yield {"page", f"event:{event_id}", f"odd:{event_id}/{key}"}


def bet365_odds(root: dict[str, Any]) -> Iterator[set[str]]:
    """For each cell with odds: itself, its market, and its event. Header cells of a grid have none."""
    for row in listed(root, "results"):
        if not isinstance(row, dict):
            continue
        event_id = text(row.get("FI"))
        for section in [*row.values(), *listed(row, "others")]:
            markets = section.get("sp") if isinstance(section, dict) else None
            for key, market in markets.items() if isinstance(markets, dict) else ():
                held = {"odds": market} if isinstance(market, list) else market
                cells = listed(held, "odds") if isinstance(held, dict) else []
                for cell in cells:
                    odd_id, odds = (cell.get("id"), cell.get("odds")) if isinstance(cell, dict) else (None, None)
                    if not text(odd_id).startswith("PC") or (isinstance(odds, str | int | float) and odds):
                        yield {f"event:{event_id}", f"market:{event_id}/{key}", f"odd:{text(odd_id)}"}


ODDS: dict[str, Callable[[Any], Iterator[set[str]]]] = {
    "altenar": altenar_odds,
    "bet365": bet365_odds,
    "entain_cds": entain_cds_odds,
    "kaizen": kaizen_odds,
    "kambi": kambi_odds,
    "matchbook": matchbook_odds,
    "novibet": novibet_odds,
    "nsx": nsx_odds,
    "stake": stake_odds,
    "superbet": superbet_odds,
    "tradeball": tradeball_odds,
}
"""Platform -> reads a payload from each odd upwards: for each one, the ids of rows that would stand for it."""

BODIES = [
    (bookmaker.platform, recording.body, context_of(bookmaker, recording))
    for bookmaker in load_registry().bookmakers.values()
    if bookmaker.platform in ODDS
    for recording in recordings_of(bookmaker.slug)
    if not recording.is_blocked and recording.body[:1] in (b"{", b"[")
]

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([0, 1, 2, 7, 66, 1000, 1500, 2500, -500]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["MATCH", "2.5", "+0.25", "OPEN", "FOOTBALL", "2026-03-15T19:00:00Z"]),
)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
roots = st.dictionaries(
    st.sampled_from(
        [
            "events",
            "markets",
            "odds",
            "betOffers",
            "terms",
            "sports",
            "champs",
            "range",
            "id",
            "sport",
            "data",
            "selections",
            "marketCategories",
            "fixtures",
            "fixture",
            "splitFixtures",
            "init",
            "total",
        ]
    ),
    trees,
    max_size=6,
)


def places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in a JSON tree."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


ROOTS = [(name, orjson.loads(body), context) for name, body, context in BODIES]
PLACES = [list(places(root)) for _, root, _ in ROOTS]


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, Any, Context]:
    """A recorded body with some values replaced, removed or doubled, for a cycle or as a saved file."""
    number = draw(st.integers(0, len(ROOTS) - 1))
    name, original, context = ROOTS[number]
    root = orjson.loads(orjson.dumps(original))
    for place in draw(st.lists(st.sampled_from(PLACES[number]), min_size=1, max_size=4)):
        holder = root
        try:
            for key in place[:-1]:
                holder = holder[key]
            value = holder[place[-1]]
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took this place away
        change = draw(st.sampled_from(["replace", "remove", "double"]))
        if isinstance(holder, str):
            continue
        if change == "remove":
            del holder[place[-1]]
        elif change == "double" and isinstance(holder, list):
            holder.append(value)
        else:
            holder[place[-1]] = draw(trees)
    return name, root, draw(st.sampled_from([context, Context(context.options, saved=True)]))


def check(page: ParsedPage) -> None:
    for event in page.events:
        keys = [(p.market, p.period, p.rules, p.line, p.selection, p.side) for p in event.prices]
        assert len(keys) == len(set(keys))
        for price in event.prices:
            assert price.value is None or 1 < price.value <= 1001
            assert price.line is None or price.line * 4 % 1 == 0
    assert all(row.reason and row.source_id for row in page.rejected)
    assert len({event.source_id for event in page.events}) == len(page.events)


quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(
    st.sampled_from(sorted(ODDS)),
    st.binary(max_size=60) | roots.map(orjson.dumps) | trees.map(orjson.dumps),
    st.sampled_from([None, Context(saved=True)]),
)
def test_any_body_is_a_page_or_a_shape_error(name, body, context):
    try:
        page = load_platform(name).parse(body, fetched_at=NOW, context=context)
    except PayloadShapeError:
        return
    check(page)


@quick
@given(mutated())
def test_a_damaged_payload_costs_rows_and_nothing_else(case):
    name, root, context = case
    try:
        page = load_platform(name).parse(orjson.dumps(root), fetched_at=NOW, context=context)
    except PayloadShapeError:
        return
    check(page)
    assert unaccounted(name, root, page) == 0


@pytest.mark.parametrize(("name", "body", "context"), BODIES)
def test_a_truncated_payload_is_a_shape_error(name, body, context):
    for size in range(0, len(body), max(1, len(body) // 25)):
        with pytest.raises(PayloadShapeError):
            load_platform(name).parse(body[:size], fetched_at=NOW, context=context)


@pytest.mark.parametrize(("name", "body", "context"), BODIES)
def test_every_odd_is_a_price_or_rejected(name, body, context):
    page = load_platform(name).parse(body, fetched_at=NOW, context=context)
    assert unaccounted(name, orjson.loads(body), page) == 0


@pytest.mark.parametrize(("name", "body", "context"), BODIES)
def test_equal_bytes_give_equal_pages(name, body, context):
    pages = [load_platform(name).parse(body, fetched_at=NOW, context=context) for _ in range(2)]
    assert pages[0] == pages[1]


def unaccounted(name: str, root: Any, page: ParsedPage) -> int:
    """Odds of the payload minus prices minus those that a rejected row stands for; zero when nothing was lost.

    Counted by reading the payload another way than the parser: from each odd upwards.
    """
    gone = {row.source_id for row in page.rejected}
    left = [owners for owners in ODDS[name](root) if not any(owner in gone for owner in owners)]
    return max(0, len(left) - sum(1 for _ in page.prices()))


@given(st.integers(-2000, 2000))
def test_a_line_survives_every_way_it_is_written(quarters):
    line = Decimal(quarters) / 4
    written = {str(line), f"{line:+}", f"{line:.2f}", f"{line:.3f}"}
    assert {line_of(way) for way in written} == {line}
    assert line_of(str(line_of(str(line)))) == line
    assert str(line_of(str(line))) == str(line_of(f"{line:.2f}"))


def recorded(slug: str, case: str) -> bytes:
    return next(recording.body for recording in recordings_of(slug) if recording.path.stem == case)


@given(st.integers(-400, 400), st.sampled_from(["home", "away"]))
def test_both_platforms_read_the_same_handicap(quarters, side):
    """Kambi writes the line from the team's own view, Altenar from the home side's."""
    line = Decimal(quarters) / 4
    kambi = int(line * 1000) * (1 if side == "home" else -1)
    offer = {
        "id": 5,
        "criterion": {"id": 1002275572},
        "outcomes": [
            {
                "id": 6,
                "type": "OT_ONE" if side == "home" else "OT_TWO",
                "odds": 1900,
                "line": kambi,
                "status": "OPEN",
            }
        ],
    }
    root = orjson.loads(recorded("kto", "brasileirao"))
    root["events"][0]["betOffers"] = [offer]
    (price,) = KAMBI.parse(orjson.dumps(root), fetched_at=NOW).events[0].prices
    root = orjson.loads(recorded("br4bet", "serie_a"))
    root["markets"] = [{"id": 5, "typeId": 16, "oddIds": [6], "sv": str(line)}]
    root["odds"] = [{"id": 6, "typeId": 1714 if side == "home" else 1715, "price": 1.9, "oddStatus": 0}]
    root["events"][0]["marketIds"] = [5]
    (other,) = ALTENAR.parse(orjson.dumps(root), fetched_at=NOW).events[0].prices
    assert price == other
    assert price.line == line
    assert price.selection == side
