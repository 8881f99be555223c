"""Placing: every bookmaker finds a worker, load evens out, and nothing moves without need."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jobs.cycles.placing import room, shares, surplus

WORKERS = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.integers(0, 60), min_size=1, max_size=12)
FREE = st.integers(0, 60)


@given(WORKERS, FREE)
def test_shares_are_all_of_it_and_differ_by_one_at_most(held: dict[str, int], free: int) -> None:
    jobs = sum(held.values()) + free
    share = shares(held, jobs)
    assert sum(share.values()) == jobs
    assert max(share.values()) - min(share.values()) <= 1


@given(WORKERS, FREE)
def test_whoever_gives_takes_nothing_and_room_suffices_for_all_that_is_free(
    held: dict[str, int], free: int
) -> None:
    jobs = sum(held.values()) + free
    given_back = {worker: surplus(worker, held, jobs) for worker in held}
    taken = {worker: room(worker, held, jobs) for worker in held}
    assert not [worker for worker in held if given_back[worker] and taken[worker]]
    assert sum(taken.values()) == free + sum(given_back.values())


@given(WORKERS, FREE)
def test_one_round_of_giving_and_taking_evens_out_and_nothing_moves_after_it(
    held: dict[str, int], free: int
) -> None:
    jobs = sum(held.values()) + free
    after = {w: n - surplus(w, held, jobs) + room(w, held, jobs) for w, n in held.items()}
    assert max(after.values()) - min(after.values()) <= 1
    assert not [worker for worker in after if surplus(worker, after, jobs) or room(worker, after, jobs)]


@given(WORKERS)
def test_nothing_moves_for_a_difference_of_one(held: dict[str, int]) -> None:
    if max(held.values()) - min(held.values()) <= 1:
        assert not any(surplus(worker, held, sum(held.values())) for worker in held)


@given(WORKERS, st.data())
def test_when_a_worker_dies_the_living_give_nothing_back(held: dict[str, int], data: st.DataObject) -> None:
    """What a dead worker held is spread over the others; none of them has to move what it has."""
    jobs = sum(held.values())
    even = shares(held, jobs)
    dead = data.draw(st.sampled_from(sorted(even)))
    living = {worker: n for worker, n in even.items() if worker != dead}
    assert not any(surplus(worker, living, jobs) for worker in living)
    assert sum(room(worker, living, jobs) for worker in living) == (even[dead] if living else 0)


def test_a_worker_that_nobody_knows_gives_and_takes_nothing() -> None:
    assert (surplus("who", {"a": 3}, 5), room("who", {"a": 3}, 5), shares({}, 5)) == (0, 0, {})
