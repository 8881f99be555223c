"""What every test may use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

pytest_plugins = ["tests.support.postgres", "tests.support.postgrest"]

# How long something takes is measured in bench/. The same tree gives the same verdict every time; what chance finds
# is looked for with `pytest --hypothesis-profile=explore`.
settings.register_profile("fleet", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, derandomize=False, max_examples=1000)
settings.load_profile("fleet")

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-expected",
        action="store_true",
        help="write what the parsers say now into the recordings' expectations",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """How `pytest -n 3` spreads the tests. Only the process that spreads them needs xdist."""
    from tests.support.spreading import FleetScheduling

    return FleetScheduling(config, log)


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
