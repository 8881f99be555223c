"""The labelled names and events that lie beside the repository on a development machine, where they do."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path
from types import ModuleType

OURS = "this project"
"""How the tables call it."""

Rows = list[dict[str, str]]

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "benchmarks" / "matching"


def load_scorer() -> ModuleType | None:
    """The scorer with its baselines; None where it is absent."""
    path = FOLDER / "score.py"
    if not path.is_file():
        return None
    spec = importlib.util.spec_from_file_location("matching_score", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows_of(name: str) -> Rows | None:
    """The rows of one of the data set's CSV files; None where it is absent."""
    path = FOLDER / name
    if not path.is_file():
        return None
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def team_rows() -> Rows | None:
    """Spellings of clubs: canonical_id, canonical_name, country, sport, alias, source."""
    return rows_of("teams_dev.csv")
