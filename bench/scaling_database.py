"""What one bookmaker costs the database: its cycle's job, its workers' heartbeats, its commit.

Processor time is that of the server's own processes, so whoever else has the machine does not count in.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
import psutil
import psycopg

from bench.board_data import House, Size, fill
from jobs.cycles.queue import CycleQueue, Done, Wanted
from store.backend import Backend
from store.postgres import PostgresBackend

FLEETS = (40, 200, 500)
"""Bookmakers whose jobs stand in the queue."""
WORKERS = 10
CYCLES = 300
"""Of each way through the queue."""
OFFER = Size("scaling", 40, 300)
SHARE = 0.02
CONNECTIONS = (1, 2, 4, 8)
COMMITS_S = 8.0


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one thing done: milliseconds on the clock and of the server's processor, kilobytes of its log (WAL)."""

    wall_ms: float
    server_ms: float
    wal_kb: float


class Server:
    """A connection that looks on, and the processes that serve the others."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection = psycopg.connect(url, autocommit=True)

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database answers."""
        return self._connection.execute(query.encode(), values).fetchall()

    def cost(self, work: Callable[[], object], times: int) -> Cost:
        """Of one of `times`, when `work` does so many."""
        wal, begin, used = self._wal(), time.perf_counter(), self._used_s()
        work()
        wall_s, used_s, wal = time.perf_counter() - begin, self._used_s() - used, self._wal() - wal
        return Cost(*(round(value / times, 3) for value in (wall_s * 1e3, used_s * 1e3, wal / 1e3)))

    def _wal(self) -> int:
        ((at,),) = self.rows("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        return int(at)

    def _used_s(self) -> float:
        """Processor seconds of the connections of others that are open now."""
        pids = self.rows(
            "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        )
        return sum(sum(psutil.Process(pid).cpu_times()[:2]) for (pid,) in pids)


def cycles_as_jobs(server: Server, bookmakers: int) -> dict[str, Any]:
    """A cycle's way through the queue and a worker's heartbeat, when so many bookmakers are collected."""
    server.rows("delete from procrastinate.procrastinate_jobs returning 1")
    server.rows("delete from cycle_workers returning 1")
    wanted = [Wanted(f"casa{number:03d}", 0.0) for number in range(bookmakers)]
    with closing(PostgresBackend(server.url)) as backend:
        workers = [
            CycleQueue(backend, kind="http", own=f"http@w{n}", holder=f"vps/w{n}/http-1", host="vps", pid=n)
            for n in range(WORKERS)
        ]

        def beat(worker: CycleQueue) -> None:
            worker.heartbeat(wanted, slots=4, dead_after_s=3600, late_after_s=3600)

        for worker in workers:
            beat(worker)
            jobs = worker.take(own=0, free=bookmakers // WORKERS)
            worker.end([Done(job, 0.0) for job in jobs])

        def cycles() -> None:
            for number in range(CYCLES):
                worker = workers[number % WORKERS]
                (job,) = worker.take(own=1, free=0)
                worker.end([Done(job, 0.0)])

        def heartbeats() -> None:
            for worker in workers:
                beat(worker)

        cycles()
        return {"cycle": server.cost(cycles, CYCLES), "heartbeat": server.cost(heartbeats, WORKERS)}


def plain_procrastinate(server: Server, waiting: int) -> Cost:
    """The same cycle as Procrastinate does it by itself: defer a job, fetch it, finish and delete it."""
    server.rows("delete from procrastinate.procrastinate_jobs returning 1")
    defer = (
        "select procrastinate.procrastinate_defer_jobs_v1(array[row('http', 'cycle', 0, %s, null, '{}',"
        " now() + make_interval(secs => %s))::procrastinate.procrastinate_job_to_defer_v1])"
    )
    with psycopg.connect(server.url, autocommit=True) as connection:
        for number in range(waiting):
            connection.execute(defer, (f"casa{number:03d}", 3600))

        def cycles() -> None:
            for number in range(CYCLES):
                connection.execute(defer, (f"casa{number % waiting:03d}-now", 0))
                row = connection.execute(
                    "select (procrastinate.procrastinate_fetch_job_v2(array['http'], null)).id"
                ).fetchone()
                assert row is not None
                connection.execute("select procrastinate.procrastinate_finish_job_v1(%s, 'succeeded', true)", row)

        cycles()
        return server.cost(cycles, CYCLES)


class Weighing:
    """A backend that notes how many bytes each call sent and was answered."""

    def __init__(self, inner: Backend) -> None:
        self._inner = inner
        self.sent: list[int] = []
        self.answered: list[int] = []

    def call(self, function: str, args: Mapping[str, Any]) -> Any:
        """As the wrapped backend."""
        answer = self._inner.call(function, args)
        self.sent.append(len(orjson.dumps(args)))
        self.answered.append(len(orjson.dumps(answer)))
        return answer

    def close(self) -> None:
        """As the wrapped backend."""
        self._inner.close()


def filled(server: Server) -> list[House]:
    """The bookmakers of OFFER with all their prices, in the database."""
    backend = PostgresBackend(server.url)
    houses = fill(backend, OFFER)
    for house in houses * 2:  # the log holds whole pages at their first change
        house.move(SHARE)
    backend.close()
    return houses


def traffic(server: Server, house: House) -> dict[str, float]:
    """What travels of one bookmaker: a cycle's commit, and its whole state when another worker takes it over."""
    with closing(Weighing(PostgresBackend(server.url))) as weighing:
        house.backend = weighing
        house.move(SHARE)
        commit_kb = (weighing.sent[-1] + weighing.answered[-1]) / 1e3
        begin = time.perf_counter()
        for function, after in (("load_state", "p_after_key"), ("load_events", "p_after_event_id")):
            weighing.call(function, {"p_scraper": house.slug, after: -(2**63), "p_limit": 10_000})
        return {
            "commit_kb": round(commit_kb, 1),
            "state_kb": round(sum(weighing.answered[-2:]) / 1e3),
            "state_ms": round((time.perf_counter() - begin) * 1e3),
        }


def commits(server: Server, houses: list[House]) -> list[dict[str, Any]]:
    """How many cycles of 2 % changes the database takes in a second, over so many connections at once."""
    found = []
    for connections in CONNECTIONS:
        done = [0] * connections
        begin = threading.Barrier(connections + 1)
        end = threading.Event()

        def send(
            own: list[House], place: int, done: list[int], begin: threading.Barrier, end: threading.Event
        ) -> None:
            with closing(PostgresBackend(server.url)) as backend:
                for house in own:
                    house.backend = backend
                own[0].move(SHARE)
                begin.wait()
                while not end.is_set():
                    own[done[place] % len(own)].move(SHARE)
                    done[place] += 1
                begin.wait()

        threads = [
            threading.Thread(target=send, args=(houses[n::connections], n, done, begin, end))
            for n in range(connections)
        ]
        for thread in threads:
            thread.start()
        begin.wait()
        cost = server.cost(partial(time.sleep, COMMITS_S), 1)
        total = sum(done)
        end.set()
        begin.wait()
        for thread in threads:
            thread.join()
        found.append(
            {
                "connections": connections,
                "commits_per_s": round(total / cost.wall_ms * 1e3, 1),
                "server_ms": round(cost.server_ms / total, 2),
                "wal_kb": round(cost.wal_kb / total, 1),
            }
        )
    return found
