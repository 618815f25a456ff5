"""The tables of a store, and the marks of a store of one version.

A package of a release is one row of ``package``. Whatever a host needs of it lies together, behind its number: its
entries (``affected``), their spans of versions (``interval``), their architectures. Advisories are numbered by id, and
entries by advisory and place in it, so that numbers sort as the advisories and entries do.

Texts are UTF-8. One that cannot be (a lone surrogate in it) is a BLOB of what UTF-8 would have been. Dates are ISO
8601. Keys are those of :func:`vercmp.sort_key`. ``enrichment`` has what databases other than the publishers of
advisories know of a CVE, and ``vector`` its CVSS vectors. ``scope``, ``loss`` and ``lost`` have how much of each
release a source has, and what its reader lost, altogether and with each rejection. Entries with ``completed`` are of
packages that their advisory does not name. ``draft`` has what the rules decide of a package's usual records, as JSON
(:mod:`advisories.store.drafts`). Packages that were built together often share one. Columns that count child rows are
there so that a lost row is noticed.
"""

from typing import Final

__all__ = [
    "APPLICATION_ID",
    "DIGEST_MARK",
    "DIGEST_SIZE",
    "HEADER_SIZE",
    "MAGIC",
    "PAGE_SIZE",
    "READER_VERSION",
    "SCHEMA",
    "SCHEMA_VERSION",
    "TABLES",
]

#: What every SQLite file begins with, and how long its header is.
MAGIC: Final = b"SQLite format 3\0"
HEADER_SIZE: Final = 100

#: ``PRAGMA application_id`` of a store: "vadv" in ASCII.
APPLICATION_ID: Final = 0x76616476

#: ``PRAGMA user_version``: counts up with every change of a table's form or meaning.
SCHEMA_VERSION: Final = 8

#: Counts up when a reader makes other advisories of the same files, or a new one reads more of them, so that none are
#: taken over from an older store.
READER_VERSION: Final = 15

PAGE_SIZE: Final = 4096

#: The row ``digest`` of ``meta`` is this and the SHA-256 of the whole file, taken with zeros in the digest's place.
#: No text and no key holds these bytes.
DIGEST_MARK: Final = b"\xff\x00sha256 of this file\x00\xff\xfe\x6b\xd1\x0f\x9a\xfe"
DIGEST_SIZE: Final = 32

