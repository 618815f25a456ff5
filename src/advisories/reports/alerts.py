"""What trackers of alerts need of a finding: an id that stays, the name of its host, and how to clear it."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING, Final

from advisories.distros.identity import in_words
from advisories.distros.package_managers import Item, is_safe, manager_for, manager_of
from advisories.models.advisories import FixState
from advisories.models.distribution import Distribution
from advisories.models.printing import printable
from advisories.models.reading import shown_source
from advisories.reports.lines import named
from advisories.reports.members import target_of

if TYPE_CHECKING:
    from advisories.reports.caveats import Caveat
    from advisories.reports.document import ReportedFinding, ReportObject

__all__ = [
    "Fixes",
    "JsonTexts",
    "caveat_text",
    "fingerprint",
    "host_name",
    "is_named",
    "layer_of",
    "sentence",
    "separated",
    "shown_name",
    "tool_version",
]

_MEANINGS: Final = {state: state.meaning for state in FixState}
_RESTARTS: Final = {
    None: "",
    "machine": " Then restart the machine.",
    "services": " Then restart the services that use it.",
}


def fingerprint(finding: "ReportedFinding") -> str:
    """32 hexadecimal digits for the instance and the vulnerability: all that a finding is known by.

    An upgrade of another package changes none, and the same finding has the same in every report.
    """
    known_by = f"{finding['instance']}\0{finding['vulnerability']}"
    return sha256(known_by.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def host_name(name: str) -> str:
    """The name of what was listed, without the folders of the machine that made the report.

    A name that ``--target`` gave and a relative path stay as they are. Of an absolute path the last part stays.

    >>> [host_name(name) for name in ("lists/web.txt", "/home/me/web.txt", "app:1.2", "/")]
    ['lists/web.txt', 'web.txt', 'app:1.2', 'root']
    """
    name = shown_source(name).replace("\\", "/") or "-"
    if name.startswith("/") or name[1:3] == ":/":
        name = name.rstrip("/").rpartition("/")[2] or "root"
    return printable("/".join([part for part in name.split("/") if part not in ("", ".", "..")]) or "-")


def caveat_text(caveat: "Caveat", most: int) -> str:
    """A caveat with the instances that it is about, for a form that has one text for both.

    :param most: how many of them are named.
    """
    about = named([*map(in_words, caveat.instances[:most]), *caveat.instances[most:]], most)
    return f"{caveat.id}: {caveat.text}{f' These are {about}.' if about else ''}"


def is_named(content: "ReportObject") -> bool:
    """Whether somebody named what was listed (``--target``). Else its name is that of the list."""
    return content["target"]["name"] != target_of(None, content["inventory"]["source"])["name"]


def shown_name(content: "ReportObject") -> str:
    """The name that somebody gave, else that of the list without folders."""
    name = content["target"]["name"]
    return printable(name) or "-" if is_named(content) else host_name(name)


class Fixes:
    """How to clear the findings of a report, in words.

    A report that was read is not trusted: a command is shown where it is what the host's package manager takes.
    """

    def __init__(self, content: "ReportObject") -> None:
        own = content["inventory"]["distribution"]
        self._commands: Final[dict[tuple[str, str, str, str | None], bool]] = {}
        self._manager: Final = None if own is None else manager_of(Distribution(own["id"], own["release"]))

    def command(self, finding: "ReportedFinding") -> str | None:
        """The command that upgrades its package. None where it has none."""
        command = finding["fix_command"]
        if command is None:
            return None
        key = command, finding["instance"].partition("/")[0], finding["package"], finding["arch"]
        known = self._commands.get(key)
        if known is None:
            known = self._commands[key] = self._is_ours(*key)
        return command if known else None

    def _is_ours(self, command: str, type: str, package: str, arch: str | None) -> bool:
        manager, item = manager_for(type, self._manager), Item(package, None, arch)
        if manager is None or not is_safe(manager.type, [item]):
            return False
        return command == str(manager.upgraded([item], exact=False))

    def text(self, finding: "ReportedFinding") -> str:
        """What clears a finding, as a sentence or two."""
        fixed, channel = finding["fixed_version"], finding["channel"]
        if finding["pending_restart"]:
            return "The fix is installed: restart the machine."
        if fixed is None:
            meaning = _MEANINGS[finding["fix_state"]]
            return f"{meaning[:1].upper()}{meaning[1:]}."
        if channel is not None:
            return f"The fix {fixed} is in {channel}, which the host does not have."
        command = self.command(finding)
        to = f"Upgrade {finding['package']} to {fixed} or later"
        return f"{to}{'' if command is None else f': {command}'}.{_RESTARTS[finding['restart']]}"


def layer_of(finding: "ReportedFinding") -> str | None:
    """The digest of the layer that its package came with. None where the list is of no image."""
    layer = finding["layer"]
    return None if layer is None else layer["digest"]


def sentence(text: str) -> str:
    """A text with a full stop.

    >>> sentence("a is earlier than b"), sentence("Done.")
    ('a is earlier than b.', 'Done.')
    """
    return text if text.endswith((".", "!", "?")) else f"{text}."


def separated(lines: Iterable[str]) -> Iterator[str]:
    """The entries of an array of JSON, a line each, with commas between."""
    last = None
    for line in lines:
        if last is not None:
            yield f" {last},"
        last = line
    if last is not None:
        yield f" {last}"


def tool_version() -> str:
    """The version of what made the report."""
    from importlib.metadata import version  # takes long to import

    return version("vercmp")


class JsonTexts(dict[str | None, str]):
    """Texts as JSON that people see in a tracker, each made once: what cannot be seen is escaped.

    >>> texts = JsonTexts()
    >>> print(texts["a\\x1b[2J"], texts[None])
    "a\\\\x1b[2J" null
    """

    def __missing__(self, text: str | None) -> str:
        made = self[text] = "null" if text is None else encode_basestring_ascii(printable(text))
        return made
