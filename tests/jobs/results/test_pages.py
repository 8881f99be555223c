"""Pages of the site to records: what is read, what is left out, and that nothing gets through unread."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.results.match_page import parse_match
from jobs.results.records import GoalKind, ListedMatch, Standing
from jobs.results.round_page import parse_round
from scrapers.errors import PayloadShapeError
from scrapers.fetching.recipes import page_class
from scrapers.records import PageRequest

PAGES = Path(__file__).parent / "pages"
ROUND = (PAGES / "round.html").read_bytes()
MATCH = (PAGES / "match.html").read_bytes()
LISTED = parse_round(ROUND).matches[0]
OTHER_NAMES = MATCH.replace("União Alta".encode(), b"Santos").replace(b"Real Campo", b"Bahia")


def test_a_round_is_read_whatever_its_columns_and_open_cells() -> None:
    page = parse_round(ROUND)
    assert (page.edition, page.round, page.rounds) == (210277, 2, (1, 2, 3))
    first, second, third, fourth = page.matches
    assert first == ListedMatch(
        7001,
        "/jogo/2026-04-12-uniao-alta-real-campo/7001",
        "União Alta",
        "Real Campo",
        date(2026, 4, 12),
        Standing.FINISHED,
        (2, 1),
    )
    assert (second.home, second.score, second.extra_time, second.penalties) == (
        "Estrela & Sul",
        (1, 1),
        True,
        (5, 4),
    )
    assert second.path == "/jogo/2026-04-13-estrela-sul-dinamo/7002"
    assert (third.home, third.away, third.standing, third.score) == ("Racing", "Vila", Standing.TO_COME, None)
    assert fourth.standing is Standing.OFF


def test_a_bad_row_is_named_and_takes_no_other_with_it() -> None:
    reasons = [each.reason for each in parse_round(ROUND).rejected]
    assert reasons == ["bad_day", "bad_sides", "bad_score", "no_page", "no_result_cell"]


def test_the_page_of_a_match() -> None:
    page = parse_match(MATCH, LISTED)
    assert (page.score, page.half, page.regular, page.extra_time) == ((2, 1), (2, 0), (2, 1), False)
    assert page.starts_at == datetime(2026, 4, 12, 19, tzinfo=UTC)
    assert page.goals is not None
    assert [(goal.side, goal.minute, goal.added, goal.kind, goal.scorer) for goal in page.goals] == [
        ("home", 9, 0, GoalKind.PLAIN, "Djalma"),
        ("home", 45, 2, GoalKind.PENALTY, "Djalma"),
        ("away", 90, 5, GoalKind.OWN, "Zóio"),
    ]
    assert page.statistics == {
        "possession": (47, 53),
        "shots": (7, 19),
        "expected_goals": (1.85, 0.4),
        "yellow_cards": (1, 2),
        "red_cards": (0, 1),
    }
    assert [each.source_id for each in page.rejected] == ["statistic:corners"]
    assert (page.venue, page.referee, page.attendance) == ("Estádio Inventado", "Fulana de Tal", 12345)


def test_the_sides_are_told_by_their_names_not_by_their_places() -> None:
    turned = MATCH.replace(b" right", b" x").replace(b" left", b" right").replace(b" x", b" left")
    assert parse_match(turned, LISTED).goals == parse_match(MATCH, LISTED).goals


def test_where_the_list_cuts_names_the_line_ups_tell_the_sides() -> None:
    assert parse_match(OTHER_NAMES, LISTED) == parse_match(MATCH, LISTED)


def test_an_own_goal_that_stands_on_both_sides_counts_once() -> None:
    both = MATCH.replace(
        b"45+2' (pen.)</span>",
        """45+2' (pen.)</span> <a href="/jogador/zoio/4">Zóio</a><span class="time">90+5' (g.c.)</span>""".encode(),
    )
    assert parse_match(both, LISTED).goals == parse_match(MATCH, LISTED).goals


def test_goals_that_do_not_make_up_the_score_are_not_known() -> None:
    page = parse_match(MATCH.replace(b"9' 45+2' (pen.)", b"9'"), LISTED)
    assert (page.goals, page.half, page.regular) == (None, None, (2, 1))


def test_after_extra_time_the_score_of_ninety_minutes_is_that_of_the_goals() -> None:
    late = MATCH.replace(b"90+5' (g.c.)", b"105'").replace(b'<a href="/jogo', b'<a class="prol" href="/jogo')
    page = parse_match(late, LISTED)
    assert (page.extra_time, page.score, page.regular) == (True, (2, 1), (2, 0))
    unknown = parse_match(late.replace(b"105'", b""), LISTED)
    assert (unknown.extra_time, unknown.regular) == (True, None)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (MATCH.replace(b"/7001", b"/7009"), "expected the match"),
        (OTHER_NAMES.replace(b"canonical", b"x"), "expected the match"),
        (MATCH.replace(b">2-1<", b">16:00<"), "finished match"),
        (MATCH.replace(b"match-header-team", b"mht"), "page of a match"),
        (b"<html><title>Just a page</title></html>", "Just a page"),
        (b"", "page of a match"),
    ],
)
def test_another_page_is_refused_by_name(page: bytes, said: str) -> None:
    with pytest.raises(PayloadShapeError, match=said):
        parse_match(page, LISTED)


def test_a_page_without_the_list_is_refused_by_name() -> None:
    with pytest.raises(PayloadShapeError, match="fixture_games"):
        parse_round(b"<html><title>Manuten\xe7\xe3o</title></html>")


@pytest.mark.parametrize(
    ("told", "kickoff"),
    [
        ("2026-04-12 16:00", datetime(2026, 4, 12, 19, tzinfo=UTC)),
        ("12/04/2026 &agrave;s 16h00", datetime(2026, 4, 12, 19, tzinfo=UTC)),
        ("12-04-2026 21:30", datetime(2026, 4, 13, 0, 30, tzinfo=UTC)),
        ("12-07-2026 16:00", None),
        ("32-04-2026 16:00", None),
        ("domingo", None),
    ],
)
def test_kickoffs_are_the_sites_own_time(told: str, kickoff: datetime | None) -> None:
    page = parse_match(MATCH.replace(b"12-04-2026 16:00", told.encode()), LISTED)
    assert page.starts_at == kickoff
    assert (kickoff is None) == any(each.source_id == "kickoff" for each in page.rejected)


def _spoilt(page: bytes) -> st.SearchStrategy[bytes]:
    """The page with a stretch of it replaced by anything."""
    return st.tuples(st.integers(0, len(page)), st.integers(0, 400), st.binary(max_size=40)).map(
        lambda cut: page[: cut[0]] + cut[2] + page[cut[0] + cut[1] :]
    )


@given(st.one_of(st.binary(max_size=300), _spoilt(ROUND)))
def test_no_bytes_break_the_list(body: bytes) -> None:
    try:
        page = parse_round(body)
    except PayloadShapeError:
        return
    for match in page.matches:
        assert match.home != match.away
        assert (match.score is None) == (match.standing is not Standing.FINISHED)


@given(st.one_of(st.binary(max_size=300), _spoilt(MATCH)))
def test_no_bytes_break_a_match(body: bytes) -> None:
    try:
        page = parse_match(body, LISTED)
    except PayloadShapeError:
        return
    for part in (page.regular, page.half):
        assert part is None or (part[0] <= page.score[0] and part[1] <= page.score[1])
    assert page.goals is None or len(page.goals) == sum(page.score)


def test_all_matches_stand_before_one_wall() -> None:
    classes = {
        page_class(PageRequest(f"match:{match.page_id}", f"https://www.ogol.com.br{match.path}"))
        for match in parse_round(ROUND).matches
    }
    assert classes == {"match www.ogol.com.br/jogo/*"}
