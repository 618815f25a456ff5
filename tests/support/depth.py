"""How deep JSON has to go to be refused."""

import sys
from typing import Final

__all__ = ["TOO_DEEP"]

#: Until Python 3.13 a thousand is too much. From 3.14 on the room of the stack decides, which 50,000 need not fill.
TOO_DEEP: Final = 10_000 if sys.version_info < (3, 14) else 1_000_000
