"""Giving a scraper's events their identity: which ones to try, and applying what the normalizer decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from loguru import logger

from normalizer.chances import Chances, chances_of
from scrapers.declarations import Bookmaker
from scrapers.records import Event, Market, Period, Rules, Side
from standalone.cycle.state import CommittedState
from standalone.shared_resources import SharedResources

if TYPE_CHECKING:
    from normalizer.matching import EventToLink, Link

RETRY_EVERY_CYCLES = 10
"""At the latest. The first tries of an event follow sooner, 1, 2, 4 and 8 cycles after one another: others name its
match meanwhile, and spellings are learned."""
MAX_ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the normalizer decided, on which version of the catalogue. Empty: there was nothing to decide."""

    catalogue_version: int = 0
    queries: dict[str, EventToLink] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)

    def as_json(self) -> list[dict[str, Any]]:
        """The links as `commit_cycle` and `link_events` take them."""
        return [link.as_json() for link in self.links]


class _Tries(NamedTuple):
    """How long an event waits now, in cycles, and in which cycle it is tried again."""

    wait: int
    next_cycle: int


class Linker:
    """Decides events that have no match yet. A new event is tried at once, an undecided one now and then.

    waiting  how many of the events listed last have no match, as far as this scraper decided
    """

    def __init__(self, bookmaker: Bookmaker, resources: SharedResources) -> None:
        self._bookmaker = bookmaker
        self._resources = resources
        self._tries: dict[str, _Tries] = {}
        self._cycle = 0
        self.waiting = 0

    def decide(self, events: Iterable[Event], state: CommittedState) -> Decisions:
        """A link for every event worth trying this cycle; then `waiting` says how many have no match.

        Events already linked cost nothing: without any other, no catalogue is loaded. Raises StoreError
        when the catalogue cannot be read; the events stay as they are and are tried again.
        """
        self._cycle += 1
        listed = {event.source_id: event for event in events}
        self._tries = {source_id: tries for source_id, tries in self._tries.items() if source_id in listed}
        due = {
            event.source_id: event
            for event in listed.values()
            if event.source_id not in state.linked
            and ((tries := self._tries.get(event.source_id)) is None or self._cycle >= tries.next_cycle)
        }
        unlinked = [source_id for source_id in listed if source_id not in state.linked]
        self.waiting = len(unlinked)
        if not due:
            if not self._resources.keep_catalogue:
                self._resources.catalogue.drop()
            return Decisions()
        queries = {source_id: self._query(event) for source_id, event in due.items()}
        decisions = self._resolve(queries)
        for source_id in due:
            self._note_try(source_id)
        self.waiting -= sum(link.decision != "unmatched" for link in decisions.links)
        return decisions

    def settle(
        self, decisions: Decisions, answer: Mapping[str, Any], state: CommittedState, lease_token: int
    ) -> None:
        """After a commit: note what is linked now, and decide again what another process was faster with.

        Each round reads what changed in the catalogue, so it converges; what is still deferred after
        MAX_ROUNDS, or when the database fails, is tried again in the next cycle. Raises StoreError.

        Args:
            answer: what the database said of `decisions`: event ids that are `deferred` or `refused`.
        """
        _note(decisions, answer, state)
        for _ in range(MAX_ROUNDS):
            deferred: list[str] = answer["deferred"]
            if not deferred:
                return
            for source_id in deferred:
                self._tries.pop(source_id, None)
            decisions = self._resolve({source_id: decisions.queries[source_id] for source_id in deferred})
            answer = self._resources.backend.call(
                "link_events",
                {
                    "p_scraper": self._bookmaker.slug,
                    "p_lease_token": lease_token,
                    "p_catalogue_version": decisions.catalogue_version,
                    "p_links": decisions.as_json(),
                },
            )
            _note(decisions, answer, state)
            again = set(answer["deferred"])
            for source_id in deferred:
                if source_id not in again:
                    self._note_try(source_id)
        if answer["deferred"]:
            logger.warning("{} events wait: the catalogue kept changing", len(answer["deferred"]))

    def _query(self, event: Event) -> EventToLink:
        """The event as the normalizer takes it. The league's id decides where it is known, else its name may."""
        from normalizer.matching import EventToLink

        key = self._resources.registry.league_key(self._bookmaker.platform, event.league.source_id)
        return EventToLink(
            source_event_id=event.source_id,
            sport=event.sport,
            league_key=key
            or self._resources.league_names.find(event.league.name, event.sport, event.league.country),
            league_name=event.league.name,
            home=event.home,
            away=event.away,
            starts_at=event.starts_at,
            chances=chances_of(_match_prices(event)),
        )

    def _chances(self, match_ids: list[int]) -> dict[int, Chances]:
        """What others' prices say of these matches, where they say anything."""
        offered: dict[str, Any] = self._resources.backend.call("match_chances", {"p_match_ids": match_ids})
        known = {int(match_id): chances_of(prices) for match_id, prices in offered.items()}
        return {match_id: chances for match_id, chances in known.items() if chances is not None}

    def _note_try(self, source_id: str) -> None:
        before = self._tries.get(source_id)
        wait = 1 if before is None else min(before.wait * 2, RETRY_EVERY_CYCLES)
        self._tries[source_id] = _Tries(wait, self._cycle + wait)

    def _resolve(self, queries: dict[str, EventToLink]) -> Decisions:
        from normalizer.matching import doubtful_matches, resolve_events  # most cycles need no matcher

        cache = self._resources.catalogue
        with cache.lock:  # another scraper of this process must not change it while it is read
            catalogue = cache.fresh()
            platform_links: dict[str, Any] = self._resources.backend.call(
                "platform_links",
                {"p_scraper": self._bookmaker.slug, "p_source_event_ids": list(queries)},
            )
            resolve = partial(
                resolve_events,
                queries.values(),
                catalogue,
                platform_links,
                bookmaker_platform=self._bookmaker.platform,
            )
            links = resolve()
            doubtful = doubtful_matches(links)
            if doubtful:
                links = resolve(chances=self._chances(doubtful))
            return Decisions(catalogue.version, queries, links)


def _match_prices(event: Event) -> dict[str, dict[str, float]]:
    """The event's prices on who wins, by market and selection."""
    found: dict[str, dict[str, float]] = {}
    for price in event.prices:
        if (
            price.market in (Market.MATCH_RESULT, Market.MONEYLINE)
            and (price.period, price.rules, price.side) == (Period.MATCH, Rules.STANDARD, Side.BACK)
            and price.value is not None
        ):
            found.setdefault(price.market, {})[price.selection] = float(price.value)
    return found


def _note(decisions: Decisions, answer: Mapping[str, Any], state: CommittedState) -> None:
    not_linked = {*answer["deferred"], *answer["refused"]}
    state.linked.update(
        link["event"]
        for link in decisions.as_json()
        if link["decision"] != "unmatched" and link["event"] not in not_linked
    )
