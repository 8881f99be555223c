"""The price history against what the simulator says it served: neither a row too many nor one too few.

The expectation is made from the simulator's journal and the times that committed cycles give for their pages;
it shares no line with the parsers, the scraper's difference or the database's functions that it judges.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from scrapers.records import Price, PriceStatus
from simulator import truth
from simulator.faults import Kind
from simulator.fixtures import fixture_of
from simulator.journal import Entry
from store.keys import selection_key
from tests.support.fleet import Fleet

SEED = 1
"""The simulator's, as settings give it by default."""
WHOLE = frozenset({None, Kind.SLOW, Kind.EMPTY_LIST})
"""Faults of an answer that a scraper takes for a page (an empty list is one: what it held is gone)."""
CLOCK_S = 0.001
"""Cycles keep their pages' times in whole milliseconds."""
CYCLE_AT_MOST_S = 24.0
DELIVERY_AT_MOST_S = 3.0

CYCLES = """
    select scraper_name, started_at, (result->>'commit_seq')::bigint, extra_data->'pages_ms',
           extra_data->'closed_ms'
    from scraper_cycles where extra_data ? 'pages_ms' order by 1, 3
"""
HISTORY = """
    select b.slug, h.selection_key, h.commit_seq, h.price, h.status, h.observed_at
    from price_history h join bookmakers b using (bookmaker_id)
"""
CURRENT = """
    select b.slug, p.selection_key, p.price, p.status, p.last_changed_at
    from prices p join bookmakers b using (bookmaker_id)
"""


