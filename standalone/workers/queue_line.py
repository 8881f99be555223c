"""A worker's line to the queue: one call at a time, in a thread that nothing else may hold up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from loguru import logger

from scrapers.errors import StoreError

T = TypeVar("T")


class QueueLine:
    """Calls from a loop. A cycle's own call may wait for minutes; a sign of life must never wait behind it.

    turn  held by whoever asks and applies the answer, so that answers are applied in the order they were given
    """

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="queue")
        self._away = False

    async def ask(self, call: Callable[[], T]) -> T:
        """What the call answers; raises what it raises."""
        answer = await asyncio.get_running_loop().run_in_executor(self._thread, call)
        if self._away:
            self._away = False
            logger.info("the queue is reached again")
        return answer

    def note_away(self, error: StoreError) -> None:
        """Say once that it is away, until it answers again."""
        if not self._away:
            self._away = True
            logger.warning("the queue is not reached; what this worker holds goes on: {}", error)

    def close(self) -> None:
        """No more calls; one that hangs is not waited for."""
        self._thread.shutdown(wait=False)
