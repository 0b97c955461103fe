"""The contrast of two colours as WCAG 2.2 works it out (relative luminance, success criterion 1.4.3)."""

ENOUGH = 4.5


def luminance(colour):
    """Return the relative luminance of ``#rrggbb``, between 0 and 1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one, other):
    """Return the contrast ratio of two colours: 1 for the same, 21 for black on white."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
