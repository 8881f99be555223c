"""Every scraper as a process of its own, all at the same moment, against an empty database: one catalogue, once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from scrapers.registry import load_registry
from simulator import truth
from standalone.commands.review import duplicates
from standalone.merging import Merger
from store.postgres import PostgresBackend
from tests.support.postgres import TestServer
from tests.support.scraping import Workplace, workplace

pytestmark = pytest.mark.fleet

SEED = 23
CYCLE_WITHIN_S = 150.0
"""Some 25 s of work for two cores; others may be busy on them."""

LEFT_TO_A_PERSON = 0.01
"""Of all clubs, at most: those that are two teams still when the evidence has merged what it can."""

SAME_NAME = "select sport, folded, category, country from teams group by 1, 2, 3, 4 having count(*) > 1"
SAME_LEAGUE = "select league_key from leagues group by 1 having count(*) > 1"
SAME_TEAMS = (
    "select m.match_id, n.match_id as other from matches m join matches n on m.match_id < n.match_id"
    " and (n.home_team_id, n.away_team_id) in ((m.home_team_id, m.away_team_id), (m.away_team_id, m.home_team_id))"
    " and m.league_id is not distinct from n.league_id"
    " and abs(extract(epoch from n.starts_at - m.starts_at)) <= 3 * 3600"
)
"""What must not be there, in plain SQL: a team, a league, a match made twice."""

BY_EVIDENCE = "select count(*)::int as n from catalogue_reviews where actor = 'evidence' and subject = 'teams'"

LISTED = (
    "select b.slug, e.source_event_id, e.match_id, e.swapped, m.home_team_id, m.away_team_id"
    " from bookmaker_events e join bookmakers b using (bookmaker_id) left join matches m using (match_id)"
)


@pytest.fixture
def place(postgres_server: TestServer, tmp_path: Path) -> Iterator[Workplace]:
    with workplace(postgres_server, tmp_path, seed=SEED) as place:
        yield place


def test_nineteen_processes_make_every_team_league_and_match_once(place: Workplace) -> None:
    slugs = list(load_registry().bookmakers)
    assert len(slugs) == 19
    assert place.rows("select (select count(*) from teams) + (select count(*) from matches) as n") == [{"n": 0}]
    with ExitStack() as running:
        scrapers = [
            running.enter_context(place.start("run_scraper.py", "--scraper", slug, "--once")) for slug in slugs
        ]
        assert [scraper.ended(CYCLE_WITHIN_S) for scraper in scrapers] == [0] * len(slugs)
    outcomes = {row["scraper_name"]: row["outcome"] for row in place.rows("select * from scraper_status")}
    assert outcomes == dict.fromkeys(slugs, "ok")
    for what in (SAME_NAME, SAME_LEAGUE, SAME_TEAMS):
        assert place.rows(what) == []
    listed = place.rows(LISTED)
    assert len(listed) > 800
    clubs, matches = identities(listed)
    assert is_one_to_one(matches)
    # Each process told how many of its events have no match. It said so with its prices: of events that others were
    # faster with and that turned out undecided then, its next cycle tells.
    (told,) = place.rows("select sum((extra_data->>'unmatched')::int)::int as n from scraper_status")
    (waiting,) = place.rows("select count(*)::int as n from bookmaker_events where match_id is null")
    assert 0 <= waiting["n"] - told["n"] <= len(listed) * 0.01

    # A club that two competitions met under two names at once is two teams, until the cleanup-service has looked.
    assert not shared(clubs)
    with closing(PostgresBackend(place.url)) as backend:
        merged = Merger(backend).step()
        proposed = [{pair["keep"]["team_id"], pair["gone"]["team_id"]} for pair in duplicates(backend, "team")]
    assert place.rows(BY_EVIDENCE) == [{"n": merged}]
    after, matches = identities(place.rows(LISTED))
    assert not shared(after), "two clubs were merged"
    assert is_one_to_one(matches)
    assert place.rows(SAME_TEAMS) == []

    # What is left: this world lets a club play twice within three hours; ours does not, so those are never one. And
    # clubs that fewer families list than are needed; a person is asked, and of nothing else.
    two = [sorted(teams) for teams in after.values() if len(teams) > 1]
    assert all(any(pair <= set(teams) for teams in two) for pair in proposed)
    whys = [place.rows("select fleet_why_not_one_team(%s, %s) as why", *teams[:2])[0]["why"] for teams in two]
    assert sum(why is None for why in whys) <= len(after) * LEFT_TO_A_PERSON
    assert all(why is None or why.startswith("they play others at that time") for why in whys)


def identities(
    listed: list[dict[str, Any]],
) -> tuple[dict[tuple[str, str], set[int]], dict[truth.Identity, set[int]]]:
    """Real club (name and category) -> team ids, and match of the world -> match ids, of all linked events."""
    clubs: dict[tuple[str, str], set[int]] = defaultdict(set)
    matches: dict[truth.Identity, set[int]] = defaultdict(set)
    for row in listed:
        identity = truth.match_of(row["slug"], row["source_event_id"], SEED)
        assert identity is not None
        if row["match_id"] is not None:
            matches[identity].add(row["match_id"])
            home, away = row["home_team_id"], row["away_team_id"]
            clubs[(identity.home, identity.category)].add(away if row["swapped"] else home)
            clubs[(identity.away, identity.category)].add(home if row["swapped"] else away)
    return clubs, matches


def shared(clubs: dict[tuple[str, str], set[int]]) -> set[int]:
    """The teams that are two real clubs."""
    seen = Counter(team for teams in clubs.values() for team in teams)
    return {team for team, times in seen.items() if times > 1}


def is_one_to_one(matches: dict[truth.Identity, set[int]]) -> bool:
    """Whether each match of the world is one of the catalogue, and no two are the same."""
    numbers = [number for found in matches.values() for number in found]
    return len(numbers) == len(set(numbers)) == len(matches)
