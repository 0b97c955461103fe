"""Draw a payment code as SVG (for screens and pages) or PNG (for files): black on white, four modules of border."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError

from shared.paycode import mask
from shared.refusal import Refused

BORDER = 4  # the quiet zone that ISO/IEC 18004 demands
MODULE_PX = 4  # below this, photographed codes stop being readable (reference: 100 % at 4, 57 % at 2.6)
# The Swiss cross, as left, top, width and height in millimetres from the middle of a code of 46 mm (SIX 5.4.2).
_SWISS_MM = 46
_CROSS = (
    ("#fff", -3.5, -3.5, 7.0, 7.0),
    ("#000", -3.0, -3.0, 6.0, 6.0),
    ("#fff", -0.6, -2.0, 1.2, 4.0),
    ("#fff", -2.0, -0.6, 4.0, 1.2),
)


class _Code(qrcode.QRCode):  # type: ignore[misc] # qrcode has no types
    """The library's code with a faster choice of the mask, which costs it two thirds of its time."""

    def best_mask_pattern(self) -> int:
        self.makeImpl(test=True, mask_pattern=0)
        return mask.best(self.modules, self.free)

    def map_data(self, data: Any, mask_pattern: int) -> None:
        self.free = [[dark is None for dark in row] for row in self.modules]
        super().map_data(data, mask_pattern)


def svg(payload: str, *, module_px: int = MODULE_PX) -> str:
    """Draw as one SVG text whose size is given in pixels and whose shape scales; error correction M.

    A Swiss QR-bill gets the cross in its middle.
    """
    rows = _modules(payload)
    size = len(rows)
    runs = "".join(run for y, row in enumerate(rows) for run in _runs(y, row))
    cross = "".join(
        f'<path fill="{colour}" d="M{x:.3f} {y:.3f}h{width:.3f}v{height:.3f}h-{width:.3f}z"/>'
        for colour, x, y, width, height in _cross(payload, size)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size * module_px}" height="{size * module_px}" '
        f'viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d="{runs}"/>{cross}</svg>'
    )


def png(payload: str, *, module_px: int = MODULE_PX) -> bytes:
    """Draw as a PNG of one bit a pixel; error correction M. A Swiss QR-bill gets the cross in its middle."""
    rows = _modules(payload)
    pixels = [bytearray(b"".join(b"\0" * module_px if dark else b"\1" * module_px for dark in row)) for row in rows]
    lines = [bytearray(line) for line in pixels for _ in range(module_px)]
    for colour, x, y, width, height in _cross(payload, len(rows)):
        left, right = round(x * module_px), round((x + width) * module_px)
        for line in lines[round(y * module_px) : round((y + height) * module_px)]:
            line[left:right] = (b"\1" if colour == "#fff" else b"\0") * (right - left)
    return _png(lines)


def _modules(payload: str) -> list[list[bool]]:
    code = _Code(error_correction=ERROR_CORRECT_M, border=BORDER)
    code.add_data(payload.encode(errors="replace"))
    try:
        code.make(fit=True)
    except (DataOverflowError, ValueError):
        raise Refused("paycode_too_long", length=len(payload)) from None
    rows: list[list[bool]] = code.get_matrix()
    return rows


def _cross(payload: str, size: int) -> list[tuple[str, float, float, float, float]]:
    """Return the cross's rectangles in modules, none for a code that is not a Swiss QR-bill."""
    if payload[:4] not in ("SPC\n", "SPC\r"):
        return []
    unit, middle = (size - 2 * BORDER) / _SWISS_MM, size / 2
    return [
        (colour, middle + x * unit, middle + y * unit, width * unit, height * unit)
        for colour, x, y, width, height in _CROSS
    ]


def _runs(y: int, row: list[bool]) -> list[str]:
    """Write one row's dark modules as path commands, neighbours joined."""
    runs, start = [], None
    for x, dark in enumerate([*row, False]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            runs.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
            start = None
    return runs


def _png(lines: list[bytearray]) -> bytes:
    """Write pixels (0 black, 1 white) as a grey PNG of one bit a pixel (ISO/IEC 15948)."""
    width = len(lines[0])
    spare = -width % 8
    packed = b"".join(b"\0" + _bits(line, spare) for line in lines)
    head = struct.pack(">IIBBBBB", width, len(lines), 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(packed, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


def _bits(line: bytearray, spare: int) -> bytes:
    digits = line.translate(bytes([48, 49]) + bytes(254)).decode() + "0" * spare
    return int(digits, 2).to_bytes(len(digits) // 8, "big")


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