#: In the order in which they are written.
TABLES: Final = {
    "meta": """CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value
) WITHOUT ROWID""",
    "kind": """CREATE TABLE kind (
    kind TEXT NOT NULL PRIMARY KEY,
    advisories INTEGER NOT NULL
) WITHOUT ROWID""",
    "unordered": """CREATE TABLE unordered (
    type TEXT NOT NULL PRIMARY KEY,
    entries INTEGER NOT NULL
) WITHOUT ROWID""",
    "source": """CREATE TABLE source (
    number INTEGER NOT NULL PRIMARY KEY,
    path TEXT NOT NULL,
    format TEXT NOT NULL,
    digest TEXT NOT NULL,
    read INTEGER NOT NULL,
    kept INTEGER NOT NULL,
    rejections INTEGER NOT NULL,
    skips INTEGER NOT NULL,
    scopes INTEGER NOT NULL,
    losses INTEGER NOT NULL,
    newest TEXT,
    whole INTEGER NOT NULL
)""",
    "rejection": """CREATE TABLE rejection (
    source INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    path TEXT NOT NULL,
    position TEXT NOT NULL,
    what TEXT NOT NULL,
    why TEXT NOT NULL,
    extent TEXT NOT NULL,
    losses INTEGER,
    PRIMARY KEY (source, ordinal)
) WITHOUT ROWID""",
    "lost": """CREATE TABLE lost (
    source INTEGER NOT NULL,
    rejection INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    package TEXT,
    distribution TEXT,
    release TEXT,
    advisory TEXT,
    PRIMARY KEY (source, rejection, ordinal)
) WITHOUT ROWID""",
    "skip": """CREATE TABLE skip (
    source INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    why TEXT NOT NULL,
    times INTEGER NOT NULL,
    PRIMARY KEY (source, ordinal)
) WITHOUT ROWID""",
    "scope": """CREATE TABLE scope (
    source INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    distribution TEXT NOT NULL,
    release TEXT,
    part TEXT NOT NULL,
    advisories INTEGER NOT NULL,
    single INTEGER NOT NULL,
    PRIMARY KEY (source, ordinal)
) WITHOUT ROWID""",
    "loss": """CREATE TABLE loss (
    source INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    package TEXT,
    distribution TEXT,
    release TEXT,
    advisory TEXT,
    PRIMARY KEY (source, ordinal)
) WITHOUT ROWID""",
    "flaw": """CREATE TABLE flaw (
    number INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    advisory TEXT NOT NULL,
    package TEXT,
    distribution INTEGER,
    why TEXT NOT NULL
)""",
    "distribution": """CREATE TABLE distribution (
    number INTEGER NOT NULL PRIMARY KEY,
    id TEXT NOT NULL,
    release TEXT,
    covered INTEGER NOT NULL,
    channels INTEGER NOT NULL
)""",
    "channel": """CREATE TABLE channel (
    distribution INTEGER NOT NULL,
    channel TEXT NOT NULL,
    PRIMARY KEY (distribution, channel)
) WITHOUT ROWID""",
    "module": """CREATE TABLE module (
    number INTEGER NOT NULL PRIMARY KEY,
    known INTEGER NOT NULL,
    streams INTEGER NOT NULL
)""",
    "stream": """CREATE TABLE stream (
    module INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    stream TEXT NOT NULL,
    PRIMARY KEY (module, ordinal)
) WITHOUT ROWID""",
    "advisory": """CREATE TABLE advisory (
    number INTEGER NOT NULL PRIMARY KEY,
    id TEXT NOT NULL,
    source INTEGER NOT NULL,
    kind TEXT NOT NULL,
    "database" TEXT NOT NULL,
    rating TEXT,
    published TEXT,
    modified TEXT,
    withdrawn TEXT,
    reboot_suggested INTEGER NOT NULL,
    known_exploited INTEGER NOT NULL,
    cves INTEGER NOT NULL,
    aliases INTEGER NOT NULL,
    severities INTEGER NOT NULL,
    "references" INTEGER NOT NULL,
    entries INTEGER NOT NULL
)""",
    "cve": """CREATE TABLE cve (
    advisory INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    cve TEXT NOT NULL,
    PRIMARY KEY (advisory, ordinal)
) WITHOUT ROWID""",
    "alias": """CREATE TABLE alias (
    advisory INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    alias TEXT NOT NULL,
    PRIMARY KEY (advisory, ordinal)
) WITHOUT ROWID""",
    "severity": """CREATE TABLE severity (
    advisory INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    type TEXT NOT NULL,
    score TEXT NOT NULL,
    source TEXT NOT NULL,
    cve TEXT,
    PRIMARY KEY (advisory, ordinal)
) WITHOUT ROWID""",
    "reference": """CREATE TABLE reference (
    advisory INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    type TEXT NOT NULL,
    url TEXT NOT NULL,
    PRIMARY KEY (advisory, ordinal)
) WITHOUT ROWID""",
    "enrichment": """CREATE TABLE enrichment (
    number INTEGER NOT NULL PRIMARY KEY,
    cve TEXT NOT NULL,
    publisher TEXT NOT NULL,
    source INTEGER NOT NULL,
    known_exploited TEXT,
    epss REAL,
    modified TEXT,
    vectors INTEGER NOT NULL
)""",
    "vector": """CREATE TABLE vector (
    enrichment INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    type TEXT NOT NULL,
    score TEXT NOT NULL,
    source TEXT NOT NULL,
    cve TEXT,
    PRIMARY KEY (enrichment, ordinal)
) WITHOUT ROWID""",
    "package": """CREATE TABLE package (
    number INTEGER NOT NULL PRIMARY KEY,
    distribution INTEGER,
    name TEXT NOT NULL,
    names TEXT NOT NULL,
    type TEXT NOT NULL,
    entries INTEGER NOT NULL,
    draft INTEGER
)""",
    "draft": """CREATE TABLE draft (
    number INTEGER NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
)""",
    "affected": """CREATE TABLE affected (
    package INTEGER NOT NULL,
    number INTEGER NOT NULL,
    advisory INTEGER NOT NULL,
    fix_state TEXT NOT NULL,
    negative INTEGER NOT NULL,
    module INTEGER NOT NULL,
    channel TEXT,
    epoch_known INTEGER NOT NULL,
    source TEXT,
    completed INTEGER NOT NULL,
    in_archive TEXT,
    arches INTEGER NOT NULL,
    ranges INTEGER NOT NULL,
    versions INTEGER NOT NULL,
    every_key INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    PRIMARY KEY (package, number)
) WITHOUT ROWID""",
    "arch": """CREATE TABLE arch (
    package INTEGER NOT NULL,
    affected INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    arch TEXT NOT NULL,
    PRIMARY KEY (package, affected, ordinal)
) WITHOUT ROWID""",
    "interval": """CREATE TABLE interval (
    package INTEGER NOT NULL,
    upper_key BLOB NOT NULL,
    affected INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    introduced_key BLOB NOT NULL,
    bare_introduced_key BLOB NOT NULL,
    bare_upper_key BLOB NOT NULL,
    introduced TEXT,
    fixed TEXT,
    last_affected TEXT,
    range_limit TEXT,
    version TEXT,
    PRIMARY KEY (package, upper_key, affected, ordinal)
) WITHOUT ROWID""",
}

_INDEXES: Final = (
    "CREATE UNIQUE INDEX advisory_by_id ON advisory (id)",
    "CREATE UNIQUE INDEX package_by_name ON package (distribution, name, names, type)",
    "CREATE UNIQUE INDEX enrichment_by_cve ON enrichment (cve, publisher)",
    "CREATE INDEX affected_by_advisory ON affected (advisory, number)",
)

#: The statements that make an empty store. ``sqlite_master`` of a store holds these texts and no others.
SCHEMA: Final = (*TABLES.values(), *_INDEXES)
