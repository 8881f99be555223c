"""Cycles that wait on disk come back whole and in order, or say that they do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standalone.cycle.spool import Spool, SpoolDamagedError


def test_cycles_come_back_in_order(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "acme", 1_000_000)
    for number in range(12):
        assert spool.append({"number": number, "price": 2.5})
    again = Spool(tmp_path / "acme", 1_000_000)
    assert again.waiting() == 12
    read = []
    for path, cycle in again.cycles():
        read.append(cycle["number"])
        again.done(path)
    assert read == list(range(12))
    assert again.waiting() == 0


def test_what_does_not_fit_is_refused_and_the_rest_kept(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 400)
    kept = 0
    while spool.append({"filler": str(kept) * 50}):
        kept += 1
    assert 1 <= kept < 20
    assert spool.size() <= 400
    assert len(list(spool.cycles())) == kept


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_any_flipped_byte_is_found(tmp_path_factory: pytest.TempPathFactory, place: int, flip: int) -> None:
    folder = tmp_path_factory.mktemp("spool")
    spool = Spool(folder, 1_000_000)
    spool.append({"prices": [[1, 2.5, "open"]] * 20})
    path = next(folder.glob("*.cycle"))
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= flip
    path.write_bytes(content)
    with pytest.raises(SpoolDamagedError, match=path.name):
        list(spool.cycles())


def test_set_aside_keeps_every_file_and_its_order(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 1_000_000)
    for number in range(3):
        spool.append({"number": number})
    assert spool.set_aside("conflict") == 3
    spool.append({"number": 3})
    assert spool.set_aside("conflict") == 1
    assert spool.waiting() == 0
    assert len(list((tmp_path / "set-aside").iterdir())) == 4