@dataclass(frozen=True, slots=True)
class Cycle:
    """A committed cycle: scope -> when it was seen, closed ones -> when that was noticed; ms from the start."""

    started_at: datetime
    commit: int
    pages: Mapping[str, int]
    closed: Mapping[str, int]

    def seen_at(self, scope: str) -> float | None:
        """When the cycle saw what this scope holds, epoch s; None when it did not."""
        after_ms = self.pages.get(scope, self.closed.get(scope))
        return None if after_ms is None else self.started_at.timestamp() + after_ms / 1000

    def lists_first(self) -> list[str]:
        """The scopes of its pages. What a list shows counts before what an event's own page shows."""
        return sorted(self.pages, key=lambda scope: scope.startswith("event:"))


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that was ended in the middle of its work, and when (epoch s)."""

    name: str
    at: float


@dataclass(slots=True)
class Served:
    """What one bookmaker should have in the database. Keys are selection keys, times epoch s.

    rows      (key, commit, price, status) -> how often
    times     (key, commit) -> when the page came that the change was on
    current   key -> price last shown, status
    scope_of  key -> the part of the offer that listed it last
    """

    rows: Counter[tuple[int, int, Decimal | None, str]] = field(default_factory=Counter)
    times: dict[tuple[int, int], float] = field(default_factory=dict)
    current: dict[int, tuple[Decimal | None, str]] = field(default_factory=dict)
    scope_of: dict[int, str] = field(default_factory=dict)

    def change(self, key: int, commit: int, at: float, price: Decimal | None, status: str) -> None:
        """One more row of the history, and what it leaves as current: a selection keeps the last price shown."""
        self.rows[key, commit, price, status] += 1
        self.times[key, commit] = at
        last = self.current.get(key, (None, ""))[0]
        self.current[key] = (last if price is None else price, status)


@dataclass(frozen=True, slots=True)
class Compared:
    """What was compared, over all bookmakers. `orphans`: answers that no committed cycle holds."""

    cycles: int
    answers: int
    rows: int
    selections: int
    gone: int
    orphans: Sequence[Entry]


def compare(fleet: Fleet, slugs: Collection[str], ended: Iterable[Ended]) -> Compared:
    """Compare history and current prices of these bookmakers with the journal; their scrapers must have ended.

    Fails unless they are equal row by row, and unless each answer that no committed cycle holds was given to
    a process (or by one) that was ended just then.
    """
    ended = list(ended)
    journal: dict[str, dict[str, list[Entry]]] = {slug: {} for slug in slugs}
    for entry in fleet.journal():
        if entry.bookmaker in journal:
            journal[entry.bookmaker].setdefault(scope_of(entry), []).append(entry)
    cycles: dict[str, list[Cycle]] = {slug: [] for slug in slugs}
    for slug, *rest in fleet.query(CYCLES):
        if slug in cycles:
            cycles[slug].append(Cycle(*rest))
    history = grouped(fleet.query(HISTORY), slugs)
    current = grouped(fleet.query(CURRENT), slugs)

    answers = rows = selections = gone = committed = 0
    orphans: list[Entry] = []
    for slug in slugs:
        assert cycles[slug], f"{slug}: no cycle was committed"
        served, taken = _expected(slug, cycles[slug], journal[slug])
        orphans += [
            entry
            for entries in journal[slug].values()
            for entry in entries
            if entry.fault in WHOLE and id(entry) not in taken
        ]
        _same_history(slug, served, history[slug])
        _same_prices(slug, served, current[slug])
        committed += len(cycles[slug])
        answers += len(taken)
        rows += len(history[slug])
        selections += len(current[slug])
        gone += sum(status == "gone" for _, _, _, status in served.rows)
    unexplained = [entry for entry in orphans if not _explained(entry, ended)]
    assert not unexplained, f"{len(unexplained)} answers are in no committed cycle, the first: {unexplained[0]}"
    return Compared(committed, answers, rows, selections, gone, orphans)


def scope_of(entry: Entry) -> str:
    """The part of the offer that an answer is about, as platforms name it."""
    if entry.events is not None:
        (code,) = entry.events
        fixture = fixture_of(SEED, code)
        assert fixture is not None
        return f"event:{truth.source_id(SEED, entry.brand.partition('/')[0], fixture)}"
    return f"league:{entry.league}" + ("/early_payout" if entry.kind == "category" else "")


def grouped(rows: Iterable[tuple[Any, ...]], slugs: Collection[str]) -> dict[str, list[tuple[Any, ...]]]:
    """The rest of each row by its first column."""
    found: dict[str, list[tuple[Any, ...]]] = {slug: [] for slug in slugs}
    for slug, *rest in rows:
        if slug in found:
            found[slug].append(tuple(rest))
    return found


def _expected(
    slug: str, cycles: Sequence[Cycle], journal: Mapping[str, Sequence[Entry]]
) -> tuple[Served, set[int]]:
    """Fold the answers that committed cycles hold, in order; also which journal entries those are."""
    served, taken = Served(), set[int]()
    for cycle in cycles:
        listed: dict[int, tuple[Decimal | None, str, str, float]] = {}
        for scope in cycle.lists_first():
            seen_at = cycle.seen_at(scope)
            assert seen_at is not None
            entry = _answer(journal.get(scope, []), cycle.started_at.timestamp(), seen_at)
            assert entry is not None, f"{slug} {cycle.started_at} {scope}: committed, but nothing was served"
            assert id(entry) not in taken, f"{slug} {cycle.started_at} {scope}: two cycles hold one answer"
            taken.add(id(entry))
            for natural, (shown, state) in truth.served_prices(entry, SEED).items():
                key = _key(slug, natural)
                if key in listed:
                    assert scope.startswith("event:"), f"{slug} {cycle.started_at}: {natural} is in two lists"
                    continue
                listed[key] = (shown, state.value, scope, seen_at)
        for key, (price, status, scope, seen_at) in listed.items():
            last, was = served.current.get(key, (None, "gone"))
            # A suspended selection shows no price; that alone is no change of it.
            if was != status or price not in (None, last):
                served.change(key, cycle.commit, seen_at, price, status)
            served.scope_of[key] = scope
        for key, (_, status) in list(served.current.items()):
            gone_at = cycle.seen_at(served.scope_of[key])
            if status != "gone" and gone_at is not None and key not in listed:
                served.change(key, cycle.commit, gone_at, None, "gone")
    return served, taken


def _answer(entries: Sequence[Entry], begin: float, seen_at: float) -> Entry | None:
    """The last answer given before the page had come, if it was given in this cycle."""
    place = bisect_right(entries, seen_at + CLOCK_S, key=lambda entry: entry.at)
    if place == 0 or entries[place - 1].at < begin - CLOCK_S:
        return None
    assert entries[place - 1].fault in WHOLE, f"taken for a page: {entries[place - 1]}"
    return entries[place - 1]


_keys: dict[tuple[str, truth.PriceKey], int] = {}


def _key(slug: str, natural: truth.PriceKey) -> int:
    known = _keys.get((slug, natural))
    if known is None:
        source_id, market, period, line, selection, rules, side = natural
        price = Price(
            market=market,
            selection=selection,
            value=Decimal(2),
            period=period,
            line=line,
            rules=rules,
            side=side,
            status=PriceStatus.OPEN,
        )
        known = _keys[slug, natural] = selection_key(slug, source_id, price)
    return known


def _same_history(slug: str, served: Served, rows: Sequence[tuple[Any, ...]]) -> None:
    stored = Counter((key, commit, price, status) for key, commit, price, status, _ in rows)
    missing, surplus = served.rows - stored, stored - served.rows
    assert not missing and not surplus, (  # noqa: PT018 - both sides belong into one message
        f"{slug}: of {len(rows)} rows {missing.total()} are missing and {surplus.total()} are too many: "
        f"{list(missing)[:3]} {list(surplus)[:3]}"
    )
    late = [
        (key, observed_at)
        for key, commit, _, _, observed_at in rows
        if abs(observed_at.timestamp() - served.times[key, commit]) > CLOCK_S
    ]
    assert not late, f"{slug}: {len(late)} rows do not carry the time at which the page came: {late[:3]}"


def _same_prices(slug: str, served: Served, rows: Sequence[tuple[Any, ...]]) -> None:
    stored = {key: (price, status) for key, price, status, _ in rows}
    different = {key for key in served.current.keys() | stored.keys() if served.current.get(key) != stored.get(key)}
    assert not different, (
        f"{slug}: {len(different)} current prices are not the last ones served: {sorted(different)[:3]}"
    )
    last: dict[int, float] = {}
    for (key, _), at in served.times.items():
        last[key] = max(at, last.get(key, 0.0))
    wrong = [key for key, _, _, changed in rows if abs(changed.timestamp() - last[key]) > CLOCK_S]
    assert not wrong, f"{slug}: {len(wrong)} prices have another time of change than the history: {wrong[:3]}"


def _explained(entry: Entry, ended: Iterable[Ended]) -> bool:
    """Whether the process that asked was ended before it committed, or the one that answered while it did.

    A request that was on its way when its asker was killed is still answered.
    """
    for end in ended:
        if end.name == f"scraper-{entry.bookmaker}" and -DELIVERY_AT_MOST_S <= end.at - entry.at <= CYCLE_AT_MOST_S:
            return True
        if end.name == "simulator" and abs(end.at - entry.at) <= DELIVERY_AT_MOST_S:
            return True
    return False
