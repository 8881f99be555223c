"""A simulator on a free port, with a clock that the test holds."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from simulator.server import Simulator
from standalone.process import Stop
from standalone.run_simulator import HOST, listen, serve

NOON = 1_790_000_000
"""A moment of the world that tests start from, epoch s."""


@dataclass
class Running:
    """A simulator that serves; `time` is its world's time, for the test to change."""

    url: str
    folder: Path
    stop: Stop
    client: httpx.Client
    seed: int = 7
    time: float = NOON

    def altenar(self, bookmaker: str, league: str, **query: str) -> httpx.Response:
        """One league's list at an Altenar brand."""
        return self.ask(
            "sb2frontend-altenar2.biahosted.com/api/widget/GetEvents",
            bookmaker,
            {"sportId": "0", "champIds": league, **query},
        )

    def ask(
        self, where: str, bookmaker: str, query: dict[str, str], headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """A GET as the fleet's fetcher makes it."""
        return self.client.get(
            f"{self.url}/{where}", params=query, headers={"X-Fleet-Bookmaker": bookmaker, **(headers or {})}
        )

    def fault(self, bookmaker: str, kind: str, **more: object) -> None:
        """Switch a fault on."""
        answer = self.client.post(f"{self.url}/control/faults", json={"bookmaker": bookmaker, "kind": kind, **more})
        assert answer.status_code == 200, answer.text


def start(folder: Path, seed: int = 7) -> tuple[Running, threading.Thread]:
    """Serve in a thread of its own; `Running.stop` ends it."""
    listener = listen(0)
    running = Running(f"http://{HOST}:{listener.getsockname()[1]}", folder, Stop(), httpx.Client(timeout=30), seed)

    def work() -> None:
        simulator = Simulator(seed, folder, clock=lambda: running.time)
        try:
            with listener:
                asyncio.run(serve(simulator, listener, running.stop))
        finally:
            simulator.close()

    thread = threading.Thread(target=work)
    thread.start()
    return running, thread


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Running]:
    """A fresh simulator; its end must be prompt."""
    running, thread = start(tmp_path / "simulator")
    yield running
    running.client.close()
    running.stop.set()
    thread.join(timeout=20)
    assert not thread.is_alive()
