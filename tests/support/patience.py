"""How long tests wait for what other processes and threads do.

Deadlines stand in the tests as they suit two idle cores. A machine that is slower, or shared with somebody who
works hard, gets more time; whoever is on time costs nothing. What a test asserts about time is another matter
and stands beside it.
"""

from __future__ import annotations

SLOWER = 3.0
LONGEST_S = 120.0
"""Shorter than pytest's own limit, so that a wait in vain ends with its own words."""


def patient(seconds: float) -> float:
    """The deadline on any machine, for one of so many seconds on an idle one."""
    return max(seconds, min(SLOWER * seconds, LONGEST_S))
