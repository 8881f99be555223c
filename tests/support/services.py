"""A process of the fleet under test, started and stopped as PM2 does it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from tests.support.patience import patient

ROOT = Path(__file__).resolve().parent.parent.parent
STOP_WITHIN_S = 4.5
"""PM2 kills the services after 5 s, or later."""


class Process:
    """A started script, with its IPC channel as PM2 opens it."""

    def __init__(self, popen: subprocess.Popen[bytes], channel: int) -> None:
        self.popen = popen
        self._channel = channel

    def wait_ready(self, within_s: float = 20.0) -> None:
        """Wait for the "ready" message; fails when it does not come."""
        readable, _, _ = select.select([self._channel], [], [], patient(within_s))
        assert readable, "not ready in time"
        message = os.read(self._channel, 64)
        assert message == b'"ready"\n', f"ended with {self.popen.wait(5)}: {self.logged()}"

    def interrupt(self, within_s: float = STOP_WITHIN_S) -> float:
        """Send SIGINT and wait for the end; how long that took. Fails when PM2 would have killed it."""
        started = time.monotonic()
        self.popen.send_signal(signal.SIGINT)
        assert self.popen.wait(within_s) == 0, self.logged()
        return time.monotonic() - started

    def logged(self) -> list[dict[str, Any]]:
        """Every log line, once the process has ended."""
        assert self.popen.stdout is not None
        return [orjson.loads(line) for line in self.popen.stdout.read().splitlines()]


@contextmanager
def started(script: str, **environment: str) -> Iterator[Process]:
    """Run `standalone/<script>` with these settings; killed at the end if it still runs."""
    reader, writer = os.pipe()
    popen = subprocess.Popen(
        [sys.executable, str(ROOT / "standalone" / script)],
        cwd=ROOT,
        env={**os.environ, "NODE_CHANNEL_FD": str(writer), **environment},
        pass_fds=[writer],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    os.close(writer)
    try:
        yield Process(popen, reader)
    finally:
        os.close(reader)
        popen.kill()
        popen.wait()
        if popen.stdout is not None:
            popen.stdout.close()
