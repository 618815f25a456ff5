"""Where things are, for tests that read them: no test counts folders up from itself."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

__all__ = ["DATA", "EXAMPLE", "GOLDEN", "LIBRARY", "LIVE", "ROOT", "SHARED", "SRC", "TESTS"]

TESTS: Final = Path(__file__).resolve().parents[1]
ROOT: Final = TESTS.parent
SRC: Final = ROOT / "src"
#: Where what is tested lies: the sources built in place, or an installed wheel.
LIBRARY: Final = Path(find_spec("vercmp").origin).parents[1]
#: Tests that need real data or another program.
LIVE: Final = TESTS / "live"
#: Golden cases, a folder each.
GOLDEN: Final = TESTS / "cases"
#: Golden tables.
DATA: Final = TESTS / "data"
#: The bundled AlmaLinux 9 host and its advisories.
EXAMPLE: Final = ROOT / "examples" / "almalinux-9"
#: Real feeds and lists beside the checkout; no part of the repository.
SHARED: Final = ROOT.parent / "shared"
