"""How `fleet review` shows what waits for a verdict, and what a verdict did. Times in UTC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

SEEN = 3
"""Sightings of an alias, or pairs of matches, that a table shows; `--json` has all."""

WHY_ONE_MATCH = {
    "same_teams": "os mesmos times",
    "one_team": "um time, um minuto",
    "one_event": "um evento pode ser as duas",
}
"""Why two matches look like one, in the operator's words."""

Row = Mapping[str, Any]


def alias_table(rows: Sequence[Row]) -> Table:
    """Proposed aliases with their evidence."""
    table = _table(
        f"{len(rows)} apelidos propostos (aliases)", "Apelido", "Time", "Partidas", "Famílias", "Visto", "Também é"
    )
    for row in rows:
        # Text, not markup: club names come from outside and may hold brackets.
        table.add_row(
            Text(f"alias:{row['alias_id']} {row['alias']}"),
            Text(_team(row, row["team"])),
            str(row["evidence"]),
            Text(", ".join(row["families"])),
            Text("\n".join(map(_sighting, row["sightings"][:SEEN])) or "-"),
            Text(", ".join(other["name"] for other in row["also"]) or "-"),
        )
    return table


def team_table(rows: Sequence[Row]) -> Table:
    """Pairs of teams that look like one."""
    table = _table(
        f"{len(rows)} times talvez repetidos (duplicate teams)", "Par", "Fica", "Sai", "Por quê", "Contra"
    )
    for row in rows:
        keep, gone = row["keep"], row["gone"]
        table.add_row(
            f"merge:{keep['team_id']}+{gone['team_id']}",
            Text(_counted(keep)),
            Text(_counted(gone)),
            Text("\n".join(_why_one_team(row))),
            Text(_listed_together(row)),
        )
    return table


def match_table(rows: Sequence[Row]) -> Table:
    """Pairs of matches that look like one."""
    table = _table(
        f"{len(rows)} partidas talvez repetidas (duplicate matches)", "Par", "Fica", "Sai", "Por quê", "Contra"
    )
    for row in rows:
        keep, gone = row["keep"], row["gone"]
        table.add_row(
            f"merge-match:{keep['match_id']}+{gone['match_id']}",
            Text(_match(keep)),
            Text(_match(gone)),
            WHY_ONE_MATCH[row["why"]] + (", lados trocados" if row["swapped"] else ""),
            Text(_listed_together(row)),
        )
    return table


def log_line(row: Row) -> str:
    """A verdict, merge or edit of `list_reviews` in one line."""
    what = (
        f"{row['review_id']} {row['at'][:16]} {row['actor']} {row['action']} {row['subject']}:{row['subject_id']}"
    )
    changes = "; ".join(
        f"{name}: {_shown(row['before'].get(name))} -> {_shown(value)}" for name, value in _edits(row)
    )
    did = changes or f"{len(row['touched'])} eventos"
    undone = f", desfeito por {row['undone_by']}" if row["undone_by"] else ""
    return f"{what} ({row['what'] or '?'}), {did}{undone}" + (f": {row['reason']}" if row["reason"] else "")


def effects_lines(effects: Row) -> Iterator[str]:
    """What a verdict touched, as `review_effects` tells it: itself, then each event as it was and as it is."""
    yield log_line(effects["review"])
    for event in effects["events"]:
        yield (
            f"  {event['bookmaker']}: {event['home_name']} x {event['away_name']}, {_moment(event['starts_at'])}: "
            f"{_placed(event['was'])} -> {_placed(event)}, {event['offered']} preços"
        )


def outcome_line(answer: Row) -> str:
    """What a verdict, merge, edit or undo did."""
    counts = [f"{len(answer['touched'])} eventos mudaram"]
    if "matches" in answer:
        counts += [f"{len(answer['matches'])} partidas juntadas", f"{answer['moved']} passaram ao time que fica"]
    return f"veredito {answer['review_id']}: {', '.join(counts)}"


def with_undo(answer: Row) -> str:
    """The same, and how to take it back."""
    return f"{outcome_line(answer)} (desfazer: fleet review undo {answer['review_id']})"


def _edits(row: Row) -> list[tuple[str, Any]]:
    return sorted(row["after"].items()) if row["action"] == "edit" else []


def _shown(value: Any) -> str:
    return repr(value) if value else "-"


def _placed(event: Row) -> str:
    if event["match_id"] is None:
        return "sem partida"
    return f"#{event['match_id']}" + (" (trocados)" if event["swapped"] else "")


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _team(row: Row, name: str) -> str:
    return f"{name} ({row['country'] or '?'}{', ' + row['category'] if row['category'] else ''})"


def _counted(team: Row) -> str:
    houses = len(team["bookmakers"])
    return f"{_team(team, team['name'])}\n{team['matches']} partidas, {houses} casas"


def _match(match: Row) -> str:
    league = match["league"] or "liga desconhecida"
    where = f"{_moment(match['starts_at'])}, {league}, {len(match['events'])} casas"
    return f"{match['home']} x {match['away']}\n{where}"


def _why_one_team(pair: Row) -> Iterator[str]:
    if pair["spellings"]:
        yield f"mesma grafia: {', '.join(pair['spellings'])}"
    if pair["matches"]:
        together = [f"#{one} e #{other}" for one, other in pair["matches"][:SEEN]]
        yield f"mesmo adversário no mesmo minuto: {', '.join(together)}"
    if pair["shared_words"]:
        yield f"palavras em comum: {', '.join(pair['shared_words'])}"


def _listed_together(pair: Row) -> str:
    return f"oferecem as duas: {', '.join(pair['listed_together'])}" if pair["listed_together"] else "-"


def _sighting(seen: Row) -> str:
    sides = f"{seen['home_name']} x {seen['away_name']}"
    return f"{seen['bookmaker']}: {sides} #{seen['match_id']} {seen['score']:.2f}"


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(UTC):%d/%m %H:%M}"
