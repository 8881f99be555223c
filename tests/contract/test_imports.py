"""Imports point one way (docs/architecture.md); what a module may import is a table here."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

MAY_IMPORT = {
    "scrapers": {"scrapers"},
    "normalizer": {"normalizer", "scrapers.records", "scrapers.errors"},
    "store": {"store", "scrapers.records", "scrapers.errors"},
    "board": {"board", "store", "normalizer", "scrapers"},
    "monitoring": {"monitoring", "store", "normalizer", "scrapers"},
    "jobs": {"jobs", "monitoring", "store", "normalizer", "scrapers"},
    "dashboard": {"dashboard", "board", "jobs.startable", "monitoring", "store", "normalizer", "scrapers"},
    "simulator": {"simulator", "scrapers.records"},
    "standalone": {
        "standalone", "dashboard", "jobs", "monitoring", "board", "store", "normalizer", "scrapers", "simulator",
    },
}  # fmt: skip
OURS = {*MAY_IMPORT, "orchestrator", "main", "tests", "bench"}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
    return {name for name in names if name.split(".")[0] in OURS}


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_imports_point_one_way(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files, f"{package} holds no module"
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files
        for name in imported(path)
        if not any(name == allowed or name.startswith(f"{allowed}.") for allowed in MAY_IMPORT[package])
    ]
    assert not wrong, "\n".join(wrong)


def test_every_package_has_a_rule() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert packages == set(MAY_IMPORT)


def test_no_module_imports_its_own_parents_backwards() -> None:
    """Platforms know no bookmaker: nothing below scrapers/platforms imports the registry at run time."""
    for path in sorted((ROOT / "scrapers" / "platforms").rglob("*.py")):
        tree = ast.parse(path.read_text())
        guarded = {
            node
            for branch in ast.walk(tree)
            if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING"
            for node in ast.walk(branch)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node not in guarded:
                assert node.module != "scrapers.registry", path
