"""`fleet proxies`: what it shows of the ways out, what it never shows, and its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

from scrapers.declarations import Bookmaker
from scrapers.fetching.proxy_list import name_key, parse_proxies
from scrapers.fetching.proxy_scores import Record, Verdict
from scrapers.fetching.proxy_state import ProxyState, StateFile
from scrapers.records import Sport
from standalone.commands.proxies import about
from standalone.settings import ROOT

SECRET = "hunter2-hunter2"
LISTED = f"http://user:{SECRET}@127.0.0.1:3128, residential=http://user:{SECRET}@gate.example:7000"
NOW = 1_800_000_000.0


def bookmaker(slug: str, site: str, *tiers: str) -> Bookmaker:
    return Bookmaker(
        slug=slug,
        name=slug,
        platform="altenar",
        sports=(Sport.FOOTBALL,),
        leagues=("x",),
        site=site,
        proxy_tiers=tiers or ("direct", "datacenter", "residential"),  # type: ignore[arg-type]
    )


def down(reason: str, seconds: float) -> Record:
    return Record(
        score=0, falls=1, failed_at=NOW, down_until=NOW + seconds, reason=reason, verdict=Verdict.UNREACHABLE
    )


HOUSES = [
    bookmaker("br4bet", "https://br4bet.bet.br"),
    bookmaker("br4bet_nba", "https://br4bet.bet.br"),
    bookmaker("kto", "https://www.kto.bet.br", "datacenter"),
]


def test_who_takes_which_way_and_what_rests() -> None:
    center, home = parse_proxies(LISTED)
    state = ProxyState(
        ways={center.name: down("cannot be reached", 90.4)},
        bookmakers={"kto.bet.br": {home.name: Record(score=0.66, failed_at=NOW, reason="is refused (HTTP 403)")}},
        sticks={"br4bet.bet.br": home.name, "kto.bet.br": center.name, "closed.example": home.name},
    )
    report = about([center, home], HOUSES, state, NOW)
    assert report == {
        "ok": False,
        "proxies": [
            {
                "proxy": center.name,
                "tier": "datacenter",
                "score": 0,
                "state": "resting",
                "cool_down_s": 90,
                "reason": "cannot be reached",
                "bookmakers": ["kto"],
                "with_bookmakers": [],
            },
            {
                "proxy": home.name,
                "tier": "residential",
                "score": 1,
                "state": "up",
                "cool_down_s": 0,
                "reason": None,
                "bookmakers": ["br4bet", "br4bet_nba", "closed.example"],
                "with_bookmakers": [
                    {
                        "bookmakers": ["kto"],
                        "score": 0.66,
                        "state": "up",
                        "cool_down_s": 0,
                        "reason": "is refused (HTTP 403)",
                    }
                ],
            },
        ],
        "without_a_way": ["kto"],
    }
    assert about([center, home], HOUSES, state, NOW + 91)["proxies"][0]["state"] == "due"
    assert about([center, home], HOUSES, state, NOW + 91)["ok"]


def fleet_proxies(folder: Path, *options: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `fleet proxies` as an operator does, without a terminal."""
    return subprocess.run(
        [sys.executable, "-c", "from standalone.commands import main; main()", "proxies", *options],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(folder), "ODDS_SOURCE": "live", "PROXY_LIST": LISTED, **settings},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_the_table_and_its_json_show_no_credentials(tmp_path: Path) -> None:
    center, home = parse_proxies(LISTED, name_key(tmp_path / "proxies"))
    until = time.time() + 3000
    with StateFile(tmp_path / "proxies").changing(time.time()) as state:
        for way in (center, home):
            state.ways[way.name] = Record(
                score=0, falls=9, failed_at=time.time(), down_until=until, reason="cannot be reached"
            )
        state.sticks["kto.bet.br"] = home.name
    table = fleet_proxies(tmp_path)
    assert table.returncode == 1
    for shown in (
        center.name,
        home.name,
        "residential",
        "0%",
        "fora",
        "50 min",
        "kto",
        "cannot be reached",
        "Sem saída",
    ):
        assert shown in table.stdout, shown
    as_json = fleet_proxies(tmp_path, "--json")
    assert orjson.loads(as_json.stdout)["proxies"][1]["bookmakers"] == ["kto"]
    said = table.stdout + table.stderr + as_json.stdout + as_json.stderr
    assert SECRET not in said
    assert "user" not in said


@pytest.mark.parametrize(
    "settings", [{"PROXY_LIST": ""}, {"PROXY_LIST": "http://192.0.2.1:80", "ODDS_SOURCE": "simulator"}]
)
def test_without_proxies_everything_goes_out_directly(tmp_path: Path, settings: dict[str, str]) -> None:
    done = fleet_proxies(tmp_path, **settings)
    assert done.returncode == 0
    assert "direct" in done.stdout
    assert ("não é usada" in done.stdout) == bool(settings["PROXY_LIST"])


def test_a_wrong_list_is_one_clear_line(tmp_path: Path) -> None:
    done = fleet_proxies(tmp_path, PROXY_LIST=f"socks5://user:{SECRET}@h:1")
    assert done.returncode == 2
    assert "entry 1: SOCKS is not supported" in done.stderr
    assert SECRET not in done.stderr
