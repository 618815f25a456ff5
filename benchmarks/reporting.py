"""Writing a report in each format, beside a bare loop over the same findings.

``python -m benchmarks.reporting`` prints this alone.
"""

from collections.abc import Callable
from datetime import date

from advisories import match, read_feed, read_inventory
from advisories.reports import Report, formats, render
from benchmarks import records, timing

_LOOP = "a bare loop"
_SECONDS = 0.5
_ABOUT = """\
The bundled AlmaLinux 9 host with its {count:,} findings, matched before the clock starts. A time is that of all lines
of the report, with what is published about the findings looked up. The bare loop writes package, version and
vulnerability of each finding and nothing else. The goals are 20 ms for text and table, 40 for JSON, and 150 for HTML.
"""


def report() -> list[str]:
    """The section of the report."""
    folder = records.ROOT / "examples" / "almalinux-9"
    inventory, feed = read_inventory(folder / "host.tsv"), read_feed(folder / "advisories.jsonl")
    made = Report(inventory, feed, match(inventory, feed), on=date(2026, 11, 1), width=80)
    rows = list(made.rows())

    def loop() -> list[str]:
        return [f"{one.package.name} {one.package.version} {vulnerability}" for vulnerability, one in rows]

    works: dict[str, Callable[[], list[str]]] = {_LOOP: loop}
    works |= {format: _writing(made, format) for format in formats("findings")}
    taken = timing.minima(works, seconds=_SECONDS)
    lines = ["| format | ms | ratio | KB |", "|---|---:|---:|---:|"]
    for name, work in works.items():
        size = sum(len(line) + 1 for line in work()) / 1000
        named = name if name == _LOOP else f"`{name}`"
        lines.append(f"| {named} | {taken[name] * 1e3:.1f} | {taken[name] / taken[_LOOP]:,.0f} | {size:,.0f} |")
    return ["## Writing reports", "", *_ABOUT.format(count=len(rows)).splitlines(), "", *lines, ""]


def _writing(report: Report, format: str) -> Callable[[], list[str]]:
    return lambda: list(render(report, format))


if __name__ == "__main__":
    print("\n".join(report()))
