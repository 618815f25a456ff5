"""The workflows of this repository are valid, and build the wheels that are promised."""

import re
import subprocess
from pathlib import Path
from typing import Any

import oracles
import pytest
import yaml
from places import ROOT

pytestmark = pytest.mark.slow

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PYTHONS = ("cp311", "cp312", "cp313", "cp314", "cp314t", "cp315", "cp315t")


def output(*command: object) -> str:
    done = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def nodes(node: Any) -> Any:
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(child)


def workflow(name: str) -> Any:
    return yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))


def test_actionlint() -> None:
    # The release that CI's Go builds is older than these machines and this permission.
    older = ["-ignore", "label .* is unknown", "-ignore", 'unknown permission scope "attestations"']
    output(oracles.program("actionlint"), *older, *WORKFLOWS)


def test_zizmor() -> None:
    output(oracles.program("zizmor"), "--offline", *WORKFLOWS)


def test_the_schema_of_the_forge() -> None:
    output(oracles.program("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)


def test_actions_are_pinned_and_each_by_one_commit() -> None:
    pins: dict[str, set[str]] = {}
    for path in [*WORKFLOWS, ROOT / "README.md", *ROOT.glob("integrations/**/*.*")]:
        for use in re.findall(r"uses: *(\S+@.*)$", path.read_text(encoding="utf-8"), re.MULTILINE):
            if use.startswith(("OWNER/", "./")):
                continue
            found = re.fullmatch(r"([\w.-]+(?:/[\w.-]+)+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+", use)
            assert found, f"{path.name}: {use}"
            pins.setdefault(found[1], set()).add(found[2])
    assert {name for name, commits in pins.items() if len(commits) > 1} == set()
    assert "pypa/gh-action-pypi-publish" in pins


def test_nothing_is_published_before_it_is_turned_on() -> None:
    """What may write or sign is behind a variable, and what publishes behind reviewers too."""
    for path in WORKFLOWS:
        for name, job in workflow(path.name)["jobs"].items():
            rights = {right for right, level in job["permissions"].items() if level == "write"}
            if rights:
                assert "vars.ATTEST == 'true'" in job["if"], (path.name, name)
    jobs = workflow("release.yml")["jobs"]
    publish = jobs["publish"]
    assert publish["environment"] == "release"
    assert "vars.PUBLISH == 'true'" in publish["if"]
    assert publish["permissions"] == {"id-token": "write"}
    assert jobs["build"]["needs"] == "check"
    assert set(publish["needs"]) == {"build", "attest"}
    uploaded = {
        node["with"]["name"] for node in nodes(workflow("wheels.yml")) if "upload-artifact" in str(node.get("uses"))
    }
    assert all(name.startswith("dist-") for name in uploaded), "what release.yml takes up"


@pytest.mark.parametrize(
    ("platform", "archs", "ends"),
    [
        ("linux", "x86_64", ("manylinux_x86_64", "musllinux_x86_64")),
        ("linux", "aarch64", ("manylinux_aarch64", "musllinux_aarch64")),
        ("macos", "arm64,x86_64", ("macosx_arm64", "macosx_x86_64")),
        ("windows", "AMD64", ()),
    ],
)
def test_the_wheels_of_each_system(platform: str, archs: str, ends: tuple[str, ...]) -> None:
    command = [oracles.program("cibuildwheel"), "--print-build-identifiers", "--allow-empty", "--platform", platform]
    printed = output(*command, "--archs", archs).split()
    assert sorted(printed) == sorted(f"{python}-{end}" for python in PYTHONS for end in ends)


def test_every_python_that_is_promised_is_built() -> None:
    text = Path(ROOT, "pyproject.toml").read_text(encoding="utf-8")
    promised = {f"cp3{minor}" for minor in re.findall(r'"Programming Language :: Python :: 3\.(\d+)"', text)}
    assert promised == {python for python in PYTHONS if not python.endswith("t")}
