"""A real browser before the dashboard: what it shows, what it complains about, and pictures of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from scrapers.fetching.chromium import HOW_TO_INSTALL, find_chromium
from tests.support.patience import patient

ROOT = Path(__file__).resolve().parent.parent.parent
PICTURES = ROOT / "test-output" / "dashboard"
"""Screenshots, by name; not kept by git."""

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
expect.set_options(timeout=patient(5) * 1000)

Look = Literal["light", "dark", "phone"]
AXE_RUNS: dict[Look, str] = {
    "light": "{resultTypes: ['violations']}",
    "dark": "{runOnly: ['color-contrast']}",
}
"""What axe looks at: a look says the same as light does, in other colours or in less room."""

WIDTHS: dict[Look, int] = {"light": 1360, "dark": 1360, "phone": 390}


@dataclass
class Screen:
    """One window. `complaints`: errors that the browser wrote to its console, a policy's violations among them."""

    page: Page
    look: Look
    complaints: list[str] = field(default_factory=list)

    def visit(self, path: str, name: str | None = None) -> None:
        """Open a page, take its picture as `name`, and check what can be checked of any page."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"
        if name is not None:
            self.check(name)

    def check(self, name: str) -> None:
        """Take a picture of the page as it is; no grave finding of axe, nothing wider than the window."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}-{self.look}.png", full_page=True)
        wide, window = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= window, f"{name} ({self.look}) is {wide} wide in a window of {window}"
        if self.look not in AXE_RUNS:
            return
        # Through the debugger: the page's own policy stays in force.
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: dict[str, Any] = self.page.evaluate(f"axe.run({AXE_RUNS[self.look]})")
        grave = [
            f"{one['id']}: {one['nodes'][0]['target']} {one['nodes'][0]['failureSummary']}"
            for one in found["violations"]
            if one["impact"] in GRAVE
        ]
        assert not grave, f"{name} ({self.look}): {grave}"

    def note(self, message: ConsoleMessage) -> None:
        """Keep what the browser complains about."""
        if message.type == "error":
            self.complaints.append(message.text)


@contextmanager
def browser() -> Iterator[Browser]:
    """The machine's Chromium; skips where there is none."""
    path = find_chromium()
    if path is None:
        pytest.skip(f"no Chromium on this machine: {HOW_TO_INSTALL}")
    # As root there is no sandbox to be had.
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, chromium_sandbox=os.geteuid() != 0)
        try:
            yield chromium
        finally:
            chromium.close()


@contextmanager
def screen(chromium: Browser, address: str, look: Look = "light") -> Iterator[Screen]:
    """A window of its own, without cookies. No complaint may be left at its end."""
    context = chromium.new_context(
        base_url=address,
        viewport={"width": WIDTHS[look], "height": 850},
        color_scheme="dark" if look == "dark" else "light",
    )
    context.set_default_timeout(patient(15) * 1000)
    shown = Screen(context.new_page(), look)
    shown.page.on("console", shown.note)
    shown.page.on("pageerror", lambda error: shown.complaints.append(str(error)))
    try:
        yield shown
    finally:
        context.close()
    assert shown.complaints == []
