"""Every fault of the simulator against a running scraper: typed, told, survived, and nobody else's business."""

from __future__ import annotations

import signal
import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest

from simulator import truth
from simulator.faults import Kind
from tests.support.history import SEED
from tests.support.postgres import TestServer
from tests.support.scraping import Started, Workplace, until, workplace

pytestmark = pytest.mark.fleet

SUBJECT, HANGING, SEVERAL, BYSTANDER = "br4bet_nba", "jogodeouro_nba", "kto", "mcgames_nba"
BEGUN_AFTER = "select * from scraper_cycles where scraper_name = %s and started_at > %s order by committed_at"
BODY_MAX_KB = 64
RESPONSE_MAX_MB = 20


@dataclass
class Scene:
    """One simulator, one database, four scrapers that run through the whole file.

    troubled_at  when the faults that last were all in force
    """

    place: Workplace
    scrapers: dict[str, Started]
    troubled_at: datetime

    def kept(self, slug: str) -> dict[str, Path]:
        """The bodies kept of a bookmaker, by outcome."""
        return {path.stem: path for path in (self.place.folder / "var" / "failures" / slug).glob("*.body")}

    def first_failed(
        self, slug: str, after: datetime, within_s: float, fine: tuple[str, ...] = ("ok", "partial")
    ) -> dict[str, Any]:
        """The first cycle that began `after` this moment, asked, and whose outcome is not `fine`.

        A fault that begins between a list and the pages it leads to first costs only those; where they are many
        enough, the bookmaker is left alone for a moment then.
        """
        return until(
            lambda: next(
                (
                    c
                    for c in self.place.rows(BEGUN_AFTER, slug, after)
                    if c["outcome"] not in fine and "not asked until" not in c["error"]
                ),
                None,
            ),
            within_s,
            self.scrapers[slug].messages,
        )

    def served(self, slug: str, cycle: dict[str, Any]) -> int:
        """How many prices the simulator says it showed this cycle; one that two pages hold counts once."""
        begin, end = cycle["started_at"].timestamp(), cycle["committed_at"].timestamp()
        shown: set[truth.PriceKey] = set()
        for entry in truth.read_entries(self.place.folder / "var" / "simulator" / "served.jsonl"):
            if entry.bookmaker == slug and begin <= entry.at <= end:
                shown.update(truth.served_prices(entry, SEED))
        return len(shown)

    def gone_within(self, slug: str, begin: datetime, end: datetime) -> int:
        """How many prices were taken for gone then. Some go by themselves: matches begin, markets are withdrawn."""
        (row,) = self.place.rows(
            "select count(*)::int as n from price_history h join bookmakers b using (bookmaker_id)"
            " where b.slug = %s and h.status = 'gone' and h.observed_at between %s and %s",
            slug,
            begin,
            end,
        )
        return int(row["n"])

    def is_ok_again(self, slug: str, within_s: float = 15.0) -> dict[str, Any]:
        """The cycle that ends the trouble."""
        n = len(self.place.cycles(slug))
        return until(
            lambda: next((c for c in self.place.cycles(slug, n) if c["outcome"] == "ok"), None),
            within_s,
            self.scrapers[slug].messages,
        )


