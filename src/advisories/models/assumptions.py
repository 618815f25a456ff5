"""What a result takes for granted because an input does not show it (rule 0)."""

from typing import Final, Self

from advisories.models.words import Explained

__all__ = ["OF_THE_LIST", "Assumption"]


class Assumption(Explained):
    """What a result takes for granted because an input does not show it (rule 0).

    A package without a finding that carries one is *unchecked*, never clean.

    :ivar meaning: in a few words.
    :ivar advice: what you can do about it, as a part of a sentence.
    """

    advice: str

    def __new__(cls, value: str, meaning: str, advice: str) -> Self:
        word = str.__new__(cls, value)
        word._value_, word.meaning, word.advice = value, meaning, advice
        return word

    INVENTORY_PARTIAL = (
        "inventory-partial",
        "a layer of the image, the packages of its system or a part of the list is missing or could not be read: more "
        "is installed than is listed",
        "give the root or image with its package database and all of its layers, or the whole list",
    )
    SYSTEM_UNKNOWN = (
        "system-unknown",
        "no packages of a system were found: packages of languages alone are listed",
        "accept it where there is no system, as in an image from scratch, or you want languages alone",
    )
    SOURCE_UNKNOWN = (
        "source-unknown",
        "the list shows no source package, and advisories of the release name sources",
        "list packages with their sources, or give --sources",
    )
    NOT_IN_ARCHIVE = (
        "not-in-archive",
        "the map of --sources does not have the package, or not this build of it",
        "give --sources an index that has it, or a list with sources",
    )
    EPOCH_UNKNOWN = (
        "epoch-unknown",
        "the list or the record cannot show epochs: they are left out on both sides (rule 4)",
        "list packages with their epochs",
    )
    MODULE_UNKNOWN = (
        "module-unknown",
        "the package or the record does not show its module stream (rule 6)",
        "list packages with their module labels",
    )
    ARCH_UNKNOWN = (
        "arch-unknown",
        "the record is for some architectures, and the list shows none (rule 7)",
        "list packages with their architectures",
    )
    RELEASE_ASSUMED = (
        "release-assumed",
        "the inventory does not name its release",
        "add the release to the list, or give a root file system",
    )
    DISTRIBUTION_ASSUMED = (
        "distribution-assumed",
        "judged by another release's advisories, by explicit choice (rule 1)",
        "use advisories of the distribution itself",
    )
    RELEASE_MIXED = (
        "release-mixed",
        "it is of a later release, or nothing shows its release and repositories of another one are set up (rule 1)",
        "take out the repositories of the other release and what came from there",
    )
    RELEASE_CONTRADICTED = (
        "release-contradicted",
        "the list's versions are of another release than the one that it is judged as (rule 1)",
        "check the release that the list names or --distro gives, and that no upgrade of the host is half done",
    )
    VERSIONS_MISTAKEN = (
        "versions-mistaken",
        "releases, dates or other numbers stand in the place of most versions of the list",
        "list packages with epoch, version and release, each in its place",
    )
    CHANNEL_UNKNOWN = (
        "channel-unknown",
        "files of the host contradict each other about a channel that has records of it, or cannot be read (rule 8)",
        "state the host's channels, such as --distro ubuntu:22.04+esm-infra",
    )
    LINE_UNKNOWN = (
        "line-unknown",
        "the feed has no records of its line of builds, or nothing shows the line and lines differ (rule 8)",
        "add a feed that has the line, or list packages with their repositories",
    )
    FEED_PARTIAL = (
        "feed-partial",
        "the feed lacks a part of the release's advisories, or is an excerpt",
        "add the missing parts, or the publisher's whole feed",
    )
    VENDOR_UNKNOWN = (
        "vendor-unknown",
        "a third party's repository is set up, and the list shows no vendors (rule 13)",
        "list packages with their vendors",
    )
    MAKER_UNKNOWN = (
        "maker-unknown",
        "it brings packages of languages, and nothing shows that the distribution built it (rule 13)",
        "see who built it (apt-cache policy NAME), and what else it brings",
    )
    OWNER_UNKNOWN = (
        "owner-unknown",
        "a package of the system may have brought it, and is judged beside it: lists of files are missing",
        "give the root or image itself, with its lists of files (var/lib/dpkg/info), or Syft's own JSON",
    )
    NAMES_UNKNOWN = (
        "names-unknown",
        "no record of the feed names any of the list's packages, ten or more: one of the two may be the wrong one",
        "check that both are of this release",
    )
    NAME_CASE = (
        "name-case",
        "no record has its name, and one has it in other upper and lower case: the list may not have it as it is",
        "list packages with their names as the package manager prints them",
    )
    NAME_IMPOSSIBLE = (
        "name-impossible",
        "no package is called so, or no source as its source is: an architecture, blanks or marks stand in the name",
        "list packages with their names as the package manager prints them",
    )
    FEED_STALE = (
        "feed-stale",
        "the feed is older than you allow",
        "get the feed anew",
    )
    RECORDS_SKIPPED = (
        "records-skipped",
        "a record that names it could not be read",
        "see the rejected and skipped records of the feed",
    )
    RECORD_INCOMPLETE = (
        "record-incomplete",
        "the advisory names documentation alone: its version stands for the packages of the same source",
        "use --as-published to compare what is named alone",
    )
    FEEDS_DISAGREE = (
        "feeds-disagree",
        "two feeds contradict each other about it",
        "decide which feed you trust for it",
    )
    REBUILD = (
        "rebuild",
        "somebody else rebuilt the fixed version, in another way",
        "check the changes of the rebuild",
    )


#: Those that are about a list as a whole, whatever becomes of a package in it.
OF_THE_LIST: Final = frozenset({Assumption.INVENTORY_PARTIAL, Assumption.SYSTEM_UNKNOWN})
