"""What every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["tests.support.postgres", "tests.support.postgrest"]

settings.register_profile("fleet", deadline=None)  # how long something takes is measured in bench/
settings.load_profile("fleet")

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-expected",
        action="store_true",
        help="write what the parsers say now into the recordings' expectations",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fleets are started one after the other by one worker, while the other does everything else."""
    for item in items:
        if item.path.parent.name == "fleet":
            item.add_marker(pytest.mark.xdist_group("fleet"))


@pytest.fixture
def update_expected(request: pytest.FixtureRequest) -> bool:
    """Whether expectations are to be rewritten instead of compared."""
    return bool(request.config.getoption("--update-expected"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material beside the repository; skips where there is none."""
    if not SHARED.is_dir():
        pytest.skip("no reference material beside the repository")
    return SHARED
