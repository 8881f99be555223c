"""Words of team names: skeletons, nearness, cities, and what a name says once it is read for a country."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalizer.names import parse_team
from normalizer.teams import words
from normalizer.teams.cities import cities_of, largest, state_of_city, state_of_club
from normalizer.teams.reading import Reading, read, short_form

WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)


def reading(name: str, country: str = "") -> Reading:
    return read(parse_team(name), country)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("shakhtyor", "shakhtior"),
        ("krylia", "krylya"),
        ("munchen", "munich"),
        ("dynamo", "dinamo"),
        ("bursaspor", "bursa"),
        ("fuerth", "furth"),
        ("wolfsburg", "volfsburg"),
    ],
)
def test_romanisations_of_a_word_share_a_skeleton(left: str, right: str) -> None:
    assert words.skeleton(left) == words.skeleton(right)


@pytest.mark.parametrize(("left", "right"), [("aab", "ab"), ("fac", "fak"), ("04", "4"), ("1860", "1880")])
def test_short_words_and_numbers_keep_every_letter(left: str, right: str) -> None:
    assert words.skeleton(left) != words.skeleton(right)


@given(WORDS)
def test_a_skeleton_is_never_empty(word: str) -> None:
    assert words.skeleton(word)


@given(WORDS, WORDS)
def test_nearness_and_likeness_are_symmetric_and_at_most_one(left: str, right: str) -> None:
    assert words.nearness(left, right) == words.nearness(right, left)
    there = words.likeness(left, left, right, right)
    assert there == words.likeness(right, right, left, left)
    assert 0 <= there <= 1
    assert (words.nearness(left, right) == 1) == (left == right)


@pytest.mark.parametrize(
    ("short", "long"),
    [("utd", "united"), ("rvs", "rovers"), ("a", "austria"), ("sheff", "sheffield"), ("trelleborg", "trelleborgs")],
)
def test_a_full_column_shortens_words(short: str, long: str) -> None:
    assert words.likeness(words.skeleton(short), short, words.skeleton(long), long) >= 0.6


@pytest.mark.parametrize(("left", "right"), [("1860", "18601"), ("city", "united"), ("hapoel", "maccabi")])
def test_other_words_are_not_alike(left: str, right: str) -> None:
    assert words.likeness(left, left, right, right) == 0


def test_a_city_is_read_under_the_name_of_its_country() -> None:
    assert reading("Lech Posen", "Poland").core == reading("Lech Poznań", "Poland").core
    assert reading("Lech Posen").core != reading("Lech Poznań").core
    assert cities_of("Atlantis").people == {}
    assert largest("london") > 5000 > largest("kortrik") >= 0


def test_club_words_and_articles_carry_nothing_beside_a_name() -> None:
    assert reading("Clube de Regatas do Flamengo").carrying == ("flamengo",)
    assert reading("Sporting Club").carrying == ("sporting",)
    assert reading("Football Club").carrying == ("football", "club")
    assert reading("FC 1923").carrying == ("fc", "1923")
    assert reading("A. Wien").carrying == ("a", "wien")


@pytest.mark.parametrize(
    ("word", "letters"),
    [("fc", "fc"), ("football", "f"), ("idrottsforening", "if"), ("voetbalvereniging", "vv"), ("sportclub", "sc")],
)
def test_a_club_word_has_its_letters_in_the_short_form(word: str, letters: str) -> None:
    assert short_form(word) == letters


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("América-RN", "RN"),
        ("América de Natal", "RN"),
        ("União Rondonópolis", "MT"),
        ("Vila Nova de Goiás", "GO"),
        ("CA Mineiro", "MG"),
        ("Fluminense", "RJ"),
        ("Fluminense de Feira", "BA"),
        ("Fluminense-PI", "PI"),
        ("Sport", "PE"),
        ("Sport Club do Recife", "PE"),
        ("Vasco da Gama", "RJ"),
        # A city alone names no state: the club may be another city's.
        ("Santa Bárbara", ""),
        ("Guarani", ""),
    ],
)
def test_a_brazilian_name_tells_its_state(name: str, state: str) -> None:
    assert reading(name, "Brazil").state == state


def test_two_letters_are_a_state_in_brazil_alone() -> None:
    assert reading("Stade Rennais PR", "France").state == ""
    assert reading("Stade Rennais PR", "France").printed[-1] == "pr"
    assert state_of_city("recife") == "PE"
    assert state_of_city("atlantida do nada") == state_of_club("nobody") == ""
