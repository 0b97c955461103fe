"""Cut the bundled fonts out of Debian's Noto Sans CJK: `make fonts`.

Regular, and Bold for headings and totals, cover the 8,105 characters of the 通用规范汉字表 (Unicode's kTGH
property), all of GB 2312, every currency and the signs that screens and documents use. Figures are all equally wide,
so columns of money align by themselves. Needs the Debian packages `fonts-noto-cjk`, `fonts-noto-core` and
`unicode-data`; the result is committed, so nobody else needs them.
"""

import bz2
import itertools
import re
import string
import sys
from pathlib import Path

from fontTools import subset
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

DEBIAN_FONTS = Path("/usr/share/fonts/opentype/noto")
UNIHAN_MAPPINGS = Path("/usr/share/unicode/Unihan_OtherMappings.txt.bz2")
TARGET = Path(__file__).resolve().parent.parent / "assets" / "fonts"
FAMILY = "Noto Sans CJK SC"
STANDARD_TABLE_SIZE = 8105
SISTER_FONTS = Path("/usr/share/fonts/truetype/noto")
CURRENCY_SIGNS = {
    "NotoSans": set(range(0x20A0, 0x20C1)),
    "NotoSansThai": {ord("฿")},
    "NotoSansKhmer": {ord("៛")},
    "NotoSansBengali": {ord("৳")},
}
UNICODE_VARIATIONS = 14  # the format of a cmap that picks between drawings of one character

# Written out where a range would bring more than is used.
SIGNS = (
    string.printable[:95]  # with the space, without the control characters
    + "壹贰叁肆伍陆柒捌玖拾佰仟万亿圆角分整零〇两廿卅"
    + "￥¥€£₫₩"
    + "·•●○◉◎■□▪▫◆◇▲△▼▽▶▷◀◁★☆✓⚠№℃‰…–—‖‘’“”‚„‹›«»†‡§¶©®™°±×÷≈≠≤≥∞√∑∆−"
    + "←↑→↓↔↕↖↗↘↙⇄⇅⇒⇔⌘⏎␣"
)
RANGES = (
    (0x00A0, 0x017F),  # Latin-1 and Latin Extended-A: European names
    (0x01CD, 0x01DC),  # the vowels of pinyin
    (0x0370, 0x03FF),  # Greek
    (0x1E00, 0x1EFF),  # Vietnamese
    (0x2000, 0x206F),  # general punctuation
    (0x2150, 0x218F),  # fractions and Roman figures
    (0x2460, 0x249B),  # circled figures
    (0x2500, 0x259F),  # box drawing and blocks
    (0x3000, 0x303F),  # Chinese punctuation
    (0x3220, 0x3243),  # bracketed figures
    (0xFF00, 0xFFEF),  # full-width forms
)


def signs() -> set[int]:
    """Return the code points that are not Chinese characters."""
    return {ord(sign) for sign in SIGNS} | {point for first, last in RANGES for point in range(first, last + 1)}


def gb2312() -> set[int]:
    """Return every code point that the GB 2312 character set can encode."""
    rows = (bytes((high, low)) for high in range(0xA1, 0xF8) for low in range(0xA1, 0xFF))
    return {ord(text) for row in rows if (text := row.decode("gb2312", errors="ignore"))}


def standard_table() -> set[int]:
    """Return the code points of the 通用规范汉字表, read from the Unicode Han database."""
    with bz2.open(UNIHAN_MAPPINGS, "rt", encoding="utf-8") as lines:
        found = {int(match[1], 16) for line in lines if (match := re.match(r"U\+([0-9A-F]+)\tkTGH\t", line))}
    if len(found) != STANDARD_TABLE_SIZE:
        sys.exit(f"{UNIHAN_MAPPINGS} lists {len(found)} characters of the standard table, not {STANDARD_TABLE_SIZE}")
    return found


def face(collection: Path) -> int:
    """Return the position of the simplified Chinese face inside a font collection."""
    for position in range(64):
        with TTFont(collection, fontNumber=position, lazy=True) as font:
            if font["name"].getDebugName(1) == FAMILY:
                return position
    sys.exit(f"{collection} has no face called {FAMILY}")


def graft(font: TTFont, weight: str) -> None:
    """Add the currency signs that Noto Sans CJK lacks (₹ ฿ ₱ ₽ ₺ …), drawn by its sister fonts for other scripts."""
    top = font["CFF "].cff.topDictIndex[0]
    glyphs, order, cmap = top.CharStrings, font.getGlyphOrder(), font.getBestCmap()
    part = top.FDSelect[font.getGlyphID(cmap[ord("€")])]
    private = top.FDArray[part].Private
    free = (f"cid{number:05d}" for number in itertools.count(1) if f"cid{number:05d}" not in glyphs.charStrings)
    for sister, points in CURRENCY_SIGNS.items():
        with TTFont(SISTER_FONTS / f"{sister}-{weight}.ttf") as donor:
            drawn, scale = donor.getGlyphSet(), font["head"].unitsPerEm / donor["head"].unitsPerEm
            for point in sorted(points & set(donor.getBestCmap()) - set(cmap)):
                sign, name = drawn[donor.getBestCmap()[point]], next(free)
                width = round(sign.width * scale)
                pen = T2CharStringPen(width - private.nominalWidthX, drawn)
                sign.draw(TransformPen(pen, (scale, 0, 0, scale, 0, 0)))
                glyphs.charStringsIndex.append(pen.getCharString(private, top.GlobalSubrs))
                glyphs.charStrings[name] = len(glyphs.charStringsIndex) - 1
                top.FDSelect.append(part)
                order.append(name)
                font["hmtx"][name] = (width, 0)
                for table in font["cmap"].tables:
                    if table.isUnicode() and table.format != UNICODE_VARIATIONS:
                        table.cmap[point] = name
    top.charset = order
    font.setGlyphOrder(order)


def cut(weight: str, points: set[int]) -> None:
    """Write one weight as OpenType for Flet and Typst, and as WOFF2 for the console."""
    collection = DEBIAN_FONTS / f"NotoSansCJK-{weight}.ttc"
    options = subset.Options(
        font_number=face(collection),
        hinting=False,
        desubroutinize=False,
        layout_features=["ccmp", "kern", "locl", "mark", "mkmk", "palt", "tnum"],
        name_IDs=["*"],
        name_languages=[0x409],
        drop_tables=["DSIG", "VORG", "vhea", "vmtx", "BASE"],
        notdef_outline=True,
    )
    font = subset.load_font(str(collection), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=points)
    cutter.subset(font)
    wanted = gb2312() | standard_table() | {ord(sign) for sign in SIGNS}
    if missing := wanted - set(font.getBestCmap()):
        sys.exit(f"{weight} lacks {len(missing)} characters: {''.join(map(chr, sorted(missing)))}")
    graft(font, weight)
    for flavor, suffix in ((None, "otf"), ("woff2", "woff2")):
        font.flavor = flavor
        path = TARGET / f"NotoSansSC-{weight}.{suffix}"
        font.save(path)
        print(f"{path.name}: {len(font.getBestCmap())} characters, {path.stat().st_size / 1e6:.1f} MB")


def main() -> None:
    """Cut both weights."""
    TARGET.mkdir(parents=True, exist_ok=True)
    points = signs() | gb2312() | standard_table()
    for weight in ("Regular", "Bold"):
        cut(weight, points)


if __name__ == "__main__":
    main()
