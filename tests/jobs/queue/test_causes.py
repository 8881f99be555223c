"""Causes of failures: equal ones are found together, secrets stay out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.queue.causes import MOST_REASON, cause_of, fingerprint
from scrapers.errors import NetworkError
from standalone.redaction import Redactor


def failed(message: str) -> NetworkError:
    try:
        raise NetworkError(message)
    except NetworkError as error:
        return error


def of(message: str, kind: str = "import_round") -> str:
    return cause_of(kind, failed(message), str).fingerprint


CHANGING = st.tuples(st.integers(0), st.uuids(), st.integers(0, 65535))


@settings(max_examples=50)
@given(CHANGING, CHANGING)
def test_ids_numbers_and_addresses_make_no_other_cause(one: tuple[object, ...], other: tuple[object, ...]) -> None:
    def text(number: object, uuid: object, port: object) -> str:
        return f"match {number} ({uuid}) not read from https://a{number}.example/x?y={port}: 127.0.0.1:{port}"

    assert of(text(*one)) == of(text(*other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("object at 0x7f1c70bff850", "object at 0x7f1c70b95250"),
        ("took 1.5 s of 30", "took 12 s of 30"),
        ("since 2026-11-22T10:00:01", "since 2025-01-02T23:59:59"),
        ("batch 470860b5-7d3f-404c-9461-c41f897f35d5", "batch e1596a2a-0132-45ce-a950-926619e3249b"),
        ("  twice   spaced", "twice spaced"),
        ("sha 3f2a9bc0d1e4f5a6 gone", "sha 99aabb00cc11dd22 gone"),
    ],
)
def test_one_cause(one: str, other: str) -> None:
    assert of(one) == of(other)


def test_another_text_kind_error_or_place_is_another_cause() -> None:
    base = fingerprint("import_round", "NetworkError", "jobs/a.py:read", "no connection")
    assert base != fingerprint("import_round", "NetworkError", "jobs/a.py:read", "connection reset")
    assert base != fingerprint("import_fixtures", "NetworkError", "jobs/a.py:read", "no connection")
    assert base != fingerprint("import_round", "BlockedError", "jobs/a.py:read", "no connection")
    assert base != fingerprint("import_round", "NetworkError", "jobs/a.py:write", "no connection")


def test_secrets_stay_out_and_so_does_what_postgres_cannot_hold() -> None:
    error = failed("refused: token=abcdefgh12345678 and hunter2hunter2 \0 \ud800")
    cause = cause_of("import_round", error, Redactor(["hunter2hunter2"]).text)
    for text in (cause.reason, cause.traceback):
        assert "abcdefgh" not in text
        assert "hunter2" not in text
        assert "\0" not in text
        text.encode()
    assert cause.reason.startswith("NetworkError: refused")
    assert "test_causes.py" in cause.traceback


def test_what_is_kept_is_bounded() -> None:
    cause = cause_of("import_round", failed("x" * 100_000), str)
    assert len(cause.reason) == MOST_REASON
    assert len(cause.traceback) <= 20_000
