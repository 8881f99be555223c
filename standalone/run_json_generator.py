"""`json-generator`: follows the board and publishes `odds.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loguru import logger

from board.feed import build_feed
from board.publish import Publisher
from board.state import BoardFollower
from standalone.connect import claim_source, open_backend, open_files
from standalone.logs import configure_logs
from standalone.process import FileLock, Stop
from standalone.service import Service, wait_for_turn
from standalone.settings import Settings, load_settings
from store.backend import Backend
from store.files import FileStore

NAME = "json-generator"
VALID_FOR_S = 60.0


class Generator:
    """One round: follow the database, make the document, publish it when readers need it."""

    def __init__(self, backend: Backend, files: FileStore, settings: Settings) -> None:
        self._backend = backend
        self._source = settings.source
        self._is_ours = False
        self._follower = BoardFollower(backend)
        # A document must outlive a few rounds, however seldom they are.
        self._publisher = Publisher(files, valid_for_s=max(VALID_FOR_S, 4 * settings.publish_interval_s))
        self._max_age_s = settings.price_max_age_s
        self._simulated = settings.odds_source != "live"

    def step(self) -> Mapping[str, Any]:
        """Raises StoreError; the last published document then simply ages."""
        if not self._is_ours:
            self._is_ours = claim_source(self._backend, self._source, claim=False)
        self._follower.sync()
        board = self._follower.board
        feed = build_feed(
            board,
            now=board.now,
            sequence=self._publisher.next_sequence(board.now),
            valid_for_s=self._publisher.valid_for_s,
            max_age_s=self._max_age_s,
            simulated=self._simulated,
        )
        if self._publisher.publish(feed, now=board.now):
            logger.debug("published {} prices of {} matches", feed.prices, feed.matches)
        return {
            "sequence": self._publisher.sequence,
            "bookmakers": feed.bookmakers,
            "matches": feed.matches,
            "prices": feed.prices,
            "held": sum(len(part.prices) for part in board.parts.values()),
        }


def main() -> None:
    """Run until SIGINT or SIGTERM."""
    settings = load_settings()
    configure_logs(NAME, settings.log_level)
    stop = Stop().listen()
    with FileLock(settings.data_dir / "locks" / f"{NAME}.lock") as lock:
        if not wait_for_turn(lock, stop):
            return
        backend = open_backend(settings, name=NAME)
        generator = Generator(backend, open_files(settings), settings)
        Service(NAME, backend, generator.step, interval_s=settings.publish_interval_s).run(stop)


if __name__ == "__main__":
    main()
