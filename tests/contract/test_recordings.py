"""Every bookmaker owns recorded pages, and they become the expected records."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC
from decimal import Decimal
from typing import Any

import pytest

from scrapers.declarations import Bookmaker
from scrapers.records import MAX_PRICE, SELECTIONS, Event, Price
from scrapers.registry import load_registry
from tests.support.recordings import FOLDER, Recording, page_of, recordings_of, records_of

BOOKMAKERS = list(load_registry().bookmakers.values())
CASES = [(bookmaker, recording) for bookmaker in BOOKMAKERS for recording in recordings_of(bookmaker.slug)]


def case_name(value: Bookmaker | Recording) -> str:
    return value.slug if isinstance(value, Bookmaker) else value.path.stem


def complete_markets(event: Event) -> list[list[Price]]:
    """Markets of one event with an open price on every selection."""
    groups: dict[Any, list[Price]] = defaultdict(list)
    for price in event.prices:
        if price.status == "open":
            groups[price.market, price.period, price.rules, price.line, price.side].append(price)
    return [group for key, group in groups.items() if len(group) == len(SELECTIONS[key[0]])]


@pytest.mark.parametrize("bookmaker", BOOKMAKERS, ids=case_name)
def test_every_bookmaker_has_a_recorded_page_with_prices(bookmaker):
    recordings = recordings_of(bookmaker.slug)
    assert any(not (recording.is_blocked or recording.is_empty) for recording in recordings), (
        f"{bookmaker.slug}: nothing recorded in {FOLDER / bookmaker.slug}"
    )


def test_every_recording_belongs_to_a_bookmaker():
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir()}
    assert folders
    assert folders == {bookmaker.slug for bookmaker in BOOKMAKERS}


@pytest.mark.parametrize(("bookmaker", "recording"), CASES, ids=case_name)
def test_recordings_become_the_expected_records(bookmaker, recording, update_expected):
    recording.compare(records_of(bookmaker, recording), update=update_expected)


@pytest.mark.parametrize(("bookmaker", "recording"), CASES, ids=case_name)
def test_recorded_prices_are_plausible(bookmaker, recording):
    if recording.is_blocked:
        assert "error" in records_of(bookmaker, recording)
        return
    page = page_of(bookmaker, recording)
    if recording.is_empty:
        assert page.events == ()
        assert page.rejected == ()
        return
    assert page.events
    if not any(event.prices for event in page.events):
        assert any(case.listed_in == recording.path.stem for case in recordings_of(bookmaker.slug)), (
            "no prices, and no recorded page that this list leads to"
        )
    for event in page.events:
        assert event.starts_at.tzinfo is UTC
        assert event.sport in bookmaker.sports
        for price in event.prices:
            assert price.value is None or 1 < price.value <= MAX_PRICE
        for market in complete_markets(event):
            # A double chance pays on two of three results: its three probabilities add up to two.
            winners = 2 if market[0].market == "double_chance" else 1
            total = sum(1 / price.value for price in market if price.value) / winners
            if market[0].side == "lay":
                # Whoever lays every selection pays out less than he takes in, or nobody would back.
                assert Decimal("0.75") < total <= 1, market
                continue
            # Below 1 only when a promotion raises a price.
            low = Decimal("0.9") if market[0].rules == "boosted" else Decimal(1)
            assert low < total < Decimal("1.25"), market
