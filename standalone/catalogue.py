"""The catalogue of teams, leagues and matches, loaded from the database when somebody needs it."""

from __future__ import annotations

import threading

from normalizer.catalogue import Catalogue
from store.backend import Backend

PAGE = 5000
KINDS = ("matches", "aliases", "teams", "leagues")
"""In reading order: what refers to teams before the teams. Others write while we read, so only then is every team
that a row names read too."""


class CatalogueCache:
    """One catalogue per process. Most cycles need none, so none is held until the first `fresh()`.

    lock  held by whoever refreshes or reads the catalogue; in a process of several scrapers they take turns
    """

    def __init__(self, backend: Backend) -> None:
        self.lock = threading.RLock()
        self._backend = backend
        self._catalogue: Catalogue | None = None
        self._read_to: dict[str, tuple[int, int]] = {}

    def fresh(self) -> Catalogue:
        """The catalogue as it is now; only what changed since the last call is read.

        All of it is read anew when the database asks for that: then rows may be gone (merged teams, old matches),
        which no change tells.
        """
        with self.lock:
            if self._catalogue is None or not self._read_changes(self._catalogue):
                self._catalogue = None
                self._read_to = dict.fromkeys(KINDS, (0, 0))
                whole = Catalogue()
                self._read_changes(whole)
                self._catalogue = whole
            return self._catalogue

    def _read_changes(self, catalogue: Catalogue) -> bool:
        """Take in what changed since it was last read; False when it has to be read anew."""
        reached: tuple[int, int] | None = None
        for kind in KINDS:
            while True:
                after_version, after_id = self._read_to[kind]
                page = self._backend.call(
                    "catalogue_page",
                    {
                        "p_kind": kind,
                        "p_after_version": after_version,
                        "p_after_id": after_id,
                        "p_limit": PAGE,
                    },
                )
                if reached is None:
                    # Of the first answer: what was written while we read is read again next time, never missed.
                    reached = (page["version"], page["reload_epoch"])
                    if catalogue is self._catalogue and catalogue.reload_epoch != page["reload_epoch"]:
                        return False
                catalogue.apply_page(kind, page["rows"])
                if page["rows"]:
                    self._read_to[kind] = (page["rows"][-1][0], page["rows"][-1][1])
                if len(page["rows"]) < PAGE:
                    break
        if reached is not None:
            catalogue.version, catalogue.reload_epoch = reached
        return True

    def drop(self) -> None:
        """Forget it; the next `fresh()` reads all of it anew."""
        with self.lock:
            self._catalogue = None
