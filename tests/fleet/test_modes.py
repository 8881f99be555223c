"""Two modes, two copies, two machines: one writer per bookmaker at any time, and the next one is there at once."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest

from scrapers.registry import Registry
from simulator.faults import Kind
from standalone.process import Stop
from standalone.run_sequential import run
from standalone.settings import Settings
from standalone.shared_resources import SharedResources
from tests.support.postgres import TestServer
from tests.support.scraping import Started, Workplace, until, workplace

pytestmark = pytest.mark.fleet

SLUG, OTHER = "br4bet_nba", "mcgames_nba"


@pytest.fixture(scope="module")
def place(postgres_server: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    with workplace(postgres_server, tmp_path_factory.mktemp("modes")) as place:
        yield place


@pytest.fixture(autouse=True)
def nobody_was_here(place: Workplace) -> None:
    """Every lease is over, and no bookmaker was asked a moment ago."""
    place.rows("update scraper_status set lease_expires_at = now(), last_heartbeat = null returning 1")


def works(place: Workplace, slug: str, process: Started, within_s: float = 15.0) -> None:
    """Wait until `process` is the one that may write `slug`."""
    until(lambda: place.status(slug)["pid"] == process.pid, within_s, process.messages)


def good_cycles(process: Started, slug: str) -> int:
    """How many committed cycles of `slug` the process tells of."""
    return sum(line["message"].startswith(f"{slug} ok: ") for line in process.lines())


def test_parallel_and_sequential_on_one_folder(place: Workplace) -> None:
    with place.scraper(OTHER) as first, place.start("run_sequential.py", "--mode", "all") as sequential:
        works(place, OTHER, first)
        until(lambda: f"{OTHER} stands by: " in sequential.messages(), 30, sequential.messages)
        (standby,) = place.status(OTHER)["standby"]
        assert standby["mode"] == "sequential-all"
        # Everybody else's first round is the sequential one's.
        slugs = [row["slug"] for row in place.rows("select slug from bookmakers")]
        assert len(slugs) == 19
        until(lambda: all(place.cycles(slug) for slug in slugs), 60, sequential.messages)
        for slug in slugs:
            status = place.status(slug)
            # On a busy machine a round may take a minute: then the view is right to warn.
            assert status["computed_status"] == "ok" or status["seconds_since_heartbeat"] > 55, status
            assert {cycle["mode"] for cycle in place.cycles(slug)} == {
                "parallel" if slug == OTHER else "sequential-all"
            }
        # Nineteen bookmakers in one process need less than three processes of one bookmaker each.
        assert sequential.memory_mb() < 3 * first.memory_mb()

        first.stop()
        works(place, OTHER, sequential, 10)
        assert place.status(OTHER)["mode"] == "sequential-all"

        with place.scraper(OTHER) as second:
            until(lambda: f"{OTHER} stands by: " in second.messages(), 15, second.messages)
            switched = len(place.cycles(OTHER))
            assert place.status(OTHER)["pid"] == sequential.pid
            sequential.kill()
            works(place, OTHER, second, 5)
            assert place.status(OTHER)["standby"] is None
            until(lambda: len(place.cycles(OTHER)) >= switched + 2, 15, second.messages)
            second.stop()
        modes = [cycle["mode"] for cycle in place.cycles(OTHER, switched)]
        assert set(modes) == {"parallel"}
        # Whoever wrote had the right to: nobody was ever refused.
        for process in (first, sequential, second):
            assert not [line for line in process.lines() if "lease" in line["message"]]


def test_a_stopped_process_that_wakes_up_late_writes_nothing(place: Workplace) -> None:
    here, there = str(place.folder / "here"), str(place.folder / "there")
    before = len(place.cycles(SLUG))
    with place.scraper(SLUG, DATA_DIR=here) as sleeper:
        works(place, SLUG, sleeper)
        until(lambda: len(place.cycles(SLUG)) > before, what=sleeper.messages)
        with place.scraper(SLUG, DATA_DIR=there) as heir:
            until(lambda: f"{SLUG} stands by: " in heir.messages(), 15, heir.messages)
            holder = place.status(SLUG)["lease_holder"]
            assert f"stands by: {holder} is at work" in heir.messages()
            sleeper.send(signal.SIGSTOP)
            slept_at = len(place.cycles(SLUG))
            told = heir.messages()
            heir_looks_again = place.rows("select now() as at")[0]["at"]
            until(
                lambda: place.rows(
                    "select from scraper_standby where scraper_name = %s and last_seen_at > %s",
                    SLUG,
                    heir_looks_again,
                ),
                5,
            )
            # The lease is not over: silence alone is no reason.
            assert heir.messages() == told
            assert place.status(SLUG)["lease_holder"] == holder

            # What a minute does.
            place.rows(
                "update scraper_status set lease_expires_at = now() where scraper_name = %s returning 1", SLUG
            )
            works(place, SLUG, heir, 5)
            until(lambda: len(place.cycles(SLUG)) >= slept_at + 3, 15, heir.messages)

            sleeper.send(signal.SIGCONT)
            until(lambda: f"{SLUG} stands by: " in sleeper.messages(), 15, sleeper.messages)
            assert "is not held with token" in sleeper.messages()
            assert place.status(SLUG)["pid"] == heir.pid
            until(lambda: len(place.cycles(SLUG)) >= slept_at + 5, 15, heir.messages)
            written = len(place.cycles(SLUG)) - before
            assert 0 <= written - good_cycles(sleeper, SLUG) - good_cycles(heir, SLUG) <= 1

            # A clean stop is an invitation.
            heir.stop()
            works(place, SLUG, sleeper, 5)
        sleeper.stop()
    assert place.status(SLUG)["status"] == "stopped"


class HeldRow:
    """A scraper's status row, locked: whatever writes it waits."""

    def __init__(self, place: Workplace, connection: psycopg.Connection[Any], slug: str) -> None:
        self._place = place
        self._connection = connection
        connection.execute("select from scraper_status where scraper_name = %s for update", (slug,))

    def until_waits(self, function: str) -> None:
        """Wait until a call of `function` waits for the row."""
        until(
            lambda: self._place.rows(
                "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
                " and query like %s",
                f"%{function}%",
            ),
            what=f"{function} does not wait",
        )

    def let_go(self) -> None:
        """Unlock it."""
        self._connection.rollback()


