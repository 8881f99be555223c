"""How far two names agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalizer.names import parse_team
from normalizer.similarity import compare_names


def agreement(left: str, right: str) -> float:
    return compare_names(parse_team(left), parse_team(right)).score


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Man City", "Manchester City"),
        ("Man Utd", "Manchester United"),
        ("Flamengo", "CR Flamengo"),
        ("Atlético-MG", "Clube Atlético Mineiro"),
        ("Athletico-PR", "Atlético Paranaense"),
        ("Atl. Nacional", "Atlético Nacional"),
        ("Bayern Munique", "FC Bayern München"),
        ("Dyn. Kyiv", "Dynamo Kiev"),
        ("Plymouth", "Plymouth Argyle"),
        ("QPR", "Queens Park Rangers"),
        ("LA Lakers", "Los Angeles Lakers"),
        ("Hapoel Beer Sheva", "H. Beer Sheva"),
        ("OH Leuven", "Oud-Heverlee Leuven"),
        ("PHX Suns", "Phoenix Suns"),
        ("Sheff Weds", "Sheffield Wednesday"),
    ],
)
def test_two_spellings_of_one_team(left: str, right: str) -> None:
    assert agreement(left, right) >= 0.8


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Man City", "Man United"),
        ("Manchester City", "Manchester United"),
        ("Atlético Madrid", "Athletic Bilbao"),
        ("Atlético-MG", "Atlético-GO"),
        ("Atlético-MG", "Atlético Madrid"),
        ("América-MG", "América-RN"),
        ("Real Sociedad", "Real Madrid"),
        ("Los Angeles Lakers", "Los Angeles Clippers"),
        ("Bristol City", "Bristol Rovers"),
        ("Real Murcia", "UCAM Murcia"),
        ("Botafogo-SP", "Botafogo-PB"),
        ("Al Fateh", "Al Fayha"),
        ("Deportivo Cali", "Deportivo Pasto"),
        ("Phoenix Suns", "Phoenix Mercury"),
        ("Flamengo", "!!!"),
    ],
)
def test_two_teams(left: str, right: str) -> None:
    assert agreement(left, right) < 0.55


def test_a_name_of_nothing_but_club_words_is_found_in_a_longer_one() -> None:
    assert 0.6 < agreement("Sport", "Sport Recife (PE)") < 0.8
    assert agreement("Sport", "Recife") == 0


WORDS = st.lists(
    st.sampled_from(
        ["atletico", "real", "madrid", "city", "man", "manchester", "united", "al", "mg", "1905", "b", "fc"]
    ),
    min_size=1,
    max_size=4,
).map(" ".join)


@given(WORDS, WORDS)
def test_agreement_is_symmetric_and_only_sameness_is_certain(left: str, right: str) -> None:
    there, back = (
        compare_names(parse_team(left), parse_team(right)),
        compare_names(parse_team(right), parse_team(left)),
    )
    assert (there.score, there.veto) == (back.score, back.veto)
    assert 0 <= there.score <= 1
    assert (there.score == 1) == (parse_team(left).folded == parse_team(right).folded)
