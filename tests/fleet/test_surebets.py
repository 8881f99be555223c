"""Surebets from real parsers to their document, with faults: none that is not true, and none missed that is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from board.freshness import STANDARD_INTERVAL_S
from orchestrator import collect_once
from simulator import truth
from simulator.faults import Kind
from simulator.fixtures import fixture_of
from simulator.journal import read_entries
from standalone.run_json_generator import Generator, surebet_settings
from standalone.settings import Settings
from standalone.shared_resources import SharedResources
from store.files import DirectoryFileStore
from store.postgres import PostgresBackend
from tests.board.sketch import schema
from tests.support.offered import Bet, Opportunity, Shown, ShownLeg, shown, surebets_in
from tests.support.postgres import TestServer
from tests.support.scraping import Workplace, workplace

pytestmark = pytest.mark.fleet

SEED = 7
BOOKMAKERS = ("kto", "estrelabet", "betano", "superbet", "novibet", "betbra")
"""Six desks: all three contracts, suspended markets, and an exchange."""
LEAGUES = ("la_liga", "premier_league", "nba")
LEAST_CHANCE = 0.02
"""No total is moved further than to a price of 50: nobody could be told to show more than 1001."""


@dataclass
class Scene:
    """A simulator, a database, and a generator whose rounds are made here.

    shown  the last word of each bookmaker on each match
    """

    place: Workplace
    resources: SharedResources
    generator: Generator
    shown: dict[tuple[str, int], Mapping[Bet, float]] = field(default_factory=dict)
    entries_read: int = 0

    def cycle(self, *actions: Callable[[], object]) -> list[list[Opportunity]]:
        """One cycle of every bookmaker; what is listed then, and again after each action. Then all have stopped."""
        declared = self.resources.registry.bookmakers
        bookmakers = [declared[slug].model_copy(update={"leagues": LEAGUES}) for slug in BOOKMAKERS]
        listed: list[list[Opportunity]] = []

        def publish() -> None:
            listed.append(self.round())
            for action in actions:
                action()
                listed.append(self.round())

        asyncio.run(collect_once(self.resources, bookmakers, lambda slug, phase, report: None, publish))
        entries = list(read_entries(self.place.folder / "var" / "simulator" / "served.jsonl"))
        self.shown |= shown(entries[self.entries_read :], SEED)
        self.entries_read = len(entries)
        return listed

    def round(self) -> list[Opportunity]:
        """A round of the generator; what surebets.json lists, which is what stands open in the database."""
        self.generator.step()
        document = self.document()
        schema("surebets").validate(document)
        rows = self.place.rows("select key, last_edge, period, last_sight from surebets where closed_at is null")
        assert {row["key"] for row in rows} == {one["key"] for one in document["surebets"]}
        return [self._opportunity(row) for row in rows]

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = orjson.loads((self.place.folder / "out" / "surebets.json").read_bytes())
        return document

    def _opportunity(self, row: dict[str, Any]) -> Opportunity:
        legs, codes = set(), set()
        for leg in row["last_sight"]["legs"]:
            (event,) = self.place.rows(
                "select source_event_id, swapped from bookmaker_events where event_id = %s", leg["event_id"]
            )
            assert not event["swapped"]
            identity = truth.match_of(leg["bookmaker"], event["source_event_id"], SEED)
            assert identity is not None
            codes.add(identity.code)
            bet = Bet(leg["market"], row["period"], leg["line"], leg["selection"], leg["rules"], leg["side"])
            legs.add(ShownLeg(leg["bookmaker"], bet, leg["price"]))
        (code,) = codes  # of one match
        return Opportunity(code, row["period"], frozenset(legs), row["last_edge"])

    def underrate(self, bookmaker: str, share: float, taken: set[int]) -> Opportunity:
        """Let a bookmaker show so high a price for over that it and the best under elsewhere cost `share` of what
        they pay. The match is one that is not `taken` yet, the market one that every list shows."""
        for (slug, code), bets in sorted(self.shown.items()):
            for bet, own in bets.items() if slug == bookmaker and code not in taken else ():
                under = bet._replace(selection="under")
                offers = {
                    other: prices[under]
                    for (other, same), prices in self.shown.items()
                    if same == code and other not in (bookmaker, "betbra") and under in prices
                }
                usual = (bet.market, bet.period, bet.selection) == ("totals", "match", "over") and 1.7 < own < 2.4
                if usual and len(offers) > 2:
                    other, price = max(offers.items(), key=lambda item: item[1])
                    if share - 1 / price < LEAST_CHANCE:
                        continue
                    taken.add(code)
                    raised = round(1 / (share - 1 / price), 2)
                    self._move(bookmaker, code, bet, raised)
                    legs = frozenset({ShownLeg(bookmaker, bet, raised), ShownLeg(other, under, price)})
                    return Opportunity(code, bet.period, legs, 1 / share - 1)
        raise AssertionError(f"{bookmaker} shows no total that others show too")

    def _move(self, bookmaker: str, code: int, bet: Bet, price: float) -> None:
        fixture = fixture_of(SEED, code)
        assert fixture is not None
        platform = self.resources.registry.bookmakers[bookmaker].platform
        self.place.control.post(
            "/control/move",
            json={
                "bookmaker": bookmaker,
                "event_id": truth.event_id(SEED, platform, fixture),
                "market": bet.market,
                "selection": bet.selection,
                "line": bet.line,
                "period": bet.period,
                "price": price,
            },
        ).raise_for_status()

    def unseen(self, bookmaker: str, seconds: float) -> None:
        """As if a bookmaker had last been read so many seconds earlier."""
        self.place.database.execute(
            "update price_scopes s set last_seen_at = last_seen_at - make_interval(secs => %s)"
            " from bookmakers b where b.bookmaker_id = s.bookmaker_id and b.slug = %s",
            (seconds, bookmaker),
        )
        # Its commits say when scopes moved.
        self.place.database.execute(
            "update scraper_status set commit_seq = commit_seq + 1 where scraper_name = %s", (bookmaker,)
        )


@pytest.fixture(scope="module")
def scene(postgres_server: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with (
        workplace(postgres_server, tmp_path_factory.mktemp("surebets"), seed=SEED) as place,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in place.environment(SUREBET_ALTERNATIVES="10", SUREBET_MAX_EDGE="0.06").items():
            if name != "PATH":
                patch.setenv(name, value)
        settings = Settings()
        backend = PostgresBackend(place.url)
        resources = SharedResources(settings, keep_catalogue=True)
        generator = Generator(backend, DirectoryFileStore(place.folder / "out"), settings)
        yield Scene(place, resources, generator)
        resources.close()
        backend.close()


def assert_true(listed: Sequence[Opportunity], prices: Shown) -> None:
    """Every leg is what its bookmaker showed last, on that match; contracts that settle differently never mix."""
    for one in listed:
        for leg in one.legs:
            assert prices.get((leg.bookmaker, one.code), {}).get(leg.bet) == leg.price, (one, leg)
            assert leg.bet.period == one.period
        assert len({leg.bet.rules == "early_payout" for leg in one.legs}) == 1, one


def missed(true: Sequence[Opportunity], listed: Sequence[Opportunity]) -> list[Opportunity]:
    """True ones that are neither listed nor outdone by a better one of their match and period."""
    legs = {(one.code, one.legs) for one in listed}
    best: dict[tuple[int, str], float] = {}
    for one in listed:
        best[one.code, one.period] = max(one.edge, best.get((one.code, one.period), 0.0))
    return [
        one
        for one in true
        if (one.code, one.legs) not in legs and best.get((one.code, one.period), 0.0) < one.edge - 1e-9
    ]


def names(opportunity: Opportunity) -> set[str]:
    return {leg.bookmaker for leg in opportunity.legs}


def test_every_surebet_is_true_and_every_true_one_is_found(scene: Scene) -> None:
    gates = surebet_settings(Settings())
    (listed,) = scene.cycle()
    assert_true(listed, scene.shown)

    taken: set[int] = set()
    moved = [scene.underrate(bookmaker, 0.97, taken) for bookmaker in ("kto", "novibet", "novibet")]
    absurd = [scene.underrate("superbet", share, taken) for share in (0.92, 0.6)]
    (listed,) = scene.cycle()
    assert_true(listed, scene.shown)
    lasting = surebets_in(scene.shown, gates, SEED)
    # A price may have moved in the seconds between.
    assert len(missed(moved, lasting)) < 2, "the world holds what was put there"
    assert not missed(lasting, listed)
    # The second one is so far off that the scraper took no such market in.
    wrong = {(one.code, leg) for one in absurd for leg in one.legs if leg.bookmaker == "superbet"}
    assert not wrong & {(one.code, leg) for one in listed for leg in one.legs}
    assert scene.document()["refused"]["reasons"]["edge"] >= 1

    # Novibet fails: what it showed last is believed as long as it is fresh, and not a moment longer.
    scene.place.fault("novibet", Kind.RESET)
    limit_s = gates.max_age_s * scene.resources.registry.bookmakers["novibet"].interval_s / STANDARD_INTERVAL_S
    listed, aged, silent = scene.cycle(
        lambda: scene.unseen("novibet", limit_s), lambda: scene.unseen("novibet", limit_s)
    )
    assert_true(listed, scene.shown)
    true = surebets_in(scene.shown, gates, SEED)
    assert not missed([one for one in lasting if one in true], listed)
    assert any("novibet" in names(one) for one in listed)
    for later in (aged, silent):
        assert_true(later, scene.shown)
        assert not any("novibet" in names(one) for one in later)
    reasons = scene.place.rows("select distinct closed_reason from surebets where closed_at is not null")
    assert "doubted" in {row["closed_reason"] for row in reasons}

    # All scrapers have stopped by now.
    sequence = scene.document()["sequence"]
    assert scene.round() == []
    document = scene.document()
    assert (document["surebets"], document["sequence"] > sequence) == ([], True)
    last = "select closed_reason from surebets where closed_at = (select max(closed_at) from surebets)"
    assert {row["closed_reason"] for row in scene.place.rows(last)} == {"bookmaker_silent"}
