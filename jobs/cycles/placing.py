"""How many bookmakers each worker should hold. Pure: who holds how many in, numbers out.

A bookmaker stays with the worker that collected it last: there are its session, its connection and its committed
state. So nothing moves for a difference of one, and a worker that must give some back gives no more than that.
"""

from __future__ import annotations

from collections.abc import Mapping


def shares(held: Mapping[str, int], jobs: int) -> dict[str, int]:
    """How many bookmakers each worker should hold: all of them, and no two workers differ by more than one.

    The larger shares go to those who hold most already (then by name), so that few have to move.

    Args:
        held: living worker -> bookmakers it holds now.
        jobs: bookmakers of this kind, held or free.
    """
    if not held:
        return {}
    share, larger = divmod(jobs, len(held))
    ranked = sorted(held, key=lambda worker: (-held[worker], worker))
    return {worker: share + (place < larger) for place, worker in enumerate(ranked)}


def surplus(worker: str, held: Mapping[str, int], jobs: int) -> int:
    """How many bookmakers `worker` should give back now. 0 for one that is not among the living."""
    return max(0, held.get(worker, 0) - shares(held, jobs).get(worker, 0))


def room(worker: str, held: Mapping[str, int], jobs: int) -> int:
    """How many free bookmakers `worker` may take before the others have theirs."""
    return max(0, shares(held, jobs).get(worker, 0) - held.get(worker, 0))
