"""Real lists are of the release that they are of: never in doubt as themselves, and nearly always as another one."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from released_lists import released_lists

from advisories.distros.release_marks import release_mark
from advisories.matching.rules import ENOUGH_TAGS, contradicts_release
from advisories.models import Distribution, Inventory
from advisories.models.findings import ReleaseMark

Unpack = Callable[[str], Path]

#: The releases that a list of a distribution is judged as too.
OTHERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("rhel", "almalinux", "rocky", "ol"), ("5", "6", "7", "8", "9", "10")),
    "debian": ("8", "9", "10", "11", "12", "13", "14"),
    "ubuntu": ("14.04", "16.04", "18.04", "20.04", "22.04", "24.04", "26.04"),
    "fedora": ("34", "36", "37", "39", "41", "43"),
    "amzn": ("1", "2", "2022", "2023"),
    "mariner": ("1.0",),
    "photon": ("1.0", "2.0", "4.0", "5.0"),
    "sles": ("12.4", "12.5", "15", "15.2", "15.3", "15.4"),
    "opensuse-leap": ("15.1", "15.2", "15.3", "15.6", "16.0"),
}


def marks_of(inventory: Inventory, release: Distribution) -> tuple[Counter[ReleaseMark | None], int]:
    """How many packages have each mark, and how many names have another release's tag."""
    marked = [(release_mark(one, release), one.name) for one in inventory.instances if one.state.on_disk]
    names = {name for mark, name in marked if mark is ReleaseMark.OTHER_TAG}
    return Counter(mark for mark, _ in marked), len(names)


def is_in_doubt(marks: Counter[ReleaseMark | None], names: int) -> bool:
    return contradicts_release(
        marks[ReleaseMark.OWN_TAG],
        marks[ReleaseMark.OTHER_TAG],
        names,
        marks[ReleaseMark.OWN_RELEASE] > 0,
        marks[ReleaseMark.OTHER_RELEASE] > 0,
    )


def test_as_themselves_and_as_others(unpacked: Unpack) -> None:
    seen, doubted = Counter[str](), Counter[bool]()
    own, others, small = 0, [], set()
    for file, inventory, release in released_lists(unpacked):
        seen["deb" if release.id in ("debian", "ubuntu") else "rpm"] += 1
        marks, names = marks_of(inventory, release)
        assert not is_in_doubt(marks, names), (file, release, marks)
        own += marks[ReleaseMark.OWN_TAG]
        if marks[ReleaseMark.OTHER_TAG]:
            others.append((file.rpartition("/")[2], marks[ReleaseMark.OWN_TAG], marks[ReleaseMark.OTHER_TAG]))
        for number in OTHERS.get(release.id, ()):
            other = Distribution(release.id, number)
            if other.release != release.release:
                marks, names = marks_of(inventory, other)
                doubted[is_in_doubt(marks, names)] += 1
                if not is_in_doubt(marks, names):
                    assert names < ENOUGH_TAGS, (file, other, marks)
                    small.add(file.rpartition("/")[2])
    assert (seen, own) == ({"rpm": 204, "deb": 186}, 39_659)
    assert others == [
        ("bookworm-security_main_amd64_Packages", 2881, 13),
        ("debian_10.json", 152, 2),
        ("fedora_42.json", 632, 3),
    ]
    # Excerpts of an archive's index for one image.
    assert small == {"trixie_adoptium.lock.json", "trixie_java.lock.json"}
    assert doubted == {True: 2112, False: 12}
