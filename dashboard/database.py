"""The database as pages ask it: off the event loop, with a deadline, with the last good answer kept."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from scrapers.errors import StoreError, StoreUnavailableError
from store.backend import Backend

T = TypeVar("T")

DEADLINE_S = 8.0
THREADS = 4
"""Calls under way at once; a call that hangs in the network keeps its thread until its connection breaks."""
KEPT_ANSWERS = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """What a function answered. `age_s`: seconds since then. `failure`: why there is nothing newer, if so."""

    value: Any
    age_s: float
    failure: StoreError | None = None


class Database:
    """A Backend for coroutines. Answers are shared: a page must not change them."""

    def __init__(self, backend: Backend, *, deadline_s: float = DEADLINE_S) -> None:
        self._backend = backend
        self._deadline_s = deadline_s
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="database")
        self._kept: OrderedDict[bytes, tuple[float, Any]] = OrderedDict()
        self._asking: dict[bytes, asyncio.Task[Any]] = {}

    async def call(self, function: str, args: Mapping[str, Any]) -> Any:
        """`Backend.call` within the deadline; raises StoreUnavailableError after it, and what the backend raises.

        A write that passed its deadline may still be applied.
        """
        return await self.run(function, lambda backend: backend.call(function, args))

    async def run(self, name: str, questions: Callable[[Backend], T]) -> T:
        """Several calls in a row off the event loop, within one deadline. `name`: what is asked, for the error."""
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.wait_for(
                loop.run_in_executor(self._pool, questions, self._backend), self._deadline_s
            )
        except TimeoutError:
            raise StoreUnavailableError(f"{name}: no answer within {self._deadline_s:g} s") from None

    async def read(self, function: str, args: Mapping[str, Any], *, max_age_s: float) -> Answer:
        """An answer at most `max_age_s` old; an older one where the database fails now and one is kept.

        Readers that ask for the same at the same time share one call. Raises StoreError when nothing is kept.
        """
        key = orjson.dumps([function, args], option=orjson.OPT_SORT_KEYS)
        kept = self._kept.get(key)
        if kept is not None and time.monotonic() - kept[0] <= max_age_s:
            return Answer(kept[1], time.monotonic() - kept[0])
        try:
            value = await asyncio.shield(self._shared(key, function, args))
        except StoreError as error:
            if kept is None:
                raise
            return Answer(kept[1], time.monotonic() - kept[0], error)
        return Answer(value, 0.0)

    def forget(self) -> None:
        """Drop every kept answer: something was written, and whoever wrote it wants to see it."""
        self._kept.clear()

    def close(self) -> None:
        """Take no more calls; those under way are not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _shared(self, key: bytes, function: str, args: Mapping[str, Any]) -> asyncio.Task[Any]:
        task = self._asking.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._ask(key, function, args))
            self._asking[key] = task
            task.add_done_callback(lambda done: self._done(key, done))
        return task

    def _done(self, key: bytes, task: asyncio.Task[Any]) -> None:
        del self._asking[key]
        if not task.cancelled():
            task.exception()  # whoever waits raises it; when nobody does any more, it is not unnoticed but unwanted

    async def _ask(self, key: bytes, function: str, args: Mapping[str, Any]) -> Any:
        value = await self.call(function, args)
        self._kept[key] = (time.monotonic(), value)
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT_ANSWERS:
            self._kept.popitem(last=False)
        return value
