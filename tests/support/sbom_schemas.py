"""The official schemas of the formats of SBOM and VEX: the first error of a document of ours, or None."""

from collections.abc import Callable, Mapping
from typing import Final

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

__all__ = ["error_of"]


def _cyclonedx(version: str, text: str) -> str | None:
    error = JsonStrictValidator(SchemaVersion.from_version(version)).validate_str(text)
    return None if error is None else str(error)


_VALIDATORS: Final[Mapping[str, Callable[[str], str | None]]] = {
    "cyclonedx": lambda text: _cyclonedx("1.6", text),
    "cyclonedx-1.7": lambda text: _cyclonedx("1.7", text),
}


def error_of(format: str, text: str) -> str | None:
    """The first error of a document. None where it is valid."""
    return _VALIDATORS[format](text)
