"""Fleets in DuckDB: findings, and what nobody could check, of all hosts of a table. It needs DuckDB and pyarrow.

:class:`Fleet` judges each distinct package once for each kind of host (:mod:`advisories.engines.judging`). All else is
SQL over tables, in a schema of its own:

| table or view | a row is |
|---|---|
| ``findings`` | a host, one of its packages, and a vulnerability, as :func:`advisories.match` finds them |
| ``classes`` | a host and a package: its coverage class, and what was assumed. A row that is no package is *rejected* |
| ``no_verdict`` | those of them that are neither *affected* nor *clean*, and are there |
| ``coverage`` | a host: its packages by class, and whether the feed covers it |
| ``assumptions`` | a host and an assumption: how many packages were judged under it |
| ``queries`` | a name and version that a package is looked up by, for joins with :mod:`advisories.engines.export` |
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from advisories.distros.vendors import sets_up_third_party
from advisories.engines.changes import changed_kinds, changed_names
from advisories.engines.columns import HOST_COLUMNS, PACKAGE_COLUMNS, arrow, cell_of, check_numbers, schema_of
from advisories.engines.judging import (
    DOUBTS,
    FINDING_COLUMNS,
    INSTANCE_COLUMNS,
    KIND_COLUMNS,
    LATER_DOUBTS,
    Judge,
    doubts_of_list,
    judged_schema,
    kernels_schema,
)
from advisories.index.feed import Feed
from advisories.matching.match import DEFAULT_POLICY, MatchPolicy
from advisories.models.findings import PackageClass

if TYPE_CHECKING:
    import duckdb
    import pyarrow

__all__ = ["Fleet"]

_KIND: Final = ", ".join(KIND_COLUMNS)
_FACTS: Final = {"covered": "truth", "judged_as": "text", "feed_newest": "moment"}
_PACKAGE: Final = ", ".join(f"package.p.{name}" for name in PACKAGE_COLUMNS if name != "doubts")
# A finding has the source under names of its own.
_INSTANCE: Final = ", ".join(f"package.p.{name}" for name in INSTANCE_COLUMNS)
_SQL_TYPES: Final = {"text": "varchar", "texts": "varchar[]", "truth": "boolean", "number": "bigint"}


class Fleet:
    """The hosts of a database and a feed. Every table is kept between calls, and what is judged once stays judged.

    Every call is a transaction: it succeeds as a whole or changes nothing. Not for two threads at a time, as the
    connection is not, and not inside of a transaction of your own.

    :param connection: of DuckDB.
    :param schema: the name of the schema for its tables. What is in there of an earlier fleet is removed.

    Raises :exc:`ImportError` where pyarrow is missing, and :exc:`ValueError` for a schema with tables of others.
    """

    def __init__(
        self,
        connection: "duckdb.DuckDBPyConnection",
        feed: Feed,
        policy: MatchPolicy = DEFAULT_POLICY,
        *,
        schema: str = "fleet",
    ) -> None:
        self._db: Final = connection
        self._schema: Final = '"' + schema.replace('"', '""') + '"'
        self._policy: Final = policy
        self._feed = feed
        self._judge = Judge(feed, policy)
        self._set_up()

    @property
    def feed(self) -> Feed:
        """What the hosts are judged by."""
        return self._feed

    def judge(self, packages: str = "packages", hosts: str = "hosts") -> None:
        """Judge the hosts of two tables, and no others.

        :param packages: the name of a table or view: ``host`` and :data:`~advisories.engines.columns.PACKAGE_COLUMNS`.
            A column that it does not have is null, which means not known. Each row is a package of a host.
        :param hosts: likewise, :data:`~advisories.engines.columns.HOST_COLUMNS`. A host that is not in it, or is twice
            with different facts, has no release, so that nothing of it is covered.

        Raises what DuckDB raises for other tables, and :exc:`TypeError` for versions that are numbers. A row that is no
        package raises nothing: it is *rejected*.
        """
        with self._whole():
            self._take(packages, hosts, "true")
            self._settle()

    def update(self, packages: str, hosts: str) -> None:
        """Judge some hosts anew, by all of their packages, and keep the others as they are. As :meth:`judge`."""
        with self._whole():
            self._take(packages, hosts, f"host in (select host from {packages} union select host from {hosts})")
            self._settle()

    def switch(self, feed: Feed) -> int:
        """Judge all hosts by another feed. Only packages that the difference may concern are judged anew.

        :returns: how many distinct packages were.
        """
        before = self._feed, self._judge
        self._feed, self._judge = feed, Judge(feed, self._policy)
        try:
            with self._whole():
                count = self._forget(before[0], feed)
                self._settle()
        except BaseException:
            self._feed, self._judge = before
            raise
        return count

    def _forget(self, old: Feed, feed: Feed) -> int:
        """Remove what a change of the feed may concern. Returns how many distinct packages that are."""
        kinds = self._rows(f"select kind, {_KIND} from {{}}.kind")
        names = self._rows("select distinct distribution, release, names, name from {}.query")
        anew = [{"kind": one} for one in changed_kinds(old, feed, self._policy, kinds)]
        changed = list(changed_names(old, feed, names))
        self._given("changed_kinds", anew, {"kind": "number"})
        self._given("changed_names", changed, dict.fromkeys(("distribution", "release", "names", "name"), "text"))
        self._run("""
            create or replace table {0}.anew as
            select kind, package from {0}.judged semi join changed_kinds using (kind)
            union select kind, package from {0}.judged where rests_on_more
            union select kind, package from {0}.query as query semi join changed_names as changed
            on query.distribution = changed.distribution and query.release is not distinct from changed.release
            and query.names = changed.names and query.name = changed.name
        """)
        self._db.unregister("changed_kinds")
        self._db.unregister("changed_names")
        for table in ("judged", "verdict", "query"):
            self._run(
                f"delete from {{0}}.{table} using {{0}}.anew as anew"
                f" where {table}.kind = anew.kind and {table}.package = anew.package"
            )
        for table in ("kind", "kernels", "standing"):
            self._run(f"delete from {{}}.{table}")
        self._add_kinds(kinds, {one: row["kind"] for one, row in enumerate(kinds)})
        return int(self._rows("select count(*) as n from {}.anew")[0]["n"])

    # ---- rows and tables ----

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """All of it or nothing: hosts of which half is judged would look better than they are."""
        self._db.begin()
        try:
            yield
        except BaseException:
            self._db.rollback()
            raise
        self._db.commit()

    def _run(self, query: str) -> "duckdb.DuckDBPyConnection":
        return self._db.execute(query.format(self._schema))

    def _rows(self, query: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._table(query).to_pylist()
        return rows

    def _table(self, query: str) -> "pyarrow.Table":
        return self._db.sql(query.format(self._schema)).to_arrow_table()

    def _columns(self, table: str, wanted: Mapping[str, str]) -> set[str]:
        found = [(str(row[0]), str(row[1])) for row in self._db.execute(f"describe select * from {table}").fetchall()]

        def has_any(name: str) -> bool:
            return self._db.execute(f'select 1 from {table} where "{name}" is not null limit 1').fetchone() is not None

        check_numbers(table, found, wanted, has_any)
        return {name for name, _ in found}

    def _given(self, name: str, rows: Sequence[dict[str, Any]], columns: dict[str, str]) -> None:
        pyarrow = arrow()

        self._db.register(name, pyarrow.Table.from_pylist(list(rows), schema_of(columns)))

    def _append(self, table: str, batches: "Iterable[pyarrow.RecordBatch]", into: str) -> None:
        pyarrow = arrow()

        for batch in batches:
            self._db.register(table, pyarrow.Table.from_batches([batch]))
            self._run(into)
            self._db.unregister(table)

    def _set_up(self) -> None:
        pyarrow = arrow()

        own = self._schema[1:-1].replace('""', '"')
        query = "select table_name from information_schema.tables where table_schema = ? order by all"
        others = {name for (name,) in self._db.execute(query, [own]).fetchall()} - _OWN
        if others:
            raise ValueError(f"the schema {own} has tables that are no fleet's: {', '.join(sorted(others)[:3])}")
        number = pyarrow.int64()
        self._run("drop schema if exists {0} cascade; create schema {0}; create sequence {0}.numbers")
        struct = ", ".join(f"{name} {_SQL_TYPES[type]}" for name, type in PACKAGE_COLUMNS.items())
        kind = ", ".join(f"{name} {_SQL_TYPES[type]}" for name, type in KIND_COLUMNS.items())
        self._run(f"""
            create table {{0}}.package (package bigint, p struct({struct}));
            create table {{0}}.installed (host varchar, package bigint, installed_at timestamptz);
            create table {{0}}.lost (rows bigint);
            create table {{0}}.host (
                host varchar, distribution varchar, release varchar, channels varchar[], running_kernel varchar,
                rejected bigint, problem varchar, kind bigint, kernels bigint
            );
            create table {{0}}.kind (
                kind bigint, {kind}, covered boolean, judged_as varchar, feed_newest timestamptz
            );
            create table {{0}}.kernels (kernels bigint, kind bigint, running_kernel varchar, packages bigint[]);
        """)
        self._db.register("judged_rows", judged_schema(number).empty_table())
        self._run("""
            create table {0}.judged as select * exclude (queries, findings) from judged_rows;
            create table {0}.query as
            select kind, package, unnest(query) from (select kind, package, unnest(queries) as query from judged_rows);
            create table {0}.verdict as
            select kind, package, unnest(found) from (select kind, package, unnest(findings) as found from judged_rows);
        """)
        self._db.unregister("judged_rows")
        self._db.register("kernel_rows", kernels_schema(number).empty_table())
        self._run("create table {0}.standing as select * from kernel_rows")
        self._db.unregister("kernel_rows")
        self._views()

    def _views(self) -> None:
        findings = ", ".join(f"verdict.{name}" for name in FINDING_COLUMNS)
        classes = ", ".join(
            f"count(*) filter (class = '{one.value}') as {one.value.replace('-', '_')}" for one in PackageClass
        )
        without = ", ".join(f"'{one.value}'" for one in PackageClass if one.value not in _VERDICTS)
        self._run(f"""
            create view {{0}}.findings as
            select host, {_INSTANCE}, vulnerability, {findings}, presence,
                coalesce(list_contains(pending, vulnerability), false) as pending_restart
            from (
                select host.host, installed.package, verdict, coalesce(standing.presence, 'installed') as presence,
                    standing.pending, unnest(verdict.vulnerabilities) as vulnerability
                from {{0}}.installed join {{0}}.host using (host)
                join {{0}}.verdict as verdict on verdict.kind = host.kind and verdict.package = installed.package
                left join {{0}}.standing as standing
                on standing.kernels = host.kernels and standing.package = installed.package
            ) as found join {{0}}.package as package using (package);

            create view {{0}}.classes as
            select host.host, {_PACKAGE}, coalesce(judged.class, 'rejected') as class, judged.assumptions,
                judged.problem
            from {{0}}.installed join {{0}}.host using (host)
            join {{0}}.judged on judged.kind = host.kind and judged.package = installed.package
            join {{0}}.package as package on package.package = installed.package;

            create view {{0}}.no_verdict as select * from {{0}}.classes where class in ('rejected', {without});

            create view {{0}}.assumptions as
            select host, assumption, count(*) as packages from (
                select host.host, unnest(judged.assumptions) as assumption
                from {{0}}.installed join {{0}}.host using (host)
                join {{0}}.judged on judged.kind = host.kind and judged.package = installed.package
            ) group by all;

            create view {{0}}.queries as
            select host.host, query.* exclude (kind)
            from {{0}}.installed join {{0}}.host using (host)
            join {{0}}.query as query on query.kind = host.kind and query.package = installed.package;

            create view {{0}}.coverage as
            select host.host, host.distribution, host.release, kind.judged_as,
                coalesce(
                    (counted.packages > 0 and counted.of_languages)
                    or (kind.covered and (counted.any_own or not counted.any_system)), kind.covered
                ) as covered,
                coalesce(counted.packages, 0) as packages,
                {", ".join(f"coalesce({_column(one)}, 0) as {_column(one)}" for one in PackageClass)},
                coalesce(counted.rejected_rows, 0) as rejected_rows, host.rejected as rejected_by_reader,
                coalesce(counted.not_security, 0) as not_security, kind.feed_newest,
                coalesce(counted.installed_later, 0) as installed_later,
                coalesce(host.problem, case when counted.packages is null or counted.packages = 0
                    then 'no packages' end) as problem
            from {{0}}.host left join {{0}}.kind as kind using (kind) left join (
                select installed.host, count(class) as packages, {classes},
                    count(*) filter (class is null) as rejected_rows, sum(not_security)::bigint as not_security,
                    bool_and(is_language) as of_languages, bool_or(is_own) as any_own, bool_or(is_system) as any_system,
                    count(*) filter (installed_at > kind.feed_newest
                        and class in ('affected', 'undecidable', 'unchecked', 'clean')) as installed_later
                from {{0}}.installed join {{0}}.host using (host) join {{0}}.kind as kind using (kind)
                join {{0}}.judged on judged.kind = host.kind and judged.package = installed.package
                group by installed.host
            ) as counted using (host)
            union all by name
            select null as host, false as covered, sum(rows)::bigint as rejected_rows, 0 as packages,
                'rows without a host' as problem
            from {{0}}.lost having sum(rows) > 0;
        """)

    # ---- a fleet ----

    def _take(self, packages: str, hosts: str, instead_of: str) -> None:
        """The rows of two tables as tables of the fleet.

        :param instead_of: which rows they take the place of, as a condition.
        """
        own, of_hosts = self._columns(packages, PACKAGE_COLUMNS), self._columns(hosts, HOST_COLUMNS)
        fields = ", ".join(_cell(name, type, own) for name, type in PACKAGE_COLUMNS.items())
        installed = "installed_at::timestamptz" if "installed_at" in own else "null::timestamptz"
        self._run(f"""
            create or replace table {{0}}.given as
            select host::varchar as host, struct_pack({fields}) as p, max({installed}) as installed_at, count(*) as rows
            from {packages} group by 1, 2;
            insert into {{0}}.package
            select nextval('{{0}}.numbers'), p from (select distinct p from {{0}}.given) as new
            anti join {{0}}.package as package using (p);
            delete from {{0}}.installed where {instead_of};
            delete from {{0}}.host where {instead_of};
            delete from {{0}}.lost where {str(instead_of == "true").lower()};
            insert into {{0}}.installed
            select host, package, installed_at from {{0}}.given join {{0}}.package using (p) where host is not null;
        """)
        facts = ", ".join(_cell(name, type, of_hosts) for name, type in HOST_COLUMNS.items() if name != "host")
        self._run(f"""
            insert into {{0}}.host
            select host, case when same then facts.distribution end, case when same then facts.release end,
                case when same then facts.channels end, case when same then facts.running_kernel end,
                case when same then facts.rejected end,
                case when not same then 'rows of it differ in the table of hosts' end, null, null
            from (
                select host::varchar as host, any_value(facts) as facts, count(distinct facts) = 1 as same
                from (select host, struct_pack({facts}) as facts from {hosts} where host is not null) group by 1
            );
            insert into {{0}}.host (host, problem)
            select distinct host, 'it is not in the table of hosts' from {{0}}.installed
            anti join {{0}}.host using (host);
            insert into {{0}}.lost select rows from (select coalesce(sum(rows), 0) as rows from (
                select rows from {{0}}.given where host is null
                union all select count(*) from {hosts} where host is null
            ));
            drop table {{0}}.given;
        """)

    def _settle(self) -> None:
        """Judge what is not judged yet, and put each host where it belongs."""
        repositories = ", ".join(
            f"('{type}', '{name}')" for type in ("rpm", "deb", "apk") for name in sorted(sets_up_third_party(type))
        )
        self._run(f"""
            create or replace table {{0}}.doubt as
            select host, coalesce(vendor_unknown, false) as vendor_unknown,
                {", ".join(f"false as {name}" for name in LATER_DOUBTS)}
            from {{0}}.host left join (
                select host, bool_or(sets_up) and not bool_or(has_maker) as vendor_unknown
                from {{0}}.installed join (
                    select package, (p.type, p.name) in ({repositories}) as sets_up,
                        coalesce(p.vendor, '') <> '' or coalesce(p.maintainer, '') <> '' as has_maker
                    from {{0}}.package
                ) using (package) group by host
            ) using (host)
        """)
        self._judge_missing()
        self._run(f"""
            update {{0}}.doubt as doubt
            set {", ".join(f"{name} = found.{name}" for name in LATER_DOUBTS)}
            from (
                select host, {doubts_of_list("p.name")} from {{0}}.installed join {{0}}.host using (host)
                join {{0}}.judged on judged.kind = host.kind and judged.package = installed.package
                join {{0}}.package as package on package.package = installed.package
                group by host
            ) as found where found.host = doubt.host
        """)
        self._judge_missing()
        self._judge_kernels()

    def _judge_missing(self) -> None:
        doubted = "{0}.host join {0}.doubt using (host)"
        new = self._rows(
            f"select distinct {_KIND} from {doubted} where not exists (select 1 from {{0}}.kind as kind where"
            f" {' and '.join(f'kind.{name} is not distinct from {_of(name)}.{name}' for name in KIND_COLUMNS)})"
        )
        self._add_kinds(new)
        self._run(f"""
            update {{0}}.host as host set kind = found.kind from (
                select host, kind.kind from {doubted} join {{0}}.kind as kind on
                {" and ".join(f"kind.{name} is not distinct from {_of(name)}.{name}" for name in KIND_COLUMNS)}
            ) as found where found.host = host.host
        """)
        wanted = self._table(f"""
            select kind, package, kind.* exclude (kind), unnest(package.p) from (
                select distinct kind, package from {{0}}.installed join {{0}}.host using (host)
            ) as wanted anti join {{0}}.judged using (kind, package)
            join (select kind, {_KIND} from {{0}}.kind) as kind using (kind)
            join {{0}}.package as package using (package)
            order by kind, package
        """)
        batches = (found for batch in wanted.to_batches() for found in self._judge.packages(batch))
        self._append(
            "judged_rows",
            batches,
            """
            insert into {0}.judged select * exclude (queries, findings) from judged_rows;
            insert into {0}.query
            select kind, package, unnest(query) from (select kind, package, unnest(queries) as query from judged_rows);
            insert into {0}.verdict
            select kind, package, unnest(found) from (select kind, package, unnest(findings) as found from judged_rows);
            """,
        )

    def _add_kinds(self, kinds: Sequence[dict[str, Any]], numbers: dict[int, int] | None = None) -> None:
        known = self._rows("select coalesce(max(kind), -1) + 1 as next from {}.kind")[0]["next"]
        rows = [
            {**row, **self._judge.kind(row), "kind": numbers[place] if numbers else known + place}
            for place, row in enumerate(kinds)
        ]
        self._given("new_kinds", rows, {"kind": "number", **KIND_COLUMNS, **_FACTS})
        self._run("insert into {}.kind by name select * from new_kinds")
        self._db.unregister("new_kinds")

    def _judge_kernels(self) -> None:
        self._run("""
            create or replace table {0}.booted as
            select host.host, host.kind, running_kernel, list(installed.package order by installed.package) as packages
            from {0}.installed join {0}.host using (host)
            join {0}.judged on judged.kind = host.kind and judged.package = installed.package
            where part = 'kernel' group by all;
            insert into {0}.kernels
            select nextval('{0}.numbers'), kind, running_kernel, packages from (
                select distinct kind, running_kernel, packages from {0}.booted
            ) as new where not exists (
                select 1 from {0}.kernels as known where known.kind = new.kind and known.packages = new.packages
                and known.running_kernel is not distinct from new.running_kernel
            );
            update {0}.host set kernels = null;
            update {0}.host as host set kernels = known.kernels from {0}.booted as booted join {0}.kernels as known
            on known.kind = booted.kind and known.packages = booted.packages
            and known.running_kernel is not distinct from booted.running_kernel where booted.host = host.host;
        """)
        fields = ", ".join(f"{name} := p.{name}" for name in PACKAGE_COLUMNS)
        wanted = self._table(f"""
            select kernels, any_value(running_kernel) as running_kernel,
                {", ".join(f"any_value(kind.{name}) as {name}" for name in KIND_COLUMNS)},
                list(struct_pack(package := package.package, {fields}) order by package.package) as packages
            from (select kernels, kind, running_kernel, unnest(packages) as package from {{0}}.kernels) as sets
            anti join {{0}}.standing using (kernels)
            join {{0}}.kind as kind using (kind) join {{0}}.package as package on package.package = sets.package
            group by kernels
        """)
        batches = (found for batch in wanted.to_batches() for found in self._judge.kernels(batch))
        self._append("kernel_rows", batches, "insert into {}.standing select * from kernel_rows")


_OWN: Final = {
    *("package", "installed", "lost", "host", "kind", "kernels", "judged", "query", "verdict", "standing"),
    *("given", "doubt", "booted", "anew"),
    *("findings", "classes", "no_verdict", "assumptions", "queries", "coverage"),
}
_VERDICTS: Final = ("affected", "clean", "not-installed")


def _column(one: PackageClass) -> str:
    return one.value.replace("-", "_")


def _of(name: str) -> str:
    return "doubt" if name in DOUBTS else "host"


def _cell(name: str, type: str, columns: set[str]) -> str:
    cell = f'"{name}"' if name in columns else "null"
    value = cell_of(name, type, f"{cell}::{_SQL_TYPES[type]}", "[]")
    return f"{name} := list_sort(list_distinct({value}))" if name == "channels" else f"{name} := {value}"
