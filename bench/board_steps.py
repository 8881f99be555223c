"""The driven side of `bench.board`: one round for each line of stdin.

python -m bench.board_steps generator | board

Either json-generator's own rounds, with every list, or those of the board alone, by their parts. Answers each with
a JSON line: what the round cost, in milliseconds, and the memory after it. The word "floors" asks for what no board
could do without, measured on the same content.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any

import orjson
import psutil
from loguru import logger

from bench.machine import peak_mb
from board.feed import ODDS, FeedBuilder
from board.follow import BoardFollower
from board.freshness import Limits
from board.publish import Publisher
from board.state import Board
from board.status import status_feed
from standalone.run_json_generator import VALID_FOR_S, Generator
from standalone.settings import Settings, load_settings
from store.embedded import read_url
from store.files import Body, DirectoryFileStore
from store.postgres import PostgresBackend

FLOOR_ROUNDS = 3
"""The fastest of them is the floor."""


class TimedFiles:
    """A folder that notes when `odds.json` was written there.

    at  of `time.perf_counter` and of `time.process_time`; None: not yet
    """

    def __init__(self, folder: Path) -> None:
        self.at: tuple[float, float] | None = None
        self._files = DirectoryFileStore(folder)

    def put(self, name: str, body: Body, content_type: str, max_age_s: int) -> None:
        """See FileStore.put."""
        self._files.put(name, body, content_type, max_age_s)
        if name == ODDS:
            self.at = time.perf_counter(), time.process_time()


class WholeRounds:
    """json-generator as it runs: how long until `odds.json` stood on the disk, and until the round was over."""

    def __init__(self, url: str, settings: Settings) -> None:
        self._files = TimedFiles(settings.published)
        self._generator = Generator(PostgresBackend(url, application_name="bench"), self._files, settings)

    def step(self) -> dict[str, float]:
        """One round. Where `odds.json` was not written, the time to it is that of the round."""
        self._files.at, cpu, begin = None, time.process_time(), time.perf_counter()
        self._generator.step()
        end = time.perf_counter(), time.process_time()
        odds = self._files.at or end
        return {
            "odds_ms": (odds[0] - begin) * 1000,
            "odds_cpu_ms": (odds[1] - cpu) * 1000,
            "ms": (end[0] - begin) * 1000,
            "cpu_ms": (end[1] - cpu) * 1000,
        }


class BoardRounds:
    """Follow, make, publish the board alone; the parts of a round apart."""

    def __init__(self, url: str, settings: Settings) -> None:
        limits = Limits(max_age_s=settings.price_max_age_s)
        # Nobody is read anew while rounds are measured; what that costs is the first load's share of a bookmaker.
        self._follower = BoardFollower(PostgresBackend(url, application_name="bench"), reload_every_s=inf)
        self._builder = FeedBuilder(limits, simulated=True)
        self._publisher = Publisher(DirectoryFileStore(settings.published), valid_for_s=VALID_FOR_S)

    @property
    def board(self) -> Board:
        """As followed so far."""
        return self._follower.board

    def step(self) -> dict[str, float]:
        """One round; its parts in ms."""
        board, clock, cpu = self.board, [time.perf_counter()], time.process_time()
        self._follower.sync()
        clock.append(time.perf_counter())
        different = self._builder.update(board, board.take_changes())
        clock.append(time.perf_counter())
        if different or self._publisher.due(board.now):
            feeds = self._builder.feeds(board)
            self._publisher.publish(feeds, now=board.now)
            status = status_feed(board, feeds[0], self._publisher.published(feeds), limits=self._builder.limits)
            self._publisher.publish([status], now=board.now)
        clock.append(time.perf_counter())
        parts = dict(zip(("read_ms", "render_ms", "publish_ms"), _between(clock), strict=True))
        return {"ms": sum(parts.values()), "cpu_ms": (time.process_time() - cpu) * 1000, **parts}


KINDS: dict[str, Callable[[str, Settings], WholeRounds | BoardRounds]] = {
    "generator": WholeRounds,
    "board": BoardRounds,
}


def main(kind: str) -> None:
    """Answer until stdin ends."""
    settings = load_settings()
    logger.disable("standalone")
    process = psutil.Process()
    rounds = KINDS[kind](read_url(settings.data_dir), settings)
    gc.collect()
    _answer(_memory(process))
    for line in sys.stdin:
        if line.strip() == "floors" and isinstance(rounds, BoardRounds):
            _answer(_floors(rounds.board, settings.published))
        else:
            _answer(rounds.step() | _memory(process))


def _floors(board: Board, folder: Path) -> dict[str, float]:
    body, packed = (folder / "odds.json").read_bytes(), (folder / "odds.json.gz").read_bytes()
    document = orjson.loads(body)
    listings = [listing for part in board.parts.values() for listing in part.listings.values()]

    def scan() -> float:
        best = 0.0
        for listing in listings:
            for price in listing.prices:
                if price > best:
                    best = price
        return best

    def write() -> None:
        for name, content in (("floor", body), ("floor.gz", packed)):
            (folder / name).write_bytes(content)

    floors = {
        "floor_dumps_ms": _fastest(lambda: orjson.dumps(document)),
        "floor_scan_ms": _fastest(scan),
        "floor_write_ms": _fastest(write),
        "odds_mb": len(body) / 1e6,
        "odds_gz_mb": len(packed) / 1e6,
    }
    for name in ("floor", "floor.gz"):
        os.unlink(folder / name)
    return floors


def _fastest(work: Callable[[], Any]) -> float:
    took = []
    for _ in range(FLOOR_ROUNDS):
        begin = time.perf_counter()
        work()
        took.append((time.perf_counter() - begin) * 1000)
    return min(took)


def _memory(process: psutil.Process) -> dict[str, float]:
    return {"pss_mb": process.memory_full_info().pss / 1e6, "peak_rss_mb": peak_mb()}


def _between(moments: list[float]) -> list[float]:
    return [(later - earlier) * 1000 for earlier, later in pairwise(moments)]


def _answer(figures: dict[str, float]) -> None:
    print(json.dumps({name: round(value, 2) for name, value in figures.items()}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
