"""`fleet resolve`: printed names to the teams of a catalogue, offline."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import orjson

from normalizer.teams.resolver import Answer, TeamNames
from normalizer.teams.spellings import Spelling
from scrapers.errors import FleetError

CATALOGUE = ("canonical_id", "canonical_name", "country", "sport", "alias")
QUERIES = ("query", "sport", "country")
COLUMNS = ("query", "canonical_id", "score", "verdict")

Row = dict[str, str]


class NameTableError(FleetError):
    """A table of names cannot be read: no file, no CSV in UTF-8, or a column is missing."""


@click.command()
@click.option(
    "--catalogue",
    required=True,
    metavar="CSV",
    type=click.Path(path_type=Path),
    help="The teams and their spellings.",
)
@click.option(
    "--queries", required=True, metavar="CSV", type=click.Path(path_type=Path), help="The names asked for."
)
@click.option("--explain", is_flag=True, help="Say on stderr how each name was decided.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per name instead of CSV.")
def command(catalogue: Path, queries: Path, explain: bool, as_json: bool) -> None:
    """Find the team that each name means; prints CSV: query,canonical_id,score,verdict.

    Catalogue columns: canonical_id, canonical_name, country, sport, alias, one row per spelling. Query columns:
    query, sport, country (empty: unknown). canonical_id is empty when it is not sure; score is 0 to 1. Verdicts:
    exact, alike (sure enough), ambiguous (an exact spelling of several teams), unsure, unknown (no word is known).
    Exit code: 0, or 2 when a file cannot be read or lacks a column.
    """
    teams = TeamNames(_spellings(catalogue))
    table = csv.writer(sys.stdout, lineterminator="\n")
    if not as_json:
        table.writerow(COLUMNS)
    for row in _rows(queries, QUERIES):
        name, sport, country = (row[column].strip() for column in QUERIES)
        answer = teams.resolve(name, sport, country)
        line = _line(row["query"], answer)
        if as_json:
            click.echo(orjson.dumps(dict(zip(COLUMNS, line, strict=True))))
        else:
            table.writerow(line)
        if explain:
            click.echo("\n".join(teams.explain(name, sport, country)), err=True)


def _line(query: str, answer: Answer) -> tuple[str, str, float, str]:
    return query, answer.team_id or "", round(answer.score, 4), answer.verdict


def _spellings(catalogue: Path) -> dict[Spelling, None]:
    """Every spelling once; the canonical name is one of them."""
    return dict.fromkeys(
        Spelling(row["canonical_id"], name.strip(), row["country"].strip(), row["sport"].strip())
        for row in _rows(catalogue, CATALOGUE)
        for name in (row["canonical_name"], row["alias"])
        if name.strip()
    )


def _rows(file: Path, columns: tuple[str, ...]) -> Iterator[Row]:
    try:
        with file.open(newline="", encoding="utf-8-sig") as text:
            table = csv.DictReader(text, restval="")
            missing = [column for column in columns if column not in (table.fieldnames or ())]
            if missing:
                raise NameTableError(f"{file}: no column {', '.join(missing)}")
            yield from table
    except OSError as error:
        raise NameTableError(f"{file}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise NameTableError(f"{file}: is no CSV in UTF-8: {error}") from None
