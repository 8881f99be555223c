"""The readers in docs/feed/ take what is fresh and refuse everything else, both for the same reasons."""

from __future__ import annotations

import gzip
import importlib.util
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from board.status import status_feed
from standalone.settings import ROOT
from tests.board.opportunities.stage import Stage
from tests.board.sketch import LIMITS, NOW, VALID_FOR_S, Sketch, built, offer, written

FOLDER = ROOT / "docs" / "feed"
AT = datetime.fromtimestamp(NOW, UTC)
VALID_UNTIL = AT + timedelta(seconds=VALID_FOR_S)

CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str | None]] = {
    "fresh": ({}, {}, None),
    "to its last moment": ({}, {"now": VALID_UNTIL}, None),
    "past its validity": ({}, {"now": VALID_UNTIL + timedelta(seconds=1)}, "StaleFeed"),
    "a clock a little behind": ({}, {"now": AT - timedelta(seconds=10)}, None),
    "from the future": ({}, {"now": AT - timedelta(seconds=11)}, "FeedError"),
    "as new as the last one": ({"sequence": 7}, {"newer_than": 7}, None),
    "older than the last one": ({"sequence": 7}, {"newer_than": 8}, "StaleFeed"),
    "invented": ({"simulated": True}, {}, "FeedError"),
    "invented and welcome": ({"simulated": True}, {"simulated": True}, None),
    "another version": ({"version": 2}, {}, "FeedError"),
    "no validity": ({"valid_until": None}, {}, "FeedError"),
    "a local time": ({"valid_until": "2099-01-01T00:00:00"}, {}, "FeedError"),
    "no sequence": ({"sequence": None}, {}, "FeedError"),
}
"""Changes to a fresh document, options of the reader, and what it raises (None: nothing)."""

NODE = """
import { check } from "./read_odds.mjs";
let text = "";
for await (const piece of process.stdin) text += piece;
const results = JSON.parse(text).map(([document, options]) => {
  try { check(document, options); return null; } catch (error) { return error.constructor.name; }
});
console.log(JSON.stringify(results));
"""
FETCH = """
import { readOdds } from "./read_odds.mjs";
const options = { now: Number(process.argv[2]) };
try { console.log((await readOdds(process.argv[1], options)).matches.length); }
catch (error) { console.log(error.constructor.name); }
"""


ROWS = """
import { prices } from "./read_odds.mjs";
let text = "";
for await (const piece of process.stdin) text += piece;
console.log(JSON.stringify([...prices(JSON.parse(text))]));
"""


def fresh() -> dict[str, Any]:
    sketch = Sketch()
    sketch.price(1, offer("match_result", "home"), 2.1)
    document: dict[str, Any] = json.loads(written(built(sketch.board, simulated=False)[0])[0])
    return document


