"""How an error ends an attempt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.queue.retrying import POLICY, JobTimeoutError, policy_of, retry_in_s
from scrapers.errors import (
    BlockedError,
    DeclarationError,
    FetchTimeoutError,
    MissingSecretError,
    NetworkError,
    PayloadShapeError,
    RateLimitedError,
    StoreUnavailableError,
)

ERRORS = [kind("x") for kind, _ in POLICY]


def at_most(error: BaseException, failures: int, retries: int = 5) -> float | None:
    return retry_in_s(error, failures, retries, lambda: 0.0)


def test_what_asking_again_cannot_mend_is_dead_at_once() -> None:
    assert at_most(DeclarationError("x"), 0) is None
    assert at_most(MissingSecretError("x"), 0) is None


def test_a_bug_gets_one_more_attempt() -> None:
    for error in (KeyError("x"), PayloadShapeError("x")):
        assert at_most(error, 0) is not None
        assert at_most(error, 1) is None


def test_delays_double_up_to_their_most() -> None:
    assert [at_most(NetworkError("x"), failures, 99) for failures in (0, 1, 2, 3, 50)] == [5, 10, 20, 40, 900]


def test_a_server_that_names_a_time_is_not_asked_earlier() -> None:
    assert at_most(RateLimitedError("x", retry_after_s=600), 0) == 600
    assert at_most(RateLimitedError("x", retry_after_s=0), 0) == 30
    assert at_most(RateLimitedError("x"), 0) == 30


@pytest.mark.parametrize(
    ("error", "first_s"),
    [
        (FetchTimeoutError("x"), 5),
        (BlockedError("x"), 300),
        (StoreUnavailableError("x"), 2),
        (JobTimeoutError(), 30),
    ],
)
def test_trouble_by_its_sort(error: BaseException, first_s: float) -> None:
    assert policy_of(error).first_s == first_s


@given(st.sampled_from(ERRORS), st.integers(0, 10_000), st.integers(0, 50), st.floats(0, 1))
def test_attempts_are_bounded_and_so_are_delays(
    error: BaseException, failures: int, retries: int, jitter: float
) -> None:
    delay = retry_in_s(error, failures, retries, lambda: jitter)
    policy = policy_of(error)
    if failures >= retries:
        assert delay is None
    if delay is not None:
        assert policy.first_s / 2 <= delay <= policy.most_s
