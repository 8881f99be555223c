"""Names to teams, through TeamNames: what is joined, what never is, and what is left unsure."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalizer.names import parse_team
from normalizer.teams.agreement import FEATURES
from normalizer.teams.model import fitted_models
from normalizer.teams.resolver import Answer, TeamNames
from normalizer.teams.spellings import Spelling

CLUBS = {
    ("Brazil", "cam"): ("Atlético-MG", "Clube Atlético Mineiro"),
    ("Brazil", "cap"): ("Athletico Paranaense",),
    ("Brazil", "america-mg"): ("América Mineiro",),
    ("Brazil", "america-rn"): ("América de Natal",),
    ("Brazil", "flamengo"): ("Flamengo", "CR Flamengo", "Flamengo RJ"),
    ("Brazil", "flamengo-w"): ("Flamengo (F)",),
    ("Brazil", "sport"): ("Sport Recife", "Sport Club do Recife"),
    ("England", "city"): ("Manchester City FC", "Man City"),
    ("England", "united"): ("Manchester United FC",),
    ("England", "wednesday"): ("Sheffield Wednesday FC",),
    ("England", "bristol"): ("Bristol City FC",),
    ("Israel", "hapoel"): ("Hapoel Haifa FC",),
    ("Poland", "posnan"): ("Lech Poznań",),
    ("Czech Republic", "plzen"): ("Viktoria Plzeň", "FC Viktoria Plzeň"),
    ("Norway", "molde"): ("Molde FK",),
    ("Ecuador", "barcelona-ecu"): ("Barcelona SC", "Barcelona Guayaquil"),
    ("Spain", "barcelona"): ("FC Barcelona",),
    ("Spain", "barcelona-b"): ("Barcelona Atlètic",),
    ("Egypt", "ahly"): ("Al Ahly",),
    ("France", "psg"): ("Paris Saint-Germain",),
}


def teams(clubs: dict[tuple[str, str], tuple[str, ...]] = CLUBS) -> TeamNames:
    return TeamNames(
        Spelling(team_id, name, country, "football")
        for (country, team_id), names in clubs.items()
        for name in names
    )


TEAMS = teams()


def answer(name: str, country: str = "") -> Answer:
    return TEAMS.resolve(name, "football", country)


@pytest.mark.parametrize(
    ("name", "country", "team"),
    [
        ("Atlético-MG", "Brazil", "cam"),
        ("ATLETICO (MG)", "Brazil", "cam"),
        ("Atlético Mineiro", "Brazil", "cam"),
        ("Athletico-PR", "Brazil", "cap"),
        ("América RN", "Brazil", "america-rn"),
        ("Clube de Regatas do Flamengo", "Brazil", "flamengo"),
        ("Flamengo Feminino", "Brazil", "flamengo-w"),
        ("Manchester City Football Club", "England", "city"),
        ("Manchester Utd", "England", "united"),
        ("Sheffield Wednes.", "England", "wednesday"),
        ("Molde Fotballklubb", "Norway", "molde"),
        ("Lech Posen", "Poland", "posnan"),
        ("Viktoria Pilsen", "Czech Republic", "plzen"),
        ("alahly", "Egypt", "ahly"),
        ("Paris SG", "France", "psg"),
        ("Barcelona (Ecu)", "", "barcelona-ecu"),
        ("FC Barcelona B", "", "barcelona-b"),
    ],
)
def test_another_spelling_is_the_same_team(name: str, country: str, team: str) -> None:
    found = answer(name, country)
    assert found.team_id == team, TEAMS.explain(name, "football", country)
    assert found.verdict in ("exact", "alike")


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("Atlético-GO", "Brazil"),
        ("Atlético Goianiense", "Brazil"),
        ("América-RJ", "Brazil"),
        ("Flamengo Sub-20", "Brazil"),
        ("Flamengo B", "Brazil"),
        ("Flamengo (F) Sub-20", "Brazil"),
        ("Manchester", "England"),
        ("Bristol Rovers", "England"),
        ("Sheffield United", "England"),
        ("M. Haifa", "Israel"),
        ("Maccabi Haifa", "Israel"),
        ("Warta Poznań", "Poland"),
        ("Flamengo", "Peru"),
        ("!?", "Brazil"),
        ("", ""),
    ],
)
def test_another_team_is_nobody_here(name: str, country: str) -> None:
    found = answer(name, country)
    assert found.team_id is None, TEAMS.explain(name, "football", country)


def test_a_sport_is_a_world_of_its_own() -> None:
    assert TEAMS.resolve("Flamengo", "basketball", "Brazil").verdict == "unknown"


def test_one_spelling_of_two_teams_decides_nothing() -> None:
    two = teams({("Spain", "a"): ("Real Unión",), ("Peru", "b"): ("Real Unión",)})
    assert two.resolve("Real Union", "football").verdict == "ambiguous"
    assert two.resolve("Real Union", "football", "Peru").team_id == "b"


def test_the_order_of_the_catalogue_changes_nothing() -> None:
    backwards = teams(dict(reversed(CLUBS.items())))
    for name in ("Manchester Utd", "Atlético Mineiro", "Sheffield United", "Viktoria Pilsen"):
        assert backwards.resolve(name, "football").team_id == TEAMS.resolve(name, "football").team_id


def test_an_explanation_names_candidates_reasons_and_verdict() -> None:
    told = "\n".join(TEAMS.explain("Bristol Rovers", "football", "England"))
    assert "bristol as 'Bristol City FC'" in told
    assert "only in the name: rovers; only in the spelling: city" in told
    assert "vetoed: both sides have another word" in told
    assert "verdict: unsure, nobody" in told


def test_an_explanation_tells_who_was_left_out_for_category_or_state() -> None:
    assert "not flamengo ('Flamengo'): category senior men" in "\n".join(
        TEAMS.explain("Flamengo U20", "football", "Brazil")
    )
    assert "state MG" in "\n".join(TEAMS.explain("Atlético-GO", "football", "Brazil"))


def test_every_figure_has_a_coefficient_in_both_models() -> None:
    for model in fitted_models():
        assert len(model.weights) == len(FEATURES)
        assert 0.5 < model.sure < 1


NAMES = st.sampled_from([name for names in CLUBS.values() for name in names])
CLUBS_BY_ID = {team_id: names[0] for (_, team_id), names in CLUBS.items()}
MARKERS = st.sampled_from([" U20", " Sub-20", " (F)", " Women", " II", " (Res)", " Sub-17 (F)"])


@given(NAMES, MARKERS)
def test_a_category_makes_it_another_team(name: str, marker: str) -> None:
    marked = answer(name + marker).team_id
    assert marked is None or parse_team(name + marker).category == parse_team(CLUBS_BY_ID[marked]).category


@given(NAMES, st.sampled_from([str.upper, str.lower, str.title]))
def test_case_changes_nothing(name: str, case: object) -> None:
    assert callable(case)
    assert answer(case(name)).team_id == answer(name).team_id


@given(st.text(max_size=40), st.sampled_from(["", "Brazil", "England", "Atlantis"]))
def test_any_text_gets_a_consistent_answer(text: str, country: str) -> None:
    found = answer(text, country)
    assert (found.team_id is not None) == (found.verdict in ("exact", "alike"))
    assert 0 <= found.score <= 1
    assert len(found.candidates) <= 3


def test_many_spellings_stay_small() -> None:
    """The promise is 25 MB for 15,000 spellings, a club having three or so."""
    syllables = ["bar", "cel", "dun", "fer", "gol", "kam", "lin", "mor", "nov", "per"]
    clubs = [f"{a}{b}{c}" for a in syllables for b in syllables for c in syllables]
    spellings = [
        Spelling(club, name, "Norway", "football") for club in clubs for name in (club, f"{club} FK", f"FK {club}")
    ]
    tracemalloc.start()
    try:
        many = TeamNames(spellings)
        used = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert many.resolve("Barcelbar Fotballklubb", "football", "Norway").team_id == "barcelbar"
    assert used / len(spellings) < 25e6 / 15_000
