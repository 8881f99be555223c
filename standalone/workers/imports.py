"""An import as a job: the run that its command makes, which ends well when the job should end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from jobs.queue.context import JobContext, JobStopped
from standalone.connect import claim_source
from standalone.process import Stop
from standalone.shared_resources import SharedResources

if TYPE_CHECKING:  # a worker that never imports does not carry what imports need
    from monitoring.etl.monitor import ETLMonitor
    from standalone.importing import Ended, R

T = TypeVar("T")


async def import_as_job(
    resources: SharedResources,
    context: JobContext,
    component: str,
    run: Callable[[ETLMonitor, Stop], Coroutine[Any, Any, Ended[R]]],
    summary: Callable[[Ended[R]], str],
) -> R:
    """The report of one execution of `component`. Raises JobStopped, and what the run failed with."""
    from standalone.declare import register
    from standalone.etl import open_monitor

    await asyncio.to_thread(claim_source, resources.backend, resources.settings.source, claim=True)
    await asyncio.to_thread(register, resources.backend, resources.registry)
    stop = Stop()
    with open_monitor(resources.settings, component) as monitor:
        ended = await stoppable(asyncio.create_task(run(monitor, stop)), stop, context.stopping)
    context.log.info("{}", summary(ended))
    if ended.stopped:
        raise JobStopped
    if ended.error is not None:
        raise ended.error
    return ended.report


async def stoppable(run: asyncio.Task[T], stop: Stop, stopping: asyncio.Event) -> T:
    """The run's end. Stopped, cancelled or out of time, it still closes its execution: nothing is cut off.

    stop      what the run looks at
    stopping  set when the worker is about to end
    """
    asked = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({run, asked}, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        return await asyncio.shield(run)
    except asyncio.CancelledError:
        stop.set()
        await run
        raise
    finally:
        asked.cancel()
