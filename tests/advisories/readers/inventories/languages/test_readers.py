"""What each reader of one file gives: the package, or why there is none."""

import gzip
import io
import json
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from elves import go_program, program
from places import TESTS

from advisories.models.packages import LANGUAGE_TYPES
from advisories.readers.inventories.languages import java
from advisories.readers.inventories.languages.asar import Asar
from advisories.readers.inventories.languages.found import Found, Item, Unread, items
from advisories.readers.inventories.languages.registry import FILES, PROGRAMS
from advisories.sources.elf import Elf

PROGRAMS_OF_TOOLS = TESTS / "data" / "programs"


def of_file(type: str, name: str, data: bytes | str) -> list[str]:
    """What a reader gives of a file, each as a line."""
    content = data.encode() if isinstance(data, str) else data
    return lines(items(FILES[type].read(io.BytesIO(content), name)))


def of_program(type: str, data: bytes) -> list[str]:
    def read() -> Iterator[Item]:
        yield from PROGRAMS[type].read(Elf(io.BytesIO(data), len(data)), "x")

    return lines(items(read()))


def lines(found: tuple[Item, ...]) -> list[str]:
    return [line(one) for one in found]


def line(item: Item) -> str:
    if isinstance(item, Found):
        return f"{item.name} {item.version}{item.inner}"
    return f"unread{item.inner}: {item.why}" if isinstance(item, Unread) else f"passed: {item.why}"


def test_every_type_has_a_reader() -> None:
    assert {*FILES, *PROGRAMS} == set(LANGUAGE_TYPES)
    assert not FILES.keys() & PROGRAMS.keys()


@pytest.mark.parametrize(
    ("type", "name", "is_wanted"),
    [
        ("pypi", "usr/lib/python3/dist-packages/idna-3.3.dist-info/METADATA", True),
        ("pypi", "app/vendor/idna-3.3.dist-info/METADATA", True),
        ("pypi", "x/idna.egg-info/PKG-INFO", True),
        ("pypi", "x/idna-3.3.egg-info", True),
        ("pypi", "x/idna-3.3-py3.11.egg/EGG-INFO/PKG-INFO", True),
        ("pypi", "x/idna-3.3-py3.11.egg", True),
        ("pypi", "x/a.egg-link", True),
        ("pypi", "x/a.pyz", True),
        ("pypi", "x/a.pex", True),
        ("pypi", "x/METADATA", False),
        ("pypi", "x/idna.dist-info/licenses/METADATA", False),
        ("npm", "app/node_modules/a/package.json", True),
        ("npm", "node_modules/@s/a/package.json", True),
        ("npm", "usr/lib/node_modules/npm/node_modules/a/package.json", True),
        ("npm", "app/node_modules/.pnpm/a@1.0.0/node_modules/a/package.json", True),
        ("npm", "app/node_modules/.pnpm/@s+a@1.0.0/node_modules/@s/a/package.json", True),
        ("npm", "app/package.json", True),
        ("npm", "package.json", True),
        ("npm", "app/my-package.json", False),
        ("npm", "app/.yarn/cache/a-npm-1.0.0-x.zip", True),
        ("npm", "root/.yarn/berry/cache/a-npm-1.0.0-x.zip", True),
        ("npm", "app/cache/a.zip", False),
        ("npm", "opt/x/resources/app.asar", True),
        ("gem", "usr/share/rubygems-integration/all/specifications/rake-13.0.6.gemspec", True),
        ("gem", "usr/lib/ruby/gems/3.1.0/specifications/default/json-2.6.1.gemspec", True),
        ("gem", "usr/lib/ruby/gems/3.1.0/gems/json-2.6.1/json.gemspec", False),
        ("gem", "app/vendor/bundle/ruby/3.1.0/specifications/rake-13.0.6.gemspec", True),
        ("gem", "app/vendor/bundle/ruby/3.1.0/bundler/gems/rack-0a1b2c3d4e5f/rack.gemspec", True),
        ("gem", "app/vendor/bundle/ruby/3.1.0/bundler/gems/rails-0a1b2c3d4e5f/activejob/activejob.gemspec", True),
        ("maven", "app/lib/a-1.0.jar", True),
        ("maven", "app/lib/A.JAR", True),
        ("maven", "app/lib/a.War", True),
        ("maven", "app/lib/a.hpi", True),
        ("maven", "app/lib/a.jpi", True),
        ("maven", "app/lib/a.zip", False),
    ],
)
def test_which_files(type: str, name: str, is_wanted: bool) -> None:
    assert FILES[type].wants(name.encode()) is is_wanted
    assert name.lower().encode().endswith(tuple(end.lower() for end in FILES[type].ENDS)) or not is_wanted


