"""This machine: tools, browser, disk, memory, the folders that the fleet writes to."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import psutil

from scrapers.fetching.chromium import find_chromium, list_orphans
from scrapers.registry import load_registry
from standalone.doctor.findings import Finding, Level
from standalone.pm2_apps import SECRET_SETTINGS
from standalone.settings import ROOT, Settings

DISK_LOW_MB, DISK_OUT_MB = 2000, 300
MEMORY_LOW_MB = 400
MB = 1_000_000
OTHERS = stat.S_IRGRP | stat.S_IROTH


def check_machine(settings: Settings) -> Iterator[Finding]:
    """One finding for each thing."""
    yield _tools()
    yield _browser(settings)
    yield _folder(settings.data_dir)
    yield _disk(settings.data_dir)
    yield _memory()
    yield _env_file(ROOT / ".env")
    orphans = list_orphans(settings.data_dir / "browsers")
    if orphans:
        yield Finding(
            "browsers",
            "warning",
            f"{len(orphans)} sem dono / without an owner",
            "o próximo scraper com navegador os encerra ao começar / the next scraper with a browser ends them",
        )


def _tools() -> Finding:
    missing = [name for name in ("node", "npm", "make") if shutil.which(name) is None]
    pm2 = ROOT / "node_modules" / ".bin" / "pm2"
    if missing:
        mend = f"instale / install: {' '.join(missing)}"
        return Finding("tools", "error", f"faltam / missing: {', '.join(missing)}", mend)
    if not pm2.exists():
        return Finding("tools", "error", "o PM2 não está instalado / PM2 is not installed", "make install")
    return Finding("tools", "ok", "node, npm, make, PM2")


def _browser(settings: Settings) -> Finding:
    wanted = [each.slug for each in load_registry().bookmakers.values() if each.transport == "browser"]
    found = find_chromium(settings.browser_path)
    if found is not None or not wanted:
        return Finding("browser", "ok", str(found) if found else "ninguém precisa / nobody needs one")
    return Finding(
        "browser",
        "warning",
        f"nenhum Chromium; sem ele podem ficar `blocked` / without one these may be blocked: {', '.join(wanted)}",
        "sh scripts/install_browser.sh (root), ou BROWSER_PATH no .env",
    )


def _folder(folder: Path) -> Finding:
    at = next((each for each in (folder, *folder.parents) if each.exists()), Path("/"))
    if os.access(at, os.W_OK | os.X_OK):
        return Finding("data folder", "ok", str(folder))
    mend = f"chown -R {os.getuid()} {at}, ou DATA_DIR no .env"
    return Finding("data folder", "error", f"{at} não aceita escrita / cannot be written to", mend)


def _disk(folder: Path) -> Finding:
    at = next(each for each in (folder, *folder.parents) if each.exists())
    free_mb = shutil.disk_usage(at).free / MB
    says = f"{free_mb:,.0f} MB livres / free"
    mend = "libere espaço; veja / free some room; see: fleet storage, du -sh var/*"
    level: Level = "error" if free_mb < DISK_OUT_MB else "warning" if free_mb < DISK_LOW_MB else "ok"
    return Finding("disk", level, says, mend if level != "ok" else "")


def _memory() -> Finding:
    free_mb = psutil.virtual_memory().available / MB
    says = f"{free_mb:,.0f} MB disponíveis / available"
    if free_mb >= MEMORY_LOW_MB:
        return Finding("memory", "ok", says)
    return Finding("memory", "warning", says, "make stop && make run MODE=sequential")


def _env_file(path: Path) -> Finding:
    if not path.exists():
        return Finding("settings", "warning", "não há .env / there is no .env", "make install")
    if path.stat().st_mode & OTHERS and _holds_secrets(path):
        return Finding(
            "settings",
            "warning",
            ".env tem segredos e outros podem lê-lo / others may read its secrets",
            f"chmod 600 {path}",
        )
    return Finding("settings", "ok", str(path))


def _holds_secrets(path: Path) -> bool:
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        name, _, value = line.strip().partition("=")
        if value and not name.startswith("#") and any(part in name for part in SECRET_SETTINGS):
            return True
    return False
