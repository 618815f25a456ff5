"""A store with changes is the file that compiling all of it makes, byte by byte."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from advisories_reference import ALMA9, advisory, affected
from advisories_stores import ENRICHMENTS, FEEDS, report_of
from examples import examples
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from advisories.index.merging import merged_enrichments
from advisories.models import Advisory, Distribution, Enrichment, Kind, Module, Names, Range, Severity
from advisories.models.frozen import evolve
from advisories.store import read_feed
from advisories.store.checking import check_store
from advisories.store.compiling import Source, write_store
from advisories.store.reader import Provenance
from advisories.store.spool import Spooled
from advisories.store.updating import Changes, drafts, packages, update_store

ALMA8 = Distribution("almalinux", "8")
UBUNTU = Distribution("ubuntu", "22.04")

UNIQUE = FEEDS.map(lambda feed: list({one.id: one for one in feed}.values()))


def sources_of(parts: Sequence[Sequence[Advisory]], enrichments: Sequence[Enrichment]) -> list[Source]:
    found = [
        Source(report_of(tuple(part), f"source-{place}"), f"{place}" * 64, tuple(part))
        for place, part in enumerate(parts)
    ]
    known = tuple(enrichments)
    return [*found, Source(report_of(known, "known"), "f" * 64, (), known)]


def is_updated(
    folder: Path,
    before: Sequence[Sequence[Advisory]],
    after: Sequence[Sequence[Advisory]],
    known: Sequence[Enrichment] = (),
    known_now: Sequence[Enrichment] | None = None,
    *,
    is_compiled: bool = False,
) -> bool:
    """Whether a store was updated: to the very file that compiling makes.

    :param is_compiled: the file before is the one of the time before.
    """
    now = known if known_now is None else known_now
    if is_compiled:
        (folder / "whole.db").replace(folder / "old.db")
    else:
        write_store(sources_of(before, known), folder / "old.db")
    sources = sources_of(after, now)
    write_store(sources, folder / "whole.db")
    old = {(place, one.id): one for place, part in enumerate(before) for one in part}
    new = {(place, one.id): one for place, part in enumerate(after) for one in part}
    gone = [id for (place, id), one in old.items() if new.get((place, id)) != one]
    added = [(place, one) for (place, id), one in new.items() if old.get((place, id)) != one]
    whole, _ = merged_enrichments(now)
    changes = Changes(
        [Provenance(one.report, one.digest, True) for one in sources],
        gone,
        Spooled.of([one for _, one in added], str(folder)),
        [place for place, _ in added],
        None if known_now is None else [(one, len(after)) for one in whole],
    )
    path = folder / "new.db"
    path.unlink(missing_ok=True)
    if not update_store(str(folder / "old.db"), changes, str(path), str(folder)):
        assert not path.exists()
        return False
    assert path.read_bytes() == (folder / "whole.db").read_bytes()
    return True


@settings(max_examples=examples(300), deadline=None, suppress_health_check=list(HealthCheck))
@given(UNIQUE, UNIQUE, ENRICHMENTS, ENRICHMENTS | st.none(), st.data())
def test_random_changes(
    tmp_path_factory: pytest.TempPathFactory,
    before: list[Advisory],
    after: list[Advisory],
    known: list[Enrichment],
    known_now: list[Enrichment] | None,
    data: st.DataObject,
) -> None:
    kept = data.draw(st.sets(st.sampled_from([one.id for one in before]))) if before else set()
    after = [one for one in before if one.id in kept] + [one for one in after if one.id not in kept]
    known = list({(one.cve, one.source): one for one in known}.values())
    if known_now is not None:
        known_now = list({(one.cve, one.source): one for one in known_now}.values())
    if not before or not after:
        return
    updated = is_updated(tmp_path_factory.mktemp("stores"), [before], [after], known, known_now)
    event("updated" if updated else "compiled as a whole")


def some_advisory(number: int, chance: random.Random) -> Advisory:
    """An advisory of a feed with everything that is numbered: releases, channels, modules, packages, types."""
    entries = []
    for _ in range(chance.randrange(4)):
        name = f"package-{chance.randrange(80)}"
        type = chance.choice(("rpm", "rpm", "rpm", "pypi", "other"))
        distribution = chance.choice((ALMA9, ALMA9, ALMA8, UBUNTU, evolve(UBUNTU, channels=frozenset({"esm"})), None))
        version = chance.choice(("1-1", "2-1", "1:3-1", "4-1", "nope nope", "2-9"))
        entries.append(
            evolve(
                affected(name, version if chance.random() < 0.8 else None),
                type=type,
                distribution=distribution,
                names=chance.choice((Names.BINARY, Names.BINARY, Names.SOURCE)),
                module=chance.choice((Module(True), Module(True), Module.of(f"m:{chance.randrange(4)}"))),
                arches=chance.choice(((), (), ("x86_64",), ("aarch64", "x86_64"))),
                negative=chance.random() < 0.1,
            )
        )
    if chance.random() < 0.3:
        # Documentation alone, or with others of its source.
        source, version = f"source-{chance.randrange(6)}", f"1:{chance.randrange(9)}-1"
        parts = chance.choice((("-doc",), ("", "-libs", "-doc"), ("", "-doc", "-help"), ("-doc", "-help")))
        entries += [affected(f"{source}{part}", version) for part in parts]
    cves = [f"CVE-2024-{chance.randrange(1000, 1100)}" for _ in range(chance.randrange(3))]
    return advisory(
        f"ALSA-{number:04}",
        *entries,
        cves=sorted(set(cves)),
        kind=chance.choice((Kind.SECURITY, Kind.BUGFIX)),
        rating=chance.choice((None, "important", "low")),
        modified=datetime(2024, chance.randrange(1, 13), chance.randrange(1, 29), tzinfo=UTC),
        aliases=("GO-1",) if chance.random() < 0.2 else (),
        severities=(Severity("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),) * chance.randrange(2),
    )


@pytest.mark.parametrize("seed", range(12))
def test_few_changes_of_many(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    before = [[some_advisory(number, chance) for number in range(place, 240, 2)] for place in (0, 1)]
    known = [Enrichment(f"CVE-2024-{number}", "first-epss", epss=0.5) for number in range(1000, 1090)]
    for turn in range(6):
        after = [list(part) for part in before]
        for _ in range(chance.choice((0, 1, 1, 2, 4))):
            part = after[place := chance.randrange(2)]
            at = chance.randrange(len(part))
            match chance.randrange(4):
                case 0:
                    del part[at]
                case 1:
                    part[at] = evolve(part[at], withdrawn=datetime(2024, 12, 1, tzinfo=UTC))
                case 2:
                    part[at] = evolve(some_advisory(0, chance), id=part[at].id)
                case _:
                    part.append(some_advisory(1000 + 10 * turn + place + chance.randrange(5) * 2, chance))
                    ids = [one.id for one in part]
                    if ids.count(part[-1].id) > 1:
                        part.pop()
        known_now = None
        if chance.random() < 0.3:
            known_now = [*known[:-1], evolve(known[-1], epss=chance.random())]
        assert is_updated(tmp_path, before, after, known, known_now, is_compiled=turn > 0)
        before, known = after, known if known_now is None else known_now
    assert not check_store(tmp_path / "new.db").problems


@pytest.mark.parametrize(("seed", "few"), [(1, 500), (2, 2), (3, 7)])
def test_new_scores_of_all_vulnerabilities(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, few: int
) -> None:
    """EPSS changes daily, and with it the drafts of most packages: nothing else is compiled again."""
    monkeypatch.setattr(drafts, "_FEW", few)
    monkeypatch.setattr(packages, "_VULNERABILITIES", 60 if seed == 3 else 5000)
    chance = random.Random(seed)
    feed = [[some_advisory(number, chance) for number in range(240)]]
    known = [Enrichment(f"CVE-2024-{number}", "first-epss", epss=0.5) for number in range(1000, 1090)]
    assert is_updated(tmp_path, feed, feed, known, [evolve(one, epss=chance.random()) for one in known])
    # Drafts that stay are those of other packages too, and new ones stand between them.
    assert is_updated(tmp_path, feed, feed, known, [*known[:-3], *(evolve(one, epss=0.1) for one in known[-3:])])
    assert is_updated(tmp_path, feed, feed, known, [])
    changed = [[*feed[0][:-1], evolve(feed[0][-1], rating="low")]]
    assert is_updated(tmp_path, feed, changed, known, [evolve(one, epss=0.25) for one in known])


def test_new_scores_of_debian(tmp_path: Path) -> None:
    """Its drafts rest on unstable's records too (rule 1a). These are as they were."""
    chance = random.Random(4)
    feed = [
        advisory(
            f"CVE-2024-{number}",
            *(
                evolve(
                    affected(f"package-{number % 9}", version),
                    type="deb",
                    distribution=Distribution("debian", release),
                    names=Names.SOURCE,
                )
                for release, version in (("12", chance.choice(("1-1", None))), ("sid", f"{chance.randrange(3)}-1"))
            ),
            cves=[f"CVE-2024-{number}"],
        )
        for number in range(1000, 1040)
    ]
    known = [Enrichment(one.id, "first-epss", epss=0.5) for one in feed]
    assert is_updated(tmp_path, [feed], [feed], known, [evolve(one, epss=chance.random()) for one in known])
    assert not is_updated(tmp_path, [feed], [feed[1:]], known, known)


@pytest.mark.slow
def test_a_real_feed(almalinux_folder: Path, tmp_path: Path) -> None:
    """With documentation that stands for other packages, modules and epochs."""
    chance = random.Random(0)
    every = list({one.id: one for one in read_feed(almalinux_folder)}.values())
    chance.shuffle(every)
    before, late = every[:-15], every[-15:]
    for turn in range(3):
        after = [*before, *late[5 * turn : 5 * (turn + 1)]]
        for one in chance.sample(before, 15):
            at = after.index(one)
            match chance.randrange(3):
                case 0:
                    del after[at]
                case 1:
                    after[at] = evolve(one, rating="low", affected=one.affected[1:])
                case _:
                    fixed = tuple([evolve(entry, ranges=(Range(None, "99:1-1"),)) for entry in one.affected])
                    after[at] = evolve(one, affected=fixed)
        assert is_updated(tmp_path, [before], [after], is_compiled=turn > 0)
        before = after
