"""The simulated site against the world: what it serves is what was played, and every match finds its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from jobs.results.linking import Linker
from jobs.results.match_page import parse_match
from jobs.results.records import ListedMatch, MatchPage, Standing
from jobs.results.round_page import parse_round
from jobs.results.rows import row_of
from normalizer.names import parse_team
from scrapers.registry import load_registry
from simulator.fixtures import Fixture
from simulator.provider.holdings import LIVE_S
from simulator.provider.world import goals
from simulator.results import site
from simulator.results.play import play_of
from simulator.results.rounds import Rounds, competitions, page_id
from standalone.declare import register
from store.backend import Backend

SEED = 7
NOW = 1_780_000_000
"""World time of the tests: a Thursday of May 2026, in the middle of a round."""
ROUNDS = Rounds(SEED)


def served(league: str, number: int) -> Iterator[tuple[Fixture, ListedMatch, MatchPage | None]]:
    """Every match of a round as the site shows it."""
    path = f"/competicao/{competitions()[league]}"
    page = parse_round(site.answer(ROUNDS, path, {"jornada_in": str(number)}, NOW, 0).body)
    assert (page.round, page.rejected) == (number, ())
    for listed in page.matches:
        match = ROUNDS.match(listed.page_id)
        assert match is not None
        reply = site.answer(ROUNDS, listed.path, {}, NOW, 0)
        assert reply.guarded
        yield match, listed, parse_match(reply.body, listed) if listed.score is not None else None


def test_what_the_site_serves_is_what_was_played_and_what_the_provider_says() -> None:
    number = ROUNDS.current(NOW)
    extra = to_come = 0
    for league in competitions():
        matches = [one for each in (number - 1, number) for one in served(league, each)]
        assert len(matches) == 16
        for match, listed, page in matches:
            play = play_of(SEED, match)
            over = match.kickoff(NOW) + LIVE_S + (45 * 60 if play.extra_time else 0) <= NOW
            assert over == (listed.standing is Standing.FINISHED)
            if page is None:
                to_come += 1
                continue
            extra += play.extra_time
            assert page.score == listed.score == goals(SEED, match.code)
            assert (page.half, page.penalties, page.extra_time) == (play.half, play.penalties, play.extra_time)
            assert page.starts_at == datetime.fromtimestamp(match.kickoff(NOW), UTC)
            assert page.attendance == play.attendance
            if ROUNDS.has_statistics(match, NOW):
                assert page.statistics["shots"] == play.figures["Chutes"]
    assert to_come
    assert extra


def test_a_round_that_it_does_not_have_is_the_current_one_and_an_old_address_moves() -> None:
    current = ROUNDS.current(NOW)
    path = f"/competicao/{competitions()['brasileirao_a']}"
    for asked in ({"jornada_in": "9999"}, {}):
        assert parse_round(site.answer(ROUNDS, path, asked, NOW, 0).body).round == current
    match = ROUNDS.matches("brasileirao_a", current - 1)[0]
    moved = site.answer(ROUNDS, f"/jogo/-/{page_id(match)}", {}, NOW, 0)
    assert (moved.status, moved.moved_to.endswith(f"/{page_id(match)}")) == (301, True)
    for nothing in ("/jogo/x/1", "/competicao/x", "/equipe/x"):
        assert site.answer(ROUNDS, nothing, {}, NOW, 0).status == 404


@pytest.mark.usefixtures("backend")
def test_every_match_of_the_world_gets_its_own_result_and_no_other(database_url: str, backend: Backend) -> None:
    register(backend, load_registry())
    number = ROUNDS.current(NOW) - 1
    truth: dict[int, tuple[str, str]] = {}
    with psycopg.connect(database_url, autocommit=True) as connection:
        for league in competitions():
            for match, listed, page in served(league, number):
                if page is None:
                    continue
                ids = [_team(connection, club.name, league) for club in (match.home, match.away)]
                connection.execute(
                    "insert into matches (sport, league_id, home_team_id, away_team_id, starts_at) "
                    "select sport, league_id, %s, %s, to_timestamp(%s) from leagues where league_key = %s",
                    (*ids, match.kickoff(NOW), league),
                )
                where = {"league_key": league, "edition": 1, "round": number, "execution_id": None}
                row = row_of(listed, page, where, source="ogol", age_days=9)
                assert backend.call("record_result", {"p_result": row}) == {"written": "new"}
                truth[listed.page_id] = (match.home.name, match.away.name)
        linker = Linker(backend, "ogol")
        linker.bring_up()
        rows = connection.execute(
            "select page_id, h.name, a.name, swapped from results join matches m using (match_id) "
            "join teams h on h.team_id = m.home_team_id join teams a on a.team_id = m.away_team_id"
        ).fetchall()
    assert {page: (home, away) for page, home, away, _ in rows}.items() <= truth.items()
    assert not any(swapped for *_, swapped in rows)
    assert len(rows) >= 0.97 * len(truth) > 140
    assert linker.done.linked == len(rows)


def _team(connection: psycopg.Connection[tuple[int]], name: str, league: str) -> int:
    """The catalogue's team of this name, got or made."""
    read = parse_team(name)
    found = connection.execute(
        "insert into teams (sport, name, folded, country) select 'football', %s, %s, '' "
        "on conflict (sport, folded, category, country) do update set name = excluded.name returning team_id",
        (name, read.folded),
    ).fetchone()
    assert found is not None
    return found[0]
