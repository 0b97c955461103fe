"""Choose a QR code's mask by ISO/IEC 18004, 7.8.3: all lines of the code in one long integer, which is fast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

_GAP = 12  # light modules between two lines, so that no pattern reaches from one into the next
_PERIOD = 12  # every mask repeats itself after 12 modules
_MASKS: tuple[Callable[[int, int], int], ...] = (  # 0 = the module is turned (table 10)
    lambda y, x: (y + x) % 2,
    lambda y, _x: y % 2,
    lambda _y, x: x % 3,
    lambda y, x: (y + x) % 3,
    lambda y, x: (y // 2 + x // 3) % 2,
    lambda y, x: y * x % 2 + y * x % 3,
    lambda y, x: (y * x % 2 + y * x % 3) % 2,
    lambda y, x: (y * x % 3 + (y + x) % 2) % 2,
)


def best(dark: Sequence[Sequence[bool | None]], free: Sequence[Sequence[bool]]) -> int:
    """Return the mask with the least penalty.

    ``dark`` is the code under mask 0 and ``free`` says which modules carry data, hence are masked.
    """
    size = len(dark)
    rows, columns = _line(dark), _line(list(zip(*dark, strict=True)))
    free_rows, free_columns = _line(free), _line(list(zip(*free, strict=True)))
    scores = []
    for mask in range(8):
        turned_rows, turned_columns = _turned(mask, size)
        across, down = rows ^ turned_rows & free_rows, columns ^ turned_columns & free_columns
        scores.append(_lines(across, size) + _lines(down, size) + _blocks(across, size) + _balance(across, size))
    return scores.index(min(scores))


def _line(rows: Sequence[Sequence[bool | None]]) -> int:
    gap = "0" * _GAP
    return int("".join(gap + "".join("1" if dark else "0" for dark in row) for row in rows), 2)


@cache
def _turned(mask: int, size: int) -> tuple[int, int]:
    """Return which modules a mask turns that mask 0 does not, or the other way round: by rows and by columns."""

    def differ(y: int, x: int) -> bool:
        return (_MASKS[mask](y % _PERIOD, x % _PERIOD) == 0) != ((y + x) % 2 == 0)

    places = range(size)
    return (
        _line([[differ(y, x) for x in places] for y in places]),
        _line([[differ(y, x) for y in places] for x in places]),
    )


@cache
def _all(size: int, lines: int, length: int) -> int:
    """Ones at the first ``lines`` lines, each at the ``length`` lowest places but ending at a line's upper end."""
    return int("".join("0" * _GAP + "1" * length + "0" * (size - length) for _ in range(lines)), 2)


def _same(code: int, size: int) -> int:
    """Ones where a module (its upper place) equals its neighbour on the right."""
    return ~(code ^ code << 1) & _all(size, size, size - 1)


def _lines(code: int, size: int) -> int:
    """Rules 1 and 3: three and more for five and more of one colour, 40 for what looks like a finder pattern."""
    same = _same(code, size)
    five = same & same << 1 & same << 2 & same << 3
    runs = five & ~(five >> 1)
    light = ~code & _all(size, size, size)
    finder = code & light << 1 & code << 2 & code << 3 & code << 4 & light << 5 & code << 6
    after = light << 7 & light << 8 & light << 9 & light << 10
    before = light >> 1 & light >> 2 & light >> 3 & light >> 4
    finders = (finder & after).bit_count() + (finder & before).bit_count()
    return five.bit_count() + 2 * runs.bit_count() + 40 * finders


def _blocks(code: int, size: int) -> int:
    """Rule 2: three for each two by two of one colour."""
    same = _same(code, size)
    below = ~(code ^ code << size + _GAP)
    return 3 * (same & same << size + _GAP & below & ~0 << size + _GAP).bit_count()


def _balance(code: int, size: int) -> int:
    """Rule 4: ten for each full five percent away from half dark."""
    return abs(code.bit_count() * 20 - size * size * 10) // (size * size) * 10
