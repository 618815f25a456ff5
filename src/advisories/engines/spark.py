"""Fleets in Spark: the plan of :mod:`advisories.engines.duckdb` by plain columns. It needs pyspark, pyarrow and pandas.

Every node opens the store itself: Spark sends the file to each once. Batches of Arrow with distinct packages go to the
matcher, and the results come back as rows. What several tables need is worked out at once and kept by Spark, on the
nodes (``localCheckpoint``): where a node is lost, judge again.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from advisories.distros.vendors import sets_up_third_party
from advisories.engines.columns import HOST_COLUMNS, PACKAGE_COLUMNS, arrow, cell_of, check_numbers
from advisories.engines.judging import (
    FINDING_COLUMNS,
    INSTANCE_COLUMNS,
    KIND_COLUMNS,
    LATER_DOUBTS,
    Judge,
    doubts_of_list,
    judged_schema,
    kernels_schema,
)
from advisories.matching.match import DEFAULT_POLICY, MatchPolicy
from advisories.models.errors import UnreadableSource
from advisories.models.findings import PackageClass
from advisories.models.frozen import frozen
from advisories.store.open import open_feed
from advisories.store.reader import Store

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["Judged", "judge"]

_TYPES: Final = {"text": "string", "texts": "array<string>", "truth": "boolean", "number": "bigint"}
_PACKAGE: Final = ", ".join(PACKAGE_COLUMNS)


@frozen
class Judged:
    """The tables of a fleet, each a DataFrame with the rows that :class:`advisories.engines.duckdb.Fleet` has.

    :ivar findings: a host, one of its packages, and a vulnerability.
    :ivar classes: a host and a package: its coverage class. A row that is no package is *rejected*.
    :ivar no_verdict: those of them that are neither *affected* nor *clean*, and are there.
    :ivar coverage: a host: its packages by class, and whether the feed covers it.
    :ivar assumptions: a host and an assumption: how many packages were judged under it.
    """

    findings: "DataFrame"
    classes: "DataFrame"
    no_verdict: "DataFrame"
    coverage: "DataFrame"
    assumptions: "DataFrame"


def judge(
    packages: "DataFrame", hosts: "DataFrame", store: str | os.PathLike[str], policy: MatchPolicy = DEFAULT_POLICY
) -> Judged:
    """Judge the packages of hosts by a store. Distinct packages are judged now. The tables are made when you look.

    :param packages: ``host`` and :data:`~advisories.engines.columns.PACKAGE_COLUMNS`. A column that it does not have is
        null, which means not known. Each row is a package of a host.
    :param hosts: likewise, :data:`~advisories.engines.columns.HOST_COLUMNS`. A host that is not in it, or is twice with
        different facts, has no release, so that nothing of it is covered.
    :param store: the path of a store (``advisories compile``). Workers need this version of ``vercmp`` too.

    Raises :exc:`ImportError` where a library is missing, what Spark raises, :exc:`TypeError` for versions that are
    numbers, :exc:`OSError` and
    :class:`~advisories.models.errors.UnreadableSource` for what is no store.
    """
    spark = packages.sparkSession
    # Spark knows a file by its name: each is sent under one of its own.
    folder = tempfile.mkdtemp(prefix="advisories-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = os.path.join(folder, f"{os.path.basename(folder)}.db")
    shutil.copyfile(store, path)
    with open_feed(path) as feed:
        place = _Place(os.path.basename(path), Store(path).digest, policy)
        spark.sparkContext.addFile(path)
        return _Plan(spark, Judge(feed, policy), place).judged(packages, hosts)


@frozen
class _Place:
    """Where a worker finds the store: its name among the files that Spark sent, and its digest."""

    name: str
    digest: str
    policy: MatchPolicy


@cache
def _judge_of(place: _Place) -> Judge:
    """A worker's own, as long as the worker lives."""
    from pyspark import SparkFiles

    path = SparkFiles.get(place.name)
    found = Store(path).digest
    if found != place.digest:
        raise UnreadableSource(path, f"another store than the one that the fleet is judged by: {found}")
    return Judge(open_feed(path), place.policy)


def _packages(place: _Place, batches: "Iterator[pyarrow.RecordBatch]") -> "Iterator[pyarrow.RecordBatch]":
    for batch in batches:
        yield from _judge_of(place).packages(batch)


