"""Charts as plain figures for SVG: the server works out where things stand, the template draws them."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Protocol


class Day(Protocol):
    """One day's amount."""

    @property
    def day(self) -> date:
        """The company's calendar day."""

    @property
    def amount_minor(self) -> int:
        """What was taken on it."""


WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 760, 220, 64, 24, 10
_FLOOR = HEIGHT - BOTTOM


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: place and size in the drawing, and what it stands for."""

    x: float
    y: float
    width: float
    height: float
    day: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of bars by day, with a cumulative line and the target's line on a scale of their own."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, int], ...]
    path: str
    target_path: str
    total_minor: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a whole laid out along a bar of 1,000 units."""

    name: str
    x: float
    width: float
    amount_minor: int
    share: int


def by_day(days: Sequence[Day], target_minor: int = 0) -> Chart:
    """Lay out amounts by day as bars; a line the last month's sum so far, a dashed one its target's way.

    Both lines have a scale of their own, whose top is the target (or the sum, when that is more).
    """
    top = _nice(max((day.amount_minor for day in days), default=0))
    step = (WIDTH - LEFT) / max(1, len(days))
    month = [place for place, one in enumerate(days) if one.day.replace(day=1) == days[-1].day.replace(day=1)]
    bars = tuple(_bar(place, one, step, top) for place, one in enumerate(days))
    sums = list(accumulate(days[place].amount_minor for place in month))
    ceiling = max(target_minor, *sums, 1) if sums else 1
    points = [
        (LEFT + (place + 0.5) * step, _height(so_far, ceiling)) for place, so_far in zip(month, sums, strict=True)
    ]
    ticks = tuple((_height(top * part // 4, top), top * part // 4) for part in range(5))
    return Chart(
        bars,
        ticks,
        _line(points),
        _even_way(days, month, step, target_minor, ceiling),
        sum(d.amount_minor for d in days),
    )


def _bar(place: int, one: Day, step: float, top: int) -> Bar:
    y = _height(one.amount_minor, top)
    return Bar(LEFT + place * step + step * 0.15, y, step * 0.7, _FLOOR - y, one.day, one.amount_minor)


def _even_way(days: Sequence[Day], month: Sequence[int], step: float, target_minor: int, ceiling: int) -> str:
    """Draw the way to the target from the month's first shown day to its last, as far as the month has gone."""
    if not target_minor or not month:
        return ""
    length = monthrange(days[-1].day.year, days[-1].day.month)[1]
    ends = (month[0], month[-1])
    return _line(
        [
            (LEFT + (place + 0.5) * step, _height(target_minor * days[place].day.day // length, ceiling))
            for place in ends
        ]
    )


def _height(amount_minor: int, top: int) -> float:
    """Return where an amount stands, in tenths of a unit of the drawing: whole numbers until the very last step."""
    tenths = 10 * (_FLOOR - TOP) * max(0, amount_minor) // top
    return _FLOOR - tenths / 10


def along(parts: Sequence[tuple[str, int]]) -> tuple[Part, ...]:
    """Lay out the positive parts of a whole along one bar of 1,000 units, with shares in whole per cent."""
    whole = sum(amount for _, amount in parts if amount > 0)
    laid, x = [], 0.0
    for name, amount in parts:
        tenths = 10_000 * max(0, amount) // whole if whole else 0
        width = tenths / 10
        laid.append(Part(name, x, width, amount, round(width / 10)))
        x += width
    return tuple(laid)


def _line(points: Sequence[tuple[float, float]]) -> str:
    return "".join(f"{'L' if place else 'M'}{x:.1f} {y:.1f}" for place, (x, y) in enumerate(points))


def _nice(largest: int) -> int:
    """Return a round figure at or above the largest amount, divisible by four."""
    if largest <= 0:
        return 4
    unit = 10 ** (len(str(largest)) - 1)
    return next(step for step in (unit, unit * 2, unit * 4, unit * 8, unit * 10) if step >= largest) or largest
