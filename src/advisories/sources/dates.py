"""Dates as feeds write them."""

from datetime import UTC, datetime
from functools import lru_cache

__all__ = ["date_of"]


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
