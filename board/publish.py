"""Putting documents where readers find them: whole, compressed beside it, and only when there is a reason."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from math import inf

from board.feed import Feed
from board.status import Published
from store.files import FileStore

MAX_AGE_S = 0
"""Readers ask each time whether there is a newer one."""


class Publisher:
    """Publishes documents that say something new, and refreshes those that are about to lose their validity.

    valid_for_s  how long a published document holds; one with the same content is published again at half of it
    budget_s     how long one call goes on beginning files after the first; the rest follows with the next call
    clock        monotonic seconds
    """

    def __init__(
        self,
        files: FileStore,
        *,
        valid_for_s: float,
        budget_s: float = inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.valid_for_s = valid_for_s
        self.sequence = 0
        """Of the last published document; 0: none yet."""
        self._files = files
        self._budget_s = budget_s
        self._clock = clock
        self._published: dict[str, Published] = {}
        self._waiting: set[str] = set()

    def due(self, now: float) -> bool:
        """Whether something is to be written although nothing changed: left over, or about to lose its validity."""
        published = self._published.values()
        return not published or bool(self._waiting) or any(self._ages(file, now) for file in published)

    def published(self, feeds: Sequence[Feed]) -> list[Published]:
        """What stands under the names of these documents now; those never written are left out."""
        return [self._published[feed.name] for feed in feeds if feed.name in self._published]

    def publish(self, feeds: Sequence[Feed], *, now: float) -> int:
        """Write the documents that readers need; how many were written.

        The first document goes first and always; of the others those that were written longest ago.

        `now`: seconds since the epoch, the clock that the documents were made by.
        Raises what the file store raises; the document at hand does not count as published then.
        """
        begun, sequence, written = self._clock(), self._next_sequence(now), 0
        needed = [feed for feed in feeds if self._needed(feed, now)]
        self._waiting.update(feed.name for feed in needed)
        for feed in sorted(needed, key=lambda feed: (feed is not feeds[0], self._written_at(feed))):
            if written and self._clock() - begun >= self._budget_s:
                return written
            self._write(feed, sequence, now)
            written += 1
        return written

    def _write(self, feed: Feed, sequence: int, now: float) -> None:
        body, packed = feed.written(sequence=sequence, generated_at=now, valid_until=now + self.valid_for_s)
        self._files.put(f"{feed.name}.gz", packed, "application/gzip", MAX_AGE_S)
        self._files.put(feed.name, body, "application/json", MAX_AGE_S)
        self.sequence = sequence
        self._waiting.discard(feed.name)
        self._published[feed.name] = Published(
            feed.name, feed.league, sequence, feed.content_hash, now, feed.matches, feed.prices
        )

    def _needed(self, feed: Feed, now: float) -> bool:
        before = self._published.get(feed.name)
        return before is None or before.content_hash != feed.content_hash or self._ages(before, now)

    def _ages(self, file: Published, now: float) -> bool:
        return not 0 <= now - file.at < self.valid_for_s / 2

    def _written_at(self, feed: Feed) -> float:
        before = self._published.get(feed.name)
        return -inf if before is None else before.at

    def _next_sequence(self, now: float) -> int:
        """A number above every earlier one, over restarts too: the milliseconds of `now`, never used twice."""
        return max(self.sequence + 1, int(now * 1000))
