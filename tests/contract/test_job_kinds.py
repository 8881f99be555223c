"""What may be started is what workers can do, and what schedules start is what may be started."""

from __future__ import annotations

import pytest

from jobs.queue.kinds import JobKind
from jobs.queue.worker import WorkerLimits
from jobs.startable import STARTABLE
from monitoring.queues import WORKER_SILENT_S
from standalone.settings import Settings
from standalone.shared_resources import SharedResources
from standalone.workers.job_kinds import declared_kinds


@pytest.fixture(scope="module")
def declared() -> dict[str, JobKind]:
    kinds = declared_kinds(SharedResources(Settings(ODDS_SOURCE="simulator")))
    return {kind.name: kind for kind in kinds}


@pytest.mark.parametrize("name", sorted(STARTABLE))
def test_what_may_be_started_has_a_handler_on_its_queue(declared: dict[str, JobKind], name: str) -> None:
    assert declared[name].queue == STARTABLE[name].queue


def test_schedules_start_what_their_kind_takes(declared: dict[str, JobKind]) -> None:
    assert declared
    for kind in declared.values():
        if kind.name in STARTABLE:
            STARTABLE[kind.name].checked(kind.args)


def test_who_is_thought_dead_is_shown_as_dead() -> None:
    assert WorkerLimits().silent_s == WORKER_SILENT_S
