"""Which countries play in a region's competitions (normalizer/data/confederations.json)."""

from __future__ import annotations

from functools import lru_cache

from normalizer.vocabulary import load_table


def covers(region: str, country: str) -> bool:
    """Whether a country plays in a region's competitions; where its countries are not listed, anybody does."""
    members = _members()
    return country in members[region] if region in members else not _is_nation(region)


@lru_cache(maxsize=1)
def _members() -> dict[str, frozenset[str]]:
    return {region: frozenset(names) for region, names in load_table("confederations")["members"].items()}


@lru_cache(maxsize=256)
def _is_nation(name: str) -> bool:
    return name in load_table("countries")["countries"]
