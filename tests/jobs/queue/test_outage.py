"""The database goes away and comes back: workers neither end nor lose anything."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self
from urllib.parse import urlsplit

from jobs.queue.context import JobContext
from jobs.queue.kinds import JobKind
from tests.support.job_worker import Desk, Hired, wait_until


class Cable:
    """A TCP relay to the database that can be cut: connections break, and new ones are refused."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = str(parts.hostname), int(parts.port or 5432)
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []
        self._port = 0
        self.plug_in()
        self.url = url.replace(f":{self._target[1]}/", f":{self._port}/")

    def plug_in(self) -> None:
        listener = socket.create_server(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        assert self._listener is not None
        # Closing alone would leave the thread waiting in accept.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._open.clear()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection(self._target)
            self._open += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=_carry, args=(source, sink), daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(65536):
            sink.sendall(chunk)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


class Gate:
    """A kind whose job ends when the test says so."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.open = threading.Event()
        self.kind = JobKind("gated", self.handle)

    async def handle(self, context: JobContext, args: Mapping[str, Any]) -> Mapping[str, Any]:
        self.begun.set()
        await asyncio.to_thread(self.open.wait, 60)
        return {"attempt": context.attempt}


def test_a_result_that_came_while_the_database_was_away_is_written(desk: Desk, database_url: str) -> None:
    gate = Gate()
    job_id = desk.enqueue("gated")
    with Cable(database_url) as cable, Hired(cable.url, kinds=[gate.kind]) as hired:
        assert gate.begun.wait(30)
        cable.cut()
        gate.open.set()
        wait_until(lambda: hired.worker.outage.failure, "the outage noticed")
        cable.plug_in()
        found = desk.until(job_id, "done")
        assert (found["result"], found["attempts"]) == ({"attempt": 1}, 1)
        later = desk.enqueue("gated")
        assert desk.until(later, "done")["worker"] == "test:a"


def test_an_outage_that_outlasts_the_patience_of_others_has_the_job_redone(desk: Desk, database_url: str) -> None:
    """One worker is cut off, another is not: it takes the job over, and the result of the first does not count."""
    first, second = Gate(), Gate()
    second.open.set()
    job_id = desk.enqueue("gated")
    with Cable(database_url) as cable, Hired(cable.url, "a", [first.kind], silent_s=1) as hired:
        assert first.begun.wait(30)
        cable.cut()
        first.open.set()
        with Hired(database_url, "b", [second.kind], silent_s=1):
            assert desk.until(job_id, "done")["result"] == {"attempt": 2}
            cable.plug_in()
            wait_until(lambda: hired.worker.outage.failure is None, "the first is back")
            wait_until(lambda: len(desk.backend.call("jobs_overview", {})["workers"]) == 2, "both at work")
    assert desk.state(job_id)["result"] == {"attempt": 2}


def test_a_worker_may_start_before_the_database(desk: Desk, database_url: str) -> None:
    gate = Gate()
    gate.open.set()
    with Cable(database_url) as cable:
        cable.cut()
        hired = Hired(cable.url, kinds=[gate.kind])
        hired.start()
        wait_until(lambda: hired.worker.outage.failure, "the outage noticed")
        cable.plug_in()
        desk.until(desk.enqueue("gated"), "done")
        hired.stop()


def test_a_worker_that_never_reached_the_database_ends_when_told(database_url: str) -> None:
    with Cable(database_url) as cable:
        cable.cut()
        hired = Hired(cable.url)
        hired.start()
        wait_until(lambda: hired.worker.outage.failure, "the outage noticed")
        hired.stop()
