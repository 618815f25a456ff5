"""The work of finding packages of languages grows as a root does, and as one file of it does."""

import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator

import pytest
from archives import gzipped, tar_of
from elves import go_program, program
from growth import Shape, grows_in_proportion, memory_grows_in_proportion, time_grows_in_proportion

from advisories import read_inventory
from advisories.readers.inventories.languages.found import Item, items
from advisories.readers.inventories.languages.registry import FILES, PROGRAMS
from advisories.sources.elf import Elf

Read = Callable[[], object]
SITE = "usr/lib/python3/dist-packages"
STATUS = ("var/lib/dpkg/status", "file", "Package: a\nStatus: install ok installed\nVersion: 1\n\n")


def _file(type: str, data: bytes, name: str = "/x/y") -> Read:
    return lambda: items(FILES[type].read(io.BytesIO(data), name))


def _program(type: str, data: bytes) -> Read:
    def read() -> Iterator[Item]:
        yield from PROGRAMS[type].read(Elf(io.BytesIO(data), len(data)), "x")

    return lambda: items(read())


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def _pom(name: str) -> dict[str, bytes]:
    return {f"META-INF/maven/a/{name}/pom.properties": f"groupId=a\nartifactId={name}\nversion=1\n".encode()}


# ---- roots ----


def _projects(n: int) -> Read:
    rows = [(f"{SITE}/p{i}.dist-info/METADATA", "file", f"Name: p{i}\nVersion: 1\n") for i in range(n)]
    data = tar_of(STATUS, *rows)
    return lambda: read_inventory(io.BytesIO(data))


def _packed(n: int) -> Read:
    rows = [(f"app/node_modules/p{i}/package.json", "file", f'{{"name": "p{i}", "version": "1"}}') for i in range(n)]
    data = gzipped(tar_of(STATUS, *rows))
    return lambda: read_inventory(io.BytesIO(data))


def _owned(n: int) -> Read:
    """Projects that a package owns by names with a link in them."""
    rows = [(f"{SITE}/p{i}.dist-info/METADATA", "file", f"Name: p{i}\nVersion: 1\n") for i in range(n)]
    files = "".join(f"/lib/python3/dist-packages/p{i}.dist-info/METADATA\n" for i in range(n))
    data = tar_of(STATUS, *rows, ("lib", "link", "usr/lib"), ("var/lib/dpkg/info/a.list", "file", files))
    return lambda: read_inventory(io.BytesIO(data))


def _links(n: int) -> Read:
    """A package whose files all lie behind another link, one leading to the next."""
    links = [(f"l{i}", "link", f"l{i + 1}") for i in range(n)]
    files = "".join(f"/l{i}/x.dist-info/METADATA\n" for i in range(n))
    project = (f"{SITE}/x.dist-info/METADATA", "file", "Name: x\nVersion: 1\n")
    data = tar_of(STATUS, project, *links, ("var/lib/dpkg/info/a.list", "file", files))
    return lambda: read_inventory(io.BytesIO(data))


def _programs(n: int) -> Read:
    rows = [(f"bin/p{i}", "file", go_program("go1.22", f"mod\tp{i}\tv1\n")) for i in range(n)]
    data = gzipped(tar_of(STATUS, *rows, change=lambda member: setattr(member, "mode", 0o755)))
    return lambda: read_inventory(io.BytesIO(data))


# ---- one file ----


def _modules(n: int) -> Read:
    return _program("golang", go_program("go1.22", "".join(f"dep\tm{i}\tv1\n=>\tr{i}\tv2\n" for i in range(n))))


def _crates(n: int) -> Read:
    packages = [{"name": f"c{i}", "version": "1.0.0"} for i in range(n)]
    return _program("cargo", program({b".dep-v0": zlib.compress(json.dumps({"packages": packages}).encode())}))


def _sections(n: int) -> Read:
    return _program("cargo", program({f".s{i}".encode(): b"" for i in range(n)}))


def _poms(n: int) -> Read:
    return _file("maven", _zip({name: data for i in range(n) for name, data in _pom(f"p{i}").items()}), "/x.jar")


def _inner(n: int) -> Read:
    inner = _zip(_pom("p"))
    return _file("maven", _zip({f"lib/{i}.jar": inner for i in range(n)}), "/x.jar")


def _manifest(n: int) -> Read:
    text = "".join(f"X-{i}: a\r\n b\r\n" for i in range(n)).encode()
    return _file("maven", _zip({"META-INF/MANIFEST.MF": text}), "/x.jar")


def _fields(n: int) -> Read:
    return _file("pypi", b"".join(b"Classifier: %d\n" % i for i in range(n)) + b"Name: a\nVersion: 1\n")


def _gemspec(n: int) -> Read:
    return _file("gem", b'  s.name = "a"\n' * n + b"\n" * n + b'  s.version = "1"\n')


def _members(n: int) -> Read:
    text = json.dumps({"name": "a", "version": "1", "x": [{str(i): [i]} for i in range(n)]})
    return _file("npm", text.encode(), "/x/node_modules/a/package.json")


def _cached(n: int) -> Read:
    members = {f"node_modules/p{i}/package.json": b'{"name": "a", "version": "1"}' for i in range(n)}
    return _file("npm", _zip(members), "/x/.yarn/cache/a.zip")


def _zipapp(n: int) -> Read:
    return _file("pypi", _zip({f"a/p{i}.dist-info/METADATA": b"Name: a\nVersion: 1\n" for i in range(n)}), "/x/a.pyz")


COUNTED: dict[str, Shape] = {
    "projects": _projects,
    "packed": _packed,
    "owned": _owned,
    "links": _links,
    "programs": _programs,
    "modules": _modules,
    "crates": _crates,
    "sections": _sections,
    "poms": _poms,
    "inner-archives": _inner,
    "manifest": _manifest,
    "cached": _cached,
    "zipapp": _zipapp,
}
TIMED: dict[str, Shape] = {"fields": _fields, "gemspec": _gemspec, "members": _members}


@pytest.mark.parametrize("name", COUNTED)
def test_work(name: str) -> None:
    grows_in_proportion(COUNTED[name])


@pytest.mark.parametrize("name", TIMED)
def test_time(name: str) -> None:
    time_grows_in_proportion(TIMED[name])


@pytest.mark.parametrize("name", ["packed", "owned", "modules"])
def test_memory(name: str) -> None:
    memory_grows_in_proportion(COUNTED[name])
