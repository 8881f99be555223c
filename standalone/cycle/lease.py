"""The right to write one bookmaker: a file lock within the machine, a lease in the database between machines.

Two processes on one data folder (two modes started at once, a resurrected copy) are told apart by the file
lock, which the kernel frees the moment its holder dies: a restarted process is at work again at once. Between
machines the lease in `scraper_status` decides, and its token fences writes that come late.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

from loguru import logger

from scrapers.errors import LeaseLostError, StoreError, StoreUnavailableError
from standalone.process import FileLock
from store.backend import Backend

REPORT_STANDBY_EVERY_S = 30.0


def holder_name(data_dir: Path) -> str:
    """Who we are to other machines: host name and a random name of the data folder, given to it once.

    Hosts made from one image may share their name and every path; a folder's random name they do not share.
    """
    path = data_dir / "locks" / "folder-name"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        name = secrets.token_hex(4)
        mine = path.with_name(f"folder-name.{name}")
        mine.write_text(name)
        with suppress(FileExistsError):  # another process was faster: its name holds
            os.link(mine, path)
        mine.unlink()
    return f"{socket.gethostname()}/{path.read_text()}"


class Lease:
    """The lease of one scraper. `token` is None while another process is at work.

    Calls from several threads take turns: a cycle that was given up may still be taking the lease in its thread
    when the process gives it back, and must not come last.
    """

    def __init__(
        self,
        backend: Backend,
        slug: str,
        *,
        mode: str,
        data_dir: Path,
        interval_s: int,
        worker: str | None = None,
    ) -> None:
        """worker: who holds it, where several processes of one folder are told apart; None: the folder does."""
        self.slug = slug
        self.mode = mode
        self.expect_interval(interval_s)
        self.token: int | None = None
        self.base_seq = 0
        self.asked_at: float | None = None
        """When the last known cycle of this bookmaker began, by whatever process; monotonic seconds."""
        self._backend = backend
        self._holder = worker or holder_name(data_dir)
        self._lock = FileLock(data_dir / "locks" / f"{slug}.lock")
        self._next_report = 0.0
        self._turn = threading.RLock()
        self._closed = False

    def expect_interval(self, seconds: int) -> None:
        """How far apart this scraper's cycles are; the lease outlives two of them."""
        self.interval_s = seconds
        self.ttl_s = max(60, 2 * seconds)

    def acquire(self) -> str | None:
        """Try to become the one that writes; None on success, else who is at work instead.

        Raises StoreUnavailableError when only the database's word is missing, LeaseLostError after `release()`.
        """
        with self._turn:
            return self._acquire()

    def _acquire(self) -> str | None:
        if self._closed:
            raise LeaseLostError(f"the lease of {self.slug} was given back, this process ends")
        if not self._lock.acquire():
            return self._report_standby()
        answer = self._backend.call(
            "acquire_lease",
            {
                "p_scraper": self.slug,
                "p_holder": self._holder,
                "p_mode": self.mode,
                "p_machine": socket.gethostname(),
                "p_pid": os.getpid(),
                "p_ttl_s": self.ttl_s,
                "p_expected_interval_s": self.interval_s,
            },
        )
        if not answer["granted"]:
            return str(answer["holder"])
        self.token = answer["token"]
        self.base_seq = answer["base_seq"]
        if answer["asked_s_ago"] is not None:
            self.asked_at = time.monotonic() - answer["asked_s_ago"]
        return None

    def renew(self) -> None:
        """Keep the lease while a long cycle runs; forgets it when another process has taken it."""
        with self._turn:
            if self.token is None:
                return
            try:
                self._backend.call(
                    "renew_lease", {"p_scraper": self.slug, "p_lease_token": self.token, "p_ttl_s": self.ttl_s}
                )
            except LeaseLostError:
                self.token = None
            except StoreError as error:
                # The commit at the cycle's end renews it too, and tells what is wrong.
                logger.warning("lease not renewed: {}", error)

    def lost(self) -> None:
        """The database refused our token: stand by from now on."""
        self.token = None

    def release(self, *, hand_over: bool = False) -> None:
        """Give both back, for good; whoever waits need not wait for the lease to run out.

        hand_over: another worker goes on; else the status says from now on that somebody stopped this scraper.
        """
        function = "hand_over_lease" if hand_over else "release_lease"
        with self._turn:
            self._closed = True
            token, self.token = self.token, None
            try:
                if token is not None:
                    self._backend.call(function, {"p_scraper": self.slug, "p_lease_token": token})
            except StoreError as error:
                logger.warning("lease not given back, it runs out by itself: {}", error)
            finally:
                self._lock.release()

    def _report_standby(self) -> str:
        if time.monotonic() >= self._next_report:
            self._next_report = time.monotonic() + REPORT_STANDBY_EVERY_S
            try:
                self._backend.call(
                    "report_standby",
                    {"p_scraper": self.slug, "p_holder": self._holder, "p_mode": self.mode},
                )
            except StoreUnavailableError as error:
                logger.warning("standby not reported, the database is away: {}", error)
        return f"{self._holder} (another process of this machine)"
