"""Every format with an official schema, of every real host against the feeds of its family: ``make hosts``.

It is run by hand and is no part of the suite: a validator in Python takes a minute for a host with thousands of
findings. ``FORMATS`` chooses formats, ``json`` among them, whose schema is ours.
"""

import os
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import ci_schemas
import pytest
import sbom_schemas
from real_hosts import PAIRS, Pair, Unpack, feed_of, inventories_of
from report_schemas import validator

from advisories import Feed, match
from advisories.reports import Report, render
from advisories.reports.document import Document

_OURS = validator("report")
_CI = ("sarif", "gitlab", "junit")
_SBOM = ("cyclonedx", "cyclonedx-1.7", "openvex", "csaf-vex", "spdx")
FORMATS = tuple(os.environ.get("FORMATS", "").split() or ("json", *_CI, *_SBOM))


def error_of(format: str, text: str) -> str | None:
    if format == "json":
        import json

        return next((error.message for error in _OURS.iter_errors(json.loads(text))), None)
    return (ci_schemas if format in _CI else sbom_schemas).error_of(format, text)


@pytest.fixture(scope="module")
def feed(unpacked: Unpack, ubuntu_oval: Callable[[str], Path], almalinux: Feed) -> Callable[[str], Feed]:
    return cache(lambda name: feed_of(name, unpacked, ubuntu_oval, almalinux))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.feed}-{pair.lists}-{pair.judge_as}")
def test_official_schemas_hold(pair: Pair, feed: Callable[[str], Feed], unpacked: Unpack) -> None:
    for path, inventory, policy in inventories_of(pair, unpacked):
        findings = match(inventory, feed(pair.feed), policy)
        document = Document.of(Report(inventory, feed(pair.feed), findings))
        for format in FORMATS:
            if format == "openvex" and not findings:
                continue  # there is no statement to make, and without one it is refused
            text = "\n".join(render(document, format))
            began = time.monotonic()
            error = error_of(format, text)
            print(f"\n{format}\t{path.name}\t{len(findings)}\t{len(text)}\t{time.monotonic() - began:.1f}\t{error}")
            assert error is None
