"""Pictures of the board's figures, from the JSON in `bench/results/` into PNG beside it.

python -m bench.plots
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

RESULTS = Path(__file__).parent / "results"
BARS = {
    "first load": (
        ("board_load_read_ms", "board_load_render_ms", "board_load_publish_ms"),
        ("floor_copy_ms", "floor_dumps_ms"),
    ),
    "round, 2 % of all changed": (
        (
            "board_tick_everybody_read_ms",
            "board_tick_everybody_render_ms",
            "board_tick_everybody_publish_ms",
        ),
        ("floor_copy_changed_ms", "floor_scan_ms", "floor_dumps_ms", "floor_write_ms"),
    ),
}
"""By title: the parts of a bar, which lie on each other, and the floors beside it. Milliseconds."""
ROUNDS = {
    "tick_one_price_odds_ms": 1,
    "tick_one_bookmaker_odds_ms": "changed_one_bookmaker",
    "tick_everybody_odds_ms": "changed_everybody",
}
"""Rounds of json-generator until `odds.json` is on the disk, by how many prices changed."""
MEMORY = (("empty_pss_mb", "empty"), ("pss_mb", "proportional, highest"), ("peak_rss_mb", "resident, peak"))
SIZE_INCHES = (11.0, 4.5)
DOTS_PER_INCH = 110


def draw(folder: Path = RESULTS, only: Collection[str] | None = None) -> list[Path]:
    """Draw what has figures, of all benchmarks or `only` of these; the files written."""
    mpl.use("Agg")
    pictures: dict[str, tuple[str, Callable[[Figure, Any], None]]] = {
        "board.png": ("board.json", _board),
        "board_rounds.png": ("board.json", _rounds),
        "board_memory.png": ("board.json", _memory),
        "surebets.png": ("surebets.json", _scans),
        "latency.png": ("latency.json", _latency),
    }
    written = []
    for name, (source, paint) in pictures.items():
        if (folder / source).exists() and (only is None or Path(source).stem in only):
            figure = Figure(figsize=SIZE_INCHES, layout="constrained")
            paint(figure, json.loads((folder / source).read_text()))
            figure.savefig(folder / name, dpi=DOTS_PER_INCH)
            written.append(folder / name)
    return written


def _board(figure: Figure, result: Any) -> None:
    sizes = result["sizes"]
    for axes, (title, (parts, floors)) in zip(figure.subplots(1, len(BARS)), BARS.items(), strict=True):
        begin = 0
        for place, size in enumerate(sizes.values()):
            height = 0.0
            for number, part in enumerate(parts):
                label = _words(part) if place == 0 else None
                axes.bar(begin, size[part], bottom=height, color=f"C{number}", label=label)
                height += size[part]
            for number, floor in enumerate(floors):
                label = _words(floor) if place == 0 else None
                axes.bar(begin + number + 1, size[floor], color=f"C{number + 4}", label=label)
            begin += len(floors) + 2
        step = len(floors) + 2
        axes.set_xticks([place * step for place in range(len(sizes))], [_prices(size) for size in sizes.values()])
        axes.set(title=title, ylabel="ms")
        axes.legend(fontsize=8)


def _rounds(figure: Figure, result: Any) -> None:
    """A round's time by what changed: one line for each size of the board."""
    axes = figure.subplots()
    for size in result["sizes"].values():
        changed = [number if isinstance(number, int) else size[number] for number in ROUNDS.values()]
        axes.plot(changed, [size[name] for name in ROUNDS], marker="o", label=_prices(size))
        axes.axhline(size["floor_write_ms"], linewidth=0.8, linestyle=":", color=axes.lines[-1].get_color())
    axes.set(
        title="round until odds.json is written (dotted: writing the same bytes)",
        xlabel="changed prices",
        ylabel="ms",
    )
    axes.set(xscale="log", yscale="log")
    axes.legend()


def _memory(figure: Figure, result: Any) -> None:
    axes, sizes = figure.subplots(), result["sizes"]
    for number, (name, label) in enumerate(MEMORY):
        places = [place + number / (len(MEMORY) + 1) for place in range(len(sizes))]
        axes.bar(places, [size[name] for size in sizes.values()], 0.22, label=label)
    axes.set_xticks(range(len(sizes)), [_prices(size) for size in sizes.values()])
    axes.set(title="memory of json-generator", ylabel="MB")
    axes.legend()


def _scans(figure: Figure, result: Any) -> None:
    axes, scans = figure.subplots(), result["scans"]
    for name, label in (
        ("scan_ms", "scan of all matches"),
        ("tick_ms", "after 2 % changed"),
        ("floor_ms", "plain scan"),
    ):
        axes.plot([scan["prices"] for scan in scans], [scan[name] for scan in scans], marker="o", label=label)
    axes.set(title="surebets, one core", xlabel="prices", ylabel="ms", xscale="log", yscale="log")
    axes.legend()


def _latency(figure: Figure, result: Any) -> None:
    """How many of the changes were published after so many seconds."""
    axes: Axes = figure.subplots()
    took = result["normal_interval_s"]
    axes.step(took, [(place + 1) / len(took) for place in range(len(took))], where="post")
    for at, label in (
        (result["normal_interval"]["p95_s"], "95th percentile"),
        (result["allowed_p95_s"], "allowed"),
    ):
        axes.axvline(at, linestyle=":", color="C3" if label == "allowed" else "C0", label=f"{label}: {at:g} s")
    axes.set(
        title="price change at the bookmaker to odds.json, interval 30 s", xlabel="s", ylabel="share of changes"
    )
    axes.legend()


def _prices(size: Mapping[str, Any]) -> str:
    return f"{size['bookmakers']} bookmakers, {size['prices']:,} prices"


def _words(name: str) -> str:
    """A field's name for the legend: `floor_copy_ms` is "floor: copy"."""
    kind, _, rest = name.removesuffix("_ms").partition("_")
    return f"floor: {rest.replace('_', ' ')}" if kind == "floor" else rest.rpartition("_")[2]


if __name__ == "__main__":
    for path in draw():
        print(path)
