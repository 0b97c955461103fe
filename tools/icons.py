"""Draw the app's icons: `make icons`. A receipt with a torn edge and a coin, on the accent colour.

`flet build` and Flet's web page find them by name: `icon.png` (any platform), `icon_android.png` (the adaptive
foreground), `icon_ios.png` (full-bleed, opaque), `splash_android.png`, `splash_ios.png`; `favicon.png` and
`icons/*.png` stand in for those that Flet's web page brings.
"""

from pathlib import Path

from PIL import Image, ImageDraw

ASSETS = Path(__file__).resolve().parent.parent / "assets"
ACCENT = "#00695C"
PAPER = "#FFFFFF"
COIN = "#FFC107"
SIZE = 1024
FINE = 4  # drawn four times larger, then scaled down: Pillow does not smooth edges itself


def glyph(size: int) -> Image.Image:
    """Return the receipt and coin on a transparent square of `size` pixels, filling about 60 % of its height."""
    unit = size * FINE / 100
    image = Image.new("RGBA", (size * FINE, size * FINE))
    draw = ImageDraw.Draw(image)

    def scaled(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x * unit, y * unit) for x, y in points]

    teeth = [(66 - step * 4.5, 74 if step % 2 else 79) for step in range(9)]
    draw.polygon(scaled((30, 21), (66, 21), *teeth), fill=PAPER)
    for top, right, colour in ((29, 58, ACCENT), (38, 58, ACCENT), (47, 46, ACCENT)):
        draw.rounded_rectangle(scaled((38, top), (right, top + 4)), radius=2 * unit, fill=colour)
    draw.ellipse(scaled((50, 43), (78, 71)), fill=ACCENT)
    draw.ellipse(scaled((52.5, 45.5), (75.5, 68.5)), fill=COIN)
    draw.line(scaled((58.5, 57.5), (62.7, 61.8), (70, 53)), fill=ACCENT, width=round(3.2 * unit), joint="curve")
    return image.resize((size, size), Image.Resampling.LANCZOS)


def tile(size: int, corner: float) -> Image.Image:
    """Return the glyph on an accent square whose corners have a radius of `corner` times its side."""
    ground = Image.new("RGBA", (size * FINE, size * FINE))
    edge = size * FINE - 1
    ImageDraw.Draw(ground).rounded_rectangle((0, 0, edge, edge), radius=corner * size * FINE, fill=ACCENT)
    ground = ground.resize((size, size), Image.Resampling.LANCZOS)
    ground.alpha_composite(glyph(size))
    return ground


def main() -> None:
    """Write every icon."""
    (ASSETS / "icons").mkdir(parents=True, exist_ok=True)
    pictures = {
        "icon.png": tile(SIZE, 0.22),
        "icon_android.png": glyph(SIZE),
        "icon_ios.png": tile(SIZE, 0).convert("RGB"),
        "splash_android.png": glyph(SIZE),
        "splash_ios.png": glyph(SIZE),
        "favicon.png": tile(64, 0.22),
        "icons/icon-192.png": tile(192, 0.22),
        "icons/icon-512.png": tile(512, 0.22),
        "icons/icon-maskable-192.png": tile(192, 0).convert("RGB"),
        "icons/icon-maskable-512.png": tile(512, 0).convert("RGB"),
        "icons/apple-touch-icon-192.png": tile(192, 0).convert("RGB"),
        "icons/loading-animation.png": tile(192, 0.22),
    }
    for name, picture in pictures.items():
        picture.save(ASSETS / name, optimize=True)


if __name__ == "__main__":
    main()
