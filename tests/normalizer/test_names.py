"""Printed names taken apart: folding, categories, states."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from normalizer.names import fold, league_category, meaningful, parse_team, with_league


@pytest.mark.parametrize(
    ("printed", "folded"),
    [
        ("São Paulo", "sao paulo"),
        ("  Atlético - MG ", "atletico mg"),
        ("O'Higgins", "ohiggins"),
        ("Newell’s Old Boys", "newells old boys"),
        ("A.C. Milan", "ac milan"),
        ("Gimnasia L.P", "gimnasia lp"),
        ("S.Paulo", "s paulo"),
        ("Brøndby IF", "brondby if"),
        ("Łódź", "lodz"),
        ("Gençlerbirliği", "genclerbirligi"),
        ("Göztepe İzmir", "goztepe izmir"),
        ("Großaspach", "grossaspach"),
        ("Спартак Москва", "спартак москва"),
        ("鹿島アントラーズ", "鹿島アントラース"),
        ("?!", ""),
    ],
)
def test_folding(printed: str, folded: str) -> None:
    assert fold(printed) == folded


@given(st.text(max_size=40))
@example("ℌ™ºİ ẞ")
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("printed", "folded", "category"),
    [
        ("Corinthians (F)", "corinthians", "women"),
        ("Corinthians Feminino", "corinthians", "women"),
        ("Arsenal Women", "arsenal", "women"),
        ("Arsenal W", "arsenal", "women"),
        ("Club Leon FC (W)", "club leon fc", "women"),
        ("Real Sociedad Femenino", "real sociedad", "women"),
        ("Brasil U20", "brasil", "u20"),
        ("Brasil U-20", "brasil", "u20"),
        ("Brasil Sub-20", "brasil", "u20"),
        ("Brasil Sub 20", "brasil", "u20"),
        ("Brasil Under 21", "brasil", "u21"),
        ("Flamengo Sub-20 (F)", "flamengo", "women+u20"),
        ("Flamengo (F) Sub-20", "flamengo", "women+u20"),
        ("Inter Primavera", "inter", "youth"),
        ("Barcelona B", "barcelona", "reserve"),
        ("Barcelona II", "barcelona", "reserve"),
        ("Barcelona Atlètic", "barcelona", "reserve"),
        ("Real Madrid Castilla", "real madrid", "reserve"),
        ("Bilbao Athletic", "bilbao athletic", "reserve"),
        ("Sevilla Atlético", "sevilla", "reserve"),
        ("Real Betis Deportivo", "real betis", "reserve"),
        ("Juventus Next Gen", "juventus", "reserve"),
        ("Rapid Wien Amateure", "rapid wien", "reserve"),
        ("Chelsea WFC", "chelsea", "women"),
        ("Zenit 2", "zenit", "reserve"),
        ("Boca Juniors (Res)", "boca juniors", "reserve"),
        ("Boca Juniors Res.", "boca juniors", "reserve"),
        ("Instituto de Córdoba (R", "instituto de cordoba", "reserve"),
        ("Grêmio Aspirantes", "gremio", "reserve"),
        ("Jong Ajax", "ajax", "reserve"),
        ("Hertha BSC III", "hertha bsc", "third"),
        ("Real Madrid C", "real madrid", "third"),
        ("Boston Celtics (Esports)", "boston celtics", "virtual"),
        ("Guarani-SP B", "guarani sp", "reserve"),
        ("Guarani B (SP)", "guarani sp", "reserve"),
        # What looks like a marker and is the name.
        ("Willem II", "willem ii", ""),
        ("Jagiellonia B.", "jagiellonia b", ""),
        ("Zulte W.", "zulte w", ""),
        ("Waasland-B.", "waasland b", ""),
        ("Termalica B-B.", "termalica b b", ""),
        ("Rekord B-B", "rekord b b", ""),
        ("Guangzhou R&F", "guangzhou r f", ""),
        ("Qingdao Youth Island", "qingdao youth island", ""),
        ("Ajax Youth (W)", "ajax", "women+youth"),
        ("Boca Juniors (B.)", "boca juniors", "reserve"),
        ("São Paulo II", "sao paulo", "reserve"),
        ("Willem II (F)", "willem ii", "women"),
        ("Juan Pablo II College", "juan pablo ii college", ""),
        ("Primavera-SP", "primavera sp", ""),
        ("Schalke 04", "schalke 04", ""),
        ("Young Boys", "young boys", ""),
        ("W Connection", "w connection", ""),
        ("B", "b", ""),
        ("U20", "u20", ""),
    ],
)
def test_category_is_a_part_of_its_own(printed: str, folded: str, category: str) -> None:
    name = parse_team(printed)
    assert (name.folded, name.category, name.raw) == (folded, category, printed)


@pytest.mark.parametrize(
    ("printed", "tokens", "state"),
    [
        ("Atlético-MG", ("atletico",), "MG"),
        ("Atletico MG", ("atletico",), "MG"),
        ("ATLÉTICO (MG)", ("atletico",), "MG"),
        ("atletico/mg", ("atletico",), "MG"),
        ("Atlético Mineiro", ("atletico",), "MG"),
        ("Clube Atlético Mineiro", ("atletico",), "MG"),
        ("Athletico", ("atletico",), "PR"),
        ("Athletico Paranaense", ("atletico",), "PR"),
        ("Atlético-PR", ("atletico",), "PR"),
        ("Atlético Goianiense", ("atletico",), "GO"),
        ("América-RN", ("america",), "RN"),
        ("Palmeiras - SP", ("palmeiras",), "SP"),
        ("Chapecoense-SC", ("chapecoense",), "SC"),
        ("Sport Club Corinthians Paulista", ("sport", "corinthians"), "SP"),
        # A legal form is not a state, a demonym alone is a name.
        ("Orlando City SC", ("orlando", "city"), ""),
        ("Paulista", ("paulista",), ""),
        ("Real Sociedad", ("real", "sociedad"), ""),
        ("FC Sport", ("sport",), ""),
        ("Clube de Regatas do Flamengo", ("flamengo",), ""),
    ],
)
def test_state_is_a_part_of_its_own(printed: str, tokens: tuple[str, ...], state: str) -> None:
    name = parse_team(printed)
    assert (name.tokens, name.state) == (tokens, state)


def test_a_country_tag_in_brackets_is_no_word() -> None:
    name = parse_team("Barcelona (Ecu)")
    assert (name.country, name.tokens, name.folded) == ("Ecuador", ("barcelona",), "barcelona ecu")
    assert parse_team("Univ Catolica (Chile)").country == "Chile"
    assert parse_team("Barcelona Ecu").country == parse_team("Arenas (Getxo)").country == ""


def test_a_marked_sponsor_is_left_out() -> None:
    assert parse_team("SV $$Licht-Loidl$$ Lafnitz").folded == "sv lafnitz"


NAMES = st.sampled_from(["Flamengo", "São Paulo", "Atlético-MG", "Willem II", "Real Madrid", "Boca Juniors"])
MARKERS = st.sampled_from(["", " (F)", " Feminino", " Sub-20", " U20", " B", " II", " (Res)", " Sub 20 (F)"])


@given(NAMES, MARKERS, st.sampled_from([str.upper, str.lower, str.title]), st.integers(1, 3))
def test_accents_case_and_spacing_never_change_category_or_state(
    name: str, marker: str, case: object, spaces: int
) -> None:
    printed = name + marker
    plain = "".join(c for c in unicodedata.normalize("NFKD", printed) if not unicodedata.combining(c))
    assert callable(case)
    other = parse_team(" " * spaces + case(plain).replace(" ", " " * spaces))
    expected = parse_team(printed)
    assert (other.category, other.state, other.folded) == (expected.category, expected.state, expected.folded)
    assert expected.category == parse_team("Palmeiras" + marker).category


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzáçãéñ -/().'0123456789", max_size=30))
def test_a_name_with_a_letter_always_keeps_a_token(text: str) -> None:
    name = parse_team(text)
    assert bool(name.tokens) == bool(fold(text))
    assert set(meaningful(name)) <= set(name.tokens)


@pytest.mark.parametrize(
    ("league", "category"),
    [
        ("Brasileirão Feminino", "women"),
        ("Brasileirão Série B", ""),
        ("WNBA", "women"),
        ("Liga F", "women"),
        ("Copa do Brasil Sub-20", "u20"),
        ("Brasileirão Feminino Sub-20", "women+u20"),
        ("UEFA Youth League", "youth"),
        ("Copa São Paulo de Futebol Júnior", "youth"),
        ("Argentina Reserves League", "reserve"),
        ("Premier League", ""),
        ("FIFA Club World Cup", ""),
        ("Copa do Mundo FIFA 2026", ""),
        ("FIFA 23 - GT Leagues", "virtual"),
        ("Belgium - First Amateurs Division", ""),
        ("NBA 2K Battle (4x5 minutes)", "virtual"),
    ],
)
def test_a_league_tells_a_category(league: str, category: str) -> None:
    assert league_category(league) == category


@pytest.mark.parametrize(
    ("own", "league", "together"),
    [
        ("", "women", "women"),
        ("women", "women", "women"),
        ("u19", "youth", "u19"),
        ("u20", "women", "women+u20"),
        ("reserve", "", "reserve"),
        ("third", "reserve", "third"),
    ],
)
def test_a_league_completes_what_the_name_leaves_open(own: str, league: str, together: str) -> None:
    assert with_league(own, league) == together
