"""Giving a scraper's events their identity: which ones to try, and applying what the normalizer decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from loguru import logger

from normalizer.matching import EventToLink, Link, resolve_events
from scrapers.records import Event
from scrapers.registry import Bookmaker, Registry
from standalone.shared_resources import SharedResources
from standalone.state import CommittedState

RETRY_EVERY_CYCLES = 10
MAX_ROUNDS = 6


class Linker:
    """Decides events that have no match yet. A new event is tried at once, an undecided one now and then."""

    def __init__(self, bookmaker: Bookmaker, resources: SharedResources) -> None:
        self._bookmaker = bookmaker
        self._resources = resources
        self._tried: dict[str, int] = {}
        self._cycle = 0

    def decide(self, events: Iterable[Event], state: CommittedState) -> tuple[int, list[Link]]:
        """The catalogue version that was used, and a link for every event worth trying this cycle.

        Events already linked cost nothing: without any other, no catalogue is loaded. Raises StoreError
        when the catalogue cannot be read; the events stay as they are and are tried again.
        """
        self._cycle += 1
        due = {
            event.source_id: event
            for event in events
            if event.source_id not in state.linked
            and self._cycle - self._tried.get(event.source_id, -RETRY_EVERY_CYCLES) >= RETRY_EVERY_CYCLES
        }
        if not due:
            if not self._resources.keep_catalogue:
                self._resources.catalogue.drop()
            return 0, []
        queries = [_query(event, self._bookmaker, self._resources.registry) for event in due.values()]
        version, links = self._resolve(queries)
        for source_id in due:
            self._tried[source_id] = self._cycle
        return version, links

    def settle(
        self, links: Sequence[Link], deferred: Sequence[str], state: CommittedState, lease_token: int
    ) -> None:
        """After a commit: note what is linked now, and decide again what another process was faster with.

        Each round reads what changed in the catalogue, so it converges; what is still deferred after
        MAX_ROUNDS is tried again in the next cycle.
        """
        self._note(links, deferred, state)
        waiting = {link.event.source_event_id: link.event for link in links}
        waiting = {source_id: waiting[source_id] for source_id in deferred}
        for _ in range(MAX_ROUNDS):
            if not waiting:
                return
            version, links = self._resolve(list(waiting.values()))
            answer = self._resources.backend.call(
                "link_events",
                {
                    "p_scraper": self._bookmaker.slug,
                    "p_lease_token": lease_token,
                    "p_catalogue_version": version,
                    "p_links": [link.as_json() for link in links],
                },
            )
            state.seq = answer["commit_seq"]
            self._note(links, answer["deferred"], state)
            waiting = {source_id: waiting[source_id] for source_id in answer["deferred"]}
        for source_id in waiting:
            self._tried.pop(source_id, None)
        logger.warning("{} events wait for the next cycle: the catalogue kept changing", len(waiting))

    def _resolve(self, queries: list[EventToLink]) -> tuple[int, list[Link]]:
        catalogue = self._resources.catalogue.fresh()
        platform_links: dict[str, Any] = self._resources.backend.call(
            "platform_links",
            {
                "p_scraper": self._bookmaker.slug,
                "p_source_event_ids": [query.source_event_id for query in queries],
            },
        )
        return catalogue.version, resolve_events(queries, catalogue, platform_links)

    def _note(self, links: Sequence[Link], deferred: Sequence[str], state: CommittedState) -> None:
        later = set(deferred)
        for link in links:
            source_id = link.event.source_event_id
            if link.decision != "unmatched" and source_id not in later:
                state.linked.add(source_id)
                self._tried.pop(source_id, None)


def _query(event: Event, bookmaker: Bookmaker, registry: Registry) -> EventToLink:
    return EventToLink(
        source_event_id=event.source_id,
        sport=event.sport,
        league_key=registry.league_key(bookmaker.platform, event.league.source_id),
        league_name=event.league.name,
        home=event.home,
        away=event.away,
        starts_at=event.starts_at,
    )
