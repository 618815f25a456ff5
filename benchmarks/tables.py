"""Markdown tables of what was measured: the same rows in the same order each time."""

from collections.abc import Sequence

from benchmarks.footprint import Footprint
from benchmarks.goals import Judged
from benchmarks.groups import Group
from benchmarks.key_lengths import KeyLengths

Measured = Sequence[tuple[Group, dict[str, float]]]


def of_calls(measured: Measured, headings: Sequence[str] = (), unit: float = 1e9, name: str = "ns") -> list[str]:
    """A row a work, two columns a corpus: the time of one call, and how many times that of the first row it is."""
    headings = headings or [group.corpus for group, _ in measured]
    lines = [
        f"| | {' | '.join(f'{heading}, {name} | ratio' for heading in headings)} |",
        "|---|" + "---:|---:|" * len(measured),
    ]
    for work in dict.fromkeys(work for _, taken in measured for work in taken):
        cells = [_cells(group, taken, work, unit) for group, taken in measured]
        lines.append(f"| {work} | {' | '.join(cells)} |")
    return [
        *lines,
        "",
        *(f"- *{heading}*: {group.what}" for heading, (group, _) in zip(headings, measured, strict=True)),
    ]


def of_goals(judged: Sequence[Judged]) -> list[str]:
    lines = ["| goal | wanted | measured | met |", "|---|---|---|---|"]
    for goal, ratios in judged:
        wanted = f"{'at most' if goal.at_most else 'at least'} {goal.wanted:g}"
        values = ", ".join(f"{corpus} {_ratio(ratio)}" for corpus, ratio in ratios.items())
        met = {True: "yes", False: "no", None: ""}[Judged(goal, ratios).met]
        lines.append(f"| {goal.text} | {wanted} | {values or 'not measured: no peer'} | {met} |")
    return lines


def of_key_lengths(measured: Sequence[KeyLengths]) -> list[str]:
    lines = [
        "| | versions | mean text | mean key | key / text | key shorter than text | longest text | longest key |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in measured:
        means = f"{row.mean_text:.2f} | {row.mean_key:.2f} | {row.ratio:.3f} | {row.shorter:.1%}"
        longest = f"{row.longest_text} | {row.longest_key}"
        lines.append(f"| {row.scheme}: {row.what} | {row.versions:,} | {means} | {longest} |")
    return lines


def of_footprint(measured: Footprint) -> list[str]:
    rows = {
        "wheel, both packages": f"{measured.wheel_bytes / 1024:.0f} KiB",
        "package `vercmp` unpacked": f"{measured.package_bytes / 1024:.0f} KiB",
        "of that, extension modules": f"{measured.extension_bytes / 1024:.0f} KiB",
        "`import vercmp`, beyond a bare interpreter": f"{measured.import_seconds * 1e3:.1f} ms",
        "a bare interpreter": f"{measured.bare_seconds * 1e3:.1f} ms",
        "memory `import vercmp` takes": f"{measured.resident_kib:,} KiB",
        "modules it imports, its own included": f"{measured.modules}",
    }
    return ["| | |", "|---|---:|", *(f"| {name} | {value} |" for name, value in rows.items())]


def _cells(group: Group, taken: dict[str, float], work: str, unit: float) -> str:
    if work not in taken:
        return " | "
    first = taken[next(iter(taken))]
    return f"{_number(taken[work] / group.each * unit)} | {_ratio(taken[work] / first)}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _ratio(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