@pytest.fixture(scope="module")
def reader() -> ModuleType:
    spec = importlib.util.spec_from_file_location("read_odds", FOLDER / "read_odds.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_node(script: str, *arguments: str, given: str = "") -> str:
    node = shutil.which("node")
    assert node is not None, "PM2 needs it, so it is there"
    command = [node, "--input-type=module", "--eval", script, *arguments]
    return subprocess.run(
        command, cwd=FOLDER, input=given, capture_output=True, text=True, check=True, timeout=30
    ).stdout.strip()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *given: Quiet(*given, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield tmp_path, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("case", CASES)
def test_python_refuses_what_must_not_be_used(reader: ModuleType, case: str) -> None:
    changes, options, expected = CASES[case]
    raised = None
    try:
        reader.check(fresh() | changes, **{"now": AT, **options})
    except reader.FeedError as error:
        raised = type(error).__name__
    assert raised == expected


@pytest.mark.parametrize("late_s", [0, 61])
def test_both_read_surebets_and_refuse_stale_ones(reader: ModuleType, late_s: int) -> None:
    stage = Stage()
    stage.surebet()
    document = stage.tick(0)
    assert document["surebets"]
    given = [document, {"now": (NOW + late_s) * 1000}]
    assert json.loads(run_node(NODE, given=json.dumps([given]))) == ["StaleFeed" if late_s else None]
    with pytest.raises(reader.StaleFeed) if late_s else nullcontext():
        reader.check(document, now=AT + timedelta(seconds=late_s))


def test_javascript_refuses_the_same() -> None:
    given = []
    for changes, options, _ in CASES.values():
        asked = {"now": AT, **options}
        asked["now"] = asked["now"].timestamp() * 1000
        asked["newerThan"] = asked.pop("newer_than", 0)
        given.append([fresh() | changes, asked])
    raised = json.loads(run_node(NODE, given=json.dumps(given)))
    assert dict(zip(CASES, raised, strict=True)) == {case: expected for case, (_, _, expected) in CASES.items()}


@pytest.mark.parametrize("document", [None, [], "text", {}, {"version": 3}])
def test_what_is_no_document_is_refused(reader: ModuleType, document: Any) -> None:
    with pytest.raises(reader.FeedError):
        reader.check(document)


def test_python_reads_files_and_addresses_plain_and_compressed(
    reader: ModuleType, served: tuple[Path, str]
) -> None:
    folder, address = served
    body = json.dumps(fresh()).encode()
    (folder / "odds.json").write_bytes(body)
    (folder / "odds.json.gz").write_bytes(gzip.compress(body))
    (folder / "broken.json").write_bytes(body[:50])
    (folder / "broken.json.gz").write_bytes(gzip.compress(body)[:50])
    for name in ("odds.json", "odds.json.gz"):
        for place in (f"{address}/{name}", str(folder / name)):
            assert reader.read_odds(place, now=AT) == fresh()
        with pytest.raises(reader.FeedError, match="is not JSON"):
            reader.read_odds(f"{address}/{name.replace('odds', 'broken')}", now=AT)
    with pytest.raises(OSError, match="404"):
        reader.read_odds(f"{address}/none.json", now=AT)


def test_javascript_reads_addresses(served: tuple[Path, str]) -> None:
    folder, address = served
    (folder / "odds.json").write_text(json.dumps(fresh()))
    assert run_node(FETCH, f"{address}/odds.json", str(NOW * 1000)) == "1"
    assert run_node(FETCH, f"{address}/odds.json", str((NOW + 61) * 1000)) == "StaleFeed"
    assert run_node(FETCH, f"{address}/none.json", str(NOW * 1000)) == "FeedError"


def test_both_give_every_price_as_a_row_with_its_clocks_and_link(reader: ModuleType) -> None:
    sketch = Sketch()
    sketch.price(1, offer("match_result", "home"), 2.1)
    sketch.price(1, offer("match_result", "home", side="lay"), 2.2, available=9.5, commission=0.05)
    sketch.price(2, offer("match_result", "away"), 2.3)
    document = sketch.feed()
    rows = list(reader.prices(document))
    assert json.loads(run_node(ROWS, given=json.dumps(document))) == rows
    about = {
        "match_id": 7,
        "sport": "football",
        "league": {"key": "liga", "name": "Liga", "country": "Brazil"},
        "home": "São Paulo",
        "away": "Santos",
        "starts_at": "2027-01-15T09:00:00Z",
        "market": "match_result",
        "period": "match",
        "line": None,
        "rules": "standard",
        "selection": "home",
        "last_changed": "2027-01-15T07:59:00Z",
    }
    kto = about | {
        "bookmaker": "kto",
        "last_seen": "2027-01-15T07:59:50Z",
        "url": "https://kto.example/sao-paulo-fc-x-santos/e%2F1",
    }
    betano = about | {
        "bookmaker": "betano",
        "last_seen": "2027-01-15T07:59:40Z",
        "url": "https://betano.example/santos-x-sao-paulo/e2",
    }
    assert rows == [
        betano | {"side": "back", "price": 2.3, "available": None, "commission": None},
        kto | {"side": "back", "price": 2.1, "available": None, "commission": None},
        kto | {"side": "lay", "price": 2.2, "available": 9.5, "commission": 0.05},
    ]


def test_status_json_is_read_too(reader: ModuleType) -> None:
    sketch = Sketch()
    status = status_feed(sketch.board, built(sketch.board, simulated=False)[0], [], limits=LIMITS)
    reader.check(json.loads(written(status)[0]), now=AT)


def test_the_command_says_why_not(tmp_path: Path) -> None:
    (tmp_path / "odds.json").write_text(json.dumps(fresh()))
    command = [sys.executable, str(FOLDER / "read_odds.py"), str(tmp_path / "odds.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # The document is of 2027 and this machine's clock may be on either side of it: refused by both.
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(("valid until", "generated at"))
