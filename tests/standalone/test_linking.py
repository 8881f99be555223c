"""Giving events their identity: once, however many see them at the same moment; and what waits is counted."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime
from decimal import Decimal

import psycopg

from scrapers.records import Event, LeagueName, Market, Price, Selection, Sport
from scrapers.registry import load_registry
from standalone.cycle.linking import RETRY_EVERY_CYCLES, Linker
from standalone.cycle.state import CommittedState
from standalone.declare import register
from standalone.settings import Settings
from standalone.shared_resources import SharedResources
from store.postgres import PostgresBackend
from tests.support.cycles import House, kickoff, listing

SCRAPERS = 19
CLUBS = ("Grêmio", "Ceará", "Vitória", "Cuiabá", "São Paulo", "Goiás", "Criciúma", "Avaí", "Paysandu", "Náutico")


def spelled(name: str, number: int) -> str:
    """The name as bookmaker `number` writes it: capitals and accents differ, the folded name does not."""
    return (name, name.upper(), name.replace("ê", "e").replace("á", "a").replace("ó", "o"))[number % 3]


def matches_at(number: int, at: datetime) -> list[Event]:
    pairs = zip(CLUBS[::2], CLUBS[1::2], strict=True)
    return [
        Event(
            source_id=f"{number}-{home}",
            sport=Sport.FOOTBALL,
            league=LeagueName("", "Liga"),
            home=spelled(home, number),
            away=spelled(away, number),
            starts_at=at,
            prices=(),
        )
        for home, away in pairs
    ]


def test_nineteen_scrapers_that_start_on_an_empty_database_make_one_catalogue(database_url: str) -> None:
    at = kickoff(30)
    registry = load_registry()
    with_backend = [PostgresBackend(database_url) for _ in range(SCRAPERS)]
    register(with_backend[0], registry)
    together = threading.Barrier(SCRAPERS, timeout=30)
    failures: list[BaseException] = []

    def scrape(number: int, slug: str, backend: PostgresBackend) -> None:
        try:
            resources = SharedResources(Settings(), keep_catalogue=True)
            resources.__dict__["backend"] = backend
            events = matches_at(number, at)
            house = House(backend, slug)
            house.commit([listing(e.source_id, e.home, e.away, at, {}, linked=False) for e in events])
            linker, state = Linker(registry.bookmaker(slug), resources), CommittedState()
            together.wait()
            for _ in range(2 * RETRY_EVERY_CYCLES):
                decisions = linker.decide(events, state)
                args = {
                    "p_scraper": slug,
                    "p_lease_token": house.token,
                    "p_catalogue_version": decisions.catalogue_version,
                    "p_links": decisions.as_json(),
                }
                linker.settle(decisions, backend.call("link_events", args), state, house.token)
                if len(state.linked) == len(events):
                    return
        except BaseException as failure:  # a thread's failure is the test's
            failures.append(failure)
            together.abort()

    slugs = [bookmaker.slug for bookmaker in registry.bookmakers.values()][:SCRAPERS]
    threads = [
        threading.Thread(target=scrape, args=(number, slug, backend))
        for number, (slug, backend) in enumerate(zip(slugs, with_backend, strict=True))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for backend in with_backend:
        backend.close()
    assert failures == []

    with psycopg.connect(database_url) as connection:
        teams = connection.execute("select folded from teams").fetchall()
        linked = connection.execute("select match_id from bookmaker_events").fetchall()
        (matches,) = connection.execute("select count(*) from matches").fetchone() or (None,)
        (leagues, keys) = connection.execute(
            "select count(*), count(distinct league_key) from leagues"
        ).fetchone() or (None, None)
    assert len(teams) == len({folded for (folded,) in teams}) == len(CLUBS)
    assert matches == len(CLUBS) // 2
    assert Counter(linked) == dict.fromkeys(set(linked), SCRAPERS)
    assert (None,) not in linked
    assert leagues == keys == len(registry.leagues)


def test_what_waits_is_counted_and_tried_again_later_and_later(backend: PostgresBackend) -> None:
    at = kickoff(30)
    register(backend, load_registry())
    resources = SharedResources(Settings(), keep_catalogue=True)
    resources.__dict__["backend"] = backend
    linker = Linker(resources.registry.bookmaker("kto"), resources)
    good = matches_at(0, at)[0]
    event = Event("x", Sport.FOOTBALL, LeagueName("", "Liga"), "?", "!", at)
    state = CommittedState(linked={good.source_id})
    tried = []
    for cycle in range(40):
        if linker.decide([good, event], state).links:
            tried.append(cycle)
        assert linker.waiting == 1
    assert tried == [0, 1, 3, 7, 15, 25, 35]


def test_prices_of_others_decide_what_names_leave_open(backend: PostgresBackend) -> None:
    register(backend, load_registry())
    at = kickoff(30)
    offers = {"match_result:home": 1.5, "match_result:draw": 4.2, "match_result:away": 6.5, "totals:over@2.5": 1.9}
    House(backend, "betano").commit([listing("b", "Gremio", "Ceara", at, offers)])
    resources = SharedResources(Settings(), keep_catalogue=True)
    resources.__dict__["backend"] = backend
    linker = Linker(resources.registry.bookmaker("kto"), resources)

    def link(*values: str) -> str:
        prices = tuple(
            Price(Market.MATCH_RESULT, Selection(selection), Decimal(value))
            for selection, value in zip(("home", "draw", "away"), values, strict=True)
        )
        event = Event(
            f"k{values[0]}", Sport.FOOTBALL, LeagueName("", "Liga"), "Imortal", "Ceara", at, prices=prices
        )
        (decided,) = linker.decide([event], CommittedState()).links
        return decided.method or decided.reason

    assert link("1.52", "4.1", "6.4") == "opponent"
    assert link("6.4", "4.1", "1.52") == "uncertain"
    answer = backend.call("match_chances", {"p_match_ids": [1, 99]})
    assert answer == {"1": {"match_result": {"home": 1.5, "draw": 4.2, "away": 6.5}}}
