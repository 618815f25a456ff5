"""The errors of vercmp: a version that its scheme refuses, and a scheme that does not exist."""

__all__ = ["InvalidVersion", "UnknownScheme"]

# A version may have megabytes. Its error message should not.
_SHOWN = 120

# What people write for a scheme: package types, distributions and programs.
_MEANT = {
    "rpm": ("almalinux", "centos", "dnf", "evr", "fedora", "redhat", "rhel", "rocky", "suse", "yum"),
    "dpkg": ("apt", "deb", "debian", "ubuntu"),
    "apk": ("alpine", "apk-tools", "chainguard", "wolfi"),
    "pep440": ("packaging", "pep", "pip", "pypi", "python"),
    "semver": ("cargo", "crates.io", "go", "golang", "node", "npm"),
    "gem": ("bundler", "ruby", "rubygems"),
}


class InvalidVersion(ValueError):
    """The scheme's real tool refuses the version, or no scheme can order it: it has a NUL or a lone surrogate.

    :ivar version: the text as you gave it.
    :ivar scheme: the name of the scheme.
    :ivar reason: why, in the real tool's words where it has any.
    """

    def __init__(self, version: str, scheme: str, reason: str) -> None:
        super().__init__(version, scheme, reason)
        self.version = version
        self.scheme = scheme
        self.reason = reason

    def _shown(self) -> str:
        return self.version if len(self.version) <= _SHOWN else self.version[:_SHOWN] + "..."

    def __str__(self) -> str:
        return f"invalid {self.scheme} version {self._shown()!a}: {self.reason}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._shown()!a}, {self.scheme!r}, {self.reason!r})"


class UnknownScheme(LookupError):
    """There is no scheme of that name in :data:`vercmp.SCHEMES`.

    :ivar name: the name you gave.
    :ivar known: the names that exist.
    :ivar reason: why no such scheme can exist, or None: a counterexample to its being an order.
    """

    def __init__(self, name: str, known: tuple[str, ...], reason: str | None = None) -> None:
        super().__init__(name, known, reason)
        self.name = name
        self.known = known
        self.reason = reason

    @property
    def nearest(self) -> str | None:
        """The known name that was probably meant, or None."""
        # Only an error needs it, and it takes a while to import.
        from difflib import get_close_matches

        words = {word: scheme for scheme in self.known for word in (scheme, *_MEANT.get(scheme, ()))}
        found = get_close_matches(self.name.casefold(), words, n=1)
        return words[found[0]] if found else None

    def __str__(self) -> str:
        shown = self.name if len(self.name) <= _SHOWN else self.name[:_SHOWN] + "..."
        hint = f" ({self.reason})" if self.reason else f" (did you mean {self.nearest}?)" if self.nearest else ""
        return f"unknown version scheme {shown!r}{hint}, use one of {', '.join(self.known)}"
