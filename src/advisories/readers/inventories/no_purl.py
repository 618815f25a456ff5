"""Entries of an SBOM without a package URL: a package is rejected, and what is no package is skipped and counted.

A package that nothing identifies can be matched with no advisory, so it has no verdict. An operating system is the
distribution of the others. A file, an image, a device, data, and what the document is about as a whole are no packages
of the list.

Sources: CycloneDX 1.6, ``component.type``. SPDX 2.3, ``primaryPackagePurpose``, and 3.0, ``SoftwarePurpose``.
"""

from typing import Final

from advisories.readers.collector import Collector

__all__ = ["SUBJECT", "take"]

#: What a document is about as a whole.
SUBJECT: Final = "subject of the document"
#: Kinds that are no packages, as CycloneDX and all versions of SPDX write them, in lower case without dashes and the
#: like. Every other kind is one, an unknown one too.
_NO_PACKAGES: Final = {
    "container": "container",
    "cryptographicasset": "cryptographic-asset",
    "data": "data",
    "device": "device",
    "file": "file",
    "machinelearningmodel": "machine-learning-model",
    "operatingsystem": "operating-system",
    "archive": "archive",
    "bom": "bom",
    "configuration": "configuration",
    "diskimage": "disk-image",
    "documentation": "documentation",
    "evidence": "evidence",
    "filesystemimage": "filesystem-image",
    "manifest": "manifest",
    "model": "model",
    "requirement": "requirement",
    "source": "source",
    "specification": "specification",
    "test": "test",
}


def take(collector: Collector, position: str, name: object, kind: object, version: object = None) -> None:
    """Reject an entry without a package URL that is a package. Skip any other.

    :param kind: its type or purpose, as the format has it, or :data:`SUBJECT`. None where it has none.
    """
    if kind == SUBJECT:
        collector.skip(f"the {SUBJECT}, which is no package in it")
        return
    word = kind.lower().translate(_MARKS) if isinstance(kind, str) else ""
    if word in _NO_PACKAGES:
        collector.skip(f"entries of type {_NO_PACKAGES[word]}, which are no packages")
        return
    texts = [text for text in (name, version) if isinstance(text, str) and text]
    collector.reject(
        position, " ".join(texts) or "(no name)", "a package without a package URL, which nothing identifies"
    )


_MARKS: Final = str.maketrans("", "", "-_ ")
