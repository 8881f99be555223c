"""`fleet resolve`: tables in, a table out."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scrapers.errors import FleetError
from standalone.commands.resolve import command

CATALOGUE = """canonical_id,canonical_name,country,sport,alias,source
fla,Flamengo,Brazil,football,CR Flamengo,x
cam,Atlético-MG,Brazil,football,Clube Atlético Mineiro,x
"""
QUERIES = """query,sport,country
Flamengo,football,Brazil
Clube de Regatas do Flamengo,football,
Atlético-GO,football,Brazil
"""


def run(folder: Path, *options: str, catalogue: str = CATALOGUE, queries: str = QUERIES) -> Result:
    (folder / "c.csv").write_text(catalogue, encoding="utf-8")
    (folder / "q.csv").write_text(queries, encoding="utf-8")
    arguments = ["--catalogue", str(folder / "c.csv"), "--queries", str(folder / "q.csv"), *options]
    return CliRunner().invoke(command, arguments)


def test_prints_a_line_per_query(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.exit_code == 0
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(row["query"], row["canonical_id"], row["verdict"]) for row in rows] == [
        ("Flamengo", "fla", "exact"),
        ("Clube de Regatas do Flamengo", "fla", "alike"),
        ("Atlético-GO", "", "unknown"),
    ]
    assert rows[0]["score"] == "1.0"


def test_explains_on_stderr(tmp_path: Path) -> None:
    result = run(tmp_path, "--explain")
    assert "state MG" in result.stderr
    assert len(result.stdout.splitlines()) == 4


def test_json_has_the_same_columns(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in run(tmp_path, "--json").stdout.splitlines()]
    assert [line["canonical_id"] for line in lines] == ["fla", "fla", ""]


@pytest.mark.parametrize(
    ("catalogue", "queries", "why"),
    [
        ("a,b\n", QUERIES, "no column canonical_id"),
        (CATALOGUE, "query\nx\n", "no column sport, country"),
        (CATALOGUE, "", "no column query"),
    ],
)
def test_a_missing_column_is_one_clear_error(tmp_path: Path, catalogue: str, queries: str, why: str) -> None:
    result = run(tmp_path, catalogue=catalogue, queries=queries)
    assert isinstance(result.exception, FleetError)
    assert why in str(result.exception)


def test_a_file_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["--catalogue", str(tmp_path / "no.csv"), "--queries", "no.csv"])
    assert isinstance(result.exception, FleetError)
    assert "cannot be read" in str(result.exception)
