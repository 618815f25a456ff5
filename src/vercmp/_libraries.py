"""Libraries that are used where they are installed: the one error for those that are not, not whole, or too old."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

__all__ = ["is_missing", "library", "unusable"]

# How much of a library's own error is shown.
_SHOWN = 200


def library(name: str, project: str, extra: str, what: str, members: Sequence[str] = ()) -> Any:
    """The module of a library.

    :param name: of the module.
    :param project: what is installed for it, as pip takes it.
    :param extra: the extra of this package that has it.
    :param what: needs it, as the beginning of a sentence: ``"YAML"``.
    :param members: dotted names in it that an older or partial installation lacks.

    Raises :exc:`ImportError` that names the library, the extra and the command: where it is not installed, where it
    raises anything while it is imported, and where it lacks a member.
    """
    try:
        module: Any = import_module(name)
    except Exception as error:
        raise unusable(error, name, project, extra, what) from error
    for member in members:
        value = module
        for part in member.split("."):
            value = getattr(value, part, None)
        if value is None:
            raise _broken(name, project, extra, what, f"has no {member}")
    return module


def unusable(error: Exception, name: str, project: str, extra: str, what: str) -> ImportError:
    """The error about a library whose import raised another, as :func:`library` has it."""
    if is_missing(error, name.partition(".")[0]):
        return ImportError(f"{what} needs a library: pip install {project} (extra {extra})", name=name)
    text = f"{type(error).__name__}: {error}"
    return _broken(name, project, extra, what, f"cannot be imported ({text[:_SHOWN]})")


def is_missing(error: Exception, package: str) -> bool:
    """Whether an error is that a package is not installed. One that lacks a module of its own is there."""
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    return missing is not None and missing.partition(".")[0] == package and sys.modules.get(package) is None


def _broken(name: str, project: str, extra: str, what: str, why: str) -> ImportError:
    step = f"pip install --upgrade --force-reinstall {project} (extra {extra})"
    return ImportError(f"{what} needs a library, and the installed {name} {why}: {step}", name=name)
