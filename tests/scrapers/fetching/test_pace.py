"""Turns at a host: the bucket by itself, shared through files, and between real processes."""

from __future__ import annotations

import asyncio
import fcntl
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.fetching import hosts
from scrapers.fetching.hosts import HostFiles
from scrapers.fetching.pace import LONGEST_PAUSE_S, HostState, OwnHosts, Pace, QuietHostError, Rate, is_alive

from .web import Asked, Writer, response, serving

ROOT = Path(__file__).resolve().parents[3]
HERE, THERE = 11, 12

RATES = st.builds(Rate, st.floats(0.5, 50), st.integers(1, 10))
GAPS = st.lists(st.floats(0, 3), max_size=60)


def living(pid: int) -> bool:
    return True


@given(RATES, GAPS)
def test_however_they_come_the_rate_is_kept_and_nobody_waits_longer_than_it_demands(
    rate: Rate, gaps: Sequence[float]
) -> None:
    state, now = HostState(), 1000.0
    turns: list[float] = []
    for gap in gaps:
        now += gap
        at = state.take(rate, now, HERE, living)
        due = [turns[-n] + (n + 1 - rate.burst) / rate.per_s for n in range(rate.burst, len(turns) + 1)]
        assert at == pytest.approx(max([now, *turns[-1:], *due]), abs=1e-6)
        turns.append(at)
    for n in range(len(turns)):
        for later in range(n + rate.burst, len(turns)):
            assert turns[later] - turns[n] >= (later - n + 1 - rate.burst) / rate.per_s - 1e-6


def test_a_turn_of_a_dead_process_and_one_given_back_are_taken_by_the_next() -> None:
    state, rate = HostState(), Rate(1)
    taken = [state.take(rate, 0.0, pid, living) for pid in (HERE, THERE, HERE, HERE)]
    assert taken == [0, 1, 2, 3]
    assert state.take(rate, 0.5, HERE, lambda pid: pid != THERE) == 1
    state.give_back(2, HERE)
    assert state.take(rate, 0.5, THERE, living) == 2
    assert state.take(rate, 0.5, THERE, living) == 4
    state.give_back(3, HERE)
    assert state.take(rate, 3.5, THERE, living) == 5, "its time is over"


def test_a_pause_cancels_the_turns_to_come_and_ends_without_a_burst() -> None:
    state, rate = HostState(), Rate(2, burst=3)
    assert [state.take(rate, 0.0, HERE, living) for _ in range(4)] == [0, 0, 0, 0.5]
    state.pause(rate, 0.0, 10)
    state.pause(rate, 0.0, 3)  # a shorter wish does not undo a longer one
    assert state.turns == []
    assert [state.take(rate, 1.0, HERE, living) for _ in range(3)] == [10, 10.5, 11]


class Time:
    """A clock that moves only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 5000.0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    def pace(self, folder: Path) -> Pace:
        """A process's own, at one request per second."""
        return Pace(Rate(1), HostFiles(folder, clock=self.clock), clock=self.clock, sleep=self.sleep)


def test_processes_share_turns_and_pauses_by_host(tmp_path: Path) -> None:
    time = Time()

    async def run() -> None:
        one, two = time.pace(tmp_path / "hosts"), time.pace(tmp_path / "hosts")
        begin = time.now
        for pace in (one, two, one):
            await pace.turn("api.example", 60)
        assert time.now == begin + 2
        await two.turn("other.example", 60)
        assert time.now == begin + 2
        await one.pause("api.example", 40)
        await two.turn("api.example", 60)
        assert time.now == begin + 42
        await one.pause("api.example", 90)
        with pytest.raises(QuietHostError) as caught:
            await two.turn("api.example", 60)
        assert caught.value.left_s == 90
        await one.pause("api.example", 10**9)
        with pytest.raises(QuietHostError) as caught:
            await two.turn("api.example", 60)
        assert caught.value.left_s == LONGEST_PAUSE_S

    asyncio.run(run())
    assert sorted(path.name for path in (tmp_path / "hosts").iterdir()) == [
        "api.example.json",
        "other.example.json",
    ]


def test_a_pause_that_begins_while_one_waits_is_waited_out(tmp_path: Path) -> None:
    time = Time()

    async def run() -> None:
        one, two = time.pace(tmp_path), time.pace(tmp_path)
        await one.turn("api.example", 60)
        pauses: list[asyncio.Task[None]] = []
        begin = time.now

        async def sleep(seconds: float) -> None:
            if not pauses:
                pauses.append(asyncio.create_task(two.pause("api.example", 20)))
                await pauses[0]
            time.now += seconds

        waiting = Pace(Rate(1), HostFiles(tmp_path, clock=time.clock), clock=time.clock, sleep=sleep)
        await waiting.turn("api.example", 60)
        assert time.now == begin + 20

    asyncio.run(run())


def test_who_is_cancelled_gives_the_turn_back(tmp_path: Path) -> None:
    async def run() -> float:
        asleep = asyncio.Event()

        async def sleep(seconds: float) -> None:
            asleep.set()
            await asyncio.sleep(seconds)

        pace = Pace(Rate(0.1), HostFiles(tmp_path), sleep=sleep)
        await pace.turn("api.example", 60)
        waiting = asyncio.create_task(pace.turn("api.example", 60))
        await asleep.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        async with HostFiles(tmp_path).held("api.example") as state:
            now = time.monotonic()
            return state.take(Rate(0.1), now, HERE, is_alive) - now

    assert asyncio.run(run()) <= 10


