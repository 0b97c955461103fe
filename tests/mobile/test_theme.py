"""The phone works in bright sun: every text colour on every ground it stands on, in light and dark."""

import pytest

from mobile import theme
from mobile.widgets.parts import figure
from tests.contrast import ENOUGH, ratio

GROUNDS = ("surface", "surface_container_low", "surface_container", "surface_container_high")
TEXT_ON = [
    *[(text, ground) for text in ("on_surface", "on_surface_variant", "primary") for ground in GROUNDS],
    *[(text, ground) for text in ("secondary", "tertiary", "error") for ground in GROUNDS[:3]],
    *[(f"on_{name}", name) for name in ("primary", "secondary", "tertiary", "error")],
    *[(f"on_{name}_container", f"{name}_container") for name in ("primary", "secondary", "tertiary", "error")],
    ("on_surface_variant", "surface_container_highest"),  # a button that cannot be pressed says why
    ("on_inverse_surface", "inverse_surface"),
]


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_stands_out_from_its_ground(colours, text, ground):
    assert ratio(colours[text], colours[ground]) >= ENOUGH, f"{text} on {ground}"


def test_light_and_dark_name_the_same_colours():
    assert theme.LIGHT.keys() == theme.DARK.keys()


@pytest.mark.parametrize("amount", ["¥0.00", "¥9,999.99", "¥17,983.80", "¥310,118.30", "¥1,234,567,890.12"])
def test_the_figure_of_a_screen_is_whole_and_smaller_the_longer_it_is(amount):
    shown = figure(amount)
    assert shown.value == amount
    assert not shown.no_wrap
    assert shown.max_lines is None
    at_twice = shown.style.size * 2 * 0.56 * len(amount)  # a digit of Noto Sans is 0.56 of its size wide
    assert at_twice <= 344 or len(amount) > 12  # what a 390 px screen leaves inside a card
