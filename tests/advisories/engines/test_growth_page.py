"""The page about growth is as it was measured: its table and its plot."""

import runpy

from places import ROOT

GROWTH = runpy.run_path(str(ROOT / "tools" / "growth.py"))


def test_the_page_and_the_plot_are_what_was_measured() -> None:
    page = GROWTH["PAGE"].read_text(encoding="utf-8")
    assert GROWTH["with_table"](page) == page, "run: python tools/growth.py"
    plot = GROWTH["PAGE"].with_suffix(".svg").read_text(encoding="utf-8")
    assert GROWTH["draw"](GROWTH["read"]()) == plot, "run: python tools/growth.py"
