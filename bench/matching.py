"""How well matching works: the tables of docs/matching.md, of names and of events.

    python -m bench.matching [--write]

The labelled names and events lie beside the repository on a development machine (bench.matching_data); without them
nothing is measured.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench import matching_events, matching_names
from bench.matching_data import load_scorer, rows_of, team_rows

PAGE = Path(__file__).resolve().parents[1] / "docs" / "matching.md"
PARTS = {"names": matching_names.tables, "events": matching_events.tables}
"""Each part's tables stand between marks of its name; the words around them stay."""


def run() -> dict[str, Any]:
    """Measure, print the tables, and return every figure; empty where the labelled data are absent."""
    score, teams = load_scorer(), team_rows()
    pairs, events = rows_of("hard_negatives_dev.csv"), rows_of("events_dev.csv")
    if score is None or teams is None or pairs is None or events is None:
        print("matching: the labelled names and events are not beside the repository; nothing measured")
        return {}
    found = {
        "names": matching_names.measure(score, teams, pairs),
        "events": matching_events.measure(score, events),
    }
    for part, tables in PARTS.items():
        print("\n".join(tables(found[part])))
    return found


def write(found: Mapping[str, Any]) -> None:
    """Put the tables into docs/matching.md."""
    page = PAGE.read_text(encoding="utf-8")
    for part, tables in PARTS.items():
        start, end = f"<!-- {part}: begin -->", f"<!-- {part}: end -->"
        before, _, rest = page.partition(start)
        _, _, after = rest.partition(end)
        page = "\n".join([f"{before}{start}", "", *tables(found[part]), f"{end}{after}"])
    PAGE.write_text(page, encoding="utf-8")


def main() -> None:
    """Print the tables; with --write, put them into docs/matching.md too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    found = run()
    if found and arguments.write:
        write(found)


if __name__ == "__main__":
    main()
