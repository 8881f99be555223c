"""The results batch as a job of the queue: what it takes and when it comes."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.startable import InvalidArgsError, startable
from standalone.settings import Settings
from standalone.workers.results_job import HOURLY, results_cron


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[call-arg]


def test_it_comes_hourly_where_there_are_results() -> None:
    assert results_cron(settings()) == results_cron(settings(odds_source="live")) == HOURLY
    assert results_cron(settings(odds_source="replay:x")) is None
    assert results_cron(settings(results_cron="0 5 * * *")) == "0 5 * * *"


def test_what_may_be_asked_for() -> None:
    kind = startable("import_round")
    assert kind.checked({}) == {"league": None, "round": None}
    assert kind.checked({"league": "serie_a", "round": 3}) == {"league": "serie_a", "round": 3}
    for wrong in ({"round": 3}, {"league": "Série A"}, {"league": "serie_a", "round": 0}, {"leagues": "x"}):
        with pytest.raises(InvalidArgsError):
            kind.checked(wrong)
