"""`fleet link`: CSV in, CSV out, and what it says of rows that are no events."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from scrapers.errors import FleetError
from standalone.commands.link import command

HEADER = "event_id,league,home,away,kickoff_utc"


def run(folder: Path, a: str, b: str, *options: str) -> Result:
    for name, rows in (("a.csv", a), ("b.csv", b)):
        (folder / name).write_text(rows, encoding="utf-8")
    return CliRunner().invoke(
        command, ["--a", str(folder / "a.csv"), "--b", str(folder / "b.csv"), *options], catch_exceptions=False
    )


A = f"{HEADER}\nx1,Série A,Atlético-MG,Grêmio,2025-04-05T19:00Z\nx2,Série A,Bahia,Santos,2025-04-05\n"
B = f"{HEADER}\ny1,Brasil,Santos FC,Bahia,2025-04-05T19:00Z\ny2,Brasil,Atletico Mineiro,Gremio,2025-04-05T19:00Z\n"


def test_pairs_come_as_csv_one_to_one(tmp_path: Path) -> None:
    result = run(tmp_path, A, B)
    head, *rows = result.stdout.splitlines()
    assert head == "a_event_id,b_event_id,score"
    assert {tuple(row.split(",")[:2]) for row in rows} == {("x1", "y2"), ("x2", "y1")}
    assert all(0 < float(row.split(",")[2]) <= 1 for row in rows)


def test_json_has_the_same_fields(tmp_path: Path) -> None:
    rows = [orjson.loads(line) for line in run(tmp_path, A, B, "--json").stdout.splitlines()]
    assert [list(row) for row in rows] == [["a_event_id", "b_event_id", "score"]] * 2


def test_a_row_that_is_no_event_is_named(tmp_path: Path) -> None:
    result = run(tmp_path, A + "x3,Série A,Bahia,Vitória,tomorrow\n", B)
    assert result.exit_code == 0
    assert "row 3 left out" in result.stderr
    assert "x3" not in result.stdout


@pytest.mark.parametrize("rows", ["", "home,away\nBahia,Santos\n", "\udcff"])
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, rows: str) -> None:
    (tmp_path / "a.csv").write_bytes(rows.encode("utf-8", "surrogateescape"))
    (tmp_path / "b.csv").write_text(B, encoding="utf-8")
    with pytest.raises(FleetError, match=r"a\.csv"):
        CliRunner().invoke(
            command, ["--a", str(tmp_path / "a.csv"), "--b", str(tmp_path / "b.csv")], catch_exceptions=False
        )
