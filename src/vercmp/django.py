"""A field of Django that holds the sort key of another field, for every database: none needs a function for it.

It needs Django 4.2 or newer::

    class Installed(models.Model):
        version = models.TextField()
        key = VersionKeyField("deb", source="version", db_index=True)

    Installed.objects.filter(key__lt="1.10-1").order_by("key")
"""

from typing import Any

import vercmp
from vercmp._libraries import unusable
from vercmp.schemes import scheme_named

try:
    from django.core.exceptions import FieldError
    from django.db import models
except Exception as error:
    raise unusable(error, "django", "django", "django", "vercmp.django") from error

__all__ = ["VersionKeyField"]


class VersionKeyField(models.BinaryField):  # type: ignore[misc]
    """The sort key of a version. You give versions in lookups, and the database has and gives bytes.

    Each ``save`` and ``bulk_create`` computes it anew from the other field. Where ``save(update_fields=...)``,
    ``bulk_update`` or ``QuerySet.update`` names the other field, name this one too: ``update`` takes a version for it.
    A generated field needs none of that, where the database has the function (:func:`vercmp.sqlite.register`).

    :param scheme: its name, as for :func:`vercmp.compare`.
    :param source: the name of the field that has the version.

    Raises :exc:`vercmp.UnknownScheme`, and :exc:`vercmp.InvalidVersion` where a version is saved or looked for that the
    scheme refuses. A source of None is a key of None.
    """

    def __init__(self, scheme: str, *args: Any, source: str, **options: Any) -> None:
        self.scheme = scheme_named(scheme)
        self.source = source
        super().__init__(*args, **options)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """For migrations."""
        name, path, args, options = super().deconstruct()
        return name, path, [self.scheme, *args], {**options, "source": self.source}

    def pre_save(self, model_instance: Any, add: bool) -> bytes | None:
        """The key of the version that the object has now."""
        if not hasattr(model_instance, self.source):
            raise FieldError(f"{self.name}: there is no field {self.source!r}")
        key = self.get_prep_value(getattr(model_instance, self.source))
        setattr(model_instance, self.attname, key)
        return key

    def get_prep_value(self, value: Any) -> bytes | None:
        """The key of a version. Bytes are one already."""
        value = super().get_prep_value(value)
        if value is None or isinstance(value, bytes):
            return value
        if isinstance(value, (bytearray, memoryview)):
            return bytes(value)
        return vercmp.sort_key(value, scheme=self.scheme)
