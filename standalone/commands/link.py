"""`fleet link`: two lists of events to the pairs that are one match, offline."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import click
import orjson

from normalizer.lists.events import EventList, EventRowError, read_events
from normalizer.lists.linking import link_lists

NEEDED = ("event_id", "league", "home", "away", "kickoff_utc")
COLUMNS = ("a_event_id", "b_event_id", "score")


@click.command()
@click.option(
    "--a", "file_a", required=True, metavar="CSV", type=click.Path(path_type=Path), help="A list of events."
)
@click.option("--b", "file_b", required=True, metavar="CSV", type=click.Path(path_type=Path), help="The other one.")
@click.option("--learn/--no-learn", default=True, help="Take spellings that clear links agree on for one team.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per pair instead of CSV.")
def command(file_a: Path, file_b: Path, learn: bool, as_json: bool) -> None:
    """Link two lists of events one to one; prints CSV: a_event_id,b_event_id,score (0 to 1).

    Columns: event_id, league, home, away, kickoff_utc (2025-04-05T19:00Z, or the date alone), and where known
    home_price, draw_price, away_price (decimal odds). A row that is no event is named on stderr and left out.
    Exit code: 0, or 2 when a file cannot be read or lacks a column.
    """
    pairs = link_lists(_read(file_a), _read(file_b), learn=learn)
    if as_json:
        for pair in pairs:
            click.echo(orjson.dumps(dict(zip(COLUMNS, pair, strict=True))))
        return
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows(pairs)


def _read(file: Path) -> EventList:
    try:
        with file.open(newline="", encoding="utf-8-sig") as rows:
            table = csv.DictReader(rows, restval="")
            missing = [column for column in NEEDED if column not in (table.fieldnames or ())]
            if missing:
                raise EventRowError(f"no column {', '.join(missing)}")
            events = read_events(table, id_column="event_id")
    except OSError as error:
        raise EventRowError(f"{file}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise EventRowError(f"{file}: is no CSV in UTF-8: {error}") from None
    except EventRowError as error:
        raise EventRowError(f"{file}: {error}") from None
    for number, why in events.rejected:
        click.echo(f"{file}: row {number} left out: {why}", err=True)
    return events