def _kernels(place: _Place, batches: "Iterator[pyarrow.RecordBatch]") -> "Iterator[pyarrow.RecordBatch]":
    for batch in batches:
        yield from _judge_of(place).kernels(batch)


class _Plan:
    """The steps, each a query over the tables of those before it."""

    def __init__(self, spark: "SparkSession", own: Judge, place: _Place) -> None:
        self._spark: Final = spark
        self._own: Final = own
        self._place: Final = place
        self._tables: Final[dict[str, DataFrame]] = {}

    def _table(self, name: str, query: str, *, kept: bool = False) -> "DataFrame":
        """A table by a query over those that are there already.

        :param kept: work it out now: plans that hold one another grow by powers of two.
        """
        found = self._spark.sql(query, **self._tables)
        if kept:
            found = found.localCheckpoint()
        self._tables[name] = found
        return found

    def judged(self, packages: "DataFrame", hosts: "DataFrame") -> Judged:
        self._given(packages, hosts)
        self._kinds()
        # For the kinds as they are, and then for hosts whose lists are in doubt as a whole (rules 0 and 1).
        self._judge("first_judged", "select distinct kind, package from {installed} join {host} using (host)")
        self._table("in_doubt", _IN_DOUBT, kept=True)
        self._judge(
            "later_judged",
            """
            select distinct concat(kind, doubts) as kind, package
            from {installed} join {host} using (host) join {in_doubt} using (host)
            """,
        )
        self._table("judged", "select * from {first_judged} union all select * from {later_judged}")
        self._table(
            "host_kind",
            """
            select host.*, concat(kind, coalesce(doubts, '')) as of
            from {host} as host left join {in_doubt} as in_doubt on in_doubt.host = host.host
            """,
            kept=True,
        )
        self._table(
            "row",
            """
            select host, installed.package, of as kind, installed_at
            from {installed} as installed join {host_kind} using (host)
            """,
            kept=True,
        )
        self._kernels()
        classes = self._table("classes", _CLASSES)
        without = ", ".join(f"'{one.value}'" for one in PackageClass if one.value not in _VERDICTS)
        return Judged(
            self._table("findings", _FINDINGS),
            classes,
            classes.where(f"class in ('rejected', {without})"),
            self._table("coverage", _COVERAGE),
            self._table("assumptions", _ASSUMPTIONS),
        )

    def _given(self, packages: "DataFrame", hosts: "DataFrame") -> None:
        for what, frame, wanted in (("packages", packages, PACKAGE_COLUMNS), ("hosts", hosts, HOST_COLUMNS)):
            check_numbers(what, frame.dtypes, wanted, partial(_has_any, frame))
        cells = _cells(PACKAGE_COLUMNS, packages.columns)
        installed = "cast(installed_at as timestamp)" if "installed_at" in packages.columns else "null"
        self._tables.update(packages=packages, hosts=hosts)
        self._table(
            "given",
            f"""
            select *, sha2(to_json(struct({_PACKAGE})), 256) as package from (
                select cast(host as string) as host, {cells}, cast({installed} as timestamp) as installed_at
                from {{packages}}
            )
            """,
        )
        self._table("package", f"select distinct package, {_PACKAGE} from {{given}} where host is not null", kept=True)
        self._table(
            "installed",
            """
            select host, package, max(installed_at) as installed_at from {given} where host is not null
            group by host, package
            """,
            kept=True,
        )
        facts = {name: type for name, type in HOST_COLUMNS.items() if name != "host"}
        known = ", ".join(f"case when count = 1 then {name} end as {name}" for name in facts)
        first = ", ".join(f"first({name}) as {name}" for name in facts)
        self._table("stated", f"select cast(host as string) as host, {_cells(facts, hosts.columns)} from {{hosts}}")
        repositories = ", ".join(
            f"('{type}', '{name}')" for type in ("rpm", "deb", "apk") for name in sorted(sets_up_third_party(type))
        )
        self._table(
            "doubted",
            f"""
            select host, bool_or((type, name) in ({repositories}))
                and not bool_or(coalesce(vendor, '') <> '' or coalesce(maintainer, '') <> '') as vendor_unknown
            from {{given}} where host is not null group by host
            """,
        )
        self._table(
            "all_hosts",
            f"""
            select coalesce(known.host, doubted.host) as host, {", ".join(facts)},
                coalesce(vendor_unknown, false) as vendor_unknown,
                case when known.host is null then 'it is not in the table of hosts'
                    when count > 1 then 'rows of it differ in the table of hosts' end as problem
            from (
                select host, count, {known} from (
                    select host, count(*) as count, {first} from (select distinct * from {{stated}})
                    where host is not null group by host
                )
            ) as known full join {{doubted}} as doubted on doubted.host = known.host
            """,
            kept=True,
        )

    def _kinds(self) -> None:
        own = [name for name in KIND_COLUMNS if name not in LATER_DOUBTS]
        found = self._table("kinds", f"select distinct {', '.join(own)} from {{all_hosts}}").collect()
        rows = []
        for number, one in enumerate(found):
            for truths in product((False, True), repeat=len(LATER_DOUBTS)):
                doubts = dict(zip(LATER_DOUBTS, truths, strict=True))
                kind = {**one.asDict(), **doubts}
                facts = self._own.kind(kind)
                label = "".join(f" {name}" for name, is_so in doubts.items() if is_so)
                rows.append((f"{number}{label}", *kind.values(), *facts.values()))
        columns = ", ".join(f"{name} {_TYPES[KIND_COLUMNS[name]]}" for name in (*own, *LATER_DOUBTS))
        schema = f"kind string, {columns}, covered boolean, judged_as string, feed_newest timestamp"
        self._tables["kind"] = self._spark.createDataFrame(rows, schema).localCheckpoint()
        self._table(
            "host",
            f"""
            select /*+ broadcast(kind) */ host.*, kind.kind from {{all_hosts}} as host join {{kind}} as kind
            on not ({" or ".join(f"kind.{name}" for name in LATER_DOUBTS)})
            and {" and ".join(f"kind.{name} <=> host.{name}" for name in own)}
            """,
        )

    def _judge(self, name: str, wanted: str) -> None:
        self._table("wanted", wanted)
        columns = ", ".join(f"kind.{one}" for one in KIND_COLUMNS)
        rows = self._table(
            "wanted_rows",
            f"""
            select /*+ broadcast(kind) */ wanted.kind, {columns}, package.*
            from {{wanted}} as wanted join {{kind}} as kind on kind.kind = wanted.kind
            join {{package}} as package on package.package = wanted.package
            """,
        )
        self._mapped(name, rows, partial(_packages, self._place), judged_schema)

    def _kernels(self) -> None:
        fields = ", ".join(f"package.{name} as {name}" for name in PACKAGE_COLUMNS)
        self._table(
            "booted",
            f"""
            select *, sha2(to_json(struct(kind, running_kernel, ids)), 256) as kernels from (
                select host, kind, running_kernel, packages.package as ids, packages from (
                    select row.host, row.kind, first(host.running_kernel) as running_kernel,
                        array_sort(collect_list(struct(package.package as package, {fields}))) as packages
                    from {{row}} as row join {{judged}} as judged
                    on judged.kind = row.kind and judged.package = row.package
                    join {{host_kind}} as host on host.host = row.host
                    join {{package}} as package on package.package = row.package
                    where judged.part = 'kernel' group by row.host, row.kind
                )
            )
            """,
            kept=True,
        )
        columns = ", ".join(f"kind.{one}" for one in KIND_COLUMNS)
        rows = self._table(
            "sets",
            f"""
            select kernels, running_kernel, packages, {columns} from (
                select kernels, first(kind) as kind, first(running_kernel) as running_kernel,
                    first(packages) as packages from {{booted}} group by kernels
            ) as booted join {{kind}} as kind on kind.kind = booted.kind
            """,
        )
        self._mapped("standing", rows, partial(_kernels, self._place), kernels_schema)

    def _mapped(
        self, name: str, rows: "DataFrame", call: Callable[..., Any], schema: "Callable[[Any], pyarrow.Schema]"
    ) -> None:
        pyarrow = arrow()
        from pyspark.sql.pandas.types import from_arrow_schema

        self._tables[name] = rows.mapInArrow(call, from_arrow_schema(schema(pyarrow.string()))).localCheckpoint()


