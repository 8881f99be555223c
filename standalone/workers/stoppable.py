"""A run that ends well when the job that it is should end."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from standalone.process import Stop

Ended = TypeVar("Ended")


async def stoppable(run: asyncio.Task[Ended], stop: Stop, stopping: asyncio.Event) -> Ended:
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
