"""The matcher against real labelled names and events, where the benchmark lies beside the repository."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from normalizer.catalogue import Catalogue
from normalizer.matching import EventToLink, resolve_events
from normalizer.names import league_category, parse_team, with_league
from scrapers.records import Sport

BENCHMARK = Path(__file__).resolve().parents[3] / "shared" / "benchmarks" / "matching"
DAYS = ("2025-03-15", "2025-08-23", "2025-10-04", "2025-12-06")


def rows_of(name: str) -> list[dict[str, str]]:
    path = BENCHMARK / name
    if not path.is_file():
        pytest.skip(f"{path.name} is not beside the repository")
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def kick_off(row: dict[str, str]) -> datetime:
    return datetime.strptime(row["kickoff_utc"], "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)


def catalogue_of(rows: list[dict[str, str]]) -> Catalogue:
    """One source's events as the matches of a catalogue; match n is rows[n - 1]."""
    catalogue = Catalogue()
    teams: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows, start=1):
        names = [parse_team(row["home"]), parse_team(row["away"])]
        league = league_category(row["league"])
        if any("women" in name.category for name in names):
            league = with_league("women", league)
        sides = []
        for name in names:
            category = with_league(name.category, league)
            if (name.folded, category) not in teams:
                teams[name.folded, category] = len(teams) + 1
                team_row = [1, len(teams), "football", name.raw, name.folded, "", category]
                catalogue.apply_page("teams", [team_row])
            sides.append(teams[name.folded, category])
        starts_at = int(kick_off(row).timestamp())
        catalogue.apply_page("matches", [[1, number, "football", None, *sides, starts_at]])
    return catalogue


def test_events_of_two_sources_are_linked_without_a_wrong_link() -> None:
    rows = [
        row for row in rows_of("events_dev.csv") if row["kickoff_utc"][:10] in DAYS and "T" in row["kickoff_utc"]
    ]
    right = wrong = possible = 0
    for source, other in (("flashscore", "betfair"), ("betfair", "flashscore")):
        listed = [row for row in rows if row["source"] == source]
        asked = [row for row in rows if row["source"] == other]
        truth = {row["event_id"]: number for number, row in enumerate(listed, start=1)}
        events = [
            EventToLink(str(n), Sport.FOOTBALL, None, row["league"], row["home"], row["away"], kick_off(row))
            for n, row in enumerate(asked)
        ]
        possible += sum(row["event_id"] in truth for row in asked)
        for link in resolve_events(events, catalogue_of(listed), {}):
            if link.decision == "match":
                expected = truth.get(asked[int(link.event.source_event_id)]["event_id"])
                right += link.match_id == expected
                wrong += link.match_id != expected
    assert possible > 300
    assert right / (right + wrong) >= 0.99, f"{wrong} wrong of {right + wrong}"
    # Measured 0.938 in November 2026 (and none wrong); a fall of more than a point is a defect, not noise.
    assert right / possible >= 0.925, f"{right} of {possible}"


def pairs() -> Iterator[tuple[str, dict[str, str]]]:
    for row in rows_of("hard_negatives_dev.csv"):
        yield row["kind"], row


def test_the_other_club_at_the_same_minute_against_the_same_opponent_is_not_linked() -> None:
    """Harder than life: one side certain, the other a lookalike, no league known."""
    seen = 0
    joined = []
    at = datetime(2025, 5, 1, 20, tzinfo=UTC)
    for kind, pair in pairs():
        if kind in ("women", "youth", "reserve_or_B", "same_city") and pair["sport_a"] == "football":
            row = {"home": pair["name_a"], "away": "Zzyzx", "league": "", "kickoff_utc": "2025-05-01T20:00Z"}
            asked = EventToLink("e", Sport.FOOTBALL, None, "", pair["name_b"], "Zzyzx", at)
            (link,) = resolve_events([asked], catalogue_of([row]), {})
            seen += 1
            if link.decision == "match":
                joined.append((pair["name_a"], pair["name_b"]))
    assert seen >= 50
    assert len(joined) / seen <= 0.01, joined
