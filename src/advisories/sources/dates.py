"""Dates as feeds write them."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

__all__ = ["date_of", "moment_of"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def moment_of(seconds: float) -> datetime:
    """So many seconds after 1970 began. The clock of a machine with 32 bits ends in 2038, and this does not.

    Raises :class:`OverflowError` or :class:`ValueError` for what is no moment of the years 1 to 9999.
    """
    return _EPOCH + timedelta(seconds=seconds)


@lru_cache(maxsize=4096)
def date_of(text: str) -> datetime:
    """A date or moment in any form of ISO 8601, also with ``UTC`` written behind it. Without an offset it is UTC.

    Raises :class:`ValueError` for what is no date, or has none in UTC.
    """
    try:
        date = datetime.fromisoformat(text.strip().removesuffix(" UTC"))
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from error
