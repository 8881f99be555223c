"""What one process needs once, however many scrapers it runs: settings, registry, database, catalogue."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from loguru import logger

from scrapers.registry import Registry, load_registry
from standalone.catalogue import CatalogueCache
from standalone.connect import open_backend
from standalone.settings import Settings, load_settings
from store.backend import Backend

if TYPE_CHECKING:
    from normalizer.leagues import LeagueNames


@dataclass
class SharedResources:
    """Built once per process. `keep_catalogue`: several scrapers share it, so it stays between cycles."""

    settings: Settings = field(default_factory=load_settings)
    keep_catalogue: bool = False

    @cached_property
    def registry(self) -> Registry:
        """Every bookmaker and league."""
        return load_registry()

    @cached_property
    def league_names(self) -> LeagueNames:
        """Declared leagues by what they are called."""
        from normalizer.leagues import DeclaredLeague, LeagueNames  # most cycles need no matcher

        declared = self.registry.leagues.values()
        return LeagueNames(DeclaredLeague(one.key, one.name, one.country, one.sport) for one in declared)

    @cached_property
    def backend(self) -> Backend:
        """The database; connects on first use."""
        return open_backend(self.settings)

    @cached_property
    def catalogue(self) -> CatalogueCache:
        """Teams, leagues, aliases and matches."""
        return CatalogueCache(self.backend)

    def reload(self) -> None:
        """Forget what is cached from the database; it is read anew when next needed."""
        logger.debug("caches dropped")
        self.catalogue.drop()

    def close(self) -> None:
        """Give the database connection back."""
        if "backend" in self.__dict__:
            self.backend.close()
