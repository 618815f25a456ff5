"""Small root file systems by generated specs, and what a tree has at names in them."""

from pathlib import Path

from hypothesis import strategies as st

from advisories.models.errors import UnreadableSource
from advisories.sources.tree import Kind, Tree, content

PARTS = ["a", "b", "c", "..", ".", "", "n" * 300]
PATHS = st.lists(st.sampled_from(PARTS[:3]), min_size=1, max_size=3).map("/".join)
TARGETS = st.tuples(st.sampled_from(["", "/"]), st.lists(st.sampled_from(PARTS), min_size=1, max_size=5)).map(
    lambda one: one[0] + "/".join(one[1])
)
#: Files by their content, links by a target with ``->`` before it.
SPECS = st.dictionaries(PATHS, st.one_of(st.just("inside"), TARGETS.filter(bool).map("->{}".format)), max_size=8)
NAMES = st.lists(
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=5).map("/".join).filter(bool), min_size=1, max_size=8
)


def build(root: Path, spec: dict[str, str]) -> None:
    """Make what a spec names, but for what is below a file or link, or where a folder is already."""
    root.mkdir(parents=True)
    made: set[str] = set()
    folders: set[str] = set()
    for name, what in spec.items():
        above = {name[:place] for place, sign in enumerate(name) if sign == "/"}
        if above & made or name in folders:
            continue
        made.add(name)
        folders |= above
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if what.startswith("->"):
            path.symlink_to(what[2:])
        else:
            path.write_text(what)


def seen(root: Tree, name: str) -> object:
    """What a tree has at a name: a content, names, the reason of an error, or None."""
    try:
        status = root.stat(name.encode())
        if status is None:
            return None
        if status.kind is Kind.FOLDER:
            found = root.entries(name.encode(), 100)
            return None if found is None else sorted(one.decode() for one in found)
        data = content(root, name.encode(), 100)
        return None if data is None else data.decode()
    except UnreadableSource as error:
        return ("error", error.why)
