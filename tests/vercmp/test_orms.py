"""Columns of keys in SQLAlchemy and Django: rows come in the order of versions, and a key is of its row's version."""

from collections.abc import Iterator
from typing import Any

import oracles
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vercmp

sqlalchemy = oracles.module("sqlalchemy")
django = oracles.module("django")

from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column  # noqa: E402

from vercmp.sqlalchemy import VersionKey, keep_key  # noqa: E402

VERSIONS = st.from_regex(r"(?:[0-2]:)?[01][019.~+a]{0,4}(?:-[0-9a]{1,2})?", fullmatch=True)


class Base(DeclarativeBase):
    pass


class Installed(Base):
    __tablename__ = "installed"
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str | None]
    key: Mapped[bytes | None] = mapped_column(VersionKey("deb"), index=True)


class Special(Installed):
    pass


keep_key(Installed.version, Installed.key)


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    engine = sqlalchemy.create_engine("sqlite://")
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


class TestSqlAlchemy:
    @settings(deadline=None, max_examples=60)
    @given(st.lists(VERSIONS, max_size=8), VERSIONS)
    def test_the_order(self, engine: Any, versions: list[str], than: str) -> None:
        with Session(engine) as session:
            session.add_all([Special(version=one) for one in versions])
            session.flush()
            rows = session.scalars(sqlalchemy.select(Installed.version).order_by(Installed.key, Installed.id)).all()
            assert rows == vercmp.sorted_versions(versions, scheme="dpkg")
            for condition, signs in (
                (Installed.key < than, {-1}),
                (Installed.key == than, {0}),
                (Installed.key >= than, {0, 1}),
                (Installed.key.in_([than]), {0}),
            ):
                found = session.scalars(sqlalchemy.select(Installed.version).where(condition)).all()
                assert sorted(found) == sorted(
                    one for one in versions if vercmp.compare(one, than, scheme="dpkg") in signs
                )
            session.rollback()

    def test_a_key_follows_its_version(self, engine: Any) -> None:
        with Session(engine) as session:
            one = Special(version="1.9-1")
            session.add(one)
            session.flush()
            one.version = "1.10-1"
            session.flush()
            session.expire(one)
            assert one.key == vercmp.sort_key("1.10-1", scheme="dpkg")
            one.version = None
            session.flush()
            session.expire(one)
            assert one.key is None
            with pytest.raises(vercmp.InvalidVersion):
                one.version = "1 2"
            assert one.version is None
            session.rollback()

    def test_what_is_refused(self, engine: Any) -> None:
        with pytest.raises(vercmp.UnknownScheme, match="rpmm"):
            VersionKey("rpmm")
        with pytest.raises(TypeError, match=r"Installed\.version: its column must be a VersionKey"):
            keep_key(Installed.version, Installed.version)
        with Session(engine) as session:
            for bad in ("1 2", 12):
                with pytest.raises(sqlalchemy.exc.StatementError):
                    session.scalars(sqlalchemy.select(Installed).where(Installed.key < bad)).all()


@pytest.fixture(scope="module")
def model() -> Iterator[Any]:
    from django.conf import settings as configuration
    from django.utils.functional import empty

    is_ours = not configuration.configured
    if is_ours:
        database = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
        configuration.configure(DATABASES={"default": database}, LOGGING_CONFIG=None)
        django.setup()
    from django.db import connection, connections, models

    from vercmp.django import VersionKeyField

    class Listed(models.Model):  # type: ignore[misc]
        version = models.TextField(null=True)
        key = VersionKeyField("deb", source="version", db_index=True, null=True)

        class Meta:
            app_label = "lists"

    with connection.schema_editor() as editor:
        editor.create_model(Listed)
    yield Listed
    connection.connection.close()  # what Django's own close leaves open where a database is in memory
    if is_ours:  # the guide's examples configure it too, in this process
        configuration._wrapped = empty
        del connections["default"]


class TestDjango:
    @settings(deadline=None, max_examples=60)
    @given(st.lists(VERSIONS, max_size=8), VERSIONS)
    def test_the_order(self, model: Any, versions: list[str], than: str) -> None:
        model.objects.all().delete()
        model.objects.bulk_create([model(version=one) for one in versions])
        rows = model.objects.order_by("key", "pk").values_list("version", flat=True)
        assert list(rows) == vercmp.sorted_versions(versions, scheme="dpkg")
        lookups: dict[str, set[int]] = {"lt": {-1}, "exact": {0}, "gte": {0, 1}}
        for lookup, signs in lookups.items():
            found = model.objects.filter(**{f"key__{lookup}": than}).values_list("version", flat=True)
            assert sorted(found) == sorted(one for one in versions if vercmp.compare(one, than, scheme="dpkg") in signs)

    def test_a_key_follows_its_version(self, model: Any) -> None:
        one = model.objects.create(version="1.9-1")
        one.version = "1.10-1"
        one.save()
        one.refresh_from_db()
        assert bytes(one.key) == vercmp.sort_key("1.10-1", scheme="dpkg")
        model.objects.filter(pk=one.pk).update(version="2", key="2")
        one.refresh_from_db()
        assert bytes(one.key) == vercmp.sort_key("2", scheme="dpkg")
        one.version = None
        one.save()
        one.refresh_from_db()
        assert one.key is None
        one.version = "1 2"
        with pytest.raises(vercmp.InvalidVersion):
            one.save()

    def test_migrations_make_it_anew(self, model: Any) -> None:
        field = model._meta.get_field("key")
        _, path, args, options = field.deconstruct()
        again = type(field)(*args, **options)
        assert path == "vercmp.django.VersionKeyField"
        assert (again.scheme, again.source, again.db_index, again.null) == ("dpkg", "version", True, True)

    def test_what_is_refused(self, model: Any) -> None:
        from vercmp.django import VersionKeyField

        with pytest.raises(vercmp.UnknownScheme, match="rpmm"):
            VersionKeyField("rpmm", source="version")
        with pytest.raises(vercmp.InvalidVersion):
            model.objects.filter(key__lt="1 2")
