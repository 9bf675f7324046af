"""Reading a QR as a scanner does, from black and white cells: version 1 and 2, one block, letters and digits.

Written from ISO/IEC 18004 and not from the library that draws them, so that a test compares two opinions.
"""

import re

_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_MASKS = (
    lambda y, x: (y + x) % 2,
    lambda y, x: y % 2,
    lambda y, x: x % 3,
    lambda y, x: (y + x) % 3,
    lambda y, x: (y // 2 + x // 3) % 2,
    lambda y, x: y * x % 2 + y * x % 3,
    lambda y, x: (y * x % 2 + y * x % 3) % 2,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2,
)


def from_svg(svg: str, border: int = 4) -> list[list[int]]:
    """The cells of a drawing made of horizontal strokes, one for each row's dark run."""
    side = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    path = max(re.findall(r' d="([^"]+)"', svg), key=len)
    cells = [[0] * side for _ in range(side)]
    x, y = 0, 0
    for command, numbers in re.findall(r"([Mmh])\s*([-\d.\s]+)", path):
        values = [float(number) for number in numbers.split()]
        if command == "M":
            x, y = int(values[0]), int(values[1] - 0.5)
        elif command == "m":
            x, y = x + int(values[0]), y + int(values[1])
        else:
            for n in range(int(values[0])):
                cells[y][x + n] = 1
            x += int(values[0])
    return [row[border : side - border] for row in cells[border : side - border]]


def decode(cells: list[list[int]]) -> str:
    """What the cells say. Raises AssertionError for a mode that our codes have not."""
    bits = "".join(map(str, _bits(cells)))
    assert bits[:4] == "0010", "alphanumeric mode"
    count, rest = int(bits[4:13], 2), bits[13:]
    found = ""
    while count > len(found) + 1:
        pair, rest = int(rest[:11], 2), rest[11:]
        found += _ALPHANUMERIC[pair // 45] + _ALPHANUMERIC[pair % 45]
    return found + (_ALPHANUMERIC[int(rest[:6], 2)] if count > len(found) else "")


def _bits(cells: list[list[int]]) -> list[int]:
    side = len(cells)
    assert side in (21, 25)
    mask = _MASKS[(cells[8][2] << 2 | cells[8][3] << 1 | cells[8][4]) ^ 0b101]
    found, up = [], True
    for right in (*range(side - 1, 6, -2), 5, 3, 1):
        for y in range(side - 1, -1, -1) if up else range(side):
            for x in (right, right - 1):
                if not _is_fixed(y, x, side):
                    found.append(cells[y][x] ^ (mask(y, x) == 0))
        up = not up
    return found


def _is_fixed(y: int, x: int, side: int) -> bool:
    corners = (y < 9 and x < 9) or (y < 9 and x > side - 9) or (y > side - 9 and x < 9)
    aligned = side == 25 and 16 <= y <= 20 and 16 <= x <= 20
    return corners or y == 6 or x == 6 or aligned
