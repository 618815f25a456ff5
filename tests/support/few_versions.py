"""A few versions of each scheme, for tests of what is shared between threads or interpreters."""

__all__ = ["VERSIONS"]

VERSIONS = {
    "rpm": ["1:1.0-1.el9", "1.0~rc1", "1.0^git1", "1.0"],
    "dpkg": ["1:1.0-1", "1.0~rc1", "1.0+b1", "1.0"],
    "apk": ["1.0-r1", "1.0_rc1", "1.0a", "1.0"],
    "pep440": ["1.0", "1.0rc1", "1!0.1", "1.0.post1"],
    "semver": ["1.0.0", "1.0.0-rc.1", "1.0.1", "2.0.0"],
    "gem": ["1.0", "1.0.rc1", "1.0.1", "2"],
}