_VERDICTS: Final = ("affected", "clean", "not-installed")
_LABEL: Final = ", ".join(f"case when {name} then ' {name}' else '' end" for name in LATER_DOUBTS)
_IN_DOUBT: Final = f"""
select host, concat({_LABEL}) as doubts from (
    select installed.host, {doubts_of_list("package.name")}
    from {{installed}} as installed join {{host}} as host on host.host = installed.host
    join {{first_judged}} as judged on judged.kind = host.kind and judged.package = installed.package
    join {{package}} as package on package.package = installed.package
    group by installed.host
) where {" or ".join(LATER_DOUBTS)}
"""
_SHOWN: Final = ", ".join(f"package.{name}" for name in PACKAGE_COLUMNS if name != "doubts")
_INSTANCE: Final = ", ".join(f"package.{name}" for name in INSTANCE_COLUMNS)
_JUDGED: Final = """
from {row} as row join {judged} as judged on judged.kind = row.kind and judged.package = row.package
"""
_FINDINGS: Final = f"""
select row.host, {_INSTANCE}, row.vulnerability, {", ".join(f"found.{name}" for name in FINDING_COLUMNS)},
    coalesce(standing.presence, 'installed') as presence,
    coalesce(array_contains(standing.pending, row.vulnerability), false) as pending_restart
from (
    select host, kind, package, found, explode(found.vulnerabilities) as vulnerability
    from (select row.host, row.kind, row.package, explode(judged.findings) as found {_JUDGED})
) as row join {{package}} as package on package.package = row.package
left join {{booted}} as booted on booted.host = row.host
left join {{standing}} as standing on standing.kernels = booted.kernels and standing.package = row.package
"""
_CLASSES: Final = f"""
select row.host, {_SHOWN}, coalesce(judged.class, 'rejected') as class, judged.assumptions, judged.problem
{_JUDGED} join {{package}} as package on package.package = row.package
"""
_ASSUMPTIONS: Final = f"""
select host, assumption, count(*) as packages
from (select row.host, explode(judged.assumptions) as assumption {_JUDGED}) group by host, assumption
"""
_COUNTED: Final = {one.value: one.value.replace("-", "_") for one in PackageClass}
_COVERAGE: Final = f"""
select host.host, host.distribution, host.release, kind.judged_as,
    coalesce(
        (counted.packages > 0 and counted.of_languages)
        or (kind.covered and (counted.any_own or not counted.any_system)), kind.covered
    ) as covered,
    coalesce(counted.packages, 0) as packages,
    {", ".join(f"coalesce(counted.{name}, 0) as {name}" for name in _COUNTED.values())},
    coalesce(counted.rejected_rows, 0) as rejected_rows, host.rejected as rejected_by_reader,
    coalesce(counted.not_security, 0) as not_security, kind.feed_newest,
    coalesce(counted.installed_later, 0) as installed_later,
    coalesce(host.problem, case when coalesce(counted.packages, 0) = 0 then 'no packages' end) as problem
from {{host_kind}} as host join {{kind}} as kind on kind.kind = host.of left join (
    select row.host, count(class) as packages,
        {", ".join(f"count(case when class = '{one}' then 1 end) as {name}" for one, name in _COUNTED.items())},
        count(case when class is null then 1 end) as rejected_rows, sum(not_security) as not_security,
        bool_and(is_language) as of_languages, bool_or(is_own) as any_own, bool_or(is_system) as any_system,
        count(case when row.installed_at > kind.feed_newest
            and class in ('affected', 'undecidable', 'unchecked', 'clean') then 1 end) as installed_later
    {_JUDGED} join {{kind}} as kind on kind.kind = row.kind group by row.host
) as counted on counted.host = host.host
union all
select null, null, null, null, false, 0, {", ".join("0" for _ in _COUNTED)}, sum(rows), null, 0, null, 0,
    'rows without a host'
from (
    select count(*) as rows from {{given}} where host is null
    union all select count(*) from {{stated}} where host is null
) having sum(rows) > 0
"""


def _has_any(frame: "DataFrame", name: str) -> bool:
    return bool(frame.where(f"`{name}` is not null").limit(1).count())


def _cells(types: Mapping[str, str], columns: Iterable[str]) -> str:
    return ", ".join(_cell(name, type, name in columns) for name, type in types.items())


def _cell(name: str, type: str, is_there: bool) -> str:
    cell = f"cast({f'`{name}`' if is_there else 'null'} as {_TYPES[type]})"
    value = cell_of(name, type, cell, "array()")
    return f"array_sort(array_distinct({value})) as {name}" if name == "channels" else f"{value} as {name}"
