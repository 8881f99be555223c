"""One attempt: the handler within its limits, and what became of it."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

import orjson
from loguru import logger

from jobs.queue.calls import TakenJob
from jobs.queue.causes import Clean, cause_of
from jobs.queue.context import JobContext, JobStopped
from jobs.queue.endings import Ending, Endings, RefusedEndingError
from jobs.queue.kinds import JobKind
from jobs.queue.retrying import JobTimeoutError, retry_in_s
from scrapers.errors import DeclarationError, JobLostError
from store.backend import Backend

if TYPE_CHECKING:
    from loguru import Logger


class Asked(Enum):
    """Why an attempt is cancelled."""

    CANCELLED = "cancelled"
    """Somebody cancelled the job."""
    BACK = "back"
    """The worker ends, and the grace is over."""


WhyAsked = Callable[[], Asked | None]
"""Whether the attempt has been asked to stop, and why."""


class Attempts:
    """Performs jobs, one attempt each.

    kinds     by name, what can be done
    worker    'host:name', for the handlers
    backend   the handlers' database
    clean     takes secrets out of what is kept of a failure
    stopping  set when the worker is about to end
    """

    def __init__(
        self,
        kinds: Mapping[str, JobKind],
        endings: Endings,
        *,
        worker: str,
        backend: Backend,
        clean: Clean,
        stopping: asyncio.Event,
    ) -> None:
        self.lost: set[tuple[int, int]] = set()
        """(job, attempt) that others have now: how they end here counts for nothing."""
        self.ended: dict[str, int] = {}
        """How many attempts ended how since this process began."""
        self._kinds = kinds
        self._endings = endings
        self._worker = worker
        self._backend = backend
        self._clean = clean
        self._stopping = stopping

    async def perform(self, job: TakenJob, asked: WhyAsked) -> None:
        """Do it and have its end written down."""
        log = logger.bind(job=job.id, kind=job.kind, attempt=job.attempt)
        started = time.monotonic()
        ending = await self._ending(job, log, asked)
        if ending is None or (job.id, job.attempt) in self.lost:
            self.lost.discard((job.id, job.attempt))
            log.warning("this attempt is over: the worker was thought dead and the job given to another")
            return
        try:
            written = await self._endings.write(ending)
        except RefusedEndingError as error:
            log.error("the database refuses what the job ended with: {}", error)
            ending = self._failed(job, None, error)
            written = await self._endings.write(ending)
        self.ended[ending["end"]] = self.ended.get(ending["end"], 0) + 1
        self._tell(log, ending, time.monotonic() - started, written=written)

    async def _ending(self, job: TakenJob, log: Logger, asked: WhyAsked) -> Ending | None:
        """How it ended; None when it lost its job to another worker on the way."""
        kind = self._kinds.get(job.kind)
        try:
            if kind is None:
                raise DeclarationError(f"no kind of job is called {job.kind}; known here: {', '.join(self._kinds)}")
            context = JobContext(
                job.id,
                job.kind,
                job.queue,
                job.attempt,
                job.failures,
                self._worker,
                self._backend,
                log,
                self._stopping,
            )
            result = _plain(await _within(kind, context, job.args))
            following = _plain(context.following)
        except JobLostError:
            return None
        except asyncio.CancelledError as error:
            why = asked()
            return self._failed(job, kind, error) if why is None else _ending(job, why.value)
        except JobStopped as error:
            why = asked() or (Asked.BACK if self._stopping.is_set() else None)
            return self._failed(job, kind, error) if why is None else _ending(job, why.value)
        except Exception as error:
            log.opt(exception=error).debug("the attempt failed")
            return self._failed(job, kind, error)
        ending = {**_ending(job, "done"), "result": result, "keep": kind.keep}
        if following:
            ending["enqueue"] = following
        return ending

    def _failed(self, job: TakenJob, kind: JobKind | None, error: BaseException) -> Ending:
        cause = cause_of(job.kind, error, self._clean)
        delay = None
        if kind is not None:
            delay = retry_in_s(error, job.failures, kind.retries, random.random)
        if delay is not None:
            return {**_ending(job, "retry"), "error": cause.reason, "delay_s": delay}
        return {
            **_ending(job, "dead"),
            "error": cause.reason,
            "reason": cause.reason,
            "traceback": cause.traceback,
            "fingerprint": cause.fingerprint,
        }

    def _tell(self, log: Logger, ending: Ending, seconds: float, *, written: bool) -> None:
        if not written:
            log.warning("ended as {}, which does not count: another attempt has the job", ending["end"])
        elif ending["end"] == "dead":
            # With the traceback in the table, the line names what to look for.
            log.error("dead, cause {}: {}", ending["fingerprint"], ending["error"])
        elif ending["end"] == "retry":
            log.warning("failed, again in {:.0f} s: {}", ending["delay_s"], ending["error"])
        else:
            log.info("{} after {:.1f} s", ending["end"], seconds)


async def _within(kind: JobKind, context: JobContext, args: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the handler answers. Raises JobTimeoutError when its time is up."""
    limit = asyncio.timeout(kind.timeout_s)
    try:
        async with limit:
            return await kind.handler(context, args)
    except TimeoutError as error:
        if limit.expired():
            raise JobTimeoutError(f"not done within {kind.timeout_s:g} s") from error
        raise


def _plain(value: Any) -> Any:
    """The value as JSON says it, the same over both backends. Raises TypeError for what is no JSON."""
    return orjson.loads(orjson.dumps(value))


def _ending(job: TakenJob, how: str) -> dict[str, Any]:
    return {"id": job.id, "attempt": job.attempt, "end": how}
