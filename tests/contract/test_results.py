"""The functions of results over both backends: what an import writes, a linker decides and a report reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from jobs.results.linking import Linker
from standalone.closing.matches import read_closed
from store.backend import Backend
from tests.support.cycles import LEAGUE, House, kickoff, listing
from tests.support.postgrest import Project, open_either


@pytest.fixture(params=["postgres", "supabase"])
def backend(request: pytest.FixtureRequest, database_url: str, supabase_project: Project) -> Iterator[Backend]:
    """Each backend in turn, on a database of its own."""
    with open_either(request.param, database_url, supabase_project) as backend:
        yield backend


def test_a_result_from_the_site_to_the_report(backend: Backend) -> None:
    at = kickoff(-20)
    offers = {"match_result:home": 2.0, "match_result:draw": 3.4, "match_result:away": 4.0}
    House(backend, "alpha").commit([listing("1", "Flamengo", "Santos", at, offers)], at=at - timedelta(hours=1))
    asked = {"p_source": "ogol", "p_leagues": [LEAGUE], "p_after_hours": 2, "p_days": 7}
    assert [row["matches"] for row in backend.call("results_due", asked)] == [1]
    row = {
        "source": "ogol", "page_id": 7, "league_key": LEAGUE, "edition": 1, "round": 3, "home_name": "Flamengo RJ",
        "away_name": "Santos FC", "played_on": at.date().isoformat(), "starts_at": at.isoformat(), "home_score": 2,
        "away_score": 1, "home_regular": 2, "away_regular": 1, "after_extra_time": False, "state": "complete",
        "goals": [{"side": "home", "minute": 45, "added": 2, "kind": "own", "scorer": "Zóio"}],
        "statistics": [{"name": "expected_goals", "home": 1.85, "away": 0.4}],
    }  # fmt: skip
    written = [backend.call("record_result", {"p_result": row})["written"] for _ in range(2)]
    assert written == ["new", "same"]
    whole = {"source": "ogol", "league_key": LEAGUE, "edition": 1, "round": 3, "listed": 1, "finished": 1}
    day = {"first_day": at.date().isoformat(), "last_day": at.date().isoformat(), "complete": True, "error": ""}
    assert backend.call("finish_result_round", {"p_round": {**whole, **day}}) == {"written": True}
    known = {"p_source": "ogol", "p_league_key": LEAGUE, "p_round": 3}
    assert backend.call("known_round", known)["holds"] is True
    assert backend.call("known_round", {**known, "p_round": 4}) is None
    linker = Linker(backend, "ogol")
    linker.bring_up()
    assert linker.done.linked == 1
    (match,) = read_closed(backend, league=LEAGUE, since=at)
    assert (match.home, match.result.regular, len(match.prices)) == ("Flamengo", (2, 1), 3)
    assert match.result.goals is not None
    assert match.result.goals[0].scorer == "Zóio"
    assert backend.call("reject_results", {"p_rejected": [], "p_within": None}) == {"rejected": 0}
    health = backend.call("results_health", {"p_source": "ogol"})
    assert (health["linked"], health["contradicting"]) == (1, [])
