"""A column type of SQLAlchemy that holds sort keys, for every database: none needs a function for it.

It needs SQLAlchemy 2.

>>> from sqlalchemy import create_engine, select
>>> from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
>>> class Base(DeclarativeBase):
...     pass
>>> class Installed(Base):
...     __tablename__ = "installed"
...     id: Mapped[int] = mapped_column(primary_key=True)
...     version: Mapped[str]
...     key: Mapped[bytes] = mapped_column(VersionKey("deb"), index=True)
>>> keep_key(Installed.version, Installed.key)
>>> engine = create_engine("sqlite://")
>>> Base.metadata.create_all(engine)
>>> with Session(engine) as session:
...     session.add_all([Installed(version="1.10-1"), Installed(version="1.9-1"), Installed(version="1.10~rc1-1")])
...     session.flush()
...     session.scalars(select(Installed.version).where(Installed.key < "1.10-1").order_by(Installed.key)).all()
['1.9-1', '1.10~rc1-1']
>>> engine.dispose()
"""

from typing import Any

import vercmp
from vercmp._libraries import unusable
from vercmp.schemes import scheme_named

try:
    from sqlalchemy import Dialect, LargeBinary, event
    from sqlalchemy.orm import InstrumentedAttribute
    from sqlalchemy.types import TypeDecorator
except Exception as error:
    raise unusable(error, "sqlalchemy", "sqlalchemy", "sqlalchemy", "vercmp.sqlalchemy") from error

__all__ = ["VersionKey", "keep_key"]


class VersionKey(TypeDecorator[bytes]):
    """The sort key of a version. You give versions, in rows and in comparisons, and the database has and gives bytes.

    Bytes that you give are keys already. Order by the column, and compare it with a version by ``<``, ``==`` or
    ``between``. MySQL indexes no column of this type without a length: give the index one.

    :param scheme: its name, as for :func:`vercmp.compare`.

    Raises :exc:`vercmp.UnknownScheme`. Where a statement gives a version that the scheme refuses, or another
    type, SQLAlchemy raises ``sqlalchemy.exc.StatementError`` with the reason.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, scheme: str) -> None:
        super().__init__()
        self.scheme = scheme_named(scheme)

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """The key of what was given."""
        if value is None or isinstance(value, bytes):
            return value
        return vercmp.sort_key(value, scheme=self.scheme)


def keep_key(version: InstrumentedAttribute[str], key: InstrumentedAttribute[bytes]) -> None:
    """Set the key of each object whenever its version is set, also in classes that inherit both.

    Statements that bypass objects set what they name: ``update(Installed).values(version=..., key=...)`` needs both. A
    generated column needs none, where the database has the function (:func:`vercmp.sqlite.register`).

    Raises :exc:`TypeError` where the key's column is none. Setting a version raises :exc:`vercmp.InvalidVersion` where
    the scheme refuses it.

    :param version: the attribute of a mapped class that has the version.
    :param key: the one of a :class:`VersionKey`.
    """
    type = key.property.columns[0].type
    if not isinstance(type, VersionKey):
        raise TypeError(f"{key}: its column must be a VersionKey, not {type!r}")
    scheme = type.scheme

    @event.listens_for(version, "set", propagate=True)
    def set_key(target: Any, value: str | None, *_: object) -> None:
        setattr(target, key.key, None if value is None else vercmp.sort_key(value, scheme=scheme))
