"""`json-generator`: follows the board and publishes `odds.json`, a file for each league, and `status.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loguru import logger

from board.derived import Maker
from board.feed import FeedBuilder
from board.follow import BoardFollower
from board.freshness import Limits
from board.publish import Publisher
from board.state import Board
from board.status import status_feed
from standalone.connect import claim_source, open_backend, open_files
from standalone.lists import list_makers
from standalone.logs import configure_logs
from standalone.process import FileLock, Stop
from standalone.service import Service, wait_for_turn
from standalone.settings import Settings, load_settings
from store.backend import Backend
from store.files import FileStore

NAME = "json-generator"
VALID_FOR_S = 60.0


class Generator:
    """One round: follow the database, bring the documents up to date, publish those that readers need."""

    def __init__(self, backend: Backend, files: FileStore, settings: Settings) -> None:
        self._backend = backend
        self._source = settings.source
        self._is_ours = False
        self._follower = BoardFollower(backend)
        self._builder = FeedBuilder(
            Limits(max_age_s=settings.price_max_age_s), simulated=settings.odds_source != "live"
        )
        self._makers: tuple[Maker, ...] = (self._builder, *list_makers(settings))
        interval = settings.publish_interval_s
        # A document must outlive a few rounds, however seldom they are.
        self._publisher = Publisher(files, valid_for_s=max(VALID_FOR_S, 4 * interval), budget_s=interval)
        self._report: dict[str, Any] = {}

    def step(self) -> Mapping[str, Any]:
        """Raises StoreError; the last published documents then simply age."""
        if not self._is_ours:
            self._is_ours = claim_source(self._backend, self._source, claim=False)
        self._follower.sync()
        board = self._follower.board
        changes = board.take_changes()
        # Every maker is told, whatever the others answer.
        different = [maker for maker in self._makers if maker.update(board, changes)]
        if different or self._publisher.due(board.now):
            self._publish(board)
        return self._report

    def _publish(self, board: Board) -> None:
        feeds = [feed for maker in self._makers for feed in maker.feeds(board)]
        odds = feeds[0]
        written = self._publisher.publish(feeds, now=board.now)
        status = status_feed(board, odds, self._publisher.published(feeds), limits=self._builder.limits)
        written += self._publisher.publish([status], now=board.now)
        logger.debug("published {} files: {} prices of {} matches", written, odds.prices, odds.matches)
        self._report = {
            "sequence": self._publisher.sequence,
            "bookmakers": sum(1 for row in odds.head["bookmakers"] if row["prices"]),
            "matches": odds.matches,
            "prices": odds.prices,
            "held": sum(row["held_prices"] for row in status.head["bookmakers"]),
        }


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
        Service(NAME, backend, generator.step, interval_s=settings.publish_interval_s).run(stop)


if __name__ == "__main__":
    main()
