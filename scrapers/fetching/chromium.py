"""Where Chromium is, and the folder that browsers of this machine share: places, owners, orphans."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from scrapers.errors import DeclarationError
from scrapers.fetching.locks import LockedError, one_of

if TYPE_CHECKING:
    import psutil

SYSTEM_CHROMIUMS = (
    # Debian's commands in /usr/bin are shell wrappers, which would stand between us and the browser.
    "/usr/lib/chromium/chromium-headless-shell",
    "chromium-headless-shell",
    "/usr/lib/chromium/chromium",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
)
"""The lightest first: the headless shell has no user interface at all."""

PLAYWRIGHT_CHROMIUMS = (
    "chromium_headless_shell-*/*/chrome-headless-shell",
    "chromium_headless_shell-*/*/headless_shell",
    "chromium-*/*/chrome",
)

HOW_TO_INSTALL = (
    "run scripts/install_browser.sh (as root: apt-get install chromium-headless-shell) or set BROWSER_PATH"
)

_DYING_S = 2.0
_FOLDER_WITHOUT_OWNER_S = 60.0
"""A folder this young may belong to a process that is just about to write its owner file."""


def find_chromium(configured: Path | None = None) -> Path | None:
    """The browser to use: the configured one, the distribution's, or Playwright's own download; None when none.

    Raises DeclarationError when the configured one cannot be run.
    """
    if configured is not None:
        if not os.access(configured, os.X_OK) or configured.is_dir():
            raise DeclarationError(f"BROWSER_PATH: {configured} is not a program")
        return configured
    for name in SYSTEM_CHROMIUMS:
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    # Playwright's own variable, not a setting of ours.
    downloads = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    for pattern in PLAYWRIGHT_CHROMIUMS:
        for path in sorted(downloads.glob(pattern), reverse=True):
            if os.access(path, os.X_OK):
                return path
    return None


@asynccontextmanager
async def browser_place(folder: Path, at_once: int, wait_s: float) -> AsyncIterator[None]:
    """Hold one of the machine's `at_once` places for a browser, over all processes that share `folder`.

    A place is a lock that the kernel frees when its process ends, however it ends. Raises TimeoutError
    when none was free within `wait_s` seconds.
    """
    async with AsyncExitStack() as stack:
        try:
            places = [folder / f"place-{number}.lock" for number in range(at_once)]
            await stack.enter_async_context(one_of(places, wait_s))
        except LockedError as error:
            raise TimeoutError(
                f"no place for a browser within {wait_s:g} s ({at_once} at once on this machine)"
            ) from error
        yield


@contextmanager
def browser_folder(folder: Path) -> Iterator[Path]:
    """A fresh folder for one browser's profile, marked with this process as its owner; removed at the end."""
    mine = folder / f"browser-{os.getpid()}-{secrets.token_hex(4)}"
    mine.mkdir(parents=True)
    try:
        (mine / "owner").write_text(_identity(os.getpid()))
        yield mine
    finally:
        shutil.rmtree(mine, ignore_errors=True)


def reap_orphans(folder: Path) -> list[int]:
    """End browsers whose owner is dead and remove their folders; the process ids that were ended.

    A browser is known by its `--user-data-dir`, which lies under `folder`; nothing else is touched.
    """
    ended: list[int] = []
    for mine in list_orphans(folder):
        ended += end_processes(mine)
        shutil.rmtree(mine, ignore_errors=True)
    return ended


def list_orphans(folder: Path) -> list[Path]:
    """Profiles under `folder` whose owner is dead: browsers that the next one to open will end."""
    return [mine for mine in sorted(folder.glob("browser-*")) if _is_orphan(mine)]


def end_processes(profile: Path) -> list[int]:
    """Kill every process that was started with a profile under `profile`, and their children."""
    import psutil

    mark = f"--user-data-dir={profile}{os.sep}"
    doomed: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            if any(part.startswith(mark) for part in process.cmdline()):
                doomed += [process, *process.children(recursive=True)]
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue  # gone, or another user's and so not ours
    return _kill(doomed)


def end_tree(pid: int) -> list[int]:
    """Kill a process and everything below it; the ids that were there."""
    import psutil

    try:
        root = psutil.Process(pid)
        # Children first listed, then killed: once the parent is dead they would belong to init.
        doomed = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
    return _kill(doomed)


def process_mb(process: psutil.Process) -> float:
    """Memory of one process in MB; shared pages are divided among their users. Raises psutil.NoSuchProcess.

    Where the kernel does not tell proportional sizes, it is the resident one, which is too much.
    """
    import psutil

    try:
        full = process.memory_full_info()
        return int(getattr(full, "pss", 0) or full.rss) / 1e6
    except psutil.AccessDenied:
        return int(process.memory_info().rss) / 1e6


def tree_mb(pid: int) -> float:
    """Memory of a process and everything below it, in MB, as `process_mb` tells it; 0 when there is none."""
    import psutil

    total = 0.0
    try:
        root = psutil.Process(pid)
        tree = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    for process in tree:
        with suppress(psutil.NoSuchProcess, ProcessLookupError):  # it ended while we looked
            total += process_mb(process)
    return total


def _kill(processes: Iterable[psutil.Process]) -> list[int]:
    import psutil

    doomed = list(dict.fromkeys(processes))
    for process in doomed:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    until = time.monotonic() + _DYING_S
    while any(_runs(process) for process in doomed) and time.monotonic() < until:
        time.sleep(0.01)  # they are no children of ours, so there is nothing to wait on
    return [process.pid for process in doomed]


def _runs(process: psutil.Process) -> bool:
    import psutil

    try:
        # A zombie is dead; in a container without an init it stays for good.
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _identity(pid: int) -> str:
    """A process for good: its id, which is given out again, and when it started (clock ticks since boot)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return f"{pid} gone"
    # The name in parentheses may hold blanks; the start is field 22, the 20th after it.
    return f"{pid} {stat.rpartition(')')[2].split()[19]}"


def _is_orphan(mine: Path) -> bool:
    try:
        owner = (mine / "owner").read_text()
    except FileNotFoundError:
        owner = ""
    if owner:
        return _identity(int(owner.split()[0])) != owner
    try:
        return time.time() - mine.stat().st_mtime > _FOLDER_WITHOUT_OWNER_S
    except FileNotFoundError:
        return False  # its owner has just removed it
