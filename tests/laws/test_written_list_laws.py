"""What ``advisories list`` writes of any inventory is read back as the same, or the writer names what it loses.

Every field of an inventory and of what it has may hold any text: bytes that are no UTF-8, blanks of Unicode, ends of
lines, signs that begin a comment. Formats are those of the registry.
"""

from datetime import UTC, datetime

import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from written_list import LOSSLESS, READ_BACK, reread, same

from advisories.distros.identity import identified
from advisories.models import (
    PACKAGE_TYPES,
    Assumption,
    Extent,
    Image,
    Inventory,
    Layer,
    Module,
    Package,
    ReadReport,
    Rejection,
    Removed,
    Setup,
    SetupKind,
    State,
)
from advisories.models.distribution import FAMILIES, ID_OF_NAME, normalised
from advisories.models.frozen import names_of
from advisories.reports.losses import losses

#: Texts that somebody's reader took for something else: blanks, ends of lines and of values, marks of comments.
NASTY = (
    *("", " ", "  a b  ", "\t", "\n", "\r\n", "a\r", "a\nb", "\x0b", "\x0c", "\x1b[2J", "\x1c", "\x7f", "\0"),
    *("\x85", "\xa0", "\u2028", "\u2029", "\u3000", "a\u3000b", "\ufeff", "\ufffd", "\u202e", "\u200b", "\u115f"),
    *("\udcff", "caf\udce9", "\U0001f600", "#", "# advisories packages 1", '"', '"a"', "'", "\\", "\\n"),
    *(
        "\\x41",
        "\\\\",
        "\\u3000",
        "null",
        "[]",
        "{}",
        "0",
        "<text>",
        "&amp;",
        ",",
        ";",
        "=",
        "%0A",
        "//",
        "/",
        "a" * 9000,
    ),
)
# Bytes that are no UTF-8 are the half of surrogates that Python has for them.
ANY = (
    st.sampled_from(NASTY)
    | st.text(max_size=6)
    | st.binary(max_size=6).map(lambda d: d.decode("utf-8", "surrogateescape"))
)
# What no reader takes for a name: no package manager has such names, and what looks so is damaged.
NAMES = st.text(max_size=8).filter(lambda text: text != "" and text.isprintable() and "\ufffd" not in text)
NAMES |= st.sampled_from(["/", "@", "a/b", "@a/b", "#", '"', "\\", " ", "a b", "%", "_", "A_b", "?", ":", "a:b", "é"])
MAYBE = st.none() | ANY
LAYERS = st.builds(Layer, ANY, MAYBE)
# A layer is named by its digest: of two histories one would be the other's.
FEW_LAYERS = st.dictionaries(ANY, MAYBE, min_size=1, max_size=3)
TIMES = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9000, 1, 1), timezones=st.just(UTC))
MODULES = st.sampled_from([Module(True), Module(False)]) | st.lists(ANY, min_size=1, max_size=2).map(
    lambda streams: Module.of(*streams)
)
OF_PACKAGE = {
    "type": st.sampled_from(PACKAGE_TYPES),
    "name": NAMES,
    "version": NAMES,
    "arch": MAYBE,
    "epoch_known": st.booleans(),
    "source_name": MAYBE,
    "source_version": MAYBE,
    "source_epoch_known": st.booleans(),
    "module": MODULES,
    "vendor": MAYBE,
    "maintainer": MAYBE,
    "state": st.sampled_from(State),
    "location": MAYBE,
    "locations": st.lists(ANY, max_size=3).map(tuple),
    "repository": MAYBE,
    "doubts": st.frozensets(st.sampled_from(Assumption), max_size=2),
    "installed_at": st.none() | TIMES,
}
SETUPS = st.builds(
    Setup, st.sampled_from(SetupKind), ANY, ANY, st.booleans(), st.booleans(), ANY, st.none() | st.integers(1, 9)
)
REJECTIONS = st.builds(Rejection, ANY, ANY, ANY, ANY, st.sampled_from(Extent))
IMAGES = st.builds(
    Image,
    MAYBE,
    MAYBE,
    ANY,
    MAYBE,
    st.dictionaries(ANY, ANY, max_size=3).map(lambda found: tuple(sorted(found.items()))),
)
IDS = ANY | st.sampled_from(sorted({*FAMILIES, *ID_OF_NAME}))
RELEASES = MAYBE | st.sampled_from(["9", "9.2", "12", "bookworm", "sid", "stream9", "stream 9", "15.SP3", "22.04:LTS"])
DISTRIBUTIONS = st.builds(normalised, IDS, RELEASES, st.frozensets(ANY, max_size=2))
usual = settings(max_examples=examples(300), deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def packages(draw: st.DrawFn, layers: dict[str, str | None]) -> Package:
    digest = draw(st.none() | st.sampled_from(sorted(layers)))
    fields = draw(st.fixed_dictionaries(OF_PACKAGE))
    if fields["state"] is State.NOT_INSTALLED and draw(st.booleans()):
        fields["version"] = ""
    return Package(**fields, layer=None if digest is None else Layer(digest, layers[digest]))


@st.composite
def inventories(draw: st.DrawFn) -> Inventory:
    layers = draw(FEW_LAYERS)
    there = (*draw(st.lists(packages(layers), max_size=3)), Package("deb", "there", "1"), Package("rpm", "too", "1-1"))
    gone = tuple(draw(st.lists(packages(layers), max_size=2)))
    rejections = tuple(draw(st.lists(REJECTIONS, max_size=3)))
    skips = draw(st.dictionaries(ANY, st.integers(1, 9), max_size=2))
    read = len(there) + sum(one.extent is not Extent.PART for one in rejections)
    return Inventory(
        draw(st.none() | DISTRIBUTIONS),
        identified(there),
        draw(MAYBE),
        "list",
        "image",
        draw(MAYBE),
        ReadReport(
            "list",
            "image",
            read,
            len(there),
            rejections,
            tuple(sorted(skips.items())),
            unread_types=tuple(sorted(draw(st.frozensets(st.sampled_from(PACKAGE_TYPES), max_size=2)))),
        ),
        draw(st.none() | IMAGES),
        tuple(
            Removed(one, Layer(digest, layers[digest]))
            for one in identified(gone)
            for digest in [draw(st.sampled_from(sorted(layers)))]
        ),
        tuple(draw(st.lists(SETUPS, max_size=2))),
        tuple(draw(st.lists(ANY, max_size=2))),
    )


def test_every_field_is_drawn() -> None:
    """A field that is added needs its values here."""
    assert {*OF_PACKAGE, "layer", "instance"} == set(names_of(Package))


@pytest.mark.parametrize("format", LOSSLESS)
@usual
@given(inventory=inventories())
def test_any_inventory_is_the_same_when_it_is_read_back(format: str, inventory: Inventory) -> None:
    back, was = same(reread(inventory, format)), same(inventory)
    for part, value in was.items():
        assert back[part] == value, (format, part)
    assert not list(losses(inventory, format))


#: What a list of package URLs names as lost, where a field of a package differs.
NAMED = {
    "vendor": "vendors",
    "maintainer": "maintainers",
    "repository": "repositories",
    "location": "places",
    "locations": "places",
    "layer": "layers",
    "installed_at": "times",
    "doubts": "doubts",
    "state": "states",
    "epoch_known": "epoch",
    "source_name": "source",
    "source_version": "source",
    "source_epoch_known": "source",
    "module": "module",
    "name": "names",
    "version": "versions",
    "arch": "architectures",
}


@usual
@given(inventory=inventories())
def test_package_urls_name_what_they_lose(inventory: Inventory) -> None:
    """Of each package that is read back, each field is as it was or named. So is a package that is not read back."""
    named = " ".join(losses(inventory, "purls"))
    back, there = reread(inventory, "purls"), [one for one in inventory.packages if one.state.on_disk]
    was = same(inventory)
    assert back.report is not None
    if len(back.packages) == len(there):
        for package, other in zip(there, back.packages, strict=True):
            for field, word in NAMED.items():
                if field == "source_epoch_known" and package.source_name is None is other.source_name:
                    continue  # of no source
                assert getattr(package, field) == getattr(other, field) or word in named, (field, package, other, named)
    else:
        assert "left out" in named or "not read back" in named, (there, back.packages, named)
    for part in ("about", "removed", "set up"):
        assert same(back)[part] == was[part], part


def test_layers_of_one_digest_are_named() -> None:
    """Two commands may make the same layer. A package is of either."""
    layers = Layer("sha256:1", "apt-get install a"), Layer("sha256:1", "apt-get install a b")
    packages = tuple(Package("deb", layer.history[-1], "1", layer=layer) for layer in layers if layer.history)
    for format in READ_BACK:
        found = " ".join(losses(Inventory(None, identified(packages)), format))
        assert "it does not tell layers of one digest apart (2 packages)" in found


def test_names_that_nobody_reads_are_named() -> None:
    """No reader has a package of such a name, and a program may make one."""
    package = Package("deb", "a\nb", "1")
    for format in READ_BACK:
        found = " ".join(losses(Inventory(None, (package,)), format))
        assert "names and versions that cannot be printed are not read back (1 package)" in found
