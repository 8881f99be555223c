"""League names: country, category, and which declared league one means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalizer.leagues import DeclaredLeague, LeagueNames, are_different, read_league
from scrapers.records import Sport
from scrapers.registry import load_registry


@pytest.fixture(scope="module")
def leagues() -> LeagueNames:
    declared = load_registry().leagues.values()
    return LeagueNames(DeclaredLeague(one.key, one.name, one.country, one.sport) for one in declared)


@pytest.mark.parametrize(
    ("name", "country", "key"),
    [
        ("Brasileirão Série A", "", "brasileirao_a"),
        ("Brasileirao - Serie A Betano", "", "brasileirao_a"),
        ("Brazil Serie A", "", "brasileirao_a"),
        ("Brasileiro Serie A", "", "brasileirao_a"),
        ("Brasileirão Série B", "", "brasileirao_b"),
        ("Paulistao A1", "", "paulistao"),
        ("Brazil Paulista", "", "paulistao"),
        ("Carioca", "Brasil", "carioca"),
        ("CONMEBOL Libertadores", "", "libertadores"),
        ("Premier League", "Inglaterra", "premier_league"),
        ("England - Premier League 2025/26", "", "premier_league"),
        ("Sky Bet Championship", "England", "championship"),
        ("facup", "Inglaterra", "fa_cup"),
        ("Carabao Cup", "", "efl_cup"),
        ("Spain LaLiga", "", "la_liga"),
        ("LaLiga EA Sports", "", "la_liga"),
        ("La Liga", "", "la_liga"),
        ("Serie A", "Itália", "serie_a"),
        ("Holland Eredivisie", "", "eredivisie"),
        ("UEFA Liga Europa", "", "europa_league"),
        ("Liga da Conferência", "", "conference_league"),
        # Nobody's without a country, or somebody else's.
        ("Serie A", "", None),
        ("Premier League", "", None),
        ("Liga", "", None),
        ("Cup", "", None),
        ("Emirates Cup", "", None),
        ("Copa Betano", "", None),
        ("Premier League", "Etiópia", None),
        ("Bundesliga", "Áustria", None),
        ("2. Bundesliga", "Alemanha", None),
        ("Ligue 2", "França", None),
        ("Ligue 1", "Tunisia", None),
        ("LaLiga 2", "", None),
        ("Champions League", "Asia", None),
        ("Paulista A2", "", None),
        ("Brasileirão Série A Feminino", "", None),
        ("Brasileirão Sub-20", "", None),
        ("Copa do Brasil", "", None),
        ("", "", None),
    ],
)
def test_a_name_means_a_league_when_it_says_it_surely(
    leagues: LeagueNames, name: str, country: str, key: str | None
) -> None:
    assert leagues.find(name, Sport.FOOTBALL, country) == key


def test_another_sport_has_other_leagues(leagues: LeagueNames) -> None:
    assert leagues.find("NBA", Sport.BASKETBALL) == "nba"
    assert leagues.find("NBA", Sport.FOOTBALL) is None
    assert leagues.find("Copa del Rey", Sport.BASKETBALL, "Spain") is None


def test_every_declared_league_goes_by_its_own_name_in_its_country(leagues: LeagueNames) -> None:
    for league in load_registry().leagues.values():
        assert leagues.find(league.name, league.sport, league.country) == league.key


@pytest.mark.parametrize(
    ("one", "other", "different"),
    [
        ("Austrian Bundesliga", "Germany Bundesliga", True),
        ("Serie A", "Italian Serie A", False),
        ("Northern Irish Premiership", "NORTHERN IRELAND 1", False),
        ("Northern Irish Premiership", "Irish Premier Division", True),
        ("US MLS", "USA 1", False),
        ("Campeonato Carioca", "Brazilian Carioca Matches", False),
        ("Gauchão Gaúcho", "ARGENTINA 2", True),
        ("UEFA Champions League", "International Clubs", False),
    ],
)
def test_leagues_of_different_countries_are_different(one: str, other: str, different: bool) -> None:
    assert are_different(read_league(one), read_league(other)) is different
    assert are_different(read_league(other), read_league(one)) is different


@given(st.text(max_size=40), st.text(max_size=12))
def test_any_text_can_be_read(name: str, country: str) -> None:
    reading = read_league(name, country)
    assert not are_different(reading, reading)
    assert set(reading.rest.split()) <= set(reading.whole.split())
