"""Which tests stay with one of the workers of `pytest -n 3`.

A scheduler of our own and no marks: xdist 3.8 writes the groups of its marks into the ids of tests, and pytest 9.2
takes no notice of that.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from xdist.scheduler import LoadScopeScheduling

FLEETS = PurePosixPath("tests/fleet")
ONE_AFTER_THE_OTHER = {"test_alerts", "test_faults", "test_make", "test_modes"}
"""Of them, those that say something about time, or start a whole fleet."""


class FleetScheduling(LoadScopeScheduling):
    """Each file of tests/fleet stays with one worker, and some of them together, one after the other.

    What stays together is begun first, the largest before the others, and single tests fill up the rest: all
    workers end at about the same time. Half of a fleet's test is waiting, so three of them suit two cores.
    """

    def _split_scope(self, nodeid: str) -> str:
        """What a test stays together with."""
        path = PurePosixPath(nodeid.partition("::")[0])
        if path.parent != FLEETS:
            return nodeid
        return "fleet" if path.stem in ONE_AFTER_THE_OTHER else path.stem
