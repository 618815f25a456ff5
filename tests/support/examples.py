"""How many examples a law has: the number that its test states, in proportion to the Hypothesis profile of the run."""

from hypothesis import settings

__all__ = ["examples"]

_DEFAULT = 100


def examples(number: int) -> int:
    """*number*, or a tenth of it under the profile ``quick``, and so on: as many as the profile has for each 100."""
    return max(1, number * settings().max_examples // _DEFAULT)
