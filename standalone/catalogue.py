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
        """The catalogue as it is now; only what changed since the last call is read."""
        with self.lock:
            return self._read_changes()

    def _read_changes(self) -> Catalogue:
        if self._catalogue is None:
            self._catalogue = Catalogue()
            self._read_to = dict.fromkeys(KINDS, (0, 0))
        catalogue = self._catalogue
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
                # Of the first answer: what was written while we read is read again next time, never missed.
                reached = reached or (page["version"], page["reload_epoch"])
                catalogue.apply_page(kind, page["rows"])
                if page["rows"]:
                    self._read_to[kind] = (page["rows"][-1][0], page["rows"][-1][1])
                if len(page["rows"]) < PAGE:
                    break
        if reached is not None:
            catalogue.version, catalogue.reload_epoch = reached
        return catalogue

    def drop(self) -> None:
        """Forget it; the next `fresh()` reads all of it anew."""
        with self.lock:
            self._catalogue = None
