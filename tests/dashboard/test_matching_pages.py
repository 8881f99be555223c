"""`/admin/matching`: what waits is shown side by side; every verdict is written, audited, told, and taken back."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from store.postgres import PostgresBackend
from tests.support.cycles import House, kickoff, listing
from tests.support.operator import Operator

BASE = "/admin/matching"
RESULT = {"match_result:home": 1.7, "match_result:draw": 3.9, "match_result:away": 4.7}


def audit(backend: PostgresBackend) -> list[tuple[Any, ...]]:
    """What was written since the login, oldest first."""
    rows = backend.call("audit_page", {"p_before_id": None, "p_limit": 100})
    return [(row["action"], row["subject"], row["result"]) for row in reversed(rows)][1:]


@pytest.fixture
def waiting(backend: PostgresBackend, database_url: str) -> int:
    """gamma's event waits, with alpha's match as its candidate; its number."""
    House(backend, "alpha").commit([listing("1", "FC Union Berlin", "Heidenheim", kickoff(5), RESULT)])
    House(backend, "gamma").commit([listing("9", "União Berlim", "Heidenheim", kickoff(5), RESULT, linked=False)])
    sides = {"home": "FC Union Berlin", "away": "Heidenheim"}
    candidate = {"match_id": 1, **sides, "score": 0.555, "why": "home 0.18"}
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(
            "insert into unmatched_events (event_id, reason, candidates) select event_id, 'uncertain', "
            "%s from bookmaker_events where source_event_id = '9'",
            (Jsonb([candidate]),),
        )
        row = owner.execute("select event_id from bookmaker_events where source_event_id = '9'").fetchone()
    assert row is not None
    return int(row[0])


def test_both_sides_stand_beside_each_other(operator: Operator, waiting: int) -> None:
    page = operator.page(BASE)
    assert page.index("União Berlim") < page.index("Partida #1") < page.index("FC Union Berlin")
    assert page.count("1,70 · 3,90 · 4,70") == 2, "prices of both"
    assert "há uma parecida, sem certeza" in page
    assert "home 0.18" in page
    assert "União Berlim" in operator.page(f"{BASE}?bookmaker=gamma")
    assert "Nenhum evento espera" in operator.page(f"{BASE}?bookmaker=alpha")


def test_the_diagnosis_goes_step_by_step(operator: Operator, waiting: int) -> None:
    page = operator.page(f"{BASE}/event/{waiting}")
    assert "home: 'União Berlim' is uniao berlim" in page
    assert "decision: " in page


def test_an_event_is_linked_seen_and_taken_back(operator: Operator, backend: PostgresBackend, waiting: int) -> None:
    answer = operator.send(f"{BASE}/event/{waiting}", verdict="accept", match_id="1", reason="same <game>")
    where = answer.headers["location"]
    assert where.startswith(f"{BASE}?done=")
    number = where.rpartition("=")[2]
    assert f"Decisão {number} gravada" in operator.page(where)
    (event,) = backend.call("review_effects", {"p_review_id": int(number)})["events"]
    assert (event["match_id"], event["was"]["match_id"]) == (1, None)
    effects = operator.client.get(f"{BASE}/reviews/{number}").text
    assert "same &lt;game&gt;" in effects
    assert "sem partida" in effects
    assert 'href="/match/1"' in effects
    assert "união" not in operator.page(BASE).lower()

    undone = operator.send(f"{BASE}/reviews/{number}/undo", reason="no")
    assert undone.status_code == 303
    assert f"desfeita pela {int(number) + 1}" in operator.page(f"{BASE}/reviews")
    assert backend.call("event_for_review", {"p_event_id": waiting})["match_id"] is None
    assert audit(backend) == [
        ("event.accept", "gamma: União Berlim x Heidenheim", "done"),
        ("review.undo", number, "done"),
    ]


def test_a_refused_match_is_not_taken_again(operator: Operator, backend: PostgresBackend, waiting: int) -> None:
    assert operator.send(f"{BASE}/event/{waiting}", verdict="reject", match_id="1").status_code == 303
    assert backend.call("event_for_diagnosis", {"p_event_id": waiting})["not_matches"] == [1]


def test_what_the_database_refuses_is_said_in_its_words(
    operator: Operator, backend: PostgresBackend, waiting: int
) -> None:
    answer = operator.send(f"{BASE}/event/{waiting}", verdict="accept", match_id="77")
    assert answer.status_code == 409
    assert "no match 77" in answer.text
    assert "Nada foi gravado" in answer.text
    ((action, _, result),) = audit(backend)
    assert action == "event.accept"
    assert "no match 77" in result


@pytest.mark.parametrize(
    "fields",
    [{"verdict": "accept"}, {"verdict": "maybe", "match_id": "1"}, {"verdict": "accept", "match_id": "1e9"}],
    ids=["no-match", "no-verdict", "no-number"],
)
def test_wrong_fields_write_nothing(
    operator: Operator, backend: PostgresBackend, waiting: int, fields: dict[str, str]
) -> None:
    assert operator.send(f"{BASE}/event/{waiting}", **fields).status_code == 422
    assert audit(backend) == []


def test_a_team_is_found_corrected_and_given_a_spelling(operator: Operator, backend: PostgresBackend) -> None:
    House(backend, "alpha").commit([listing("1", "Flamengo", "Santos", kickoff(5), RESULT)])
    page = operator.page(f"{BASE}/teams?q=FLAM%C3%AAngo")
    assert f'href="{BASE}/teams/1"' in page
    assert "Santos" not in page
    team = f"{BASE}/teams/1"
    fields = {"name": "CR Flamengo", "country": "Brazil", "category": "", "logo_url": "https://logo.example/f.png"}
    assert operator.send(team, **fields, reason="full name").status_code == 303
    found = backend.call("team_details", {"p_team_id": 1})
    assert (found["name"], found["country"], found["logo_url"]) == ("CR Flamengo", "Brazil", fields["logo_url"])
    assert [alias["alias"] for alias in found["aliases"]] == ["Flamengo"], "the former name stays a spelling"
    assert operator.send(f"{team}/spellings", spelling="Mengão").status_code == 303
    mengao = backend.call("team_details", {"p_team_id": 1})["aliases"][-1]
    assert (mengao["alias"], mengao["status"]) == ("Mengão", "confirmed")
    removed = operator.send(f"{BASE}/spellings/{mengao['alias_id']}", verdict="reject", team="1", what="Mengão")
    assert removed.headers["location"].startswith(f"{team}?done=")
    page = operator.page(removed.headers["location"])
    assert "rejeitada" in page
    assert 'src="https://logo.example/f.png"' in page
    assert operator.send(team, logo_url="javascript:alert(1)").status_code == 409
    assert [action for action, *_ in audit(backend)] == ["team.edit", "alias.add", "alias.reject", "team.edit"]


def test_duplicates_are_merged_or_kept_apart(
    operator: Operator, backend: PostgresBackend, database_url: str
) -> None:
    House(backend, "alpha").commit([listing("1", "Flamengo", "Santos", kickoff(5), RESULT)])
    House(backend, "gamma").commit([listing("2", "Mengo", "Santos", kickoff(5), RESULT)])
    page = operator.page(f"{BASE}/duplicates")
    assert "mesmo adversário no mesmo minuto" in page
    keep, gone = 1, 3
    assert f'name="keep" value="{keep}"' in page
    assert f'name="gone" value="{gone}"' in page
    pair = {"subject": "teams", "keep": str(keep), "gone": str(gone)}
    merged = operator.send(f"{BASE}/duplicates", **pair, verdict="merge")
    assert merged.status_code == 303
    assert backend.call("team_details", {"p_team_id": gone}) is None
    assert "Nada parece repetido" in operator.page(f"{BASE}/duplicates")
    number = merged.headers["location"].rpartition("=")[2]
    assert operator.send(f"{BASE}/reviews/{number}/undo").status_code == 303
    assert backend.call("team_details", {"p_team_id": gone})["name"] == "Mengo"
    assert operator.send(f"{BASE}/duplicates", **pair, verdict="apart").status_code == 303
    assert "Nada parece repetido" in operator.page(f"{BASE}/duplicates")
    assert [action for action, *_ in audit(backend)] == ["teams.merge", "review.undo", "teams.apart"]


def test_leagues_and_logos_are_corrected(operator: Operator, backend: PostgresBackend) -> None:
    assert "Brasileirão Série A" in operator.page(f"{BASE}/leagues")
    assert operator.send(f"{BASE}/leagues/nba", name="N.B.A.", country="USA").status_code == 303
    page = operator.page(f"{BASE}/leagues")
    assert "N.B.A." in page
    assert "à mão" in page
    assert operator.send(f"{BASE}/bookmakers/alpha", logo="https://alpha.example/logo.svg").status_code == 303
    assert operator.send(f"{BASE}/bookmakers/nobody", logo="https://alpha.example/logo.svg").status_code == 409
    assert "KTO" in operator.page(f"{BASE}/bookmakers")
    assert [(action, result[:4]) for action, _, result in audit(backend)] == [
        ("league.edit", "done"), ("bookmaker.edit", "done"), ("bookmaker.edit", "Stor"),
    ]  # fmt: skip
