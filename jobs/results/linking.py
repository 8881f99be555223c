"""Which match of the catalogue a result is: decided by the fleet's matcher, event by event, as for a bookmaker.

A result makes no match: where nobody offered odds, nothing is to be settled. What is not sure waits, with the
reason, and is decided again with every run while the catalogue has a match beside it that has no result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from normalizer.catalogue import Catalogue
from normalizer.matching import EventToLink, Link, resolve_events
from scrapers.records import Sport
from store.backend import Backend

BATCH = 200


@dataclass(slots=True)
class Linked:
    """What a run did: results that got their match, and those that still wait beside one."""

    linked: int = 0
    waiting: int = 0


class Linker:
    """Gives results their matches. source: whose results."""

    def __init__(self, backend: Backend, source: str) -> None:
        self._backend = backend
        self._source = source
        self.done = Linked()

    def bring_up(self) -> None:
        """Everything that can be decided now. Raises StoreError; what was done stays done."""
        after, waiting = 0, 0
        while True:
            page = self._backend.call(
                "results_to_link", {"p_source": self._source, "p_after_page_id": after, "p_limit": BATCH}
            )
            if not page["results"]:
                break
            links = [_as_json(link) for link in resolve_events(_events(page), _catalogue(page["catalogue"]), {})]
            answer = self._backend.call("link_results", {"p_source": self._source, "p_links": links})
            self.done.linked += answer["linked"]
            waiting += len(links) - answer["linked"]
            after = page["results"][-1]["page_id"]
        self.done.waiting = waiting


def _events(page: Mapping[str, Any]) -> list[EventToLink]:
    return [
        EventToLink(
            str(row["page_id"]),
            Sport.FOOTBALL,
            row["league_key"],
            "",
            row["home"],
            row["away"],
            datetime.fromisoformat(row["starts_at"]),
        )
        for row in page["results"]
    ]


def _catalogue(rows: Mapping[str, Any]) -> Catalogue:
    """The part of the catalogue around the results, also of days that the whole one no longer shows."""
    catalogue = Catalogue()
    for kind in ("teams", "aliases", "leagues", "matches"):
        catalogue.apply_page(kind, rows[kind])
    return catalogue


def _as_json(link: Link) -> dict[str, Any]:
    """As `link_results` takes it. A match that the matcher would make anew is none that anybody offered."""
    page_id = int(link.event.source_event_id)
    if link.match_id is None or link.decision != "match":
        return {"page_id": page_id, "match_id": None, "reason": link.reason or "no match is near"}
    return {
        "page_id": page_id,
        "match_id": link.match_id,
        "swapped": link.swapped,
        "method": link.method,
        "score": round(link.score, 4),
    }