def taken(folder: Path, files: HostFiles | None = None) -> float:
    """When the next turn comes, in seconds from now, at one in ten seconds."""

    async def run() -> float:
        async with (files or HostFiles(folder)).held("h") as state:
            now = time.monotonic()
            return state.take(Rate(0.1), now, HERE, living) - now

    return asyncio.run(run())


@pytest.mark.parametrize(
    "content",
    [
        b"\0" * 200,
        b"{",
        b'{"boot": "BOOT", "state": {"full_at": 1e300, "quiet_until": 0, "turns": []}}',
        b'{"boot": "BOOT", "state": {"full_at": 0, "quiet_until": NOW, "turns": []}}',
        b'{"boot": "BOOT", "state": {"full_at": "NaN", "quiet_until": 0, "turns": []}}',
        b'{"boot": "before the reboot", "state": {"full_at": NOW, "quiet_until": 0, "turns": []}}',
    ],
)
def test_a_file_that_cannot_be_of_this_run_of_the_machine_begins_anew(tmp_path: Path, content: bytes) -> None:
    later = f"{time.monotonic() + LONGEST_PAUSE_S + 60}"
    boot = hosts.boot_id()
    (tmp_path / "h.json").write_bytes(content.replace(b"BOOT", boot.encode()).replace(b"NOW", later.encode()))
    assert taken(tmp_path) == 0
    assert taken(tmp_path) == pytest.approx(10, abs=5)


@given(st.binary(max_size=300))
def test_no_content_breaks_it(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.getbasetemp() / "any-content"
    folder.mkdir(exist_ok=True)
    (folder / "h.json").write_bytes(content)
    assert taken(folder) == 0


def test_what_a_kill_left_of_a_longer_file_is_not_read(tmp_path: Path) -> None:
    taken(tmp_path)
    with (tmp_path / "h.json").open("ab") as file:
        file.write(b'1e9}], "turns": ')
    assert taken(tmp_path) == pytest.approx(10, abs=5)


def test_a_machine_that_tells_no_boot_shares_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "BOOT_ID", tmp_path / "absent")
    assert taken(tmp_path) == 0
    assert taken(tmp_path) == pytest.approx(10, abs=5)


def test_without_a_usable_disk_each_process_is_polite_by_itself(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    files = HostFiles(tmp_path / "file" / "hosts")
    assert taken(tmp_path, files) == 0
    assert taken(tmp_path, files) == pytest.approx(10, abs=5)


def test_a_holder_that_does_not_let_go_stops_nobody_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "LOCK_TRIED_FOR_S", 0.01)
    files = HostFiles(tmp_path)
    assert taken(tmp_path, files) == 0
    with (tmp_path / "h.json").open("rb") as stuck:
        fcntl.flock(stuck, fcntl.LOCK_EX)
        # From what it knew last.
        assert taken(tmp_path, files) == pytest.approx(10, abs=5)


def test_memory_alone_serves_one_process() -> None:
    async def run() -> float:
        pace = Pace(Rate(50), OwnHosts())
        begin = time.monotonic()
        await asyncio.gather(*(pace.turn("h", 60) for _ in range(6)))
        return time.monotonic() - begin

    assert asyncio.run(run()) >= 0.1


def test_the_dead_are_told_from_the_living() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        assert is_alive(process.pid)
        process.kill()
        process.wait()
        assert not is_alive(process.pid)
    assert is_alive(1), "somebody else's"


ASKS = """
import asyncio, sys
from pathlib import Path
from scrapers.fetching.hosts import HostFiles
from scrapers.fetching.http import HttpFetcher
from scrapers.fetching.pace import Pace, Rate
from scrapers.records import PageRequest

async def main(url, folder):
    fetcher = HttpFetcher("acme", pace=Pace(Rate(8), HostFiles(Path(folder))))
    for n in range(3):
        await fetcher.fetch(PageRequest(f"league:{n}", url))
    await fetcher.aclose()

asyncio.run(main(*sys.argv[1:]))
"""


def test_a_host_that_answers_429_recovers_unasked_for_every_process_and_the_rate_is_theirs_together(
    tmp_path: Path,
) -> None:
    quiet_s = 1
    refused_at: list[float] = []
    answered_at: list[float] = []

    async def answer(asked: Asked, writer: Writer) -> None:
        now = time.monotonic()
        if not refused_at or now - refused_at[0] < quiet_s:
            refused_at.append(now)
            writer.write(response(429, b"slow down", Retry_After=str(quiet_s)))
        else:
            answered_at.append(now)
            writer.write(response())

    async def run() -> list[int]:
        async with serving(answer) as web:
            command = [sys.executable, "-c", ASKS, web.url(), str(tmp_path)]
            processes = [await asyncio.create_subprocess_exec(*command, cwd=ROOT) for _ in range(2)]
            return [await process.wait() for process in processes]

    assert asyncio.run(run()) == [0, 0]
    # The other's next turn comes an eighth of a second later: it may be on its way before the refusal is known.
    assert len(refused_at) <= 2
    assert len(answered_at) == 6, "each page once"
    assert min(answered_at) - refused_at[0] >= quiet_s
    # Five turns after the first one; each process by itself would need two.
    assert answered_at[-1] - answered_at[0] > 3 / 8
