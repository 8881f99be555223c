"""What the database holds of one scraper, and how it is written: commits, or the spool while it is away."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from loguru import logger

from scrapers.errors import LeaseLostError, StateConflictError, StoreError, StoreUnavailableError
from standalone.cycle.lease import Lease
from standalone.cycle.spool import Spool, SpoolDamagedError
from standalone.cycle.state import CommittedState, Described, Difference, Held, apply
from store.backend import Backend

PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Written:
    """Where a cycle went. `answer` is the database's; None: it was away, `kept` tells whether the spool has it."""

    answer: dict[str, Any] | None
    kept: bool = False
    reason: str = ""


class Ledger:
    """The committed state of one scraper and the only way to change it. Every write carries the lease's token.

    state   None until loaded, and whenever it may not be the database's any more
    """

    def __init__(self, backend: Backend, lease: Lease, spool: Spool) -> None:
        self.state: CommittedState | None = None
        self._backend = backend
        self._lease = lease
        self._spool = spool

    def forget(self) -> None:
        """The state in memory may be wrong: it is read anew before the next difference."""
        self.state = None

    @property
    def waiting(self) -> int:
        """How many cycles wait on disk."""
        return self._spool.waiting()

    async def ready(self) -> CommittedState:
        """The committed state, loaded if need be, after everything that waited on disk. Raises StoreError."""
        if self.state is None:
            if not await self.replay():
                raise StoreUnavailableError(f"{self._spool.waiting()} earlier cycles still wait for the database")
            self.state = await asyncio.to_thread(self._load)
        return self.state

    async def write(self, cycle: dict[str, Any], diff: Difference) -> Written:
        """Commit a cycle made against `state`, or keep it on disk while the database is away or others wait there.

        Moves `state` along. Raises LeaseLostError, StateConflictError, and StoreError for a refusal.
        """
        assert self.state is not None
        try:
            if not await self.replay():
                raise StoreUnavailableError("earlier cycles still wait for the database")
            if self.state is None:  # what waited was set aside: this difference is one against nothing now
                raise StateConflictError("earlier cycles were refused, the state is read anew")
            answer = await asyncio.to_thread(self._commit, cycle)
        except StoreUnavailableError as error:
            return self._keep(cycle, diff, f"database away: {error}")
        apply(self.state, diff)
        self.state.seq = answer["base_seq"]
        return Written(answer)

    async def heartbeat(self, cycle: dict[str, Any]) -> None:
        """Send a cycle without data, after everything that waited on disk. Raises StoreError."""
        if not await self.replay():
            raise StoreUnavailableError("earlier cycles still wait for the database")
        await asyncio.to_thread(self._commit, cycle)

    async def replay(self) -> bool:
        """Send every cycle that waits on disk, in order; whether none is left. Raises LeaseLostError.

        One that is refused for good is set aside with all behind it, for a person: left where it is, it would
        block this scraper for ever.
        """
        if self._spool.waiting() == 0:
            return True
        try:
            for path, cycle in self._spool.cycles():
                await asyncio.to_thread(self._commit, cycle)
                self._spool.done(path)
        except StoreUnavailableError:
            return False
        except LeaseLostError:
            raise
        except (StoreError, SpoolDamagedError) as error:
            self.forget()
            count = self._spool.set_aside(_why(error))
            logger.error("{} spooled cycles set aside in {}: {}", count, self._spool.folder, error)
            return True
        logger.info("every spooled cycle is in the database now")
        return True

    def _commit(self, cycle: dict[str, Any]) -> dict[str, Any]:
        if self._lease.token is None:
            raise LeaseLostError(f"the lease of {self._lease.slug} was lost while the cycle ran")
        sent = cycle | {"lease_token": self._lease.token, "lease_ttl_s": self._lease.ttl_s}
        answer: dict[str, Any] = self._backend.call("commit_cycle", {"p_cycle": sent})
        return answer

    def _keep(self, cycle: dict[str, Any], diff: Difference, reason: str) -> Written:
        assert self.state is not None
        try:
            kept = self._spool.append(cycle)
        except OSError as fault:
            kept = False
            logger.error("the spool cannot be written: {}", fault)
        if kept:
            apply(self.state, diff)
            logger.warning("{}; the cycle waits on disk ({} waiting)", reason, self._spool.waiting())
        else:
            # The state stays where the spool ends, so the next commit still carries every price; only the
            # steps in between are missing from the history.
            logger.error("{}; the spool takes no more, this cycle's steps are not kept", reason)
        return Written(None, kept, reason)

    def _load(self) -> CommittedState:
        """Read in pages under our lease, so that nobody changes it meanwhile."""
        state = CommittedState(seq=self._base_seq())
        slug = self._lease.slug
        after = -(2**63)
        while True:
            rows = self._backend.call("load_state", {"p_scraper": slug, "p_after_key": after, "p_limit": PAGE})
            for key, price, status, scope, _event, available in rows:
                state.selections[key] = Held(price, status, available, scope)
            if len(rows) < PAGE:
                break
            after = rows[-1][0]
        after = 0
        while True:
            rows = self._backend.call(
                "load_events", {"p_scraper": slug, "p_after_event_id": after, "p_limit": PAGE}
            )
            for _id, source_id, sport, league_id, league, home, away, starts_at, linked in rows:
                state.events[source_id] = Described(sport, league_id, league, home, away, starts_at)
                if linked:
                    state.linked.add(source_id)
            if len(rows) < PAGE:
                break
            after = rows[-1][0]
        return state

    def _base_seq(self) -> int:
        """Where the database stands. Taking the lease again tells, and proves that it is still ours."""
        other = self._lease.acquire()
        if other is not None:
            self._lease.lost()
            raise LeaseLostError(f"the lease went to {other} before the state was loaded")
        return self._lease.base_seq


def _why(error: StoreError | SpoolDamagedError) -> str:
    if isinstance(error, SpoolDamagedError):
        return "damaged"
    return "conflict" if isinstance(error, StateConflictError) else "refused"
