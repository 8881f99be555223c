"""The doors through which the matching is measured: names to teams, and two lists of events to pairs.

`build` takes a catalogue as CSV and gives a function that resolves names; `link` takes events as
{"id", "source", "league", "home", "away", "kickoff_utc"}. The fleet, `fleet resolve` and `fleet link` use the same
code.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from normalizer.lists.linking import link
from normalizer.teams.model import Models
from normalizer.teams.resolver import TeamNames
from normalizer.teams.spellings import Spelling

__all__ = ["build", "link", "read_catalogue"]

CATALOGUE_COLUMNS = ("canonical_id", "canonical_name", "country", "sport", "alias")


def read_catalogue(path: str | Path, models: Models | None = None) -> TeamNames:
    """A catalogue of CATALOGUE_COLUMNS; other columns are ignored. The canonical name is a spelling too.
    `models` as TeamNames takes them.

    Raises OSError when the file cannot be read, KeyError for a missing column.
    """
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    spellings = dict.fromkeys(
        Spelling(row["canonical_id"], name, row["country"], row["sport"])
        for row in rows
        for name in (row["canonical_name"], row["alias"])
    )
    return TeamNames(spellings, models)


def build(catalogue: str) -> Callable[[str, str, str | None], str | None]:
    """A function of (name, sport, country or None) that gives the canonical id, or None when it is not sure."""
    teams = read_catalogue(catalogue)

    def resolve(name: str, sport: str, country: str | None) -> str | None:
        return teams.resolve(name, sport, country or "").team_id

    return resolve
