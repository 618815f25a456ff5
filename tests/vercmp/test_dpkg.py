"""dpkg's parts."""

import pytest

from vercmp import InvalidVersion, dpkg


@pytest.mark.parametrize(
    ("version", "parts"),
    [
        ("1.0", (None, "1.0", None)),
        ("1.0-0", (None, "1.0", "0")),
        ("1:4.16.0-2+really2.41-5", ("1", "4.16.0-2+really2.41", "5")),
        ("0:1:2-3", ("0", "1:2", "3")),
        ("  1.0-1\t", (None, "1.0", "1")),
        ("+01:1", ("+01", "1", None)),
        ("é~€-1", (None, "é~€", "1")),
    ],
)
def test_split(version: str, parts: tuple[str | None, str, str | None]) -> None:
    assert dpkg.split(version) == parts


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("", "version string is empty"),
        (" \t", "version string is empty"),
        ("1 2", "version string has embedded spaces"),
        (":1", "epoch in version is empty"),
        ("1.0:1", "epoch in version is not number"),
        ("-1:1", "epoch in version is negative"),
        ("2147483648:1", "epoch in version is too big"),
        ("1" * 100 + ":1", "epoch in version is too big"),
        ("1:", "nothing after colon in version number"),
        ("1-", "revision number is empty"),
        ("-1", "version number is empty"),
    ],
)
def test_errors(version: str, reason: str) -> None:
    for function in (dpkg.split, dpkg.validate, dpkg.sort_key):
        with pytest.raises(InvalidVersion) as caught:
            function(version)
        assert caught.value.reason == reason
    assert dpkg.validate("2147483647:1") == ()


def test_one_warning_is_all_dpkg_gives() -> None:
    assert dpkg.validate("v1_0-1_0") == ("version number does not start with digit",)
    assert dpkg.validate("1_0-1_0") == ("invalid character in version number",)
    assert dpkg.validate("1.0-1_0") == ("invalid character in revision number",)