@pytest.fixture(scope="module")
def scene(postgres_server: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with ExitStack() as stack:
        place = stack.enter_context(workplace(postgres_server, tmp_path_factory.mktemp("faults")))
        settings = {
            "FAILURE_BODY_MAX_KB": str(BODY_MAX_KB),
            "RESPONSE_MAX_MB": str(RESPONSE_MAX_MB),
            "BROWSER_PATH": "/nowhere/chromium",
        }
        scrapers = {
            slug: stack.enter_context(place.scraper(slug, interval=seconds, **settings))
            for slug, seconds in ((SUBJECT, 1), (BYSTANDER, 1), (HANGING, 1), (SEVERAL, 5))
        }
        for slug in scrapers:
            until(lambda slug=slug: place.cycles(slug), what=scrapers[slug].messages)  # type: ignore[misc]
        # These two take as long as a request may; the other faults are tried meanwhile.
        place.fault(HANGING, Kind.HANG)
        place.fault(SEVERAL, Kind.SLOW, league="nba", delay_s=600)
        place.fault(SEVERAL, Kind.HTML_ERROR, league="la_liga")
        yield Scene(place, scrapers, datetime.now(UTC))


@dataclass(frozen=True)
class Case:
    """A fault, and what must be told of it. `body`: whether there is one to keep."""

    kind: Kind
    outcome: str
    said: str
    body: bool = True
    options: dict[str, object] = field(default_factory=dict)


CASES = (
    Case(Kind.GIANT, "schema_changed", f"more than {RESPONSE_MAX_MB * 1024 * 1024} bytes", options={"size_mb": 50}),
    Case(Kind.MALFORMED, "schema_changed", "JSON"),
    Case(Kind.TRUNCATED, "schema_changed", "JSON"),
    Case(Kind.EMPTY_BODY, "schema_changed", "empty body", body=False),
    Case(Kind.HTML_ERROR, "schema_changed", "HTML"),
    Case(Kind.SCHEMA_CHANGED, "schema_changed", "expected an Altenar widget answer"),
    Case(Kind.CHALLENGE_200, "blocked", "Cloudflare challenge (HTTP 200)"),
    Case(Kind.CHALLENGE_403, "blocked", "Cloudflare block (HTTP 403)"),
    Case(Kind.TOKEN_REQUIRED, "blocked", "no session: BROWSER_PATH: /nowhere/chromium is not a program"),
    Case(Kind.RATE_LIMITED, "rate_limited", "asks for 1 s", options={"retry_after_s": 1}),
    Case(Kind.SERVER_ERROR, "network", "HTTP 500"),
    Case(Kind.RESET, "network", "ReadError", body=False),
    Case(Kind.EMPTY_LIST, "empty", "none lists a price", body=False),
)


def test_every_fault_is_tried() -> None:
    slow = {Kind.HANG, Kind.SLOW}
    assert {case.kind for case in CASES} | slow == set(Kind)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind.value)
def test_a_fault_is_told_and_survived(scene: Scene, case: Case) -> None:
    place, scraper = scene.place, scene.scrapers[SUBJECT]
    kept_before = {kind: path.stat().st_mtime_ns for kind, path in scene.kept(SUBJECT).items()}
    begin = datetime.now(UTC)
    place.fault(SUBJECT, case.kind, **case.options)
    try:
        failed = scene.first_failed(SUBJECT, begin, 20)
        status = place.status(SUBJECT)
    finally:
        place.heal(SUBJECT)

    assert failed["outcome"] == case.outcome
    assert case.said in failed["error"]
    if case.outcome != "empty":
        assert failed["error"].startswith("league:nba: ")
        assert failed["error"].count("league:nba") == 1
        # Not answered: nothing is seen, nothing is gone, the state did not move.
        assert (failed["changed"], failed["odds_inserted"], failed["odds_collected"]) == (0, 0, 0)
        last_good = [c for c in place.cycles(SUBJECT) if c["committed_at"] < failed["committed_at"]][-1]
        assert failed["result"]["base_seq"] == last_good["result"]["base_seq"]
    assert (status["outcome"], status["status"]) == (case.outcome, "error")
    # A later cycle may have left the bookmaker alone already, for the same reason.
    assert status["last_error"].endswith(failed["error"].removeprefix("league:nba: "))
    assert status["last_heartbeat"] >= failed["started_at"]
    assert status["last_success"] < failed["committed_at"]

    kept = scene.kept(SUBJECT)
    assert (case.outcome in kept) or not case.body
    for kind, path in kept.items():
        assert 0 < path.stat().st_size <= BODY_MAX_KB * 1000
        scope = orjson.loads(path.with_suffix(".json").read_bytes())["scope"]
        assert scope == "league:nba" or scope.startswith("event:")
        if kind in kept_before:
            assert path.stat().st_mtime_ns == kept_before[kind], "the first of its kind is kept, not the last"

    good = scene.is_ok_again(SUBJECT)
    assert good["odds_collected"] == scene.served(SUBJECT, good) > 0
    assert place.status(SUBJECT)["last_error"] is None
    # An empty list also ends the pages it led to; they come back in their turns. The cycle before may have met it.
    since = begin if case.outcome == "empty" else failed["started_at"]
    assert (scene.gone_within(SUBJECT, since, failed["committed_at"]) > 0) == (case.outcome == "empty")
    assert scraper.popen.poll() is None
    assert scraper.peak_mb() < 130


