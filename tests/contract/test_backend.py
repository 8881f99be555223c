"""One suite over both backends: what the fleet may rely on, whichever way it reaches the database."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from scrapers.errors import LeaseLostError, StateConflictError, StoreError, StoreUnavailableError
from store.backend import Backend
from tests.support.cycles import House, catalogue_rows, kickoff, listing
from tests.support.postgres import DECLARED
from tests.support.postgrest import Project, open_either


@pytest.fixture(params=["postgres", "supabase"])
def backend(request: pytest.FixtureRequest, database_url: str, supabase_project: Project) -> Iterator[Backend]:
    """Each backend in turn, on a fresh database with the bookmakers of DECLARED."""
    with open_either(request.param, database_url, supabase_project) as backend:
        yield backend


@pytest.fixture
def rows(database_url: str) -> Iterator[Any]:
    """Looks into the database as its owner: rows(query, *args) -> list of tuples."""
    with psycopg.connect(database_url, autocommit=True) as connection:

        def query(text: str, *args: object) -> list[tuple[Any, ...]]:
            cursor = connection.execute(text.encode(), args)
            return cursor.fetchall() if cursor.description else []

        yield query


def lease(backend: Backend, holder: str, *, slug: str = "alpha", ttl_s: int = 60, interval_s: int = 30) -> Any:
    return backend.call(
        "acquire_lease",
        {
            "p_scraper": slug,
            "p_holder": holder,
            "p_mode": "parallel",
            "p_machine": "vps",
            "p_pid": 4242,
            "p_ttl_s": ttl_s,
            "p_expected_interval_s": interval_s,
        },
    )


def status_of(backend: Backend, slug: str = "alpha") -> dict[str, Any]:
    found: dict[str, Any]
    (found,) = [row for row in backend.call("status_report", {})["scrapers"] if row["scraper_name"] == slug]
    return found


BASIC = {"match_result:home": 2.1, "match_result:draw": 3.4, "match_result:away": 3.3}


class TestLease:
    def test_the_same_holder_gets_it_again_with_a_new_token(self, backend: Backend) -> None:
        first, second = lease(backend, "vps:1"), lease(backend, "vps:1")
        assert first["granted"]
        assert second["granted"]
        assert second["token"] > first["token"]

    def test_another_holder_waits_and_is_seen_waiting(self, backend: Backend) -> None:
        lease(backend, "vps:1")
        refused = lease(backend, "vps:2")
        assert (refused["granted"], refused["token"], refused["holder"]) == (False, None, "vps:1")
        assert 0 < refused["expires_in_s"] <= 60
        assert [copy["holder"] for copy in status_of(backend)["standby"]] == ["vps:2"]

    def test_a_copy_on_the_same_machine_can_say_that_it_waits(self, backend: Backend) -> None:
        lease(backend, "vps:1")
        said = backend.call("report_standby", {"p_scraper": "alpha", "p_holder": "vps:2", "p_mode": "sequential"})
        assert said == {"holder": "vps:1"}
        assert [copy["mode"] for copy in status_of(backend)["standby"]] == ["sequential"]

    def test_an_expired_lease_goes_to_the_next(self, backend: Backend, rows: Any) -> None:
        token = lease(backend, "vps:1")["token"]
        rows("update scraper_status set lease_expires_at = now() - interval '1 s' where scraper_name = 'alpha'")
        assert lease(backend, "vps:2")["granted"]
        with pytest.raises(LeaseLostError, match="alpha"):
            backend.call("renew_lease", {"p_scraper": "alpha", "p_lease_token": token, "p_ttl_s": 60})

    def test_release_lets_the_next_in_at_once(self, backend: Backend) -> None:
        token = lease(backend, "vps:1")["token"]
        assert backend.call("release_lease", {"p_scraper": "alpha", "p_lease_token": token}) == {"released": True}
        assert status_of(backend)["status"] == "stopped"
        assert status_of(backend)["computed_status"] == "offline"
        assert lease(backend, "vps:2")["granted"]
        assert backend.call("release_lease", {"p_scraper": "alpha", "p_lease_token": token}) == {"released": False}

    def test_an_unknown_scraper_is_named_with_the_mend(self, backend: Backend) -> None:
        with pytest.raises(StoreError, match=r"nobody is not registered; run: fleet db migrate"):
            lease(backend, "vps:1", slug="nobody")


class TestCommit:
    def test_new_changed_and_gone_prices(self, backend: Backend, rows: Any) -> None:
        house = House(backend, "alpha")
        start = datetime.now(UTC) - timedelta(minutes=3)
        match = kickoff(5)
        house.commit([listing("e1", "Flamengo", "Santos", match, BASIC)], at=start)
        changed = {"match_result:home": 2.2, "match_result:draw": 3.4}
        answer = house.commit(
            [listing("e1", "Flamengo", "Santos", match, changed)], at=start + timedelta(minutes=1)
        )
        assert (answer["duplicate"], answer["commit_seq"], answer["changes"]) == (False, 2, 2)

        current = rows(
            "select selection, price::float, status, opening_price::float, min_price::float, max_price::float, "
            "last_changed_at from prices order by selection"
        )
        second = start + timedelta(minutes=1)
        assert current == [
            ("away", 3.3, "gone", 3.3, 3.3, 3.3, second),
            ("draw", 3.4, "open", 3.4, 3.4, 3.4, start),
            ("home", 2.2, "open", 2.1, 2.1, 2.2, second),
        ]
        history = rows(
            "select selection, h.observed_at, h.price::float, h.status from price_history h "
            "join prices using (selection_key) order by h.observed_at, selection"
        )
        assert history == [
            ("away", start, 3.3, "open"),
            ("draw", start, 3.4, "open"),
            ("home", start, 2.1, "open"),
            ("away", second, None, "gone"),
            ("home", second, 2.2, "open"),
        ]

    def test_a_price_was_last_seen_when_its_scope_was(self, backend: Backend, rows: Any) -> None:
        house = House(backend, "alpha")
        start = datetime.now(UTC) - timedelta(minutes=3)
        match = kickoff(5)
        both = [
            listing("e1", "Flamengo", "Santos", match, BASIC, scope="a"),
            listing("e2", "Bahia", "Vitória", match, BASIC, scope="b"),
        ]
        house.commit(both, at=start, scopes=())
        later = start + timedelta(minutes=2)
        house.commit(both[:1], at=later, scopes=("a",))
        seen = rows("select bookmaker, source_event_id, last_seen_at, last_changed_at from current_odds")
        assert {(row[1], row[2], row[3]) for row in seen} == {("e1", later, start), ("e2", start, start)}
        assert len(seen) == 6

    def test_a_suspended_price_keeps_the_last_one_shown(self, backend: Backend, rows: Any) -> None:
        house = House(backend, "alpha")
        match = kickoff(5)
        house.commit([listing("e1", "Flamengo", "Santos", match, {"match_result:home": 2.1})])
        house.commit([listing("e1", "Flamengo", "Santos", match, {"match_result:home": None})])
        assert rows("select price::float, status from prices") == [(2.1, "suspended")]

    def test_a_second_change_at_the_same_instant_replaces_the_first(self, backend: Backend, rows: Any) -> None:
        house = House(backend, "alpha")
        at, match = datetime.now(UTC), kickoff(5)
        for price in (2.1, 2.2, 2.3):
            house.commit([listing("e1", "Flamengo", "Santos", match, {"match_result:home": price})], at=at)
        assert rows("select price::float from price_history") == [(2.3,)]

    def test_a_repeated_cycle_is_applied_once(self, backend: Backend, rows: Any) -> None:
        house = House(backend, "alpha")
        cycle = bare_cycle(house)
        first = backend.call("commit_cycle", {"p_cycle": cycle})
        again = backend.call("commit_cycle", {"p_cycle": cycle})
        assert not first["duplicate"]
        assert again == {**first, "duplicate": True}
        assert rows("select count(*) from scraper_cycles") == [(1,)]
        assert status_of(backend)["cycle_count"] == 1

    def test_the_answer_of_a_repeat_comes_even_when_the_lease_is_gone(self, backend: Backend) -> None:
        house = House(backend, "alpha")
        cycle = bare_cycle(house)
        backend.call("commit_cycle", {"p_cycle": cycle})
        House(backend, "alpha")
        assert backend.call("commit_cycle", {"p_cycle": cycle})["duplicate"]

    def test_without_the_lease_nothing_is_written(self, backend: Backend, rows: Any) -> None:
        dead = House(backend, "alpha")
        House(backend, "alpha")
        with pytest.raises(LeaseLostError):
            dead.commit([listing("e1", "Flamengo", "Santos", kickoff(5), BASIC)])
        assert rows("select count(*) from prices") == [(0,)]

    def test_a_difference_against_another_state_is_refused(self, backend: Backend, rows: Any) -> None:
        house = House(backend, "alpha")
        house.commit([listing("e1", "Flamengo", "Santos", kickoff(5), BASIC)])
        house.seq -= 1
        with pytest.raises(StateConflictError, match="alpha is at commit 1"):
            house.commit([])
        assert rows("select count(*) from prices where status = 'open'") == [(3,)]

    @pytest.mark.parametrize("part", ["changed", "gone"])
    def test_an_unknown_selection_is_a_conflict(self, backend: Backend, part: str) -> None:
        house = House(backend, "alpha")
        row = [77, 0, "2.0", "open", None] if part == "changed" else [77, 0]
        with pytest.raises(StateConflictError, match=f"0 of 1 {part}"):
            backend.call("commit_cycle", {"p_cycle": {**bare_cycle(house), part: [row]}})

    def test_a_colliding_key_is_refused(self, backend: Backend) -> None:
        house = House(backend, "alpha")
        house.commit([listing("e1", "Flamengo", "Santos", kickoff(5), {"match_result:home": 2.1})])
        (key,) = house._prices
        other = [key, "e1", 0, "moneyline", "match", None, "away", "standard", "back", "2.0", "open", None, 0]
        with pytest.raises(StateConflictError, match="two keys collide"):
            backend.call("commit_cycle", {"p_cycle": {**bare_cycle(house), "new": [other]}})

    @pytest.mark.parametrize("price", ["1.0", "1001.5", "-3"])
    def test_one_bad_row_and_nothing_of_the_cycle_stays(self, backend: Backend, rows: Any, price: str) -> None:
        house = House(backend, "alpha")
        event = ["e1", "football", "1", "Liga", None, "Flamengo", "Santos", kickoff(5).isoformat()]
        good = [1, "e1", 0, "moneyline", "match", None, "home", "standard", "back", "2.0", "open", None, 0]
        bad = [2, "e1", 0, "moneyline", "match", None, "away", "standard", "back", price, "open", None, 0]
        with pytest.raises(StoreError) as caught:
            backend.call("commit_cycle", {"p_cycle": {**bare_cycle(house), "events": [event], "new": [good, bad]}})
        assert not isinstance(caught.value, StoreUnavailableError)
        tables = ("prices", "price_history", "bookmaker_events", "price_scopes", "scraper_cycles")
        assert {table: rows(f"select count(*) from {table}")[0][0] for table in tables} == dict.fromkeys(tables, 0)
        assert status_of(backend)["cycle_count"] == 0

    def test_a_failed_cycle_is_a_heartbeat_and_changes_no_state(self, backend: Backend) -> None:
        house = House(backend, "alpha")
        house.commit([listing("e1", "Flamengo", "Santos", kickoff(5), BASIC)])
        before = status_of(backend)
        answer = house.fail("blocked", "challenge page")
        after = status_of(backend)
        assert answer["commit_seq"] == 1
        assert (after["outcome"], after["last_error"], after["status"]) == ("blocked", "challenge page", "error")
        assert after["last_success"] == before["last_success"]
        assert after["completeness"] == before["completeness"]
        assert (after["cycle_count"], after["commit_seq"]) == (2, 1)

    def test_completeness_is_against_the_recent_median(self, backend: Backend) -> None:
        house = House(backend, "alpha")
        for collected in (100, 100, 100):
            house.send(at=datetime.now(UTC), odds_collected=collected)
        assert status_of(backend)["completeness"] == 1
        house.send(at=datetime.now(UTC), odds_collected=30)
        assert status_of(backend)["completeness"] == pytest.approx(0.3)
        assert status_of(backend)["computed_status"] == "warning"

    def test_three_thousand_prices_in_one_commit_and_the_state_in_pages(self, backend: Backend) -> None:
        house = House(backend, "alpha")
        match = kickoff(5)
        big = [
            listing(
                f"e{number}",
                f"Home {number}",
                f"Away {number}",
                match,
                {f"totals:{side}@{line}": 1.9 for side in ("over", "under") for line in (0.5, 1.5, 2.5, 3.25, 4.5)},
                linked=False,
            )
            for number in range(300)
        ]
        assert house.commit(big)["changes"] == 3000
        loaded: dict[int, list[Any]] = {}
        after = -(2**63)
        while True:
            page = backend.call("load_state", {"p_scraper": "alpha", "p_after_key": after, "p_limit": 1700})
            loaded |= {row[0]: row for row in page}
            if len(page) < 1700:
                break
            after = page[-1][0]
        assert loaded.keys() == house._prices.keys()
        assert {(*row[1:3], row[5]) for row in loaded.values()} == {(1.9, "open", None)}
        events = backend.call("load_events", {"p_scraper": "alpha", "p_after_event_id": 0, "p_limit": 1000})
        assert len(events) == 300
        assert events[0][5:] == ["Home 0", "Away 0", int(match.timestamp()), False]

    def test_numbers_and_nested_lists_survive(self, backend: Backend) -> None:
        house = House(backend, "alpha")
        extra = {"nested": [[1, [2.5, None]], {"a": True}], "big": 2**62 + 1, "text": "São Paulo \u2713"}
        house.send(at=datetime.now(UTC), extra_data=extra)
        assert status_of(backend)["extra_data"] == extra


def bare_cycle(house: House) -> dict[str, Any]:
    """A cycle that answers one scope in which nothing is offered."""
    now = datetime.now(UTC).isoformat()
    return {
        "cycle_id": str(uuid.uuid4()),
        "scraper": house.slug,
        "lease_token": house.token,
        "lease_ttl_s": 60,
        "base_seq": house.seq,
        "started_at": now,
        "duration_ms": 10,
        "outcome": "ok",
        "error": None,
        "success": True,
        "expected_interval_s": 30,
        "mode": "parallel",
        "odds_collected": 0,
        "odds_inserted": 0,
        "rejected": 0,
        "extra_data": {},
        "scopes": [["liga", now]],
        "events": [],
        "new": [],
        "changed": [],
        "moved": [],
        "gone": [],
        "links": [],
        "catalogue_version": 0,
    }


class TestLinks:
    def test_a_created_match_is_joined_by_the_next_bookmaker(self, backend: Backend) -> None:
        match = kickoff(5)
        first = House(backend, "alpha").commit([listing("a1", "Flamengo", "Santos", match, BASIC)])
        second = House(backend, "gamma").commit([listing("g1", "Flamengo", "Santos", match, BASIC)])
        assert (first["links"]["created"], first["links"]["linked"]) == (1, 0)
        assert (second["links"]["created"], second["links"]["linked"]) == (0, 1)
        assert len(catalogue_rows(backend, "matches")[1]) == 1
        assert len(catalogue_rows(backend, "teams")[1]) == 2

    def test_creating_on_an_old_catalogue_is_deferred(self, backend: Backend, rows: Any) -> None:
        match = kickoff(5)
        house = House(backend, "alpha")
        house.commit([listing("e1", "Flamengo", "Santos", match, BASIC, linked=False)])
        version = catalogue_rows(backend, "matches")[0]
        House(backend, "gamma").commit([listing("g1", "Flamengo", "Santos", match, BASIC)])
        link = {
            "event": "e1",
            "decision": "create",
            "league_key": None,
            "home": {"name": "Flamengo", "folded": "flamengo"},
            "away": {"name": "Santos", "folded": "santos"},
            "method": "test",
            "score": 1.0,
        }
        args = {
            "p_scraper": "alpha",
            "p_lease_token": house.token,
            "p_catalogue_version": version,
            "p_links": [link],
        }
        answer = backend.call("link_events", args)
        assert (answer["created"], answer["deferred"]) == (0, ["e1"])
        assert answer["version"] > version
        again = backend.call("link_events", {**args, "p_catalogue_version": answer["version"]})
        assert (again["created"], again["deferred"]) == (1, [])
        assert rows("select count(distinct match_id) from bookmaker_events") == [(1,)]
        with pytest.raises(LeaseLostError):
            backend.call("link_events", {**args, "p_lease_token": house.token + 1})

    def test_what_cannot_be_decided_is_listed_until_it_is(self, backend: Backend) -> None:
        house = House(backend, "alpha")
        match = kickoff(5)
        house.commit([listing("e1", "Flamengo", "Santos", match, BASIC, linked=False)])
        undecided = {"event": "e1", "decision": "unmatched", "reason": "two_candidates", "candidates": [[7, 0.8]]}
        args = {
            "p_scraper": "alpha",
            "p_lease_token": house.token,
            "p_catalogue_version": 0,
            "p_links": [undecided],
        }
        assert backend.call("link_events", args)["unmatched"] == 1
        backend.call("link_events", args)
        (listed,) = backend.call("list_unmatched", {"p_after_event_id": 0, "p_limit": 10})
        assert (listed["bookmaker"], listed["reason"], listed["attempts"]) == ("alpha", "two_candidates", 2)
        assert listed["candidates"] == [[7, 0.8]]
        other = House(backend, "gamma")
        other.commit([listing("g1", "Flamengo", "Santos", match, BASIC)])
        house.relink("e1", catalogue_rows(backend, "matches")[1][0][1])
        assert backend.call("list_unmatched", {"p_after_event_id": 0, "p_limit": 10}) == []

    def test_an_alias_needs_three_different_matches(self, backend: Backend) -> None:
        makers = {slug: House(backend, slug) for slug in ("alpha", "beta", "gamma")}

        def evidence() -> tuple[int, str]:
            ((_, alias_id, *_, status),) = catalogue_rows(backend, "aliases")[1]
            return alias_id, status

        for number in range(3):
            match = kickoff(5 + 24 * number)
            rival = ("Santos", "Bahia", "Vitória")[number]
            House(backend, "delta").commit([listing(f"d{number}", "Atlético Mineiro", rival, match, BASIC)])
            version, matches = catalogue_rows(backend, "matches")
            (row,) = [row for row in matches if row[6] == int(match.timestamp())]
            alias = {"team_id": row[4], "alias": "Galo", "folded": "galo", "category": ""}
            for slug, house in makers.items():
                event = listing(f"{slug}{number}", "Galo", "Santos", match, BASIC, linked=False)
                others = [
                    listing(f"{slug}{n}", "Galo", "Santos", kickoff(5 + 24 * n), BASIC) for n in range(number)
                ]
                house.commit([*others, event])
                link = {
                    "event": event.source_id,
                    "decision": "match",
                    "match_id": row[1],
                    "swapped": False,
                    "method": "fuzzy",
                    "score": 0.9,
                    "aliases": [alias],
                }
                backend.call(
                    "link_events",
                    {
                        "p_scraper": slug,
                        "p_lease_token": house.token,
                        "p_catalogue_version": version,
                        "p_links": [link],
                    },
                )
            assert evidence()[1] == ("confirmed" if number == 2 else "proposed")

    def test_brands_of_one_platform_share_their_event_ids(self, backend: Backend) -> None:
        match = kickoff(5)
        House(backend, "alpha").commit([listing("77", "Flamengo", "Santos", match, BASIC)])
        House(backend, "gamma").commit([listing("88", "Bahia", "Vitória", match, BASIC)])
        args = {"p_scraper": "beta", "p_source_event_ids": ["77", "88", "99"]}
        links = backend.call("platform_links", args)
        assert list(links) == ["77"]
        assert (links["77"]["home"], links["77"]["starts_at"]) == ("Flamengo", int(match.timestamp()))
        assert backend.call("platform_links", {**args, "p_scraper": "alpha"}) == {}

    def test_a_postponed_match_moves_with_its_bookmakers_and_says_so(self, backend: Backend) -> None:
        match, later = kickoff(5), kickoff(29)
        houses = [House(backend, slug) for slug in ("alpha", "beta", "gamma")]
        for house in houses:
            house.commit([listing("e1", "Flamengo", "Santos", match, BASIC)])
        version, ((_, match_id, *_),) = catalogue_rows(backend, "matches")
        for house in houses[:2]:
            house.commit([listing("e1", "Flamengo", "Santos", later, BASIC)])
        page = {"p_kind": "matches", "p_after_version": version, "p_after_id": match_id, "p_limit": 10}
        answer = backend.call("catalogue_page", page)
        assert answer["version"] > version
        assert [(row[1], row[6]) for row in answer["rows"]] == [(match_id, int(later.timestamp()))]

    def test_two_matches_of_the_same_teams_never_become_one_by_moving(self, backend: Backend) -> None:
        house = House(backend, "alpha")
        first, second, third = kickoff(5), kickoff(29), kickoff(53)
        teams = ("Flamengo", "Santos")
        house.commit([listing("e1", *teams, first, BASIC)])
        event = ["e2", "football", "1", "Liga", None, *teams, second.isoformat()]
        create = {
            "event": "e2",
            "decision": "create",
            "home": {"name": teams[0], "folded": "flamengo"},
            "away": {"name": teams[1], "folded": "santos"},
        }
        version = catalogue_rows(backend, "matches")[0]
        cycle = {**bare_cycle(house), "events": [event], "links": [create], "catalogue_version": version}
        house.seq = backend.call("commit_cycle", {"p_cycle": cycle})["base_seq"]
        both = [[name, "football", "1", "Liga", None, *teams, third.isoformat()] for name in ("e1", "e2")]
        backend.call("commit_cycle", {"p_cycle": {**bare_cycle(house), "events": both}})
        starts = sorted(row[6] for row in catalogue_rows(backend, "matches")[1])
        assert starts == [int(second.timestamp()), int(third.timestamp())]

    def test_the_catalogue_comes_in_pages(self, backend: Backend) -> None:
        house = House(backend, "alpha")
        house.commit([listing(f"e{n}", f"Home {n}", f"Away {n}", kickoff(5), BASIC) for n in range(7)])
        found, after = [], (-1, 0)
        while True:
            page = backend.call(
                "catalogue_page",
                {"p_kind": "teams", "p_after_version": after[0], "p_after_id": after[1], "p_limit": 4},
            )["rows"]
            found += page
            if len(page) < 4:
                break
            after = (page[-1][0], page[-1][1])
        assert sorted(row[3] for row in found) == sorted(
            f"{side} {n}" for side in ("Home", "Away") for n in range(7)
        )
        with pytest.raises(StoreError, match="p_kind is nonsense"):
            backend.call(
                "catalogue_page", {"p_kind": "nonsense", "p_after_version": 0, "p_after_id": 0, "p_limit": 1}
            )


class TestBoard:
    def test_the_board_follows_by_sequence(self, backend: Backend) -> None:
        house = House(backend, "alpha")
        match = kickoff(5)
        house.commit([listing("e1", "Flamengo", "Santos", match, BASIC)])
        heads = backend.call("board_heads", {})
        (head,) = [row for row in heads["bookmakers"] if row["slug"] == "alpha"]
        assert (head["commit_seq"], head["family"], head["computed_status"]) == (1, "altenar", "ok")
        assert abs(heads["now"] - datetime.now(UTC).timestamp()) < 60
        assert abs(heads["scopes"][0][1] - heads["now"]) < 60

        upto = {"p_bookmaker_id": head["bookmaker_id"], "p_after_seq": 0, "p_upto_seq": 1, "p_limit": 100}
        (event,) = backend.call("board_events", {**upto, "p_after_id": 0})
        assert event[:1] + event[2:3] + event[4:8] == [1, "e1", False, "Flamengo", "Santos", int(match.timestamp())]
        prices = backend.call("board_prices", {**upto, "p_after_key": -(2**63)})
        assert sorted((row[7], row[10], row[11]) for row in prices) == [
            ("away", 3.3, "open"),
            ("draw", 3.4, "open"),
            ("home", 2.1, "open"),
        ]
        ((match_id, sport, _, _, _, home, away, starts_at),) = backend.call(
            "board_matches", {"p_match_ids": [event[3]]}
        )
        assert (match_id, sport, home, away, starts_at) == (
            event[3],
            "football",
            "Flamengo",
            "Santos",
            int(match.timestamp()),
        )

        house.commit([listing("e1", "Flamengo", "Santos", match, {**BASIC, "match_result:home": 2.5})])
        fresh = {**upto, "p_after_seq": 1, "p_upto_seq": 2, "p_after_key": 2**63 - 1}
        assert [(row[7], row[10]) for row in backend.call("board_prices", fresh)] == [("home", 2.5)]

    def test_changed_prices_come_as_columns_of_their_offers_page_by_page(self, backend: Backend) -> None:
        house, match = House(backend, "alpha"), kickoff(5)
        house.commit([listing("e1", "Flamengo", "Santos", match, BASIC)])
        heads = backend.call("board_heads_v2", {"p_known": {}})
        (alpha,) = [row["bookmaker_id"] for row in heads["bookmakers"] if row["slug"] == "alpha"]
        answer = backend.call("board_changes", {"p_after": {str(alpha): [0, 1]}, "p_limit": 2})
        assert answer.keys() == {str(alpha)}
        first = answer[str(alpha)]["prices"]
        rest = {"p_bookmaker_id": alpha, "p_upto_seq": 1, "p_limit": 2}
        last = backend.call(
            "board_prices_v2", {**rest, "p_after_seq": first["next"][0], "p_after_key": first["next"][1]}
        )
        assert (len(first["offers"]), len(last["offers"]), last["next"]) == (2, 1, None)
        (event,) = answer[str(alpha)]["events"]
        assert sorted((row[3], row[9]) for row in (*first["offers"], *last["offers"])) == [
            ("away", [3.3]),
            ("draw", [3.4]),
            ("home", [2.1]),
        ]

        house.commit([listing("e1", "Flamengo", "Santos", match, {**BASIC, "match_result:home": None})])
        answer = backend.call("board_changes", {"p_after": {str(alpha): [1, 2]}, "p_limit": 2})
        ((*what, keys, events, scopes, prices, changed, available, commission, closed, closed_events),) = answer[
            str(alpha)
        ]["prices"]["offers"]
        assert what == ["match_result", "match", None, "home", "standard", "back"]
        assert [keys, events, scopes, prices, changed, available, commission] == [None] * 7
        assert (len(closed), closed_events) == (1, [event[1]])
        assert answer[str(alpha)]["prices"]["next"] is None
        assert backend.call("board_changes", {"p_after": {}, "p_limit": 2}) == {}

    def test_a_reload_is_announced(self, backend: Backend) -> None:
        before = backend.call("service_heartbeat", heartbeat(None))["reload_epoch"]
        assert backend.call("request_cache_reload", {}) == {"reload_epoch": before + 1}
        assert catalogue_epoch(backend) == before + 1

    def test_a_service_says_how_it_goes(self, backend: Backend) -> None:
        backend.call("service_heartbeat", heartbeat(None))
        (good,) = backend.call("status_report", {})["services"]
        backend.call("service_heartbeat", heartbeat("disk full"))
        (bad,) = backend.call("status_report", {})["services"]
        assert (good["last_error"], bad["last_error"]) == (None, "disk full")
        assert bad["last_success"] == good["last_success"]
        assert bad["last_heartbeat"] > good["last_heartbeat"]


def heartbeat(error: str | None) -> dict[str, Any]:
    return {"p_service": "cleanup-service", "p_expected_interval_s": 300, "p_error": error, "p_extra": {"n": 1}}


def catalogue_epoch(backend: Backend) -> int:
    page = {"p_kind": "teams", "p_after_version": 0, "p_after_id": 0, "p_limit": 1}
    epoch: int = backend.call("catalogue_page", page)["reload_epoch"]
    return epoch


class TestKeepingSmall:
    def test_old_events_become_summaries(self, backend: Backend, rows: Any) -> None:
        house = House(backend, "alpha")
        old = datetime.now(UTC) - timedelta(hours=30)
        past = kickoff(-20)
        house.commit([listing("old", "Flamengo", "Santos", past, {"match_result:home": 2.0}, scope="old")], at=old)
        house.commit(
            [listing("old", "Flamengo", "Santos", past, {"match_result:home": 2.6}, scope="old")],
            at=old + timedelta(minutes=1),
            scopes=(),
        )
        house.commit([listing("new", "Bahia", "Vitória", kickoff(5), BASIC, scope="new")], scopes=())
        limits = {"p_keep_hours": 12, "p_limit": 100}
        assert backend.call("cleanup_old_matches", limits) == {"events": 1, "prices": 1, "matches": 0}
        assert backend.call("cleanup_old_matches", limits) == {"events": 0, "prices": 0, "matches": 0}
        assert rows(
            "select source_event_id, opening_price::float, closing_price::float, min_price::float, "
            "max_price::float from price_summaries"
        ) == [("old", 2.0, 2.6, 2.0, 2.6)]
        assert rows("select scope from price_scopes") == [("new",)]
        assert rows("select count(*) from prices") == [(3,)]

    def test_partitions_are_made_ahead_and_dropped_behind(self, backend: Backend, rows: Any) -> None:
        keep = {"p_keep_history_days": 30, "p_keep_cycles_days": 14}
        first = backend.call("maintain_partitions", {"p_days_ahead": 9, **keep})
        assert first == {"created": 4, "dropped": [], "default_rows": 0}
        day = datetime.now(UTC) - timedelta(days=40)
        old = f"price_history_{day:%Y%m%d}"
        rows(
            f"create table {old} partition of price_history for values from ('{day:%Y-%m-%d}+00') "
            f"to ('{day + timedelta(days=1):%Y-%m-%d}+00')"
        )
        assert backend.call("maintain_partitions", {"p_days_ahead": 9, **keep})["dropped"] == [old]

    def test_rows_that_found_no_partition_move_home(self, backend: Backend, rows: Any) -> None:
        today = f"price_history_{datetime.now(UTC):%Y%m%d}"
        rows(f"drop table {today}")
        house = House(backend, "alpha")
        house.commit([listing("e1", "Flamengo", "Santos", kickoff(5), BASIC)])
        rows(
            "insert into price_history "
            "select selection_key, now() - interval '90 days', 2, 'open', 1, 1 from prices"
        )
        assert rows("select count(*) from price_history_default") == [(6,)]
        kept = {"p_days_ahead": 1, "p_keep_history_days": 30, "p_keep_cycles_days": 14}
        assert backend.call("maintain_partitions", kept)["default_rows"] == 0
        assert rows(f"select count(*) from {today}") == [(3,)]
        assert rows("select count(*) from price_history") == [(3,)]
        assert rows(f"select relrowsecurity from pg_class where relname = '{today}'") == [(True,)]


class TestStatus:
    @pytest.mark.parametrize(
        ("heartbeat_s", "success_s", "interval_s", "expected"),
        [
            (1, 1, 30, "ok"),
            (58, 58, 30, "ok"),
            (62, 62, 30, "warning"),
            (178, 178, 30, "warning"),
            (182, 182, 30, "error"),
            (598, 598, 30, "error"),
            (602, 602, 30, "offline"),
            (1, 62, 30, "warning"),
            (1, 182, 30, "error"),
            (1, 6000, 30, "error"),
            (230, 230, 120, "ok"),
            (250, 250, 120, "warning"),
            (730, 730, 120, "error"),
            (2410, 2410, 120, "offline"),
            (58, 58, 5, "ok"),
        ],
    )
    def test_computed_status(
        self, backend: Backend, rows: Any, heartbeat_s: int, success_s: int, interval_s: int, expected: str
    ) -> None:
        rows(
            "update scraper_status set status = 'ok', last_heartbeat = now() - %s * interval '1 s', "
            "last_success = now() - %s * interval '1 s', expected_interval_s = %s where scraper_name = 'alpha'",
            heartbeat_s,
            success_s,
            interval_s,
        )
        assert status_of(backend)["computed_status"] == expected

    def test_a_heartbeat_without_any_success_is_not_ok(self, backend: Backend) -> None:
        House(backend, "alpha").fail("network", "no route")
        assert status_of(backend)["computed_status"] == "warning"

    def test_an_undeclared_bookmaker_leaves_the_view(self, backend: Backend) -> None:
        backend.call("register_declarations", {"p_bookmakers": DECLARED["bookmakers"][1:], "p_leagues": []})
        names = [row["scraper_name"] for row in backend.call("status_report", {})["scrapers"]]
        assert names == ["beta", "delta", "gamma"]

    def test_registering_again_changes_nothing(self, backend: Backend) -> None:
        args = {"p_bookmakers": DECLARED["bookmakers"], "p_leagues": DECLARED["leagues"]}
        assert backend.call("register_declarations", args) == {"bookmakers": 0, "leagues": 0}


def test_an_unknown_function_names_the_mend(backend: Backend) -> None:
    with pytest.raises(StoreError, match="fleet db migrate"):
        backend.call("no_such_function", {"p_a": 1})


class TestHistory:
    def test_a_match_is_found_by_words_and_tells_what_its_prices_did(self, backend: Backend) -> None:
        house, match, start = House(backend, "alpha"), kickoff(5), datetime.now(UTC) - timedelta(minutes=9)
        for minute, price in enumerate((2.0, 2.4, None, 2.2)):
            offers = {"match_result:home": price, "totals:over@2.5": 1.9}
            house.commit([listing("e1", "Grêmio", "Santos", match, offers)], at=start + timedelta(minutes=minute))
        (found,) = backend.call("find_matches", {"p_words": ["gremio", "serie"], "p_limit": 5})
        asked = {"p_match_id": found["match_id"], "p_filter": {"market": "match_result"}, "p_limit": 10}
        since = (start + timedelta(minutes=1, seconds=30)).isoformat()
        answer = backend.call("match_history", {**asked, "p_since": since, "p_after_key": -(2**63)})
        (home,) = answer["selections"]
        assert (answer["match"], answer["match"]["home"]) == (found, "Grêmio")
        assert [home[name] for name in ("opening", "lowest", "highest", "price", "closing")] == [
            2,
            2,
            2.4,
            2.2,
            None,
        ]
        assert [change[1:] for change in home["changes"]] == [[2.4, "open"], [None, "suspended"], [2.2, "open"]]
        beyond = backend.call("match_history", {**asked, "p_since": None, "p_after_key": home["key"]})
        assert (beyond["match"], beyond["selections"]) == (found, [])

    def test_the_storage_tells_its_size_and_its_stray_rows(self, backend: Backend, rows: Any) -> None:
        rows("insert into price_history values (1, now() - interval '5 days', 2, 'open', 1, 1)")
        report = backend.call("storage_report", {})
        assert report["database_bytes"] > sum(table["bytes"] for table in report["tables"]) > 0
        assert report["default_rows"] == {
            "price_history": 1, "scraper_cycles": 0, "etl_logs": 0, "etl_metrics": 0,
        }  # fmt: skip
        assert report["summaries"] == {"from": None, "days": {}}
        assert backend.call("drop_old_summaries", {"p_keep_days": 1, "p_limit": 10}) == {"summaries": 0}
