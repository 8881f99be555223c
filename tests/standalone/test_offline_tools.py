"""`fleet record`, `fleet probe` and `fleet new-bookmaker`, against the simulator and on files of their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from scrapers.errors import DeclarationError
from scrapers.registry import load_registry
from standalone.commands import group
from standalone.settings import ROOT
from tests.simulator.conftest import Running, start


@pytest.fixture
def simulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    running, thread = start(tmp_path / "simulator")
    monkeypatch.setenv("ODDS_SOURCE", "simulator")
    monkeypatch.setenv("SIMULATOR_PORT", running.url.rpartition(":")[2])
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    yield running
    running.client.close()
    running.stop.set()
    thread.join(timeout=5)


def fleet(*args: str, asked: str = "") -> Result:
    return CliRunner().invoke(group, list(args), input=asked, catch_exceptions=False)


def probed(slug: str, *args: str) -> tuple[int, dict[str, Any]]:
    done = fleet("probe", slug, "--json", *args)
    return done.exit_code, orjson.loads(done.stdout)


def test_what_is_recorded_is_replayed_and_probed_as_recorded(simulator: Running, tmp_path: Path) -> None:
    into = tmp_path / "recordings"
    done = fleet("record", "estrelabet", "--into", str(into), "--league", "serie_a")
    assert done.exit_code == 0, done.output
    files = sorted(path.name for path in (into / "estrelabet").iterdir())
    assert files == ["serie_a.body", "serie_a.meta.json", "serie_a_detail.body", "serie_a_detail.meta.json"]
    meta = orjson.loads((into / "estrelabet" / "serie_a_detail.meta.json").read_bytes())
    assert meta["listed_in"] == "serie_a"

    code, found = probed("estrelabet", "--recordings", str(into), "--league", "serie_a")
    assert (code, found["verdict"], found["kind"]) == (0, "ok", "list")
    assert found["events"] > 0
    assert found["prices"] > 0
    assert found["shape"].startswith("as recorded")
    assert found["recording"] == "serie_a.body, 0 days old"

    with pytest.raises(DeclarationError, match="is there already"):
        fleet("record", "estrelabet", "--into", str(into), "--league", "serie_a")
    assert fleet("record", "estrelabet", "--into", str(into), "--league", "serie_a", "--replace").exit_code == 0


def test_a_changed_page_is_told_place_by_place(simulator: Running, tmp_path: Path) -> None:
    into = tmp_path / "recordings"
    assert fleet("record", "estrelabet", "--into", str(into)).exit_code == 0
    body = into / "estrelabet" / "brasileirao_a.body"
    root = orjson.loads(body.read_bytes())
    for odd in root["odds"]:
        odd["boost"] = odd.pop("isMB")
    body.write_bytes(orjson.dumps(root))
    code, found = probed("estrelabet", "--recordings", str(into))
    assert code == 0
    assert found["shape"]["lost"] == [".odds[].boost"]
    assert found["shape"]["new"] == [".odds[].isMB"]


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [("challenge_200", "blocked"), ("schema_changed", "schema_changed"), ("html_error", "schema_changed")],
)
def test_a_probe_says_what_is_wrong_and_a_record_keeps_it(
    simulator: Running, tmp_path: Path, fault: str, verdict: str
) -> None:
    simulator.fault("kto", fault)
    code, found = probed("kto")
    assert (code, found["verdict"]) == (1, verdict)
    assert found["came"]
    done = fleet("record", "kto", "--into", str(tmp_path))
    assert done.exit_code == 1
    assert len(list((tmp_path / "kto").glob("*.body"))) == 1


def test_nobody_there_is_said_in_one_line(
    simulator: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMULATOR_PORT", "9")
    code, found = probed("kto")
    assert (code, found["verdict"]) == (1, "network")
    assert fleet("record", "kto", "--into", str(tmp_path)).exit_code == 2
    assert not (tmp_path / "kto").exists()


@pytest.fixture
def declarations(tmp_path: Path) -> Iterator[Path]:
    for name in ("bookmakers.json", "leagues.json"):
        shutil.copy(ROOT / "scrapers" / name, tmp_path / name)
    yield tmp_path
    load_registry.cache_clear()


def new(folder: Path, *args: str, asked: str = "") -> Result:
    places = ("--into", str(folder), "--recordings", str(folder / "recordings"))
    return CliRunner().invoke(group, ["new-bookmaker", *places, *args], input=asked)


ACME = ("--slug", "acmebet", "--name", "AcmeBet", "--platform", "altenar", "--site", "https://acme.bet.br")


def test_a_new_bookmaker_is_one_object_and_a_folder(declarations: Path) -> None:
    before = orjson.loads((declarations / "bookmakers.json").read_bytes())
    done = new(declarations, *ACME, "--transport", "browser", "--interval", "60", asked="acme\n/esportes\n")
    assert done.exit_code == 0, done.output
    after = orjson.loads((declarations / "bookmakers.json").read_bytes())
    assert after[:-1] == before
    assert after[-1]["options"] == {"integration": "acme", "session_page": "/esportes"}
    assert after[-1]["sports"] == ["football", "basketball"]
    assert "nba" in after[-1]["leagues"]
    assert (declarations / "recordings" / "acmebet").is_dir()
    load_registry.cache_clear()
    assert load_registry(declarations).bookmaker("acmebet").transport == "browser"


@pytest.mark.parametrize(
    "args",
    [
        (*ACME, "--option", "integration=not a name"),
        (*ACME, "--option", "integration=acme", "--league", "narnia"),
        ("--slug", "kto", *ACME[2:], "--option", "integration=acme"),
        (*ACME[:4], "--platform", "nobody", *ACME[6:]),
    ],
    ids=["option", "league", "slug taken", "platform"],
)
def test_a_wrong_one_leaves_the_file_as_it_was(declarations: Path, args: tuple[str, ...]) -> None:
    before = (declarations / "bookmakers.json").read_bytes()
    done = new(declarations, *args, "--transport", "http", "--interval", "60")
    assert done.exception is not None
    assert (declarations / "bookmakers.json").read_bytes() == before
