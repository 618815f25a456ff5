"""What every engine calls: results of distinct packages and of distinct sets of kernels, a batch of Arrow at a time.

The result of a package depends on the package, on the *kind* of its host, and on nothing else (``match`` remembers it
by the same two). A kind is the release that the host states, its channels, and the doubts about its list as a whole
(:data:`DOUBTS`, rules 0 and 1). So each package is judged once for each kind of host that has it.
What a running kernel makes of kernels (rule 11) depends on all kernels of a host, and is judged once for each set of
kernels. Everything else about a host is a count, which the engine makes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from advisories.distros import mistaken_versions as mistaken
from advisories.distros.lines import FLAVOURS, LINED, may_hide_lines
from advisories.engines.columns import PACKAGE_COLUMNS, arrow, distribution_of, package_of, schema_of
from advisories.index.feed import Feed
from advisories.matching.match import DEFAULT_POLICY, ENOUGH_NAMES, Matcher, MatchPolicy, is_free, matcher_for, standing
from advisories.matching.rules import ENOUGH_TAGS, TAGS_TO_ONE, Query
from advisories.models.assumptions import Assumption
from advisories.models.findings import Finding, LaterRows, PackageResult, ReleaseMark, grouped
from advisories.models.packages import Package

if TYPE_CHECKING:
    import pyarrow

__all__ = [
    "DOUBTS",
    "FINDING_COLUMNS",
    "INSTANCE_COLUMNS",
    "JUDGED_COLUMNS",
    "KIND_COLUMNS",
    "LATER_DOUBTS",
    "Judge",
    "doubts_of_list",
    "judged_schema",
    "kernels_schema",
]

#: The doubts about a list as a whole: a column of a kind of hosts, and what it makes to be assumed.
DOUBTS: Final[Mapping[str, Assumption]] = {
    "vendor_unknown": Assumption.VENDOR_UNKNOWN,
    "names_unknown": Assumption.NAMES_UNKNOWN,
    "release_contradicted": Assumption.RELEASE_CONTRADICTED,
    "versions_mistaken": Assumption.VERSIONS_MISTAKEN,
}
#: Those that follow from the results of a host's packages (:func:`doubts_of_list`).
LATER_DOUBTS: Final = tuple(name for name in DOUBTS if name != "vendor_unknown")
#: What a kind of hosts is, beside its number.
KIND_COLUMNS: Final[Mapping[str, str]] = {
    "distribution": "text",
    "release": "text",
    "channels": "texts",
    **dict.fromkeys(DOUBTS, "truth"),
}
#: Of a package judged for a kind of hosts. ``class`` is null where the row is no package: ``problem`` has the reason.
JUDGED_COLUMNS: Final[Mapping[str, str]] = {
    "class": "text",
    "problem": "text",
    "part": "text",
    "assumptions": "texts",
    "not_security": "number",
    "mark": "text",
    "odd": "text",
    "odd_number": "text",
    "is_free": "truth",
    "is_named": "truth",
    "is_own": "truth",
    "is_system": "truth",
    "is_language": "truth",
    "rests_on_more": "truth",
}
#: Of the package of a finding.
INSTANCE_COLUMNS: Final = (
    *("type", "name", "version", "arch", "vendor", "state", "location", "locations", "repository"),
)
#: Of a finding, under the names of the JSON report, but for those that a host changes.
FINDING_COLUMNS: Final = (
    *("instance", "source", "source_version", "advisories", "status", "cause", "fixed_version", "fix_state"),
    *("channel", "restart_required", "priority", "rule", "basis", "score", "priority_reason", "vectors_refused"),
    *("known_exploited", "epss", "assumptions", "evidence"),
)


def doubts_of_list(name: str) -> str:
    """The doubts that follow from the results of a host's packages, as columns of a query over those, by host.

    It counts for :meth:`Matcher.host <advisories.matching.match.Matcher.host>` in SQL: what is a name, and what is
    true of all of them, of any or of enough.

    :param name: the column of a package's name.
    """

    def count(mark: ReleaseMark) -> str:
        return f"count(case when mark = '{mark.value}' then 1 end)"

    tags, others = count(ReleaseMark.OWN_TAG), count(ReleaseMark.OTHER_TAG)
    named = f"count(distinct case when mark = '{ReleaseMark.OTHER_TAG.value}' then {name} end)"
    return f"""
    count(distinct case when is_free then {name} end) >= {ENOUGH_NAMES}
        and not coalesce(bool_or(class in ('affected', 'undecidable')), false)
        and not coalesce(bool_or(is_named), false) as names_unknown,
    {count(ReleaseMark.OWN_RELEASE)} = 0 and (
        {count(ReleaseMark.OTHER_RELEASE)} > 0
        or ({named} >= {ENOUGH_TAGS} and {others} >= {TAGS_TO_ONE} * {tags})
    ) as release_contradicted,
    {_are_mistaken(name)} as versions_mistaken
    """


def _are_mistaken(name: str) -> str:
    """:func:`advisories.distros.mistaken_versions.why_mistaken_of` in SQL."""

    def names(condition: str) -> str:
        return f"count(distinct case when {condition} then {name} end)"

    def are_most(some: str) -> str:
        return f"({some} >= {mistaken.ENOUGH_ODD} and 4 * {some} >= 3 * {names('is_system')})"

    kind = {one: f"odd = '{one.value}'" for one in mistaken.OddKind}
    numbered, whole = names("odd_number is not null"), names(kind[mistaken.OddKind.WHOLE])
    digits = f"case when 2 * {whole} > {numbered} then {mistaken.KIBIBYTES} else {mistaken.BYTES} end"
    return f"""
    2 * count(case when {kind[mistaken.OddKind.RELEASE]} then 1 end) > count(case when is_system then 1 end)
        or {are_most(names(kind[mistaken.OddKind.DATE]))}
        or ({are_most(numbered)} and 2 * count(distinct odd_number) >= {numbered}
            and max(length(odd_number)) >= {digits})"""


# Packages that are judged together, and groups of findings of a batch that is given back.
_TOGETHER: Final = 4096
_GIVEN: Final = 20_000


def _finding_type() -> "pyarrow.DataType":
    pa = arrow()

    text, texts = pa.string(), pa.list_(pa.string())
    note = pa.struct([("rule", pa.int32()), ("text", text)])
    evidence = [(name, text) for name in ("advisory", "name", "names", "installed", "introduced", "fixed")]
    types = {
        **dict.fromkeys(FINDING_COLUMNS, text),
        **dict.fromkeys(("advisories", "vectors_refused", "assumptions"), texts),
        **dict.fromkeys(("restart_required", "known_exploited"), pa.bool_()),
        **dict.fromkeys(("score", "epss"), pa.float64()),
        "evidence": pa.struct([*evidence, ("last_affected", text), ("notes", pa.list_(note))]),
    }
    return pa.struct([("vulnerabilities", texts), *[(name, types[name]) for name in FINDING_COLUMNS]])


def _query_type() -> "pyarrow.DataType":
    pa = arrow()

    text, key = pa.string(), pa.binary()
    texts = [(name, text) for name in ("distribution", "release", "names", "name", "version")]
    return pa.struct([*texts, ("key", key), ("epoch_known", pa.bool_())])


def judged_schema(number: "pyarrow.DataType") -> "pyarrow.Schema":
    """Of what :meth:`Judge.packages` gives.

    :param number: the type of the engine's own columns ``kind`` and ``package``.
    """
    pa = arrow()

    queries, findings = pa.list_(_query_type()), pa.list_(_finding_type())
    own = [("kind", number), ("package", number)]
    return pa.schema([*own, *schema_of(JUDGED_COLUMNS), ("queries", queries), ("findings", findings)])


def kernels_schema(number: "pyarrow.DataType") -> "pyarrow.Schema":
    """Of what :meth:`Judge.kernels` gives. ``pending`` has the vulnerabilities of it that a restart clears."""
    pa = arrow()

    text, texts = pa.string(), pa.list_(pa.string())
    return pa.schema([("kernels", number), ("package", number), ("presence", text), ("pending", texts)])


class Judge:
    """Judges by one feed and one policy. It remembers as :func:`advisories.match` does.

    Raises :exc:`ImportError` where pyarrow is missing, and :exc:`TypeError` for what is no feed. A damaged store raises
    while it judges.
    """

    def __init__(self, feed: Feed, policy: MatchPolicy = DEFAULT_POLICY) -> None:
        if not isinstance(feed, Feed):
            raise TypeError(f"a Feed is expected, as open_feed(PATH) makes it, not {type(feed).__name__}")
        self._feed: Final = feed
        self._policy: Final = policy

    def kind(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """What is the same for all hosts of a kind: ``covered``, ``judged_as`` (as a text) and ``feed_newest``."""
        matcher = self._matcher(row)
        judged_as = None if matcher.judged_as is None else str(matcher.judged_as)
        return {"covered": matcher.covered, "judged_as": judged_as, "feed_newest": matcher.newest}

    def packages(self, batch: "pyarrow.RecordBatch") -> "Iterator[pyarrow.RecordBatch]":
        """The results of distinct packages.

        :param batch: has ``kind``, ``package``, and the columns of both.
        """
        pyarrow = arrow()

        schema = judged_schema(batch.schema.field("package").type)
        for start in range(0, batch.num_rows, _TOGETHER):
            found: list[dict[str, Any]] = []
            size = 0
            for row in self._judged(batch.slice(start, _TOGETHER).to_pylist()):
                found.append(row)
                size += 1 + len(row["findings"])
                if size > _GIVEN:
                    yield pyarrow.RecordBatch.from_pylist(found, schema)
                    found, size = [], 0
            if found:
                yield pyarrow.RecordBatch.from_pylist(found, schema)

    def _judged(self, rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        by_kind: dict[Any, list[tuple[dict[str, Any], Package]]] = {}
        for row in rows:
            package = package_of(_only(row, PACKAGE_COLUMNS))
            if isinstance(package, str):
                yield {**_only(row, ("kind", "package")), "problem": package, "queries": [], "findings": []}
            else:
                by_kind.setdefault(row["kind"], []).append((row, package))
        for same in by_kind.values():
            matcher = self._matcher(same[0][0])
            results = matcher.results_of([package for _, package in same])
            for (row, package), result in zip(same, results, strict=True):
                yield {**_only(row, ("kind", "package")), **_result(matcher, package, result)}

    def kernels(self, batch: "pyarrow.RecordBatch") -> "Iterator[pyarrow.RecordBatch]":
        """Where the kernels of sets stand. A package that is no bootable kernel after all has no row.

        :param batch: has the columns of a kind, ``kernels`` (the set), ``running_kernel`` and ``packages``: a list of
            structs of ``package`` and its columns.
        """
        pyarrow = arrow()

        schema = kernels_schema(batch.schema.field("kernels").type)
        for start in range(0, batch.num_rows, _TOGETHER):
            found: list[dict[str, Any]] = []
            for row in batch.slice(start, _TOGETHER).to_pylist():
                found.extend(self._standing(row))
            yield pyarrow.RecordBatch.from_pylist(found, schema)

    def _standing(self, row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        packages = [package_of(_only(one, PACKAGE_COLUMNS)) for one in row["packages"]]
        kernels = [one for one in packages if isinstance(one, Package)]
        results = self._matcher(row).results_of(kernels)
        presences, pending = standing(dict(zip(kernels, results, strict=True)), row["running_kernel"])
        for one, package in zip(row["packages"], packages, strict=True):
            if isinstance(package, Package) and package in presences:
                waits = sorted(name for of, name in pending if of == package)
                yield {
                    "kernels": row["kernels"],
                    "package": one["package"],
                    "presence": presences[package].value,
                    "pending": waits,
                }

    def _matcher(self, row: Mapping[str, Any]) -> Matcher:
        doubts = frozenset(assumption for name, assumption in DOUBTS.items() if row[name])
        return matcher_for(self._feed, distribution_of(row), doubts, self._policy)


def _only(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: row.get(name) for name in names}


def _result(matcher: Matcher, package: Package, result: PackageResult) -> dict[str, Any]:
    free = is_free(package, result)
    is_of_system = mistaken.is_of_system(package)
    odd = mistaken.odd_of(package) if is_of_system else None
    queries = matcher.queries(package)
    return {
        "class": result.package_class.value,
        "problem": None,
        "part": None if result.part is None else result.part.value,
        "assumptions": [one.value for one in Assumption if one in result.assumptions],
        "not_security": result.not_security,
        "mark": None if result.mark is None else result.mark.value,
        "odd": None if odd is None else odd.kind.value,
        "odd_number": (odd.number or None) if odd is not None else None,
        "is_free": free,
        "is_named": free and matcher.is_named(package),
        "is_own": matcher.is_of_own_type(package),
        "is_system": is_of_system,
        "is_language": matcher.is_of_covered_language(package),
        "rests_on_more": _rests_on_more(package, queries, matcher),
        "queries": [_query(one) for one in queries],
        "findings": list(_findings(result)),
    }


def _query(query: Query) -> dict[str, Any]:
    # Of a version without a key, or without a release (rule 5), every record of the name is a candidate.
    return {
        "distribution": query.distribution.id,
        "release": query.distribution.release,
        "names": query.names.value,
        "name": query.name,
        "version": query.version,
        "key": None if query.lacks_release else query.key,
        "epoch_known": query.epoch_known,
    }


def _rests_on_more(package: Package, queries: Sequence[Query], matcher: Matcher) -> bool:
    """Whether the result rests on more of a feed than on the records of what is looked up and on its release."""
    if any(one.distribution != matcher.judged_as for one in queries):
        return True  # another release, a minor one, an ecosystem
    if package.module.streams or "~bpo" in package.version or any(flavour in package.version for flavour in FLAVOURS):
        return True
    return any(one.distribution.id in LINED and (one.line or may_hide_lines(one.distribution)) for one in queries)


def _findings(result: PackageResult) -> Iterator[dict[str, Any]]:
    if not any(result.counts):
        return
    rows = result.rows
    for ranked in rows.groups() if isinstance(rows, LaterRows) else map(grouped, rows):
        for finding, vulnerabilities, _ in ranked:
            yield {"vulnerabilities": list(vulnerabilities), **_finding(finding)}


def _finding(finding: Finding) -> dict[str, Any]:
    fields = finding.to_dict()
    return {name: fields[name] for name in FINDING_COLUMNS}
