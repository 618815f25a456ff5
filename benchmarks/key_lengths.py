"""How long sort keys are beside the text they stand for."""

from typing import NamedTuple

import vercmp
from benchmarks import corpora


class KeyLengths(NamedTuple):
    """Lengths in bytes, over distinct versions."""

    scheme: str
    what: str
    versions: int
    mean_text: float
    mean_key: float
    ratio: float
    shorter: float
    longest_key: int
    longest_text: int


def measure() -> list[KeyLengths]:
    return [_lengths(corpus) for scheme in ("rpm", "dpkg") for corpus in corpora.corpora(scheme)]


def _lengths(corpus: corpora.Versions) -> KeyLengths:
    texts = [len(version.encode()) for version in corpus.versions]
    keys = [len(key) for key in vercmp.sort_keys(corpus.versions, scheme=corpus.scheme)]
    count = len(texts)
    shorter = sum(key < text for key, text in zip(keys, texts, strict=True))
    return KeyLengths(
        scheme=corpus.scheme,
        what=corpus.what,
        versions=count,
        mean_text=sum(texts) / count,
        mean_key=sum(keys) / count,
        ratio=sum(keys) / sum(texts),
        shorter=shorter / count,
        longest_key=max(keys),
        longest_text=max(texts),
    )
