"""Putting `odds.json` where readers find it: whole, compressed beside it, and only when there is a reason."""

from __future__ import annotations

import gzip

from board.feed import Feed
from store.files import FileStore

JSON_NAME = "odds.json"
GZIP_NAME = "odds.json.gz"
MAX_AGE_S = 0
"""Readers ask each time whether there is a newer one."""


class Publisher:
    """Publishes documents that say something new, and refreshes one that is about to lose its validity.

    valid_for_s  how long a published document holds; one with the same content is published again at half of it
    """

    def __init__(self, files: FileStore, *, valid_for_s: float) -> None:
        self.valid_for_s = valid_for_s
        self.sequence = 0
        """Of the last published document; 0: none yet."""
        self._files = files
        self._content_hash = ""
        self._published_at = 0.0

    def next_sequence(self, now: float) -> int:
        """A number above every earlier one, over restarts too: the milliseconds of `now`, never used twice."""
        return max(self.sequence + 1, int(now * 1000))

    def publish(self, feed: Feed, *, now: float) -> bool:
        """Write the document if readers need it; whether it was written.

        `now`: seconds since the epoch, the clock that the document was made by.
        Raises what the file store raises; nothing counts as published then, so the next call writes again.
        """
        age = now - self._published_at
        if feed.content_hash == self._content_hash and 0 <= age < self.valid_for_s / 2:
            return False
        # mtime 0: equal documents are equal files.
        packed = gzip.compress(feed.body, compresslevel=6, mtime=0)
        self._files.put(GZIP_NAME, packed, "application/gzip", MAX_AGE_S)
        self._files.put(JSON_NAME, feed.body, "application/json", MAX_AGE_S)
        self._content_hash = feed.content_hash
        self._published_at = now
        self.sequence = feed.sequence
        return True
