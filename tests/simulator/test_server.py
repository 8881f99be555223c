"""The simulator over real HTTP: routing, faults, tokens, journal, prices set by hand, stop and restart."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import orjson
import pytest

from scrapers.errors import PayloadShapeError
from scrapers.records import PriceStatus
from scrapers.registry import load_platform
from simulator import truth
from simulator.faults import Kind

from .conftest import HOST, Running, start

SERIE_A = "2942"
ALTENAR_LIST = "sb2frontend-altenar2.biahosted.com/api/widget/GetEvents"
KAMBI_LIST = "us1.offering-api.kambicdn.com/offering/v2018/ktobr/listView/football/italy/serie_a/all/matches.json"


def _list(simulator: Running, bookmaker: str = "aposta1", **query: str) -> httpx.Response:
    return simulator.altenar(bookmaker, SERIE_A, integration="aposta1", **query)


def _spoiled(simulator: Running, kind: Kind, **more: object) -> httpx.Response:
    simulator.fault("aposta1", kind, **more)
    return _list(simulator)


def _parse(body: bytes) -> int:
    return len(load_platform("altenar").parse(body, fetched_at=datetime.now(UTC)).events)


def _entries(simulator: Running) -> list[truth.Entry]:
    return list(truth.read_entries(simulator.folder / "served.jsonl"))


def test_hosts_lead_to_their_platforms(simulator: Running) -> None:
    assert simulator.client.get(f"{simulator.url}/healthz").json()["status"] == "ok"
    answer = _list(simulator)
    assert answer.status_code == 200
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.json()["events"]
    assert simulator.ask(KAMBI_LIST, "kto", {"useCombined": "true"}).json()["events"]
    assert simulator.ask("www.nowhere.example/odds", "kto", {}).status_code == 404
    assert simulator.altenar("aposta1", SERIE_A, integration="nobody").status_code == 400


def test_who_has_the_body_already_is_not_sent_it_again(simulator: Running) -> None:
    query = {"sportId": "0", "champIds": SERIE_A, "integration": "aposta1"}
    tag = _list(simulator).headers["etag"]
    same = simulator.ask(ALTENAR_LIST, "aposta1", query, {"If-None-Match": tag})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert len(_entries(simulator)) == 2
    simulator.time += 3600
    changed = simulator.ask(ALTENAR_LIST, "aposta1", query, {"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_the_journal_tells_what_was_served(simulator: Running) -> None:
    _list(simulator)
    simulator.time += 1000.9
    simulator.ask(KAMBI_LIST, "kto", {"category": "10028163"})
    simulator.altenar("aposta1", SERIE_A, integration="nobody")
    first, second = _entries(simulator)
    assert (first.bookmaker, first.league, first.category, first.fault) == ("aposta1", "serie_a", None, None)
    assert (second.bookmaker, second.league, second.category) == ("kto", "serie_a", "10028163")
    assert second.served_at == first.served_at + 1000
    assert f"champIds={SERIE_A}" in first.request["query"]
    assert len(truth.served_prices(first, simulator.seed)) > 150
    assert {key[5] for key in truth.served_prices(second, simulator.seed)} == {"early_payout"}


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (Kind.MALFORMED, 200),
        (Kind.TRUNCATED, 200),
        (Kind.HTML_ERROR, 200),
        (Kind.EMPTY_BODY, 200),
        (Kind.CHALLENGE_200, 200),
        (Kind.CHALLENGE_403, 403),
        (Kind.SERVER_ERROR, 500),
    ],
)
def test_spoiled_bodies_are_no_payload(simulator: Running, kind: Kind, status: int) -> None:
    answer = _spoiled(simulator, kind)
    assert answer.status_code == status
    with pytest.raises(PayloadShapeError):
        _parse(answer.content)
    (entry,) = _entries(simulator)
    assert entry.fault == kind
    assert truth.served_prices(entry, simulator.seed) == {}


def test_challenges_look_like_their_models(simulator: Running) -> None:
    assert b"Just a moment" in _spoiled(simulator, Kind.CHALLENGE_200).content
    assert b"you have been blocked" in _spoiled(simulator, Kind.CHALLENGE_403).content


def test_a_changed_schema_is_json_under_other_names(simulator: Running) -> None:
    body = _spoiled(simulator, Kind.SCHEMA_CHANGED).json()
    assert not {"events", "markets", "odds"} & body.keys()


def test_an_empty_list_is_a_payload_without_events(simulator: Running) -> None:
    assert _parse(_spoiled(simulator, Kind.EMPTY_LIST).content) == 0
    simulator.fault("betbra", Kind.EMPTY_LIST)
    tags = {"tag-url-names": "italy-serie-a,soccer"}
    emptied = simulator.ask("mexchange-api.betbra.bet.br/api/events", "betbra", tags).json()
    assert (emptied["events"], emptied["total"]) == ([], 0)


def test_rate_limits_name_their_wish(simulator: Running) -> None:
    answer = _spoiled(simulator, Kind.RATE_LIMITED, retry_after_s=7)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert "retry-after" not in _spoiled(simulator, Kind.RATE_LIMITED, retry_after_s=None).headers


def test_a_giant_body_is_as_large_as_it_says(simulator: Running) -> None:
    assert len(_spoiled(simulator, Kind.GIANT, size_mb=3).content) > 3 * 2**20


def test_slow_answers_are_whole(simulator: Running) -> None:
    before = time.monotonic()
    answer = _spoiled(simulator, Kind.SLOW, delay_s=0.3)
    assert time.monotonic() - before >= 0.3
    assert _parse(answer.content) > 0
    assert truth.served_prices(_entries(simulator)[0], simulator.seed)


def test_a_hanging_answer_never_comes(simulator: Running) -> None:
    simulator.fault("aposta1", Kind.HANG)
    with pytest.raises(httpx.ReadTimeout):
        simulator.client.get(f"{simulator.url}/{ALTENAR_LIST}", params={"integration": "aposta1"}, timeout=0.3)


def test_a_reset_breaks_the_connection_off(simulator: Running) -> None:
    with pytest.raises(httpx.ReadError):
        _spoiled(simulator, Kind.RESET)
    simulator.client.delete(f"{simulator.url}/control/faults")
    assert _list(simulator).status_code == 200


def test_a_token_is_had_from_the_brands_page_alone(simulator: Running) -> None:
    assert _spoiled(simulator, Kind.TOKEN_REQUIRED).status_code == 401

    def token(page: str) -> str:
        html = simulator.client.get(f"{simulator.url}/{page}").text
        assert "GetSportMenu" in html
        return html.split('"token": "')[1].split('"')[0]

    own, foreign = token("www.aposta1.bet.br/esportes"), token("mcgames.bet.br/sports/futebol")
    query = {"integration": "aposta1", "champIds": SERIE_A}
    assert simulator.ask(ALTENAR_LIST, "aposta1", query, {"authorization": foreign}).status_code == 403
    answer = simulator.ask(ALTENAR_LIST, "aposta1", query, {"authorization": own})
    assert _parse(answer.content) > 0
    assert [entry.fault for entry in _entries(simulator)] == ["token_required", "token_required", None]
    simulator.fault("aposta1", "token_required", generation=1)
    assert simulator.ask(ALTENAR_LIST, "aposta1", query, {"authorization": own}).status_code == 403
    assert token("www.aposta1.bet.br/esportes") != own


def test_a_fault_keeps_to_its_bookmaker_league_place_time_and_count(simulator: Running) -> None:
    simulator.fault("kto", "server_error")
    simulator.fault("aposta1", "server_error", league="la_liga")
    simulator.fault("aposta1", "challenge_403", where="site")
    assert _list(simulator).status_code == 200
    assert simulator.altenar("aposta1", "2941", integration="aposta1").status_code == 500
    assert simulator.ask(KAMBI_LIST, "kto", {}).status_code == 500
    assert simulator.client.get(f"{simulator.url}/www.aposta1.bet.br/esportes").status_code == 403
    assert simulator.client.delete(f"{simulator.url}/control/faults").json() == {"cleared": 3}
    simulator.fault("*", "server_error", until=simulator.time + 60)
    assert _list(simulator).status_code == 500
    simulator.time += 60
    assert _list(simulator).status_code == 200
    simulator.fault("*", "server_error", times=2)
    assert [_list(simulator).status_code for _ in range(3)] == [500, 500, 200]


@pytest.mark.parametrize("body", [b"{", b"{}", b'{"bookmaker":"*","kind":"nothing"}'])
def test_an_unknown_fault_is_refused(simulator: Running, body: bytes) -> None:
    assert simulator.client.post(f"{simulator.url}/control/faults", content=body).status_code == 400


def test_a_fault_of_nobody_is_refused(simulator: Running) -> None:
    order = {"bookmaker": "nobody", "kind": "hang"}
    assert simulator.client.post(f"{simulator.url}/control/faults", json=order).status_code == 400


def test_a_price_set_by_hand_is_served_and_part_of_the_truth(simulator: Running) -> None:
    _list(simulator)
    before = truth.served_prices(_entries(simulator)[0], simulator.seed)
    key = next(key for key, (_, status) in before.items() if key[1] == "draw_no_bet" and status == "open")
    order = {
        "bookmaker": "aposta1",
        "event_id": int(key[0]),
        "market": "draw_no_bet",
        "selection": key[4],
        "price": "9.99",
        "until": int(simulator.time) + 20,
    }
    simulator.time += 5
    assert simulator.client.post(f"{simulator.url}/control/move", json=order).status_code == 200
    _list(simulator)
    simulator.time += 30
    _list(simulator)
    first, second, third = (truth.served_prices(e, simulator.seed)[key] for e in _entries(simulator))
    assert second == (Decimal("9.99"), PriceStatus.OPEN)
    assert first[0] != second[0] != third[0]
    wrong = order | {"selection": "draw"}
    assert simulator.client.post(f"{simulator.url}/control/move", json=wrong).status_code == 404


def test_a_restart_continues_exactly(tmp_path: Path) -> None:
    bodies = []
    for _ in range(2):
        running, thread = start(tmp_path)
        bodies.append(_list(running).content)
        running.client.close()
        running.stop.set()
        thread.join(timeout=5)
        assert not thread.is_alive()
    assert bodies[0] == bodies[1]
    one, other = truth.read_entries(tmp_path / "served.jsonl")
    assert one == other


def test_the_process_says_when_it_is_ready_and_stops_promptly(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    ready, told = os.pipe()
    environment = {
        **os.environ,
        "SIMULATOR_PORT": str(port),
        "DATA_DIR": str(tmp_path),
        "NODE_CHANNEL_FD": str(told),
    }
    command = [sys.executable, "-m", "standalone.run_simulator"]
    with subprocess.Popen(command, env=environment, pass_fds=(told,), stdout=subprocess.PIPE) as process:
        os.close(told)
        with open(ready, "rb") as pipe:
            assert pipe.readline() == b'"ready"\n'
        url = f"http://{HOST}:{port}"
        order = {"bookmaker": "*", "kind": "hang"}
        assert httpx.post(f"{url}/control/faults", json=order).status_code == 200
        second = subprocess.run(
            command, env={**environment, "NODE_CHANNEL_FD": ""}, capture_output=True, check=False
        )
        assert second.returncode == 2
        assert b"SIMULATOR_PORT" in second.stdout
        with socket.create_connection((HOST, port)) as held:
            held.sendall(f"GET /{ALTENAR_LIST}?integration=aposta1 HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
            journal = tmp_path / "simulator" / "served.jsonl"
            while not journal.read_bytes():
                assert httpx.get(f"{url}/healthz").status_code == 200
            before = time.monotonic()
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=15) == 0
            assert time.monotonic() - before < 3, "PM2 would have killed it"
        assert orjson.loads(journal.read_bytes())["fault"] == "hang"


@pytest.mark.parametrize("kind", Kind)
def test_every_fault_is_journaled_and_spoils_no_other_bookmaker(simulator: Running, kind: Kind) -> None:
    simulator.fault("aposta1", kind, delay_s=0.01, size_mb=1)
    try:
        spoiled: httpx.Response | None = simulator.client.get(
            f"{simulator.url}/{ALTENAR_LIST}", params={"integration": "aposta1", "champIds": SERIE_A}, timeout=1
        )
    except httpx.TransportError:
        spoiled = None
    whole = simulator.altenar("kto", SERIE_A, integration="aposta1")
    assert _parse(whole.content) > 0
    assert [entry.fault for entry in _entries(simulator)] == [kind, None]
    assert (spoiled is not None and spoiled.content == whole.content) == (kind is Kind.SLOW)
