"""Taking pictures: light and dark of the same page, one after the other, and sheets of all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[2]
THEMES = ("light", "dark")
DESK, PHONE = (1440, 900), (390, 844)
_LABEL_PX = 22
_SETTLE_MS = 350  # the phone fades from one theme to the other


@dataclass
class Camera:
    """Writes ``<folder>/<kind>-<language>-<theme>/<number>-<name>.png`` and remembers the order."""

    folder: Path
    language: str
    only: frozenset[str] = frozenset()  # names of pictures; empty: all
    themes: tuple[str, ...] = THEMES
    taken: dict[str, list[Path]] = field(default_factory=dict)

    def wants(self, name: str) -> bool:
        """Say whether a picture is asked for."""
        return not self.only or name in self.only

    def phone(self, page: Any, name: str, settle_ms: int = 500) -> None:
        """Photograph the phone's screen as it stands."""
        if self.wants(f"phone-{name}"):
            page.wait_for_timeout(settle_ms)
            for theme in self.themes:
                page.emulate_media(color_scheme=theme)
                page.wait_for_timeout(_SETTLE_MS)
                page.screenshot(path=self._place("phone", theme, name))
            page.emulate_media(color_scheme="light")

    def console(self, page: Any, name: str) -> None:
        """Photograph a page of the console on a desk and on a phone's width, from top to bottom within reason."""
        if not self.wants(f"console-{name}"):
            return
        for kind, (width, height), longest in (("desk", DESK, 1700), ("narrow", PHONE, 2600)):
            page.set_viewport_size({"width": width, "height": height})
            for theme in self.themes:
                page.emulate_media(color_scheme=theme)
                page.wait_for_timeout(60)
                path = self._place(kind, theme, name)
                page.screenshot(path=path, full_page=True)
                _crop(path, longest)
        page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
        page.emulate_media(color_scheme="light")

    def sheets(self) -> list[Path]:
        """Write one contact sheet for each kind and theme; return their paths."""
        found = []
        for kind, paths in self.taken.items():
            columns, width = {"desk": (4, 720), "narrow": (8, 300)}.get(kind.split("-")[0], (7, 300))
            sheet = self.folder / f"sheet-{kind}.png"
            contact_sheet(paths, columns, width).save(sheet)
            found.append(sheet)
        return found

    def _place(self, kind: str, theme: str, name: str) -> Path:
        key = f"{kind}-{self.language}-{theme}"
        taken = self.taken.setdefault(key, [])
        path = self.folder / key / f"{len(taken) + 1:02d}-{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        taken.append(path)
        return path


def contact_sheet(paths: list[Path], columns: int, width: int) -> Image.Image:
    """Lay pictures out in rows, each with its name above it."""
    cells = [_shrunk(Image.open(path).convert("RGB"), width) for path in paths]
    rows = [cells[at : at + columns] for at in range(0, len(cells), columns)]
    heights = [max(cell.height for cell in row) + _LABEL_PX + 8 for row in rows]
    sheet = Image.new("RGB", (columns * (width + 8), sum(heights)), "#808080")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    names, y = iter(paths), 0
    for row, height in zip(rows, heights, strict=True):
        for place, cell in enumerate(row):
            x = place * (width + 8) + 4
            pen.text((x, y + 2), next(names).stem, fill="white", font=font)
            sheet.paste(cell, (x, y + _LABEL_PX))
        y += height
    return sheet


def for_readme(source: Path, target: Path, size: tuple[int, int], most_bytes: int = 150_000) -> None:
    """Crop from the top, shrink and quantise a picture until it is small enough."""
    picture = Image.open(source).convert("RGB")
    ratio = picture.width / size[0]
    picture = picture.crop((0, 0, picture.width, min(picture.height, round(size[1] * ratio))))
    picture = picture.resize((size[0], round(picture.height / ratio)), Image.Resampling.LANCZOS)
    target.parent.mkdir(parents=True, exist_ok=True)
    for colours in (256, 128, 64, 32):
        small = picture.quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        small.save(target, optimize=True)
        if target.stat().st_size < most_bytes:
            return


def _shrunk(picture: Image.Image, width: int) -> Image.Image:
    return picture.resize((width, picture.height * width // picture.width), Image.Resampling.LANCZOS)


def _crop(path: Path, longest: int) -> None:
    with Image.open(path) as picture:
        if picture.height > longest:
            picture.crop((0, 0, picture.width, longest)).save(path)