@contextmanager
def status_row_held(place: Workplace, slug: str) -> Iterator[HeldRow]:
    """The row, held until the end or until it is let go."""
    with psycopg.connect(place.url) as connection:
        yield HeldRow(place, connection, slug)


def gave_back(place: Workplace, slug: str) -> bool:
    """Whether nobody holds the lease."""
    status = place.status(slug)
    return (status["status"], status["lease_holder"]) == ("stopped", None)


@pytest.mark.parametrize("phase", ["acquire_lease", "commit_cycle"])
def test_a_stop_in_the_middle_waits_for_the_database_and_gives_the_lease_back(place: Workplace, phase: str) -> None:
    with ExitStack() as stack:
        if phase == "acquire_lease":
            row = stack.enter_context(status_row_held(place, SLUG))
        scraper = stack.enter_context(place.scraper(SLUG))
        if phase == "commit_cycle":
            works(place, SLUG, scraper)
            row = stack.enter_context(status_row_held(place, SLUG))
        row.until_waits(phase)
        scraper.send(signal.SIGINT)
        with pytest.raises(AssertionError, match="still running"):
            scraper.ended(0.2)
        row.let_go()
        assert scraper.ended(5) == 0, scraper.messages()
    assert gave_back(place, SLUG)


def test_a_stop_during_a_commit_that_hangs_ends_all_the_same(place: Workplace) -> None:
    with place.scraper(SLUG) as scraper:
        works(place, SLUG, scraper)
        with status_row_held(place, SLUG) as row:
            row.until_waits("commit_cycle")
            scraper.send(signal.SIGINT)
            assert scraper.ended(10) == 1
        assert "a call still hangs" in scraper.messages()


