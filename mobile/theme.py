"""Material 3 with one accent, and three colours that each mean one thing, in light and dark."""

from __future__ import annotations

import flet as ft

FONT = "Noto Sans SC"
FONT_BOLD = "Noto Sans SC Bold"
# Digits of Noto Sans are all one width (tabular), so columns of money line up without a font feature.
FONTS = {FONT: "fonts/NotoSansSC-Regular.otf", FONT_BOLD: "fonts/NotoSansSC-Bold.otf"}

ACTION = ft.Colors.PRIMARY  # what can be done
LATE = ft.Colors.ERROR  # overdue or lost
WAITING = ft.Colors.SECONDARY  # not there yet
ARRIVED = ft.Colors.TERTIARY  # money that arrived
QUIET = ft.Colors.ON_SURFACE_VARIANT
CARD = ft.Colors.SURFACE_CONTAINER_LOW

LIGHT = {
    "primary": "#00695C",
    "on_primary": "#FFFFFF",
    "primary_container": "#B2DFDB",
    "on_primary_container": "#00332C",
    "secondary": "#8A5100",
    "on_secondary": "#FFFFFF",
    "secondary_container": "#CDE8E2",
    "on_secondary_container": "#00332C",
    "tertiary": "#1B6E2D",
    "on_tertiary": "#FFFFFF",
    "tertiary_container": "#CFEBD2",
    "on_tertiary_container": "#06330F",
    "error": "#B3261E",
    "on_error": "#FFFFFF",
    "error_container": "#F9DEDC",
    "on_error_container": "#410E0B",
    "surface": "#F6F8F7",
    "on_surface": "#171D1B",
    "on_surface_variant": "#47524F",
    "surface_container_lowest": "#FFFFFF",
    "surface_container_low": "#FFFFFF",
    "surface_container": "#EEF2F0",
    "surface_container_high": "#E6ECEA",
    "surface_container_highest": "#DFE6E3",
    "outline": "#6F7976",
    "outline_variant": "#CBD5D1",
    "inverse_surface": "#2B3230",
    "on_inverse_surface": "#ECF2EF",
    "surface_tint": "#00695C",
}
DARK = {
    "primary": "#80CBC4",
    "on_primary": "#00332C",
    "primary_container": "#00504A",
    "on_primary_container": "#B2DFDB",
    "secondary": "#FFC46B",
    "on_secondary": "#3B2500",
    "secondary_container": "#1F4F49",
    "on_secondary_container": "#CDE8E2",
    "tertiary": "#8FD89B",
    "on_tertiary": "#06330F",
    "tertiary_container": "#1F4D29",
    "on_tertiary_container": "#CFEBD2",
    "error": "#FFB4AB",
    "on_error": "#690005",
    "error_container": "#7A1F1A",
    "on_error_container": "#FFDAD6",
    "surface": "#101514",
    "on_surface": "#DFE6E3",
    "on_surface_variant": "#B5C2BE",
    "surface_container_lowest": "#0B100F",
    "surface_container_low": "#1A211F",
    "surface_container": "#1E2523",
    "surface_container_high": "#283130",
    "surface_container_highest": "#323C3A",
    "outline": "#8A9692",
    "outline_variant": "#3D4946",
    "inverse_surface": "#DFE6E3",
    "on_inverse_surface": "#171D1B",
    "surface_tint": "#80CBC4",
}


def theme(colours: dict[str, str]) -> ft.Theme:
    """Make a theme from one table of colours."""
    return ft.Theme(
        color_scheme=ft.ColorScheme(**colours),
        font_family=FONT,
        scaffold_bgcolor=colours["surface"],
        use_material3=True,
        visual_density=ft.VisualDensity.STANDARD,
        appbar_theme=ft.AppBarTheme(
            bgcolor=colours["surface"], elevation=0, title_text_style=bold(18, colours["on_surface"])
        ),
    )


def bold(size: int, colour: str | None = None) -> ft.TextStyle:
    """Return the style of a figure or a heading."""
    return ft.TextStyle(size=size, font_family=FONT_BOLD, color=colour)


def dress(page: ft.Page) -> None:
    """Give a page its fonts and both themes."""
    page.title = "Fieldtill"
    if not page.web:  # on the web assets/assets/FontManifest.json loads them before the first frame is drawn
        page.fonts = dict(FONTS)
    page.theme = theme(LIGHT)
    page.dark_theme = theme(DARK)
    # A theme that fades in writes with the old one's font for a moment; Chinese then makes the web client ask for more.
    page.theme_animation_style = ft.AnimationStyle.no_animation()
    page.padding = 0
    page.update()
