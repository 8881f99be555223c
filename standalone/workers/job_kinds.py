"""What the fleet's workers can do: every kind of job with its handler and its schedule.

What of it may be started by hand, and with which arguments, is `jobs/startable.py`.
"""

from __future__ import annotations

from jobs.queue.kinds import JobKind
from standalone.shared_resources import SharedResources
from standalone.workers.fixtures_job import fixtures_kind
from standalone.workers.results_job import results_kind


def declared_kinds(resources: SharedResources) -> tuple[JobKind, ...]:
    """The kinds, bound to what this process shares."""
    return (fixtures_kind(resources), results_kind(resources))