def test_a_stop_of_the_sequential_mode_waits_for_no_bookmaker_and_gives_every_lease_back(place: Workplace) -> None:
    place.fault("kto", Kind.HANG)
    try:
        with place.start("run_sequential.py", "--mode", "light") as light:
            journal = place.folder / "var" / "simulator" / "served.jsonl"
            until(lambda: b'"fault":"hang"' in journal.read_bytes(), 15, light.messages)
            works(place, "kto", light)
            assert light.stop() < 10, "PM2 would have killed it"
    finally:
        place.heal("kto")
    assert gave_back(place, "kto")


class Counting(SharedResources):
    """Counts how often its caches were dropped, and knows only a few bookmakers."""

    def __init__(self, settings: Settings, slugs: tuple[str, ...], **changes: int) -> None:
        super().__init__(settings, keep_catalogue=True)
        whole = self.registry
        chosen = tuple(whole.bookmakers[slug].model_copy(update=changes) for slug in slugs)
        self.__dict__["registry"] = Registry(chosen, tuple(whole.leagues.values()))
        self.reloads = 0

    def reload(self) -> None:
        """Count, and do it."""
        self.reloads += 1
        super().reload()


def settings_of(place: Workplace, folder: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of a process of the place, for one that runs here."""
    for name, value in place.environment(DATA_DIR=str(place.folder / folder)).items():
        monkeypatch.setenv(name, value)
    return Settings()


@contextmanager
def sequential_thread(resources: SharedResources) -> Iterator[None]:
    """The sequential loop in a thread, stopped at the end."""
    stop = Stop()
    thread = threading.Thread(target=lambda: asyncio.run(run(resources, "all", stop)))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
        resources.close()
        assert not thread.is_alive()


def test_a_hanging_bookmaker_costs_a_round_its_deadline_and_the_view_knows(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = "jogodeouro_nba"
    resources = Counting(
        settings_of(place, "rounds", monkeypatch), (SLUG, hanging, OTHER), interval_s=1, deadline_s=2
    )
    place.fault(hanging, Kind.HANG)
    counts = {slug: len(place.cycles(slug)) for slug in (SLUG, hanging, OTHER)}
    try:
        with sequential_thread(resources):
            until(lambda: len(place.cycles(OTHER)) >= counts[OTHER] + 4, 30)
    finally:
        place.heal(hanging)
    slow = place.cycles(hanging, counts[hanging])
    assert {cycle["outcome"] for cycle in slow} == {"timeout"}
    assert all(1500 <= cycle["duration_ms"] <= 10_000 for cycle in slow)
    for slug in (SLUG, OTHER):
        cycles = place.cycles(slug, counts[slug])
        assert {cycle["outcome"] for cycle in cycles} == {"ok"}
        gaps = [(b["started_at"] - a["started_at"]).total_seconds() for a, b in pairwise(cycles)]
        assert max(gaps) < 12
        # Declared is 1 s; a round takes as long as the one that hangs.
        assert 2 <= place.status(slug)["expected_interval_s"] <= 10


def test_caches_are_dropped_every_ten_rounds_and_when_asked(
    place: Workplace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = settings_of(place, "reloads", monkeypatch)
    quick = Counting(settings, (SLUG, OTHER), interval_s=0)
    asyncio.run(run(quick, "all", Stop(), rounds=9))
    assert quick.reloads == 0
    asyncio.run(run(quick, "all", Stop(), rounds=21))
    assert quick.reloads == 2
    quick.close()

    asked = Counting(settings, (SLUG,), interval_s=1)
    before = len(place.cycles(SLUG))
    with sequential_thread(asked):
        until(lambda: len(place.cycles(SLUG)) > before, 10)
        assert asked.reloads == 0
        place.rows("select request_cache_reload()")
        until(lambda: asked.reloads, 5, "the request was not heeded")
        assert len(place.cycles(SLUG)) < before + 10
