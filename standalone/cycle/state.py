"""What the database holds of one scraper, kept in memory, and the difference a cycle makes to it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from scrapers.records import Event
from store.keys import selection_key

DETAIL_SCOPES = ("event:", "events:")
"""How the scopes of pages beyond the lists begin."""


class Held(NamedTuple):
    """One selection as last committed. `price` is None when it was never shown (suspended from the start)."""

    price: float | None
    status: str
    available: float | None
    scope: str


class Described(NamedTuple):
    """One event as last committed. `starts_at` in seconds since the epoch."""

    sport: str
    source_league_id: str
    league_name: str
    home: str
    away: str
    starts_at: int

    @classmethod
    def of(cls, event: Event) -> Described:
        """The part of an event that the database describes it by."""
        return cls(
            event.sport.value,
            event.league.source_id,
            event.league.name,
            event.home,
            event.away,
            int(event.starts_at.timestamp()),
        )


@dataclass(slots=True)
class CommittedState:
    """What the database would show for this scraper once everything sent so far is applied.

    seq counts commits that carried data; a difference is only valid against the seq it was made on.
    """

    seq: int = 0
    selections: dict[int, Held] = field(default_factory=dict)
    events: dict[str, Described] = field(default_factory=dict)
    linked: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class SeenScope:
    """One answered part of the offer. Events outside it are neither seen nor gone."""

    scope: str
    observed_at: datetime
    events: Sequence[Event]


@dataclass(slots=True)
class Difference:
    """What a cycle changes. `listed` counts distinct selections seen; duplicates across scopes count once."""

    base_seq: int
    scopes: list[list[str]] = field(default_factory=list)
    events: list[list[Any]] = field(default_factory=list)
    new: list[list[Any]] = field(default_factory=list)
    changed: list[list[Any]] = field(default_factory=list)
    moved: list[list[int]] = field(default_factory=list)
    gone: list[list[int]] = field(default_factory=list)
    listed: int = 0
    held: dict[int, Held] = field(default_factory=dict)
    described: dict[str, Described] = field(default_factory=dict)

    @property
    def changes(self) -> int:
        """How many prices or states of selections differ."""
        return len(self.new) + len(self.changed) + len(self.gone)

    def as_json(self) -> dict[str, Any]:
        """The data part of `commit_cycle`'s argument."""
        return {
            "base_seq": self.base_seq,
            "scopes": self.scopes,
            "events": self.events,
            "new": self.new,
            "changed": self.changed,
            "moved": self.moved,
            "gone": self.gone,
        }


def closed_details(state: CommittedState, wanted: Collection[str] | None, now: datetime) -> list[SeenScope]:
    """Detail pages that hold selections and that no listed event leads to any more: nothing is offered there.

    Args:
        wanted: every detail scope that the lists lead to now; None when a list is missing: then none is closed.
    """
    if wanted is None:
        return []
    held = {held.scope for held in state.selections.values() if held.scope.startswith(DETAIL_SCOPES)}
    return [SeenScope(scope, now, ()) for scope in sorted(held.difference(wanted))]


def difference(
    state: CommittedState,
    seen: Iterable[SeenScope],
    *,
    bookmaker: str,
    league_key: Callable[[str], str | None],
) -> Difference:
    """Compare what was seen with what is committed. Does not change `state`.

    A selection that an answered scope held and that no answered scope lists any more is gone. A selection
    listed by several scopes counts for the first of them. An event listed by several scopes is described
    by the first of them.
    """
    diff = Difference(base_seq=state.seq)
    covered: dict[str, int] = {}
    listed: dict[int, int] = {}
    for part in seen:
        number = covered[part.scope] = len(diff.scopes)
        diff.scopes.append([part.scope, part.observed_at.isoformat()])
        for event in part.events:
            _describe(event, state, diff, league_key)
            for price in event.prices:
                key = selection_key(bookmaker, event.source_id, price)
                if key in listed:
                    continue
                listed[key] = number
                now = Held(
                    None if price.value is None else float(price.value),
                    price.status.value,
                    None if price.available is None else float(price.available),
                    part.scope,
                )
                before = state.selections.get(key)
                if before is None:
                    diff.held[key] = now
                    diff.new.append(
                        [
                            key,
                            event.source_id,
                            number,
                            price.market.value,
                            price.period.value,
                            None if price.line is None else float(price.line),
                            price.selection.value,
                            price.rules.value,
                            price.side.value,
                            now.price,
                            now.status,
                            now.available,
                            float(price.commission),
                        ]
                    )
                    continue
                if now.price is None:  # suspended without a price: the last one shown stays
                    now = now._replace(price=before.price)
                if now[:3] != before[:3]:
                    diff.held[key] = now
                    shown = None if price.value is None else now.price
                    diff.changed.append([key, number, shown, now.status, now.available])
                elif now.scope != before.scope:
                    diff.held[key] = now
                    diff.moved.append([key, number])
    diff.gone = [
        [key, covered[held.scope]]
        for key, held in state.selections.items()
        if held.scope in covered and key not in listed
    ]
    diff.listed = len(listed)
    return diff


def _describe(
    event: Event, state: CommittedState, diff: Difference, league_key: Callable[[str], str | None]
) -> None:
    if event.source_id in diff.described:
        return
    described = diff.described[event.source_id] = Described.of(event)
    if state.events.get(event.source_id) == described:
        return
    diff.events.append(
        [
            event.source_id,
            described.sport,
            described.source_league_id,
            described.league_name,
            league_key(described.source_league_id),
            described.home,
            described.away,
            event.starts_at.isoformat(),
        ]
    )


def apply(state: CommittedState, diff: Difference) -> None:
    """Bring `state` to where the database is (or will be, when the difference waits in the spool)."""
    if not diff.scopes:
        return
    state.seq = diff.base_seq + 1
    state.selections.update(diff.held)
    for key, _ in diff.gone:
        del state.selections[key]
    state.events.update(diff.described)


def forget_started(state: CommittedState, before: float) -> None:
    """Drop events whose kick-off lies before `before` (epoch seconds), so that months of running stay small.

    Their selections went when they started; an event that is listed again is described again.
    """
    old = [source_id for source_id, event in state.events.items() if event.starts_at < before]
    for source_id in old:
        del state.events[source_id]
        state.linked.discard(source_id)
