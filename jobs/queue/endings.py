"""How attempts ended, kept until the database knows.

What ends while a call is under way is written together by the next one, so the database is asked less the more
there is to do. While it is away nothing is dropped: the attempt keeps its place in the worker, which takes no other
job for it. If the worker is thought dead meanwhile and another does the job, the ending does not count when it
arrives.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from jobs.queue.calls import QueueCalls
from jobs.queue.outage import Outage
from scrapers.errors import StoreError, StoreUnavailableError

MOST_AT_ONCE = 100
RETRIED_AFTER_S = (0.2, 0.5, 1.0, 2.0)
"""Pauses between attempts to write; the last one repeats."""

Ending = Mapping[str, Any]
"""As `end_jobs` takes it."""


class RefusedEndingError(Exception):
    """The database refuses what an attempt ended with; the message says why."""


class Endings:
    """The endings of one worker. `run` writes them until it is cancelled."""

    def __init__(self, calls: QueueCalls, outage: Outage) -> None:
        self._calls = calls
        self._outage = outage
        self._waiting: list[tuple[Ending, asyncio.Future[bool]]] = []
        self._news = asyncio.Event()

    async def write(self, ending: Ending) -> bool:
        """Hand over how an attempt ended and wait until that is written; False when the attempt was over already.

        Raises RefusedEndingError. Cancelled, it stops waiting; the ending is written all the same.
        """
        told: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((ending, told))
        self._news.set()
        return await asyncio.shield(told)

    async def run(self) -> None:
        """Write what is handed over, in order."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                batch = self._waiting[:MOST_AT_ONCE]
                del self._waiting[:MOST_AT_ONCE]
                await self._write(batch)

    async def _write(self, batch: list[tuple[Ending, asyncio.Future[bool]]]) -> None:
        try:
            written = await self._until_reached([ending for ending, _ in batch])
        except StoreError as refused:
            if len(batch) > 1:
                for each in batch:
                    await self._write([each])
            else:
                _answer(batch[0][1], RefusedEndingError(str(refused)))
            return
        for ending, told in batch:
            _answer(told, written[ending["id"]])

    async def _until_reached(self, endings: list[Ending]) -> dict[int, bool]:
        """Raises StoreError for what the database refuses."""
        failures = 0
        while True:
            try:
                written = await self._calls.end(endings)
            except StoreUnavailableError as error:
                self._outage.began(error)
                await asyncio.sleep(RETRIED_AFTER_S[min(failures, len(RETRIED_AFTER_S) - 1)])
                failures += 1
            else:
                self._outage.ended()
                return written


def _answer(told: asyncio.Future[bool], answer: bool | RefusedEndingError) -> None:
    if told.done():
        return
    if isinstance(answer, RefusedEndingError):
        told.set_exception(answer)
    else:
        told.set_result(answer)
