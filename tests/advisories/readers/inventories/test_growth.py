"""A list's own format line is read as texts and fields: a row takes steps in proportion to its length."""

import sys
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from places import GOLDEN

from advisories.models.errors import AdvisoriesError, LimitExceeded
from advisories.readers.inventories.columns import by_format
from advisories.readers.inventories.dnf_list import _rows
from advisories.readers.inventories.heading import of_list
from advisories.readers.inventories.registry import read_inventory
from advisories.sources.limits import DEFAULT_LIMITS

RPM = {"name": "", "version": "-", "release": "-", "arch": ".-"}
DEB = {"package": ":", "version": ""}


@pytest.mark.parametrize(
    ("format", "kind", "row", "values"),
    [
        ("%-12{NAME}%-10{VERSION}%{RELEASE}", "queryformat", "bash        5.1.8     4.el9", ("bash", "5.1.8", "4.el9")),
        ("%-4{NAME}|%{VERSION}", "queryformat", "long-name|1", ("long-name", "1")),
        ("%-8{NAME} %-8{VERSION} %{RELEASE}", "queryformat", "bash     5.1.8    4.el9", ("bash", "5.1.8", "4.el9")),
        ("%10{EPOCH}:%{NAME}", "queryformat", "    (none):bash", ("(none)", "bash")),
        ("%{NAME}-%{VERSION}", "queryformat", "bash-5.1", None),
        ("${Package;-8}|${Version}", "showformat", "bash    |5.2-1", ("bash    ", "5.2-1")),
        ("${Package;4}|${Version}", "showformat", "bash|5.2-1", None),
        ("${Package} ${Version}", "showformat", "bash  5.2-1", None),
        ("${Package}\\t${Maintainer}\\t${Version}", "showformat", "bash\tA B <a@b>\t5.2", ("bash", "A B <a@b>", "5.2")),
        ("%%{%{NAME}}", "queryformat", "%{bash}", ("bash",)),
    ],
)
def test_a_row(format: str, kind: str, row: str, values: tuple[str, ...] | None) -> None:
    try:
        _, cut = by_format(format, kind, RPM if kind == "queryformat" else DEB, "list")
    except AdvisoriesError:
        assert values is None  # it is unclear where a value ends
        return
    assert cut(row) == values


SHAPES = (
    ("%-9{NAME} ", "a", " " * 30),
    ("%9{NAME}|", "|", "b"),
    ("%{NAME},", "x,", "y z"),
    ("%-1{NAME}", "a ", "."),
    ("%{NAME}\\t%{VERSION}-", "a\t1-", "\x01"),
)


@pytest.mark.parametrize("shape", SHAPES)
def test_growth(shape: tuple[str, str, str]) -> None:
    field, cell, rest = shape

    def lines_run(number: int) -> int:
        text = f"# queryformat {field * number}%{{RELEASE}}\n" + f"{cell * number}{rest}\n" * 3
        count = 0

        def trace(frame: object, event: str, argument: object) -> object:
            nonlocal count
            count += event == "line"
            return trace

        sys.settrace(trace)  # type: ignore[arg-type]
        try:
            read_inventory(BytesIO(text.encode()))
        except AdvisoriesError:
            pass
        finally:
            sys.settrace(None)
        return count

    lines_run(2)  # what is made once
    small, large = lines_run(40), lines_run(80)
    assert large < 2.5 * small


def test_comments_in_front() -> None:
    """Eight times as many take about eight times as long, where the square would be 64 times."""

    def seconds(number: int) -> float:
        data = b"#\n" * number + b"bash-5.1.8-6.el9.x86_64\n"
        begun = time.process_time()
        of_list(data, "list")
        return time.process_time() - begun

    small = min(seconds(40_000) for _ in range(3))
    assert seconds(320_000) < 24 * small


def test_blank_lines_behind_a_row_of_dnf() -> None:
    """They complete no row, which would grow with each."""
    looked_at = 0

    class Row(str):
        def split(self, *arguments: Any, **named: Any) -> list[str]:
            nonlocal looked_at
            looked_at += len(self)
            return super().split(*arguments, **named)

        def strip(self, *arguments: Any) -> str:
            return Row(super().strip(*arguments))

    rows = [(number, str(row)) for number, row, _ in _rows([Row("a.noarch"), *[Row(" ")] * 1_000, Row(" 1-1 @base")])]
    assert rows == [(1, "a.noarch"), (1002, "1-1 @base")]
    assert looked_at < 2_000


CASES = sorted((GOLDEN / "formats" / "inventories").glob("*/input*"))


@pytest.mark.parametrize("path", CASES, ids=[path.parent.name for path in CASES])
def test_a_list_has_as_many_packages_as_the_limit(path: Path) -> None:
    """In every format. Entries that are skipped or refused do not count."""
    inventory = read_inventory(path)
    count = len(inventory.packages)
    assert read_inventory(path, limits=evolve(DEFAULT_LIMITS, packages=count)) == inventory
    why = rf"more packages than the limit of {count - 1} \(--limit packages=NUMBER allows more\)"
    with pytest.raises(LimitExceeded, match=why):
        read_inventory(path, limits=evolve(DEFAULT_LIMITS, packages=count - 1))


def test_every_database_of_a_root_has_as_many_packages_as_the_limit(tmp_path: Path) -> None:
    database = tmp_path / "lib" / "apk" / "db" / "installed"
    database.parent.mkdir(parents=True)
    database.write_text("".join(f"P:p{number}\nV:1-r0\n\n" for number in range(3)))
    assert len(read_inventory(tmp_path, limits=evolve(DEFAULT_LIMITS, packages=3)).packages) == 3
    with pytest.raises(LimitExceeded, match=r"packages=NUMBER"):
        read_inventory(tmp_path, limits=evolve(DEFAULT_LIMITS, packages=2))


def test_the_limit_is_that_of_the_list_that_is_read() -> None:
    """Not of one that was read before it, whatever became of that."""
    lines = b"bash-1-1.el9.noarch\nzsh-1-1.el9.noarch\n"
    with pytest.raises(LimitExceeded):
        read_inventory(BytesIO(lines), limits=evolve(DEFAULT_LIMITS, packages=1))
    assert len(read_inventory(BytesIO(lines)).packages) == 2
    # What is refused leaves room.
    refused = b"zsh\n" * 3 + lines + b"zsh\n" * 3
    assert len(read_inventory(BytesIO(refused), limits=evolve(DEFAULT_LIMITS, packages=2)).packages) == 2