class TestPython:
    METADATA = "x.dist-info/METADATA"

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Metadata-Version: 2.1\nName: idna\nVersion: 3.3\n\nText\nName: other\n", "idna 3.3"),
            ("Metadata-Version: 2.1\r\nname:  idna \r\nVERSION: 3.3\r\n\r\nText", "idna 3.3"),
            ("Name: idna\nVersion: 3.3", "idna 3.3"),
            ("Name: idna\nSummary: x\n  Name: other\nVersion: 3.3\nVersion: 4\n", "idna 3.3"),
            ("Name: idna\n\nVersion: 3.3\n", "unread: without version"),
            ("Version: 3.3\n", "unread: without name"),
            ("", "unread: without name"),
            (
                "Name: a b\nVersion: 1\n",
                "unread: a name or version with blanks, or with characters that cannot be printed",
            ),
            (b"Name: \xff\nVersion: 1\n", "unread: its name or version is not UTF-8"),
            ("Name: a\nVersion: " + "1" * 3000, "unread: a name and version of more than 2000 characters"),
        ],
    )
    def test_metadata(self, text: str | bytes, expected: str) -> None:
        assert of_file("pypi", self.METADATA, text) == [expected]

    def test_an_egg(self) -> None:
        assert of_file("pypi", "x.egg", zipped({"EGG-INFO/PKG-INFO": "Name: a\nVersion: 1\n"})) == ["a 1"]
        assert of_file("pypi", "x.egg", zipped({"a": ""})) == ["unread: without name"]
        (refused,) = of_file("pypi", "x.egg", b"PK\3\4")
        assert refused.startswith("unread: not a whole zip archive")

    @pytest.mark.parametrize("name", ["idna", "zope.interface", "a", "A_b-C.d", "2to3"])
    def test_names(self, name: str) -> None:
        assert of_file("pypi", self.METADATA, f"Name: {name}\nVersion: 1\n") == [f"{name} 1"]

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("UNKNOWN", "the name UNKNOWN, which stands for none"),
            ("-a", "a name that no project of Python has"),
            ("a-", "a name that no project of Python has"),
            ("/", "a name that no project of Python has"),
            ("ä", "a name that no project of Python has"),
        ],
    )
    def test_names_of_no_project(self, name: str, why: str) -> None:
        assert of_file("pypi", self.METADATA, f"Name: {name}\nVersion: 0.0.0\n") == [f"unread: {why}"]

    def test_a_link(self) -> None:
        (found,) = of_file("pypi", "/x/a.egg-link", "/src/a\n.")
        assert found == "passed: projects of Python in development (.egg-link): found where their sources are"

    @pytest.mark.parametrize("name", ["x.pyz", "x.pex"])
    def test_a_zipapp(self, name: str) -> None:
        data = zipped(
            {
                ".deps/a-1-py3-none-any.whl/a-1.dist-info/METADATA": "Name: a\nVersion: 1\n",
                "site-packages/b-2.dist-info/METADATA": "Name: b\nVersion: 2\n",
                "site-packages/c-3.dist-info/METADATA": "Name: c\n",
                "__main__.py": "",
            }
        )
        for packed in (data, b"#!/usr/bin/env python3\n" + data):
            assert of_file("pypi", name, packed) == [
                "a 1!.deps/a-1-py3-none-any.whl/a-1.dist-info",
                "b 2!site-packages/b-2.dist-info",
                "unread!site-packages/c-3.dist-info: without version",
            ]
        assert FILES["pypi"].location(f"/p/{name}") == f"/p/{name}"
        nothing = "passed: zipapps of Python without metadata of what they bring"
        assert of_file("pypi", name, zipped({"__main__.py": ""})) == [nothing]

    def test_a_sample(self) -> None:
        name = "/usr/lib/python3/dist-packages/pkg_resources/tests/data/a.egg-info/PKG-INFO"
        assert of_file("pypi", name, "Name: a\nVersion: 1\n") == ["passed: samples in the tests of packages of Python"]

    def test_what_pip_left(self) -> None:
        """It renames what it is about to remove."""
        found = of_file("pypi", "/x/site-packages/~dna-3.3.dist-info/METADATA", "Name: idna\nVersion: 3.3\n")
        assert found == ["passed: what an interrupted pip left of packages of Python"]

    @pytest.mark.parametrize(
        "name",
        [
            "/p/a.dist-info/METADATA",
            "/p/a.egg-info/PKG-INFO",
            "/p/a.egg-info",
            "/p/a.egg",
            "/p/a.egg/EGG-INFO/PKG-INFO",
        ],
    )
    def test_location(self, name: str) -> None:
        assert FILES["pypi"].location(name) == "/p"


