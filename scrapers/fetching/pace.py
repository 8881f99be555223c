"""Politeness towards a host: a bounded rate, and pauses that the host asks for, kept by a whole machine.

A token bucket, kept as the time at which it would be full (the generic cell rate algorithm): nothing has to
tick. Who wants to ask takes the next free turn, sleeps until it comes and asks; so the order is that of
arrival, and nobody looks again and again.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

LONGEST_PAUSE_S = 900.0
"""A longer wish to be left alone is not believed to the end: the host is asked again after this."""

LONGEST_QUEUE_S = 3600.0
"""No honest queue at a host is longer: turns further away come from a damaged file."""

GIVEN_BACK = 0
"""The process number of a turn that nobody waits for any more."""


class QuietHostError(Exception):
    """The host wants to be left alone for another `left_s` seconds, longer than the caller would wait."""

    def __init__(self, left_s: float) -> None:
        super().__init__(f"quiet for another {left_s:.0f} s")
        self.left_s = left_s


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a host may be asked: `burst` requests at once after a rest, `per_s` from then on."""

    per_s: float
    burst: int = 1


class Turn(BaseModel):
    """A turn that is still to come, and the process that waits for it."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    at: float
    pid: int


class HostState(BaseModel):
    """What is known of one host. Times are seconds of the monotonic clock. Pure.

    full_at      when the bucket is full again if nobody asks any more
    quiet_until  the end of the pause that the host asked for; 0: none was
    turns        those to come, in the order in which they were taken
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    full_at: float = 0.0
    quiet_until: float = 0.0
    turns: list[Turn] = Field(default_factory=list)

    def take(self, rate: Rate, now: float, pid: int, is_alive: Callable[[int], bool]) -> float:
        """Take the next free turn for process `pid`; when it comes.

        A turn that a dead process waited for, or that was given back, is free again.
        """
        self.turns = [turn for turn in self.turns if turn.at > now]
        for turn in sorted(self.turns, key=lambda turn: turn.at):
            if turn.pid == GIVEN_BACK or not is_alive(turn.pid):
                turn.pid = pid
                return turn.at
        step_s = 1 / rate.per_s
        at = max(now, self.quiet_until, self.full_at - (rate.burst - 1) * step_s)
        self.full_at = max(at, self.full_at) + step_s
        if at > now:
            self.turns.append(Turn(at=at, pid=pid))
        return at

    def give_back(self, at: float, pid: int) -> None:
        """Free a turn again. One that a pause has cancelled meanwhile is no loss."""
        for turn in self.turns:
            if (turn.at, turn.pid) == (at, pid):
                turn.pid = GIVEN_BACK
                return

    def pause(self, rate: Rate, now: float, seconds: float) -> None:
        """Cancel the turns to come and let none come within `seconds`; after that they come one by one."""
        self.quiet_until = max(self.quiet_until, now + seconds)
        self.full_at = max(self.full_at, self.quiet_until + (rate.burst - 1) / rate.per_s)
        self.turns = []

    def is_sound(self, now: float) -> bool:
        """Whether this can have been written on this machine since it was started."""
        latest = max([self.full_at, *(turn.at for turn in self.turns)])
        quiet_s, latest_s = self.quiet_until - now, latest - now
        return quiet_s <= LONGEST_PAUSE_S and latest_s <= LONGEST_PAUSE_S + LONGEST_QUEUE_S


class Hosts(Protocol):
    """Where the states of hosts are kept."""

    @asynccontextmanager
    def held(self, host: str) -> AsyncIterator[HostState]:
        """The host's state, nobody else's until the block ends. The block must not wait for anything."""
        ...


class OwnHosts:
    """Keeps them in memory: this process is polite by itself. Satisfies `Hosts`."""

    def __init__(self) -> None:
        self._states: dict[str, HostState] = {}

    @asynccontextmanager
    async def held(self, host: str) -> AsyncIterator[HostState]:
        """See `Hosts`."""
        yield self._states.setdefault(host, HostState())


class Pace:
    """Waits until a host may be asked."""

    def __init__(
        self,
        rate: Rate,
        hosts: Hosts | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        pid: int | None = None,
    ) -> None:
        """hosts: None for a process of its own. pid: of this process."""
        self._rate = rate
        self._hosts = hosts or OwnHosts()
        self._clock = clock
        self._sleep = sleep
        self._pid = os.getpid() if pid is None else pid

    async def turn(self, host: str, longest_pause_s: float) -> None:
        """Wait for the next turn at `host`. A pause that begins meanwhile is waited out too.

        Raises QuietHostError when the host wants to be left alone for longer than `longest_pause_s`.
        """
        while True:
            async with self._hosts.held(host) as state:
                now = self._clock()
                if state.quiet_until - now > longest_pause_s:
                    raise QuietHostError(state.quiet_until - now)
                at = state.take(self._rate, now, self._pid, is_alive)
            if at <= now:
                return
            try:
                await self._sleep(at - now)
            except asyncio.CancelledError:
                async with self._hosts.held(host) as state:
                    state.give_back(at, self._pid)
                raise
            async with self._hosts.held(host) as state:
                if state.quiet_until <= self._clock():
                    return

    async def pause(self, host: str, seconds: float) -> None:
        """Let nobody ask `host` within `seconds`, `LONGEST_PAUSE_S` at the most."""
        async with self._hosts.held(host) as state:
            state.pause(self._rate, self._clock(), min(seconds, LONGEST_PAUSE_S))


def is_alive(pid: int) -> bool:
    """Whether the machine runs a process of this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's
    return True
