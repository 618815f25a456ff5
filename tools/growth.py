"""Draws how fleets grow, from what ``python -m benchmarks.fleet_growth`` measured, and puts the table into the page.

python tools/growth.py writes docs/guide/fleets.svg and the table of docs/guide/fleets.md anew. A test holds that they
are as docs/guide/fleets.tsv has them.
"""

import math
import re
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["PAGE", "draw", "read", "table", "with_table"]

GUIDE: Final = Path(__file__).resolve().parents[1] / "docs" / "guide"
PAGE: Final = GUIDE / "fleets.md"


class Measured(NamedTuple):
    """A line of the file: processor time of one engine over one fleet."""

    engine: str
    hosts: int
    rows: int
    distinct: int
    seconds: float


def read() -> list[Measured]:
    """What was measured for the page."""
    lines = [line.split("\t") for line in (GUIDE / "fleets.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    return [Measured(engine, int(a), int(b), int(c), float(d)) for engine, a, b, c, d in lines]


def table(measured: list[Measured]) -> list[str]:
    lines = [
        "| | hosts | package rows | distinct packages | processor time, s | µs a row |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for one in measured:
        each = one.seconds / one.rows * 1e6
        lines.append(
            f"| {one.engine} | {one.hosts:,} | {one.rows:,} | {one.distinct:,} | {one.seconds:.2f} | {each:,.1f} |"
        )
    return lines


_WIDTH, _HEIGHT, _LEFT, _BELOW = 640, 360, 60, 50
_FONT = 'font-family="sans-serif" font-size="12"'
_COLOURS = ("#0b6e99", "#c2410c", "#4d7c0f", "#6d28d9")


def draw(measured: list[Measured]) -> str:
    """Seconds over rows, both by powers of ten, a line for each engine, of fleets in one version of each package."""
    fewest = min(one.distinct for one in measured)
    engines: dict[str, list[Measured]] = {}
    for one in measured:
        if one.distinct <= fewest * 2:
            engines.setdefault(one.engine, []).append(one)
    points = [one for some in engines.values() for one in some]
    xs = [math.log10(one.rows) for one in points]
    ys = [math.log10(one.seconds) for one in points]
    x0, x1, y0, y1 = math.floor(min(xs)), math.ceil(max(xs)), math.floor(min(ys)), math.ceil(max(ys))

    def place(one: Measured) -> tuple[float, float]:
        x = _LEFT + (math.log10(one.rows) - x0) / (x1 - x0) * (_WIDTH - _LEFT - 150)
        return x, _HEIGHT - _BELOW - (math.log10(one.seconds) - y0) / (y1 - y0) * (_HEIGHT - _BELOW - 20)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" {_FONT}>',
        "<title>Processor time of a fleet over package rows</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
    ]
    for power in range(x0, x1 + 1):
        x = place(Measured("", 0, 10**power, 0, 10.0**y0))[0]
        lines.append(f'<path d="M{x:.1f} 20V{_HEIGHT - _BELOW}" stroke="#ddd"/>')
        lines.append(f'<text x="{x:.1f}" y="{_HEIGHT - _BELOW + 18}" text-anchor="middle">{10**power:,}</text>')
    for power in range(y0, y1 + 1):
        y = place(Measured("", 0, 10**x0, 0, 10.0**power))[1]
        lines.append(f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - 150}" stroke="#ddd"/>')
        lines.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>')
    lines.append(f'<text x="{_LEFT}" y="{_HEIGHT - 10}">package rows, both scales by powers of ten</text>')
    for colour, (engine, some) in zip(_COLOURS, sorted(engines.items()), strict=False):
        places = [place(one) for one in sorted(some, key=lambda one: one.rows)]
        along = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        lines.append(f'<path d="M{along}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places]
        x, y = places[-1]
        lines.append(f'<text x="{x + 8:.1f}" y="{y + 4:.1f}" fill="{colour}">{engine}</text>')
    return "\n".join([*lines, "</svg>", ""])


def with_table(page: str) -> str:
    """A page with the table of what was measured."""
    return re.sub(
        r"(?s)(<!-- table: growth -->\n).*?\n\n", lambda mark: mark[1] + "\n".join(table(read())) + "\n\n", page
    )


if __name__ == "__main__":
    (GUIDE / "fleets.svg").write_text(draw(read()), encoding="utf-8")
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