class TestNode:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ('{"name": "@s/a", "version": "1.0.0"}', "@s/a 1.0.0"),
            ('\ufeff{"name": "a", "version": "1.0.0", "x": {"name": "b"}}', "a 1.0.0"),
            ('{"name": "a"}', "passed: package.json without a name or a version: not of a published package of npm"),
            (
                '{"type": "module"}',
                "passed: package.json without a name or a version: not of a published package of npm",
            ),
            ('{"name": "a", "version": 1}', "unread: its name or version is no text"),
            ('{"name": "", "version": "1"}', "unread: without name"),
            ("[]", "unread: not an object of JSON"),
            ("[" * 100_000, "unread: not JSON: "),
            ('{"name": "a", "name": "b", "version": "1"}', "unread: "),
            (b'{"name": "\xff"}', "unread: not JSON: "),
            ("", "unread: not JSON: "),
            (b" " * (1 << 21) + b"{}", "unread: larger than 2097152 bytes"),
        ],
    )
    def test_package_json(self, text: str | bytes, expected: str) -> None:
        (found,) = of_file("npm", "node_modules/a/package.json", text)
        assert found == expected or (expected.endswith(": ") and found.startswith(expected))

    PACKAGE = '{"name": "a", "version": "1.0.0"}'
    PART = (
        "passed: package.json further down in a package of npm: of a part, an extension or a sample, which is no "
        "package"
    )
    PROGRAM = (
        "passed: package.json outside of a node_modules: of a program itself, of a part of one, or of a package that "
        "only a link leads to"
    )
    SAMPLE = "passed: samples in the tests of packages of npm"

    @pytest.mark.parametrize(
        ("folder", "expected"),
        [
            ("app/node_modules/a", "a 1.0.0"),
            ("app/node_modules/@s/a", "a 1.0.0"),
            ("app/node_modules/b/node_modules/a", "a 1.0.0"),
            # A package may have others at any depth: code-server, pnpm, Next.js.
            ("app/node_modules/code-server/lib/vscode/node_modules/a", "a 1.0.0"),
            ("app/node_modules/code-server/lib/vscode/extensions/b/node_modules/@s/a", "a 1.0.0"),
            ("app/node_modules/pnpm/dist/node_modules/a", "a 1.0.0"),
            ("app/vendor/node_modules/a", "a 1.0.0"),
            ("usr/local/lib/node_modules/npm/node_modules/a", "a 1.0.0"),
            # As pnpm, yarn and cnpm lay them.
            ("app/node_modules/.pnpm/a@1.0.0/node_modules/a", "a 1.0.0"),
            ("app/node_modules/.pnpm/@s+a@1.0.0/node_modules/@s/a", "a 1.0.0"),
            ("app/node_modules/.store/a-npm-1.0.0-6871de6b16/package", "a 1.0.0"),
            ("app/node_modules/.store/a@1.0.0/node_modules/a", "a 1.0.0"),
            ("app/.yarn/unplugged/a-npm-1.0.0-6871de6b16/node_modules/a", "a 1.0.0"),
            ("app/node_modules/_a@1.0.0@a", "a 1.0.0"),
            # Its folder may have another name, and those of samples.
            ("app/node_modules/a-cjs", "a 1.0.0"),
            ("app/node_modules/test", "a 1.0.0"),
            ("app/node_modules/@s/fixtures", "a 1.0.0"),
            ("srv/test/node_modules/a", "a 1.0.0"),
            ("opt/a-v1.0.0", "a 1.0.0"),
            ("opt/a-1.0.0", "a 1.0.0"),
            ("app/node_modules/a/dist/cjs", PART),
            ("app/node_modules/code-server/lib/vscode/extensions/yaml", PART),
            ("app/node_modules/@s", PART),
            ("app/node_modules", PART),
            ("app/node_modules/.pnpm", PART),
            ("app/node_modules/.store", PART),
            ("app/node_modules/.store/a-npm-1.0.0-6871de6b16", PART),
            ("app/node_modules/.a-Xk1dl3", PART),
            ("app/node_modules/b/test/fixtures/node_modules/a", SAMPLE),
            ("app/node_modules/b/__tests__/node_modules/@s/a", SAMPLE),
            ("app", PROGRAM),
            ("opt/b-v1.0.0", PROGRAM),
            ("", PROGRAM),
        ],
    )
    def test_where_it_lies(self, folder: str, expected: str) -> None:
        name = f"{folder}/package.json".lstrip("/")
        assert FILES["npm"].wants(name.encode())
        assert of_file("npm", name, self.PACKAGE) == [expected]

    def test_what_is_no_package_is_never_damaged(self) -> None:
        """Templates are no JSON."""
        for folder in ("app", "app/node_modules/a/template", "app/node_modules/a/test/node_modules/b"):
            (found,) = of_file("npm", f"{folder}/package.json", "{{name}}")
            assert found.startswith("passed: ")

    @pytest.mark.parametrize("name", ["@babel/core", "JSONStream", "a.b_c-d", "~a", "-", "1", "@s/_a", "a" * 214])
    def test_names(self, name: str) -> None:
        text = json.dumps({"name": name, "version": "1.0.0"})
        assert of_file("npm", "node_modules/a/package.json", text) == [f"{name} 1.0.0"]

    @pytest.mark.parametrize(
        "name",
        ["/", "a/b", "@s", "@s/", "@/a", "@s/a/b", ".a", "_a", "a:b", "a\\b", "\u00e4", "a%2f", "@s/.a"],
    )
    def test_names_of_no_package(self, name: str) -> None:
        text = json.dumps({"name": name, "version": "1.0.0"})
        assert of_file("npm", "node_modules/a/package.json", text) == ["unread: a name that no package of npm has"]

    def test_a_cache_of_yarn(self) -> None:
        """Plug'n'Play runs packages from there."""
        name = "app/.yarn/cache/@s-a-npm-1.0.0-x.zip"
        data = zipped(
            {"node_modules/@s/a/package.json": '{"name": "@s/a", "version": "1.0.0"}', "node_modules/@s/a/x": ""}
        )
        assert of_file("npm", name, data) == ["@s/a 1.0.0!node_modules/@s/a"]
        data = zipped({"node_modules/a/package.json": "{", "node_modules/a/b/package.json": self.PACKAGE})
        (refused,) = of_file("npm", name, data)
        assert refused.startswith("unread!node_modules/a: not JSON")
        assert of_file("npm", name, zipped({"a": ""})) == [
            "passed: archives in a cache of yarn without a package of npm"
        ]
        (refused,) = of_file("npm", name, b"PK")
        assert refused.startswith("unread: not a whole zip archive")

    def test_a_program_of_electron(self) -> None:
        data = electron(
            {
                "package.json": '{"name": "app", "version": "1.0.0"}',
                "node_modules": {
                    "@s": {
                        "a": {"package.json": '{"name": "@s/a", "version": "1.0.0"}', "dist": {"package.json": "{"}}
                    },
                    "b": {
                        "node_modules": {"c": {"package.json": "{"}},
                        "package.json": '{"name": "b", "version": "2.0.0"}',
                    },
                },
            }
        )
        found = of_file("npm", "/opt/x/resources/app.asar", data)
        assert found[:4] == [self.PROGRAM, "@s/a 1.0.0!node_modules/@s/a", self.PART, "b 2.0.0!node_modules/b"]
        assert found[4].startswith("unread!node_modules/b/node_modules/c: not JSON")
        data = electron({"a": {"package.json": '{"name": "a", "version": "1.0.0"}'}})
        assert of_file("npm", "/opt/x/resources/node_modules.asar", data) == ["a 1.0.0!a"]

    def test_what_lies_beside_it(self) -> None:
        """Is found there. A link leads to what is in it."""
        tree = {
            "node_modules": {
                "files": {"a": {"files": {"package.json": {"size": 1, "unpacked": True}}}, "b": {"link": "a"}}
            }
        }
        assert of_file("npm", "/x/app.asar", electron_of({"files": tree}, b"")) == []

    @pytest.mark.parametrize(
        ("entry", "why"),
        [
            ({"size": 10, "offset": "0"}, "it lies outside of the archive"),
            ({"size": -1, "offset": "0"}, "of more than 2097152 bytes, or of fewer than none"),
            ({"size": 1 << 30, "offset": "0"}, "of more than 2097152 bytes, or of fewer than none"),
            ({"size": 1, "offset": 0}, "its place in the archive is no number"),
            ({"size": 1, "offset": "9" * 30}, "its place in the archive is no number"),
        ],
    )
    def test_places_in_it(self, entry: dict[str, object], why: str) -> None:
        tree = {"files": {"node_modules": {"files": {"a": {"files": {"package.json": entry}}}}}}
        assert of_file("npm", "/x/app.asar", electron_of(tree, b"{}")) == [f"unread!node_modules/a: {why}"]

    def test_depth_of_it(self) -> None:
        tree: dict[str, object] = {"files": {}}
        for _ in range(300):
            tree = {"files": {"a": tree}}
        assert of_file("npm", "/x/app.asar", electron_of(tree, b"")) == ["unread: more than 200 folders in each other"]

    def test_many_files_in_deep_folders(self) -> None:
        """Each took the names of all folders above it: a list of a megabyte had 190 MB."""
        tree: dict[str, object] = {"files": {str(number): {} for number in range(20_000)}}
        for _ in range(190):
            tree = {"files": {"a": tree}}
        archive = Asar(io.BytesIO(electron_of(tree, b"")))
        tracemalloc.start()
        try:
            assert list(archive.files("package.json")) == []
            assert tracemalloc.get_traced_memory()[1] < 1_000_000
        finally:
            tracemalloc.stop()

    def test_damage_anywhere_in_it(self) -> None:
        data = electron({"node_modules": {"a": {"package.json": '{"name": "a", "version": "1.0.0"}'}}})
        for place in range(len(data)):
            of_file("npm", "/x/app.asar", data[:place])
            of_file("npm", "/x/app.asar", data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
        (refused,) = of_file("npm", "/x/app.asar", b"")
        assert refused == "unread: no whole archive of Electron: it is cut off"


class TestRuby:
    STUB = "# -*- encoding: utf-8 -*-\n# stub: nokogiri 1.15.4 x86_64-linux lib\n\nGem::Specification.new do |s|\n"
    DEFAULT = 'Gem::Specification.new do |s|\n  s.name = "json".freeze\n  s.version = "2.6.1"\n'

    @pytest.mark.parametrize(
        ("name", "text", "expected"),
        [
            ("nokogiri-1.15.4-x86_64-linux.gemspec", STUB, "nokogiri 1.15.4"),
            ("json-2.6.1.gemspec", DEFAULT, "json 2.6.1"),
            ("net-http-0.3.0.gemspec", "Gem::Specification.new do |s|\n s.version = VERSION\n", "net-http 0.3.0"),
            ("a-b-1.0.pre1-java.gemspec", "Gem::Specification.new do |s|\n", "a-b 1.0.pre1"),
            ("a-2-1.0-arm64-darwin-22.gemspec", "Gem::Specification.new do |s|\n", "a-2 1.0"),
            ("a-2-java.gemspec", "Gem::Specification.new do |s|\n", "a 2"),
            ("net.gemspec", "Gem::Specification.new do |s|\n", "unread: no gemspec with a name and a version"),
            ("a-1.gemspec", "", "unread: no gemspec with a name and a version"),
            ("a-1.gemspec", "system('x')", "unread: no gemspec with a name and a version"),
        ],
    )
    def test_gemspec(self, name: str, text: str, expected: str) -> None:
        assert of_file("gem", f"/specifications/{name}", text) == [expected]

    def test_of_a_repository(self) -> None:
        """Bundler takes it as it is there. The name of its folder has no version."""
        name = "/x/bundler/gems/rack-test-2-0a1b2c3d4e5f/rack-test.gemspec"
        assert of_file("gem", name, self.DEFAULT) == ["json 2.6.1"]
        computed = 'Gem::Specification.new do |s|\n  s.name = "json"\n  s.version = Rack::VERSION\n'
        (refused,) = of_file("gem", name, computed)
        assert refused == "unread: a gem of a Git repository, whose name and version are not written as texts"

    def test_a_name_that_no_gem_has(self) -> None:
        assert of_file("gem", "/specifications/a.gemspec", "# stub: / 1.0 ruby lib\n") == [
            "unread: a name that no gem has"
        ]


def zipped(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def electron_of(tree: object, contents: bytes) -> bytes:
    """An archive of Electron."""
    text = json.dumps(tree).encode()
    filled = text + bytes(-len(text) % 4)
    return struct.pack("<4I", 4, len(filled) + 8, len(filled) + 4, len(text)) + filled + contents


def electron(folder: dict[str, Any]) -> bytes:
    """An archive of Electron with these folders and files."""
    contents = bytearray()

    def tree(folder: dict[str, Any]) -> dict[str, Any]:
        files = {}
        for name, inner in folder.items():
            if isinstance(inner, dict):
                files[name] = tree(inner)
            else:
                files[name] = {"size": len(inner), "offset": str(len(contents))}
                contents.extend(inner.encode())
        return {"files": files}

    return electron_of(tree(folder), bytes(contents))


def pom(group: str, name: str, version: str) -> dict[str, str | bytes]:
    text = f"#Created\ngroupId={group}\nartifactId={name}\nversion={version}\n"
    return {f"META-INF/maven/{group}/{name}/pom.properties": text}


class TestJava:
    @pytest.mark.parametrize(
        ("name", "members", "expected"),
        [
            ("x.jar", pom("org.a", "b", "1.0"), ["org.a:b 1.0"]),
            ("x.jar", pom("org.a", "b", "1.0") | pom("org.a", "c", "2.0"), ["org.a:b 1.0", "org.a:c 2.0"]),
            (
                "x.jar",
                {"META-INF/MANIFEST.MF": "Bundle-SymbolicName: org.a.b;sin\r\n gle\r\nBundle-Version: 1.2\r\n\r\n"},
                ["org.a.b 1.2"],
            ),
            (
                "x.jar",
                {"META-INF/MANIFEST.MF": "Implementation-Title: b\nImplementation-Version: 1.2\n\nName: c\n"},
                ["b 1.2"],
            ),
            ("commons-io-2.6.jar", {"a.class": ""}, ["commons-io 2.6"]),
            (
                "caffeine-3.1.8.jar",
                {"META-INF/MANIFEST.MF": "Bundle-SymbolicName: com.github.ben-manes.caffeine\nBundle-Version: 3.1.8\n"},
                ["caffeine 3.1.8"],
            ),
            (
                "caffeine-3.1.8.jar",
                {"META-INF/MANIFEST.MF": "Bundle-SymbolicName: a.b\nBundle-Version: 3.1.9\n"},
                ["a.b 3.1.9"],
            ),
            ("x.jar", {"a.class": ""}, ["passed: archives of Java that show no name and version"]),
            (
                "x.jar",
                {"META-INF/maven/a/b/pom.properties": "artifactId=b\n"},
                [
                    "unread!META-INF/maven/a/b/pom.properties: without groupId or artifactId",
                    "passed: archives of Java that show no name and version",
                ],
            ),
        ],
    )
    def test_archive(self, name: str, members: dict[str, str | bytes], expected: list[str]) -> None:
        assert of_file("maven", f"/app/{name}", zipped(members)) == expected

    def test_in_each_other(self) -> None:
        inner = zipped(pom("org.a", "inner", "1"))
        outer = zipped(pom("org.a", "outer", "2") | {"WEB-INF/lib/inner.jar": inner, "WEB-INF/lib/bad.jar": b"x"})
        assert of_file("maven", "x.war", outer) == [
            "org.a:outer 2",
            "org.a:inner 1!WEB-INF/lib/inner.jar",
            "unread!WEB-INF/lib/bad.jar: not a whole zip archive: it has no end",
        ]

    def test_depth(self) -> None:
        data = zipped(pom("org.a", "b", "1"))
        for _ in range(5):
            data = zipped(pom("org.a", "b", "1") | {"x.jar": data})
        assert (
            of_file("maven", "x.jar", data)[-1] == "unread!x.jar!x.jar!x.jar!x.jar: more than 4 archives in each other"
        )

    def test_an_archive_that_unpacks_to_much(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(java, "_MOST_INNER", 1 << 16)
        data = zipped({"a-1.jar": bytes(1 << 20)})
        assert of_file("maven", "x-1.jar", data) == ["x 1", "unread!a-1.jar: unpacks to more than 65536 bytes"]

    @pytest.mark.parametrize("place", [1 << 31, 1 << 32, 1 << 63, (1 << 64) - 1])
    def test_a_member_where_no_file_ends(self, place: int) -> None:
        """Places of ZIP64 have 64 bits. No file is so long, and neither is anything that can be looked for."""
        data = bytearray(zipped(pom("org.a", "b", "1")))
        begin, end = data.index(b"PK\1\2"), data.index(b"PK\5\6")
        data[end + 12 : end + 16] = struct.pack("<I", struct.unpack_from("<I", data, end + 12)[0] + 12)
        data[begin + 42 : begin + 46] = b"\xff" * 4
        name = struct.unpack_from("<H", data, begin + 28)[0]
        data[begin + 30 : begin + 32] = struct.pack("<H", 12)
        data[begin + 46 + name : begin + 46 + name] = struct.pack("<HHQ", 1, 8, place)
        assert [one for one in of_file("maven", "x.jar", bytes(data)) if one.startswith("unread")]

    def test_damage_anywhere(self) -> None:
        data = zipped(pom("org.a", "b", "1") | {"y.jar": zipped(pom("org.a", "c", "1"))})
        for place in range(len(data)):
            of_file("maven", "x.jar", data[:place])
            of_file("maven", "x.jar", data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])


OLD = ["stdlib 1.17.13", "example.com/old (devel)", "example.com/local (devel)", "github.com/pkg/errors v0.9.1"]
NEW = ["stdlib 1.26.8", "example.com/hello (devel)", "github.com/pkg/errors v0.9.1", "golang.org/x/text v0.3.7"]


class TestGo:
    """Programs that Go 1.17.13 and 1.26.8 built, with zeros for all that is not looked at. `go version -m` has the
    same of the whole ones."""

    @pytest.mark.parametrize(
        ("file", "expected"),
        [("go-1.17-amd64", OLD), ("go-1.17-386", OLD), ("go-1.17-mips", OLD), ("go-1.26-amd64", NEW)],
    )
    def test_of_the_tool(self, file: str, expected: list[str]) -> None:
        data = gzip.decompress((PROGRAMS_OF_TOOLS / f"{file}.gz").read_bytes())
        assert of_program("golang", data) == expected
        assert of_program("cargo", data) == []

    @pytest.mark.parametrize("bits", [32, 64])
    @pytest.mark.parametrize("order", ["<", ">"])
    def test_in_each_form(self, bits: int, order: str) -> None:
        data = go_program("go1.21.3", "mod\ta.b/c\tv1.0.0\n", bits=bits, order=order)
        assert of_program("golang", data) == ["stdlib 1.21.3", "a.b/c v1.0.0"]

    @pytest.mark.parametrize(
        ("version", "expected"),
        [
            ("go1.22", "stdlib 1.22.0"),
            ("go1.22rc1", "stdlib 1.22.0-rc.1"),
            ("go1.21.3 X:boringcrypto", "stdlib 1.21.3"),
            ("go1.21.3-custom", "stdlib 1.21.3"),
            ("go1.18.1b7", "stdlib 1.18.1"),
            ("go1.20.12 (Red Hat 1.20.12-1.el9)", "stdlib 1.20.12"),
            ("devel go1.22-abcdef", "passed: programs of Go of a version that is no release of it"),
            ("", "passed: programs of Go of a version that is no release of it"),
        ],
    )
    def test_versions(self, version: str, expected: str) -> None:
        found = of_program("golang", go_program(version, ""))
        assert found == [expected, "passed: programs of Go without a list of their modules"]

    def test_the_command_itself(self) -> None:
        """The vulnerability database has a package of its own for it."""
        found = of_program("golang", go_program("go1.22.1", "path\tcmd/go\nbuild\t-compiler=gc\n"))
        assert found == ["stdlib 1.22.1", "toolchain 1.22.1"]
        found = of_program("golang", go_program("go1.22.1", "path\tcmd/gofmt\nbuild\t-compiler=gc\n"))
        assert found == ["stdlib 1.22.1"]

    def test_replacements(self) -> None:
        text = (
            "path\tx\nmod\tx\t(devel)\t\ndep\ta\tv1\th\n=>\tb\tv2\th\ndep\tc\tv1\n=>\t./c\t\ndep\td\tv3\nbuild\t-a=b\n"
        )
        expected = ["stdlib 1.22.0", "x (devel)", "b v2", "c (devel)", "d v3"]
        assert of_program("golang", go_program("go1.22", text)) == expected

    def test_without_sections(self) -> None:
        record = b"\xff Go buildinf:\x08\x02" + bytes(16) + b"\x06go1.22" + b"\x00"
        assert of_program("golang", program({}, data=bytes(32) + record))[0] == "stdlib 1.22.0"
        assert of_program("golang", program({}, data=b"x" + record)) == []  # it is at no multiple of 16
        assert of_program("golang", program({}, data=record, flags=4)) == []  # it is not writable

    def test_a_text_in_memory_alone(self) -> None:
        """As Go's own tools have it, whose list of modules is a variable without a value."""
        head = b"\xff Go buildinf:\x08\0" + struct.pack("<QQ", 0x1000 + 32, 0x1000 + 1000)
        text = struct.pack("<QQ", 0x1000 + 48, 6) + b"go1.17"
        found = of_program("golang", program({}, data=head + text, memory=2000))
        assert found == ["stdlib 1.17.0", "passed: programs of Go without a list of their modules"]
        (refused,) = of_program("golang", program({}, data=head + text, memory=1000))
        assert refused == "unread: its build information lies at an address outside of the file"

    def test_a_length_that_is_claimed(self) -> None:
        record = b"\xff Go buildinf:\x08\x02" + bytes(16) + b"\xff\xff\xff\xff\x0f"
        (refused,) = of_program("golang", program({b".go.buildinfo": record}))
        assert refused == "unread: its build information claims 4294967295 bytes"

    def test_damage_anywhere(self) -> None:
        data = go_program("go1.22", "mod\ta\tv1\n")
        for place in range(len(data)):
            for changed in (data[:place], data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]):
                of_program_or_not("golang", changed)
                of_program_or_not("cargo", changed)


def of_program_or_not(type: str, data: bytes) -> None:
    def read() -> Iterator[Item]:
        yield from PROGRAMS[type].read(Elf(io.BytesIO(data), len(data)), "x")

    items(read())


def crates(*packages: object) -> bytes:
    return program({b".dep-v0": zlib.compress(json.dumps({"packages": packages}).encode())})


class TestRust:
    def test_of_the_tool(self) -> None:
        data = gzip.decompress((PROGRAMS_OF_TOOLS / "cargo-auditable-amd64.gz").read_bytes())
        expected = ["passed: crates that only the build of a program ran", "hello 0.1.0", "itoa 1.0.9", "semver 1.0.20"]
        assert of_program("cargo", data) == expected
        assert of_program("golang", data) == []

    def test_entries(self) -> None:
        good = {"name": "a", "version": "1.0.0", "source": "crates.io"}
        assert of_program("cargo", crates(good, {"name": "b"}, 1, good | {"kind": "build"})) == [
            "a 1.0.0",
            "unread!packages[1]: an object with name and version is expected",
            "unread!packages[2]: an object is expected",
            "passed: crates that only the build of a program ran",
        ]
        assert of_program("cargo", crates({"name": "/", "version": "1"})) == [
            "unread!packages[0]: a name that no crate has"
        ]

    @pytest.mark.parametrize(
        ("packed", "why"),
        [
            (b"", "its list of crates is cut off"),
            (zlib.compress(b"{}")[:-1], "its list of crates is cut off"),
            (b"no zlib", "its list of crates is damaged: "),
            (zlib.compress(b"{"), "its list of crates is damaged: "),
            (zlib.compress(b"[" * 100_000), "its list of crates is damaged: "),
            (zlib.compress(b"[]"), "its list of crates: an array of packages is expected"),
            (zlib.compress(bytes(1 << 23)), "its list of crates unpacks to more than 4194304 bytes"),
            (bytes((1 << 20) + 1), "its list of crates has more than 1048576 bytes"),
        ],
    )
    def test_damage(self, packed: bytes, why: str) -> None:
        (refused,) = of_program("cargo", program({b".dep-v0": packed}))
        assert refused.startswith(f"unread: {why}")
