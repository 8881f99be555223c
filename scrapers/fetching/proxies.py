"""Which way out a bookmaker's requests take, and what is learnt from how they went.

A bookmaker keeps its way as long as that works, since sessions are bound to the client's address. What
happened to a way is known to all processes of the machine at once (`proxy_state`, `proxy_scores`). Nothing
ever goes out over the machine's own address unless PROXY_LIST names `direct` and the bookmaker allows it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from loguru import logger

from scrapers.errors import (
    BlockedError,
    FetchTimeoutError,
    FleetError,
    NoBrowserError,
    NoProxyError,
    RateLimitedError,
    RefusedEverywhereError,
)
from scrapers.fetching import BrowserUse, Fetcher
from scrapers.fetching.proxy_list import DIRECT, Proxy, Tier
from scrapers.fetching.proxy_scores import EFFECTS, PROBE_S, Standing, Verdict
from scrapers.fetching.proxy_state import ProxyState, StateFile, key_of
from scrapers.fetching.proxy_verdicts import SESSION_REFUSALS, judged, judged_page
from scrapers.records import Page, PageRequest

if TYPE_CHECKING:
    from scrapers.declarations import Bookmaker
    from scrapers.fetching.recipes import Recipe

ATTEMPT_S = 20.0
"""An answer that is not whole by then counts against the way: a proxy may trickle for ever."""

ALONE_S = 60.0
"""Where every way is set aside, one that did not answer is tried again after this: our own network may be back."""

PASSING = frozenset({Verdict.UNREACHABLE, Verdict.FAILED})
"""What may pass by itself within a minute. A refusal gets worse by asking, a wrong password does not change."""

NAMED = 5
"""Proxies that a message names; it goes into logs and the status with every page that failed."""

_LOOK_EVERY_S = 0.05

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Choice:
    """A way that was chosen for one attempt.

    probe  it is set aside, and this is the one request that tries it
    at     when, in seconds of the pool's clock
    """

    proxy: Proxy
    probe: bool
    at: float


class ProxyPool:
    """The ways out of one bookmaker.

    key     who sticks: brands that share a site share its sessions, and so their way
    tiers   what this bookmaker may use, in the order they are tried
    bound   whether requests carry a session. Then the way changes only when it fails, and an attempt that
            failed is not repeated over another one here: the session would be refused there. Without a
            session a request now and then tries a way that was set aside, and a bookmaker returns to an
            earlier tier once one works there.
    lifted  statuses of refusals that a session lifts: they say nothing about the way until the session has
            failed too, which `WatchedFetcher` sees
    clock   seconds since the epoch
    """

    def __init__(
        self,
        proxies: Sequence[Proxy],
        *,
        file: StateFile,
        key: str,
        tiers: Sequence[str] = tuple(Tier),
        bound: bool = False,
        lifted: Collection[int] = SESSION_REFUSALS,
        attempt_s: float = ATTEMPT_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._rank = {Tier(tier): rank for rank, tier in enumerate(tiers)}
        self._proxies = sorted(
            (proxy for proxy in proxies if proxy.tier in self._rank), key=lambda proxy: self._rank[proxy.tier]
        )
        self._file = file
        self._key = key
        self._bound = bound
        self._lifted = lifted
        self._attempt_s = attempt_s
        self._clock = clock

    async def carry(self, ask: Callable[[Proxy], Awaitable[T]]) -> T:
        """What `ask` gives over the way of this bookmaker. How it went is counted.

        While the one request that tries a way is under way and there is no other way, further ones wait.

        Raises:
            NoProxyError: every way is set aside; says for how long and why.
            RefusedEverywhereError: the same, and each because this bookmaker refuses it.
            FetchTimeoutError: no whole answer within `attempt_s`.
            And what `ask` raises.
        """
        tried: set[str] = set()
        while True:
            choice = await self._chosen(tried)
            try:
                async with asyncio.timeout(self._attempt_s):
                    answer = await ask(choice.proxy)
            except TimeoutError as error:
                self._count(choice, Verdict.FAILED, "brought no whole answer in time")
                raise FetchTimeoutError(
                    f"no whole answer over {choice.proxy.name} within {self._attempt_s:g} s"
                ) from error
            except FleetError as error:
                verdict, reason = judged(error, self._lifted)
                self._count(choice, verdict, reason)
                tried.add(choice.proxy.name)
                if verdict in (None, Verdict.WORKED) or not self._is_worth_another(choice, error, tried):
                    raise
                logger.info("asking again over another way: {}", error)
            except BaseException:  # given up, or a bug: says nothing about the way
                self._count(choice, None)
                raise
            else:
                self._count(choice, Verdict.WORKED)
                return answer

    @asynccontextmanager
    async def browsing(self) -> AsyncIterator[Proxy]:
        """The way for a browser, which opens its page within the block. How that went is counted.

        Raises NoProxyError and RefusedEverywhereError as `carry` does.
        """
        choice = await self._chosen(())
        try:
            yield choice.proxy
        except FleetError as error:
            self._count(choice, *judged_page(error))
            raise
        except BaseException:
            self._count(choice, None)
            raise
        self._count(choice, Verdict.WORKED)

    def next_way(self) -> str:
        """The name of the way that the next request would take, since a session is good for one alone.

        Empty when there is none now.
        """
        try:
            return self._decide(self._file.read(), ()).proxy.name
        except NoProxyError:
            return ""

    def ended(self, begun_at: float, refused_with: int | None = None) -> None:
        """Count how a request ended that had a session to help it.

        Args:
            begun_at: when it began, by `now()`.
            refused_with: the status of the refusal that stood; None when there was a page.
        """
        kept = self._file.read().sticks.get(self._key)
        for proxy in self._proxies:
            if proxy.name == kept:
                verdict = Verdict.WORKED if refused_with is None else Verdict.REFUSED
                self._count(Choice(proxy, probe=False, at=begun_at), verdict, f"is refused (HTTP {refused_with})")

    def is_lifted(self, status: int | None) -> bool:
        """Whether a refusal with this status is one that a session lifts."""
        return status in self._lifted

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock()

    # -- choosing ------------------------------------------------------------------------------------------

    async def _chosen(self, tried: Collection[str]) -> Choice:
        while True:
            state = self._file.read()
            choice = self._decide(state, tried)
            if not choice.probe and state.sticks.get(self._key) == choice.proxy.name:
                return choice
            if not self._is_under_way(state, choice):
                with self._file.changing(self._clock()) as state:
                    choice = self._decide(state, tried)  # others may have been faster
                    if not self._is_under_way(state, choice):
                        self._take(state, choice)
                        return choice
            # The request that tries it may be another process's: no event comes from there.
            await asyncio.sleep(_LOOK_EVERY_S)

    def _is_under_way(self, state: ProxyState, choice: Choice) -> bool:
        standing = state.standing(self._key, choice.proxy.name, choice.at)
        return choice.probe and standing is Standing.PROBED

    def _decide(self, state: ProxyState, tried: Collection[str]) -> Choice:
        """What to take. A probe that is under way already is to be waited for. Raises when there is nothing."""
        now = self._clock()
        able: dict[Standing, list[Proxy]] = {standing: [] for standing in Standing}
        for proxy in self._proxies:
            if proxy.name not in tried:
                able[state.standing(self._key, proxy.name, now)].append(proxy)
        best = self._best(state, able[Standing.UP])
        # A request without a session can afford to try what may have come back, unless it costs more.
        due = [
            proxy
            for proxy in able[Standing.DUE]
            if best is None or (not self._bound and self._rank[proxy.tier] <= self._rank[best.tier])
        ]
        if due:
            longest_ago = min(due, key=lambda proxy: (self._rank[proxy.tier], self._down_until(state, proxy)))
            return Choice(longest_ago, probe=True, at=now)
        if best is not None:
            return Choice(best, probe=False, at=now)
        if able[Standing.PROBED]:
            return Choice(able[Standing.PROBED][0], probe=True, at=now)
        for proxy in sorted(able[Standing.RESTING], key=lambda proxy: self._down_until(state, proxy)):
            if self._left_s(state, proxy, now) <= 0:
                return Choice(proxy, probe=True, at=now)
        raise self._nothing(state, now)

    def _best(self, state: ProxyState, up: Sequence[Proxy]) -> Proxy | None:
        """The way it keeps. Else, in the first tier that has any: what fewest others keep, the best score first."""
        kept = next((proxy for proxy in up if proxy.name == state.sticks.get(self._key)), None)
        if kept is not None and (self._bound or kept.tier is up[0].tier):
            return kept
        users = [way for key, way in state.sticks.items() if key != self._key]
        return min(
            up,
            key=lambda proxy: (
                self._rank[proxy.tier],
                users.count(proxy.name),
                -state.own(proxy.name).score - state.of(self._key, proxy.name).score,
            ),
            default=None,
        )

    def _down_until(self, state: ProxyState, proxy: Proxy) -> float:
        return max(state.own(proxy.name).down_until, state.of(self._key, proxy.name).down_until)

    def _left_s(self, state: ProxyState, proxy: Proxy, now: float) -> float:
        """Seconds until this way may be tried where there is no other."""
        return max(
            min(record.rest_s(now), record.failed_at + ALONE_S - now)
            if record.verdict in PASSING
            else record.rest_s(now)
            for record in (state.own(proxy.name), state.of(self._key, proxy.name))
        )

    def _take(self, state: ProxyState, choice: Choice) -> None:
        name = choice.proxy.name
        if not choice.probe:
            if state.sticks.get(self._key) != name:
                logger.info("{} goes out over {} ({})", self._key, name, choice.proxy.tier)
            state.sticks[self._key] = name
            return
        own, of = state.own(name), state.of(self._key, name)
        for record in (own, of):
            if record.standing(choice.at) in (Standing.DUE, Standing.RESTING):
                record.down_until = min(record.down_until, choice.at)
                record.probe_until = choice.at + PROBE_S
        state.put(self._key, name, own, of)

    def _nothing(self, state: ProxyState, now: float) -> NoProxyError:
        if not self._proxies:
            wanted = " or ".join(self._rank)
            return NoProxyError(f"{self._key} may go out over {wanted}, and PROXY_LIST has nothing of that")
        reasons, is_refused = [], True
        for proxy in self._proxies:
            scores = (state.own(proxy.name), state.of(self._key, proxy.name))
            down = max(scores, key=lambda record: (record.score <= 0, record.rest_s(now)))
            is_refused = is_refused and down.verdict in (Verdict.REFUSED, Verdict.WALLED)
            reasons.append(f"{proxy.name} {down.reason}, tried again in {self._left_s(state, proxy, now):.0f} s")
        if len(reasons) > NAMED:
            reasons[NAMED:] = [f"and {len(reasons) - NAMED} more"]
        problem = f"{self._key}: every proxy it may use is set aside: {'; '.join(reasons)}"
        return RefusedEverywhereError(problem) if is_refused else NoProxyError(problem)

    # -- learning ------------------------------------------------------------------------------------------

    def _count(self, choice: Choice, verdict: Verdict | None, reason: str = "") -> None:
        """Count an attempt; a verdict of None only ends a probe."""
        name, now = choice.proxy.name, self._clock()
        if not choice.probe and (verdict is None or (verdict is Verdict.WORKED and self._is_spotless(name))):
            return
        with self._file.changing(now) as state:
            own, of = state.own(name), state.of(self._key, name)
            own_cost, of_cost = (EFFECTS[verdict].own, EFFECTS[verdict].bookmaker) if verdict else (0.0, 0.0)
            if choice.proxy.is_direct:
                own_cost = 0.0  # nobody's proxy: each bookmaker judges this machine's address by itself
            fell = [
                (record, whom)
                for record, cost, whom in ((own, own_cost, ""), (of, of_cost, f" for {self._key}"))
                if record.apply(
                    verdict or Verdict.WORKED, cost, reason, chosen_at=choice.at, probe=choice.probe, now=now
                )
            ]
            state.put(self._key, name, own, of)
        for record, whom in fell:
            logger.warning("{} is set aside{} for {:.0f} s: {}", name, whom, record.rest_s(now), reason)
        if choice.probe and verdict is Verdict.WORKED:
            logger.info("{} works again", name)

    def _is_spotless(self, name: str) -> bool:
        state = self._file.read()
        return state.own(name).score >= 1 and state.of(self._key, name).score >= 1

    def _is_worth_another(self, choice: Choice, error: FleetError, tried: Collection[str]) -> bool:
        """Whether the same request should go another way at once, instead of failing.

        What the caller repeats by itself it may repeat, unless it was a probe that cost it this attempt. Who is
        asked to slow down does not hurry elsewhere.
        """
        if self._bound or isinstance(error, RateLimitedError) or (error.retryable and not choice.probe):
            return False
        state, now = self._file.read(), self._clock()
        if not choice.probe and state.standing(self._key, choice.proxy.name, now) is Standing.UP:
            return False
        return any(
            state.standing(self._key, proxy.name, now) is Standing.UP
            for proxy in self._proxies
            if proxy.name not in tried
        )


def pool_of(
    bookmaker: Bookmaker, proxies: Sequence[Proxy], folder: Path, recipe: Recipe | None = None
) -> ProxyPool:
    """The ways out of `bookmaker`.

    Args:
        proxies: as `proxies_in_use` gives them; empty means "direct" alone.
        folder: shared by every process of this machine.
        recipe: how its refusals are met; None when they stand. What a browser brought is good for one address.
    """
    return ProxyPool(
        proxies or (DIRECT,),
        file=StateFile(folder),
        key=key_of(bookmaker),
        tiers=bookmaker.proxy_tiers,
        bound=recipe is not None and recipe.needs_browser,
        lifted=SESSION_REFUSALS if recipe is None else recipe.lifted,
    )


class WatchedFetcher:
    """The whole of a bookmaker's fetching, session included, watched for refusals that stand. Satisfies `Fetcher`.

    Only then is it clear that the address is refused, and not a session that was missing.
    """

    def __init__(self, inner: Fetcher, pool: ProxyPool) -> None:
        self._inner = inner
        self._pool = pool

    async def fetch(self, request: PageRequest) -> Page:
        """As the inner one."""
        begun_at = self._pool.now()
        try:
            page = await self._inner.fetch(request)
        except BlockedError as error:
            # A machine without a browser could not even try a session.
            if self._pool.is_lifted(error.status) and not isinstance(error, NoBrowserError):
                self._pool.ended(begun_at, error.status)
            raise
        self._pool.ended(begun_at)
        return page

    @property
    def last_use(self) -> BrowserUse | None:
        """The inner fetcher's."""
        return self._inner.last_use

    async def aclose(self) -> None:
        """Close the inner one."""
        await self._inner.aclose()
