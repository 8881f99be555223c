"""`/admin/alerts`: what fires, acknowledging, silencing; each write with its row in the audit."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from store.postgres import PostgresBackend
from tests.support.operator import Operator

PAGE = "/admin/alerts"
KEY = "scraper/alpha"


@pytest.fixture
def firing(backend: PostgresBackend) -> None:
    """One alert of each severity, and the event that the first one left."""
    rows = [
        {
            "key": key, "topic": key.partition("/")[0], "subject": key.partition("/")[2], "rule": "rule",
            "severity": severity, "phase": "firing", "title": title, "reason": "what to do", "since": 1.8e9,
            "fired_at": 1.8e9, "resolved_at": None, "told_at": 1.8e9, "memory": {},
            "details": {"path": "/admin/scraper-status/alpha"},
        }
        for key, severity, title in (
            (KEY, "error", "<b>Alpha</b> parou"),
            ("feed/", "warning", "odds.json velho"),
            ("surebet/1", "info", "2,1%"),
        )
    ]  # fmt: skip
    event = {
        "event_key": str(uuid4()), "at": 1.8e9, "key": KEY, "kind": "fired", "rule": "rule", "severity": "error",
        "text": "Alpha parou",
    }  # fmt: skip
    arguments: dict[str, Any] = {
        "p_save_id": str(uuid4()), "p_revision": 0, "p_alerts": rows, "p_forgotten": [], "p_events": [event],
        "p_messages": [], "p_targets": [],
    }  # fmt: skip
    backend.call("save_alerts", arguments)


def audit(backend: PostgresBackend) -> list[tuple[Any, ...]]:
    rows = backend.call("audit_page", {"p_before_id": None, "p_limit": 100})
    return [(row["actor"], row["action"], row["subject"], row["result"]) for row in reversed(rows)]


@pytest.mark.usefixtures("firing")
def test_what_fires_stands_first_and_stays_text(operator: Operator) -> None:
    page = operator.client.get(PAGE).text
    assert "&lt;b&gt;Alpha" in page
    assert page.index("Alpha") < page.index("odds.json velho") < page.index("Avisos") < page.index("2,1%")
    assert "what to do" in page
    assert "disparou" in page


@pytest.mark.usefixtures("firing")
def test_acknowledging_silencing_and_ending_it(operator: Operator, backend: PostgresBackend) -> None:
    answer = operator.send(f"{PAGE}/acknowledge", key=KEY, note="<i>I see</i>")
    assert answer.headers["location"] == f"{PAGE}?done=acknowledged"
    page = operator.client.get(answer.headers["location"]).text
    assert "Ciência registrada" in page
    assert "Silenciados ou cientes" in page
    assert "&lt;i&gt;I see" in page
    assert operator.send(f"{PAGE}/acknowledge", key="scraper/nobody").headers["location"].endswith("done=gone")

    silenced = operator.send(f"{PAGE}/silence", pattern="feed/*", minutes="120", reason="manutenção")
    assert silenced.headers["location"].endswith("done=silenced")
    (silence,) = backend.call("alerts_page", {})["silences"]
    assert (silence["pattern"], silence["actor"], silence["reason"]) == ("feed/*", "Ana", "manutenção")
    ended = operator.send(f"{PAGE}/unsilence", silence_id=str(silence["silence_id"]))
    assert ended.headers["location"].endswith("done=ended")
    assert (
        operator.send(f"{PAGE}/unsilence", silence_id=str(silence["silence_id"]))
        .headers["location"]
        .endswith("over")
    )
    assert backend.call("alerts_page", {})["silences"] == []
    assert audit(backend)[1:] == [
        ("Ana", "alert.acknowledge", KEY, "done"),
        ("Ana", "alert.acknowledge", "scraper/nobody", "done"),
        ("Ana", "alert.silence", "feed/*", "done"),
        ("Ana", "alert.unsilence", str(silence["silence_id"]), "done"),
        ("Ana", "alert.unsilence", str(silence["silence_id"]), "done"),
    ]
    assert "encerrou o silêncio" in operator.page("/admin/audit")


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("silence", {"pattern": "", "minutes": "120"}),
        ("silence", {"pattern": "*", "minutes": "7"}),
        ("silence", {"pattern": "*", "minutes": "30; drop table alerts"}),
        ("silence", {"pattern": "x" * 300, "minutes": "30"}),
        ("acknowledge", {}),
        ("unsilence", {"silence_id": "-1"}),
        ("unsilence", {"silence_id": "9" * 30}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(str(text)[:9] for text in value.values()),
)
def test_wrong_fields_write_nothing(
    operator: Operator, backend: PostgresBackend, path: str, fields: dict[str, str]
) -> None:
    assert operator.send(f"{PAGE}/{path}", **fields).status_code == 422
    assert [action for _, action, *_ in audit(backend)] == ["login"]


def test_the_calm_page(operator: Operator) -> None:
    page = operator.page(f"{PAGE}?before=nonsense&about=%25")
    assert "Nada disparado." in page
    assert "Nada aconteceu ainda." in page
