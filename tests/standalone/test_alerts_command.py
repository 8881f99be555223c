"""`fleet alerts` against a real database and a real receiver."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import orjson
import pytest
from click.testing import CliRunner, Result

from scrapers.errors import DeclarationError
from standalone.commands.alerts import command
from store.postgres import PostgresBackend
from tests.support.receiver import SECRET, Receiver

ALERT = {
    "key": "scraper/kto",
    "topic": "scraper",
    "subject": "kto",
    "rule": "scraper_silent",
    "severity": "error",
    "phase": "firing",
    "title": "KTO: sem sinal há 70 s",
    "reason": "O processo travou ou caiu.",
    "since": 1_700_000_000.0,
    "fired_at": 1_700_000_000.0,
    "resolved_at": None,
    "told_at": None,
    "details": {},
    "memory": {},
}
EVENT = {
    "event_key": "00000000-0000-0000-0000-000000000001",
    "at": 1_700_000_000.0,
    "key": "scraper/kto",
    "kind": "fired",
    "rule": "scraper_silent",
    "severity": "error",
    "text": "KTO: sem sinal há 70 s",
}


@pytest.fixture
def fleet(monkeypatch: pytest.MonkeyPatch, database_url: str) -> Callable[..., Result]:
    monkeypatch.setenv("DATABASE_URL", database_url)

    def run(*args: str) -> Result:
        return CliRunner().invoke(command, args, catch_exceptions=False)

    return run


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def firing(backend: PostgresBackend) -> None:
    """One alert fires, and a message about it waits."""
    message = {"message_key": EVENT["event_key"], "kind": "fired", "severity": "error", "title": "t", "body": "b"}
    backend.call(
        "save_alerts",
        {
            "p_save_id": EVENT["event_key"],
            "p_revision": 0,
            "p_alerts": [ALERT],
            "p_forgotten": [],
            "p_events": [EVENT],
            "p_messages": [{**message, "link": "", "alerts": ["scraper/kto"]}],
            "p_targets": ["discord-1"],
        },
    )


def test_where_all_is_well_it_says_so(fleet: Callable[..., Result], backend: PostgresBackend) -> None:
    result = fleet("list")
    assert (result.exit_code, result.output) == (0, "Nenhum alerta ativo. (nothing fires)\n")


@pytest.mark.usefixtures("firing")
def test_an_alert_is_seen_silenced_and_told_again(fleet: Callable[..., Result]) -> None:
    listed = fleet("list")
    assert listed.exit_code == 1
    for words in ("scraper/kto", "ativo", "KTO: sem sinal há 70 s", "discord-1: 0 entregues, 1 à espera"):
        assert words in listed.output
    assert orjson.loads(fleet("list", "--json").output)["firing"][0]["key"] == "scraper/kto"

    assert fleet("ack", "scraper/kto", "--by", "ana").output == "scraper/kto: visto por ana (acknowledged)\n"
    with pytest.raises(DeclarationError, match="não está ativo"):
        fleet("ack", "scraper/stake")
    silenced = fleet("silence", "scraper/*", "--for", "2h", "--by", "ana", "--why", "manutenção")
    assert silenced.output.startswith("silêncio 1: scraper/* até ")
    assert fleet("silence", "scraper/*", "--for", "soon").exit_code == 2
    listed = fleet("list")
    assert "visto por ana" in listed.output
    assert "silenciado" in listed.output
    assert "ana manutenção" in listed.output
    assert fleet("unsilence", "1", "--by", "rui").output == "silêncio 1: encerrado (ended)\n"
    with pytest.raises(DeclarationError, match="não está em vigor"):
        fleet("unsilence", "1")
    told = [line.partition(" ")[2].partition(" ")[2] for line in fleet("list", "--history").output.splitlines()]
    assert told == [
        "silêncio encerrado: scraper/* por rui",
        "silenciado: scraper/* por ana - 120 min: manutenção",
        "visto: scraper/kto por ana",
        "disparou: scraper/kto - KTO: sem sinal há 70 s",
    ]
    assert [row["kind"] for row in orjson.loads(fleet("list", "--history", "--json").output)] == [
        "unsilenced", "silenced", "acknowledged", "fired",
    ]  # fmt: skip


def test_a_test_message_says_plainly_whether_it_arrived(
    fleet: Callable[..., Result], receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DeclarationError, match="nenhum destino"):
        fleet("test")
    with pytest.raises(DeclarationError, match="ALERT_WEBHOOK_SECRET"):
        fleet("test", f"webhook+{receiver.url}")
    monkeypatch.setenv("ALERT_WEBHOOK_SECRET", SECRET)
    arrived = fleet("test", f"webhook+{receiver.url}")
    assert arrived.exit_code == 0
    assert arrived.output.startswith("chegou / arrived: webhook-")
    assert receiver.messages[0]["kind"] == "test"
    monkeypatch.setenv("ALERT_WEBHOOK_URL", receiver.url)
    receiver.down = True
    lost = fleet("test")
    assert lost.exit_code == 1
    assert "NÃO chegou / did NOT arrive: webhook-" in lost.output
    assert "webhook: HTTP 503" in lost.output
    assert "key=abc" not in lost.output
