"""`json-generator`: follows the board and publishes `odds.json`, a file for each league, `surebets.json`, the
lists beside it and `status.json`; keeps the life of surebets in the database."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Any

from loguru import logger

from board.changes import Changes
from board.derived import Maker
from board.feed import Feed, FeedBuilder
from board.follow import BoardFollower
from board.freshness import Limits
from board.opportunities import Ledger, SurebetMaker
from board.publish import Publisher
from board.state import Board
from board.status import status_feed
from board.surebets import Settings as SurebetSettings
from scrapers.errors import StoreError
from standalone.connect import claim_source, open_backend, open_files
from standalone.etl import open_service_run
from standalone.lists import list_makers
from standalone.logs import configure_logs
from standalone.process import FileLock, Stop
from standalone.service import Service, wait_for_turn
from standalone.settings import Settings, load_settings
from store.backend import Backend
from store.files import FileStore

NAME = "json-generator"
VALID_FOR_S = 60.0
SEARCHES_SHARE = 0.25
"""Of the publish interval: how long surebets, and values, are looked for in a round. The next prices come first."""


class Generator:
    """One round: follow the database, bring the documents up to date, publish those that readers need.

    `odds.json` first: what each maker makes is written before the next one is told what changed.
    """

    def __init__(self, backend: Backend, files: FileStore, settings: Settings) -> None:
        limits, simulated = Limits(max_age_s=settings.price_max_age_s), settings.odds_source != "live"
        self._backend = backend
        self._source = settings.source
        self._is_ours = False
        self._follower = BoardFollower(backend)
        self._builder = FeedBuilder(limits, simulated=simulated)
        interval = settings.publish_interval_s
        budget_s = interval * SEARCHES_SHARE
        self._surebets = SurebetMaker(limits, surebet_settings(settings), simulated=simulated, budget_s=budget_s)
        self._ledger = Ledger(backend)
        self._adopted = False
        self._makers: tuple[Maker, ...] = (self._builder, self._surebets, *list_makers(settings, budget_s=budget_s))
        self._feeds: dict[Maker, list[Feed]] = {}
        # A document must outlive a few rounds, however seldom they are.
        self._publisher = Publisher(files, valid_for_s=max(VALID_FOR_S, 4 * interval), budget_s=interval)
        self._report: dict[str, Any] = {}

    def step(self) -> Mapping[str, Any]:
        """Raises StoreError; the last published documents then simply age."""
        self._round()
        # What is left by now stays, and is not looked through for garbage again: that takes 100 ms with 600,000
        # prices, and came in the middle of rounds.
        gc.collect()
        gc.freeze()
        return self._report

    def _round(self) -> None:
        if not self._is_ours:
            self._is_ours = claim_source(self._backend, self._source, claim=False)
        if not self._adopted:
            unreadable = self._surebets.adopt(self._ledger)
            self._adopted = True
            if unreadable:
                logger.warning("{} surebets of another release cannot be read; found again, they go on", unreadable)
        self._follower.sync()
        board = self._follower.board
        self._make(board, board.take_changes())
        self._surebets.record(self._ledger, board.now)

    def _make(self, board: Board, changes: Changes) -> None:
        """Tell every maker what changed, whatever becomes of the others' documents, and publish what is different.

        Raises the first StoreError of publishing; what could not be written is due in the next round.
        """
        failures: list[StoreError] = []
        written, due = 0, self._publisher.due(board.now)
        for maker in self._makers:
            if maker.update(board, changes) or due or maker not in self._feeds:
                self._feeds[maker] = feeds = maker.feeds(board)
                try:
                    written += self._publisher.publish(feeds, now=board.now)
                except StoreError as failure:
                    failures.append(failure)
        if failures:
            raise failures[0]
        if written:
            self._publish_status(board)

    def _publish_status(self, board: Board) -> None:
        odds, *_ = self._feeds[self._builder]
        published = self._publisher.published([feed for feeds in self._feeds.values() for feed in feeds])
        status = status_feed(board, odds, published, limits=self._builder.limits)
        self._publisher.publish([status], now=board.now)
        logger.debug("published: {} prices of {} matches", odds.prices, odds.matches)
        self._report = {
            "sequence": self._publisher.sequence,
            "bookmakers": sum(1 for row in odds.head["bookmakers"] if row["prices"]),
            "matches": odds.matches,
            "prices": odds.prices,
            "surebets": sum(1 for _ in self._surebets.life.open()),
            "held": sum(row["held_prices"] for row in status.head["bookmakers"]),
        }


def surebet_settings(settings: Settings) -> SurebetSettings:
    """What is believed to be a surebet, and how much is bet on it."""
    return SurebetSettings(
        max_age_s=settings.surebet_max_age_s,
        max_skew_s=settings.surebet_max_skew_s,
        outlier_ratio=settings.surebet_outlier,
        max_edge=settings.surebet_max_edge,
        min_profit=settings.surebet_min_profit,
        min_families=settings.surebet_min_families,
        outlay=settings.surebet_outlay,
        unit=settings.surebet_unit,
        max_stake=settings.surebet_max_stake,
        alternatives=settings.surebet_alternatives,
    )


def main() -> None:
    """Run until SIGINT or SIGTERM."""
    settings = load_settings()
    configure_logs(NAME, settings.log_level, settings.secrets)
    stop = Stop().listen()
    with FileLock(settings.data_dir / "locks" / f"{NAME}.lock") as lock:
        if not wait_for_turn(lock, stop):
            return
        backend = open_backend(settings, name=NAME)
        generator = Generator(backend, open_files(settings), settings)
        interval_s = settings.publish_interval_s
        life = open_service_run(settings, backend, NAME, interval_s=interval_s)
        Service(NAME, backend, generator.step, interval_s=interval_s, life=life).run(stop)


if __name__ == "__main__":
    main()