def test_one_league_that_fails_costs_no_other(scene: Scene) -> None:
    place = scene.place
    partial = scene.first_failed(SEVERAL, scene.troubled_at, 60, fine=("ok",))
    assert partial["outcome"] == "partial"
    assert place.status(SEVERAL)["status"] == "ok"
    failed = partial["extra_data"]["failed_pages"]
    assert {scope.partition(":")[2].partition("/")[0] for scope in failed} == {"nba", "la_liga"}
    assert any("no whole answer within 25 s" in error for error in failed.values())
    assert 0 < partial["odds_inserted"] < place.cycles(SEVERAL)[0]["odds_inserted"]
    scopes = place.rows(
        "select s.scope, max(s.last_seen_at) as seen, count(*) filter (where p.status = 'gone') as gone"
        " from price_scopes s join bookmakers b using (bookmaker_id) left join prices p using (scope_id)"
        " where b.slug = %s group by 1",
        SEVERAL,
    )
    assert len(scopes) > len(failed)
    for row in (row for row in scopes if row["scope"].startswith("league:")):
        # Lists that were not answered only grow old.
        assert (row["seen"] < partial["started_at"]) == (row["scope"] in failed), row
        assert row["gone"] == 0 or row["scope"] not in failed
    place.heal(SEVERAL)
    assert scene.is_ok_again(SEVERAL, 40)["odds_collected"] > partial["odds_collected"]


def test_a_bookmaker_that_hangs_costs_its_deadline_and_a_stop_does_not_wait_for_it(scene: Scene) -> None:
    place, scraper = scene.place, scene.scrapers[HANGING]
    late = scene.first_failed(HANGING, scene.troubled_at, 90)
    assert late["outcome"] == "timeout"
    assert "no whole answer within 25 s" in late["error"]
    assert 24_000 <= late["duration_ms"] <= 40_000
    assert scene.gone_within(HANGING, late["started_at"], late["committed_at"]) == 0
    place.heal(HANGING)
    scene.is_ok_again(HANGING, 40)

    n = len(place.cycles(HANGING))
    # The journal says that a request hangs right now.
    journal = place.folder / "var" / "simulator" / "served.jsonl"
    hung = journal.read_bytes().count(b'"fault":"hang"')
    place.fault(HANGING, Kind.HANG)
    assert place.status(HANGING)["lease_holder"] is not None
    until(lambda: journal.read_bytes().count(b'"fault":"hang"') > hung, 10)
    assert scraper.stop() < 10, "PM2 would have killed it"
    released = place.status(HANGING)
    assert (released["lease_holder"], released["status"]) == (None, "stopped")
    assert all(cycle["outcome"] == "ok" for cycle in place.cycles(HANGING, n))


def test_nobody_else_noticed(scene: Scene) -> None:
    cycles = until(lambda: found if len(found := scene.place.cycles(BYSTANDER)) > 20 else None, 40)
    assert {cycle["outcome"] for cycle in cycles} == {"ok"}
    # Each cycle began a second after the last one, or when that was over: on a busy machine they take longer.
    waited = [
        (b["started_at"] - a["started_at"]).total_seconds() - max(1.0, a["duration_ms"] / 1000)
        for a, b in pairwise(cycles)
    ]
    assert statistics.median(waited) == pytest.approx(0, abs=0.3)
    assert max(waited) < 5
    # Nobody's deadline (25 s) was waited for.
    assert max(cycle["duration_ms"] for cycle in cycles) < 20_000
    scene.scrapers[BYSTANDER].send(signal.SIGTERM)
    assert scene.scrapers[BYSTANDER].ended(5) == 0
    assert not [line for line in scene.scrapers[BYSTANDER].lines() if line.get("level") != "info"]
