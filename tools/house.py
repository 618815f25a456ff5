"""Draws the house of CONTRIBUTING.md: which room imports which, as the import graph has it.

python tools/house.py writes docs/house.svg anew. tests/house/test_floors.py has the rooms, reads the graph, and holds
that the picture is what this draws.
"""

import runpy
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

__all__ = ["PICTURE", "draw"]

ROOT: Final = Path(__file__).resolve().parents[1]
PICTURE: Final = ROOT / "docs" / "house.svg"
#: Pixels: of a floor, of a column, and of the names beside them.
_FLOOR, _COLUMN, _NAMES = 26, 34, 170


def draw(rooms: Sequence[str], imports: Mapping[str, Iterable[str]]) -> str:
    """An SVG picture: a floor for each room, the lowest at the bottom, and a dot where it imports a room below."""
    width, height = _NAMES + _COLUMN * len(rooms) + 10, _FLOOR * len(rooms) + 96
    ground = 10 + _FLOOR * len(rooms)
    letters = 'font-family="sans-serif" font-size="13"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {letters}>',
        "<title>The rooms of the house, and what each imports</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for number, room in enumerate(rooms):
        top = ground - _FLOOR * (number + 1)
        middle = top + _FLOOR // 2
        end = _NAMES + _COLUMN * number
        lines += [
            f'<rect x="4" y="{top + 1}" width="{end}" height="{_FLOOR - 2}" fill="#eef3f8"/>',
            f'<text x="12" y="{middle + 4}">{room}</text>',
        ]
        used = set(imports.get(room, ()))
        for place, other in enumerate(rooms[:number]):
            if other in used:
                at = _NAMES + _COLUMN * place + _COLUMN // 2
                lines.append(
                    f'<circle cx="{at}" cy="{middle}" r="5" fill="#246"><title>{room}: {other}</title></circle>'
                )
        at = _NAMES + _COLUMN * number + _COLUMN // 2
        name = room.rpartition(".")[2]
        lines.append(f'<text transform="translate({at - 4} {ground + 8}) rotate(55)" font-size="12">{name}</text>')
    return "\n".join([*lines, "</svg>", ""])


def main() -> None:
    sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests" / "support")]
    floors = runpy.run_path(str(ROOT / "tests" / "house" / "test_floors.py"))
    PICTURE.write_text(draw(floors["ROOMS"], floors["rooms_below"]()), encoding="utf-8")


if __name__ == "__main__":
    main()
