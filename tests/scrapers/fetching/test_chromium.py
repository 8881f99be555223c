"""Finding Chromium, places over processes, orphans. No browser is needed here."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from scrapers.errors import DeclarationError
from scrapers.fetching import chromium as module
from scrapers.fetching.chromium import (
    browser_folder,
    browser_place,
    end_tree,
    find_chromium,
    reap_orphans,
    tree_mb,
)

ROOT = Path(__file__).resolve().parents[3]


def program(path: Path) -> Path:
    """An executable file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_configured_chromium_wins_and_must_be_a_program(tmp_path: Path) -> None:
    mine = program(tmp_path / "chromium")
    assert find_chromium(mine) == mine
    for wrong in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(DeclarationError, match="BROWSER_PATH"):
            find_chromium(wrong)


def test_the_distribution_comes_before_the_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SYSTEM_CHROMIUMS", ("chromium-headless-shell", "chromium"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "downloads"))
    assert find_chromium() is None
    old = program(tmp_path / "downloads/chromium_headless_shell-1100/chrome-linux/headless_shell")
    assert find_chromium() == old
    new = program(tmp_path / "downloads/chromium_headless_shell-1200/chrome-linux64/chrome-headless-shell")
    assert find_chromium() == new
    full = program(tmp_path / "bin/chromium")
    assert find_chromium() == full
    shell = program(tmp_path / "bin/chromium-headless-shell")
    assert find_chromium() == shell


HOLDER = """
import asyncio, sys
from pathlib import Path
from scrapers.fetching.chromium import browser_place
async def main():
    async with browser_place(Path(sys.argv[1]), 1, 5):
        print("held", flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A Python process that is ended with the block."""
    process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


async def taken(folder: Path, at_once: int, wait_s: float) -> bool:
    """Whether a place could be had."""
    async with browser_place(folder, at_once, wait_s):
        return True


def test_places_are_shared_by_processes_and_freed_when_one_dies(tmp_path: Path) -> None:
    with running("-c", HOLDER, str(tmp_path)) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(TimeoutError, match="1 at once"):
            asyncio.run(taken(tmp_path, 1, 0.3))
        assert asyncio.run(taken(tmp_path, 2, 0.3))
        holder.kill()
        assert asyncio.run(taken(tmp_path, 1, 5))


def test_places_are_shared_within_a_process_too(tmp_path: Path) -> None:
    async def run() -> None:
        async with browser_place(tmp_path, 1, 0):
            with pytest.raises(TimeoutError):
                await taken(tmp_path, 1, 0.1)
        assert await taken(tmp_path, 1, 0)

    asyncio.run(run())


SLEEPER = "import time; time.sleep(60)"


def dead_owner() -> str:
    """The mark of an owner that is gone: the id of a living process with another start."""
    return f"{os.getpid()} 1"


def test_browsers_of_dead_owners_are_ended_and_nobody_else(tmp_path: Path) -> None:
    orphan = tmp_path / "browser-1-aa"
    orphan.mkdir()
    (orphan / "owner").write_text(dead_owner())
    neighbour = tmp_path / "browser-1-aab"
    with (
        browser_folder(tmp_path) as mine,
        running("-c", SLEEPER, f"--user-data-dir={orphan}/profile") as doomed,
        running("-c", SLEEPER, f"--user-data-dir={neighbour}/profile") as similar,
        running("-c", SLEEPER, f"--user-data-dir={mine}/profile") as own,
        running("-c", SLEEPER, f"{orphan}/profile") as editor,
    ):
        for process in (doomed, similar, own, editor):
            assert "time.sleep" in " ".join(psutil.Process(process.pid).cmdline())
        assert reap_orphans(tmp_path) == [doomed.pid]
        assert doomed.wait(5) == -9
        assert [process.poll() for process in (similar, own, editor)] == [None, None, None]
        assert not orphan.exists()
        assert mine.exists()
    assert not mine.exists()
    assert reap_orphans(tmp_path) == []


def test_a_folder_without_an_owner_is_an_orphan_once_it_is_old(tmp_path: Path) -> None:
    fresh = tmp_path / "browser-2-bb"
    fresh.mkdir()
    old = tmp_path / "browser-3-cc"
    old.mkdir()
    (old / "owner").write_text("")
    os.utime(old, (1, 1))
    reap_orphans(tmp_path)
    assert fresh.exists()
    assert not old.exists()


def test_a_tree_is_measured_and_ended_whole() -> None:
    child_program = f"print(1, flush=True); {SLEEPER}"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child_program!r}])"
    with running("-c", parent) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "1\n"
        (child,) = psutil.Process(process.pid).children()
        assert 4 < tree_mb(process.pid) < 100
        assert sorted(end_tree(process.pid)) == sorted([process.pid, child.pid])
        assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    assert tree_mb(process.pid) == 0
    assert end_tree(process.pid) == []
